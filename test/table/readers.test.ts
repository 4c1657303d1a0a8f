import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parquetTable } from "../../src/table/parquet_table.ts";
import { csvTable, jsonLinesTable } from "../../src/table/text_tables.ts";
import { columnsOf, rows, whole } from "./small_table.ts";

/*
 * Programs of others read the tables, where this machine has them: pandas and DuckDB, as packages of the Python that
 * SPLIT_TICKET_PYTHON names, else python3.
 */
const python = process.env.SPLIT_TICKET_PYTHON ?? "python3";
const run = (script: string) => spawnSync(python, ["-c", script], { cwd: folder, encoding: "utf8" });
let folder = tmpdir();

/** Whether Python has some packages; says aloud what is skipped without them. */
function has(packages: string, what: string): boolean {
  const there = run(`import ${packages}`).status === 0;
  if (!there) console.warn(`skipped: ${what}: ${python} has no ${packages}`);
  return there;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "split-ticket-table-"));
  const columns = columnsOf(rows);
  writeFileSync(join(folder, "t.csv"), await whole(csvTable(columns, rows)));
  writeFileSync(join(folder, "t.jsonl"), await whole(jsonLinesTable(columns, rows)));
  writeFileSync(join(folder, "t.parquet"), await whole(parquetTable(columns, rows)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Prints what a reader finds: rows, a big integer, how many scores are missing, text, and truth values. */
const figures = `
import json
def figures(f):
    scores = [v for v in f["valAccuracy.moons"].tolist()]
    print(json.dumps([len(f), int(f["steps"].iloc[0]), int(f["seed"].iloc[0]), scores[0], f["name"].iloc[0], bool(f["winning"].iloc[0]), int(f["steps"].isna().sum())]))
`;
const expected = [3, 2 ** 40, 4294967295, 1, 'a, "b"\nc', true, 1];

it.skipIf(!has("pandas", "pandas reads CSV and JSON Lines"))("pandas reads CSV and JSON Lines", () => {
  const { stdout, stderr } = run(
    `import pandas\n${figures}figures(pandas.read_csv("t.csv"))\nfigures(pandas.read_json("t.jsonl", lines=True))`,
  );
  expect(stderr).toBe("");
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([expected, expected]);
});

it.skipIf(!has("pandas, pyarrow", "pandas reads Parquet"))("pandas reads Parquet", () => {
  const { stdout, stderr } = run(`import pandas\n${figures}figures(pandas.read_parquet("t.parquet"))`);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual(expected);
});

it.skipIf(!has("duckdb, pandas", "DuckDB reads all three"))("DuckDB reads all three", () => {
  const { stdout, stderr } = run(
    `import duckdb\n${figures}for name in ["t.csv", "t.jsonl", "t.parquet"]: figures(duckdb.sql(f"select * from '{name}'").df())`,
  );
  expect(stderr).toBe("");
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([expected, expected, expected]);
});
