import { createHash } from "node:crypto";
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import Papa from "papaparse";
import { beforeAll, describe, expect, it } from "vitest";
import { formatRunRecord } from "../../src/store/run_record.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
const inFolder = (path: string) => join(cli.folder(), path);
const text = (path: string) => readFileSync(inFolder(path), "utf8");
const parsed = (csv: string) => Papa.parse<Record<string, string>>(csv.trimEnd(), { header: true }).data;
const recordsOf = (run: string) =>
  text(`${run}/levels.jsonl`)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** Two specs of Moons-Circles with two seeds each, and one run with other tasks. */
let runs: string[];

beforeAll(async () => {
  const own = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5},${i % 7 > 2 ? 1 : 0}`).join("\n");
  writeFileSync("own.csv", `x,y,label\n${own}\n`);
  const foldersOf = async (...args: string[]) => {
    const { stdout } = await cli.call(["run", ...args, "--device", "cpu", "--json"]);
    return JSON.parse(stdout).experiments.map(({ folder }: { folder: string }) => folder);
  };
  runs = [
    ...(await foldersOf("moons-circles", "--set", "extension=1", "maxEpochs=2", "lr=0.001,0.01", "--seeds", "0..1")),
    ...(await foldersOf("own.csv", "--set", "shape=2,4,1", "levels=1", "rate=0.5", "maxEpochs=2")),
  ];
});

async function refuses(args: readonly string[], message: string): Promise<void> {
  const before = readdirSync(cli.folder(), { recursive: true }).sort();
  const { code, stdout, stderr } = await cli.call(["table", ...args]);
  expect(stderr).toBe(`split-ticket: ${message}\n`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(readdirSync(cli.folder(), { recursive: true }).sort()).toEqual(before);
}

describe("a table of levels", () => {
  it("has measures of the masks where they are asked for, numbers and matrices", async () => {
    const args = [
      "table",
      `${runs[0]}/seed-0`,
      "--measures",
      "task-cut,log10-paths,cross-paths",
      "-o",
      "measured.parquet",
    ];
    const { stderr } = await cli.call(args);
    const rows = await parquetReadObjects({ file: new Uint8Array(readFileSync(inFolder("measured.parquet"))).buffer });
    expect(stderr).toMatch(/^table: measured\.parquet, 2 rows/);
    expect(Object.keys(rows[0]).filter((name) => name.startsWith("measures."))).toEqual([
      "measures.log10-paths",
      "measures.cross-paths",
      "measures.task-cut",
    ]);
    expect(rows[0]).toMatchObject({ "measures.cross-paths": 0.5 });
    expect(rows[0]["measures.log10-paths"]).toHaveLength(2);
  });

  it("has a row for each level of every run, once, with the union of the columns", async () => {
    writeFileSync(inFolder("runs/notes.txt"), "no run");
    const { code, stdout, stderr } = await cli.call(["table", "runs", `${runs[0]}/seed-1`, `${runs[0]}/`]);
    expect(code).toBe(0);
    const rows = parsed(stdout);
    expect(stderr).toBe(`table: 10 rows (levels) of 5 runs, ${Object.keys(rows[0]).length} columns\n`);
    expect(rows.map(({ seed, level, "spec.lr": lr }) => [seed, level, lr])).toEqual(
      expect.arrayContaining([
        ["0", "0", "0.001"],
        ["1", "1", "0.01"],
      ]),
    );
    const columns = Object.keys(rows[0]);
    expect(columns.slice(0, 5)).toEqual(["name", "specHash", "seed", "outcome", "folder"]);
    // Keys that are the same in all runs are left out; the tasks of all runs are there, where their record has them.
    expect(columns).toContain("spec.lr");
    expect(columns).not.toContain("spec.batch");
    const scores = columns.filter((name) => name.startsWith("valAccuracy."));
    expect(scores.sort()).toEqual(["valAccuracy.circles", "valAccuracy.moons", "valAccuracy.task"]);
    expect(columns.indexOf("valAccuracy.task")).toBeLessThan(columns.indexOf("winning"));
    for (const folder of runs) {
      for (const entry of readdirSync(inFolder(folder))) {
        const run = `${folder}/${entry}`;
        recordsOf(run).forEach((record, level) => {
          const row = rows.find((one) => one.folder === run && one.level === String(level))!;
          expect(row.valLoss).toBe(String(record.valLoss));
          expect(row["weights.active"]).toBe(String(record.weights.active));
          expect(row["coverage.total"]).toBe(JSON.stringify(record.coverage.total));
          expect(row["valAccuracy.moons"]).toBe(String(record.valAccuracy.moons ?? ""));
        });
      }
    }
  });

  it("is the same as Parquet and as JSON Lines", async () => {
    const { stderr } = await cli.call(["table", ...runs, "-o", "tables/levels.parquet"]);
    expect(stderr).toMatch(/^table: tables\/levels\.parquet, 10 rows \(levels\) of 5 runs, \d+ columns\n$/);
    expect(readdirSync(inFolder("tables"))).toEqual(["levels.parquet"]);
    await cli.call(["table", ...runs, "-o", "levels.jsonl"]);
    const lines = text("levels.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const file = new Uint8Array(readFileSync(inFolder("tables/levels.parquet"))).buffer;
    const objects = await parquetReadObjects({ file });
    expect(objects).toHaveLength(10);
    expect(
      objects.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null]))),
    ).toEqual(lines);
    const [record] = recordsOf(`${runs[0]}/seed-0`);
    expect(lines[0]).toMatchObject({ winning: true, "degree.fromInputs": record.degree.fromInputs, seed: 0 });
  });

  it("carries fields along that this version does not know", async () => {
    const folder = "later/seed-0";
    mkdirSync(inFolder("later"));
    cpSync(inFolder(`${runs[0]}/seed-0`), inFolder(folder), { recursive: true });
    const levels = recordsOf(folder).map(
      (record) => `${JSON.stringify({ ...record, valBalancedAccuracy: { moons: 0.25 }, lost: ["moons"] })}\n`,
    );
    writeFileSync(inFolder(`${folder}/levels.jsonl`), levels.join(""));
    const { sha256: _, ...record } = JSON.parse(text(`${folder}/run.json`));
    record.checksums["levels.jsonl"] = createHash("sha256").update(levels.join("")).digest("hex");
    writeFileSync(inFolder(`${folder}/run.json`), await formatRunRecord({ ...record, comment: "later" }));
    const [row] = parsed((await cli.call(["table", "later"])).stdout);
    expect(row).toMatchObject({ "valBalancedAccuracy.moons": "0.25", lost: '["moons"]', "run.comment": "later" });
  });
});

it("has a row for each run if asked", async () => {
  const { stdout, stderr } = await cli.call(["table", "runs", "--rows", "runs", "--format", "jsonl"]);
  expect(stderr).toMatch(/^table: 5 rows \(runs\) of 5 runs/);
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(5);
  const row = rows.find(({ folder }) => folder === `${runs[1]}/seed-1`);
  const records = recordsOf(`${runs[1]}/seed-1`);
  expect(row).toMatchObject({
    levels: 2,
    epochs: records[0].epochs + records[1].epochs,
    "last.level": 1,
    "last.valLoss": records[1].valLoss,
    outcome: JSON.parse(text(`${runs[1]}/seed-1/run.json`)).outcome.outcome,
  });
});

describe("refusals", () => {
  it("name what is wrong with the options", async () => {
    await refuses(
      ["runs", "-o", "t.xlsx"],
      "t.xlsx: its name must end in .csv, .jsonl, .parquet; or give --format csv|jsonl|parquet",
    );
    await refuses(
      ["runs", "-o", "t.csv", "--format", "parquet"],
      "--format parquet: the name of t.csv asks for csv; give one of the two",
    );
    await refuses(["nowhere"], "nowhere: there is no such folder; give a run folder such as runs/<name>-<hash>/seed-0");
    mkdirSync(inFolder("empty"));
    await refuses(["empty"], "empty: it holds no run; give run folders, or a folder of them such as runs");
  });

  it("name the first run that is damaged or has not ended, and count the others", async () => {
    for (const name of ["damaged", "stopped"]) cpSync(inFolder(runs[0]), inFolder(name), { recursive: true });
    appendFileSync(inFolder("damaged/seed-1/levels.jsonl"), "{");
    await refuses(
      ["runs", "damaged", "-o", "t.csv"],
      "damaged/seed-1/levels.jsonl: not what the run wrote, by the checksums in run.json; restore it, give the run's command again, or leave the run out",
    );
    for (const seed of [0, 1]) {
      const path = inFolder(`stopped/seed-${seed}/run.json`);
      const { outcome: _, checksums: __, sha256: ___, ...record } = JSON.parse(readFileSync(path, "utf8"));
      writeFileSync(path, JSON.stringify({ ...record, format: 2 }));
    }
    await refuses(
      ["runs", "damaged", "stopped"],
      "damaged/seed-1/levels.jsonl: not what the run wrote, by the checksums in run.json; restore it, give the run's command again, or leave the run out (and 2 more of the 9 runs)",
    );
    await refuses(
      ["stopped/seed-0", "-o", "t.parquet"],
      "stopped/seed-0: the run has not ended; let it end, leave it out, or give --unfinished for the levels that it has finished",
    );
    writeFileSync(inFolder("stopped/seed-1/levels.jsonl"), `${text("stopped/seed-1/levels.jsonl").split("\n")[0]}\n`);
    const { code, stdout } = await cli.call(["table", "stopped", "--unfinished"]);
    expect(code).toBe(0);
    expect(parsed(stdout).map(({ seed, level, outcome }) => [seed, level, outcome])).toEqual([
      ["0", "0", ""],
      ["0", "1", ""],
      ["1", "0", ""],
    ]);
    writeFileSync(inFolder("stopped/seed-1/levels.jsonl"), "{}\n");
    const torn = await cli.call(["table", "stopped/seed-1", "--unfinished"]);
    expect(torn.code).toBe(2);
    expect(torn.stderr).toMatch(/^split-ticket: stopped\/seed-1\/levels\.jsonl, line 1: field level: .*\n$/);
    expect(existsSync(inFolder("t.csv"))).toBe(false);
  });
});
