import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commandLine, type Finished } from "./command.ts";

const cli = commandLine();

/** Sets the title of a terminal, clears it, goes to the start of the line. */
const hostile = "a\u001b]0;title\u0007\u001b[2J\r\u009bb (v2)";
const shown = "a␛]0;title␇␛[2J␍\ufffdb (v2)";
const rows = Array.from({ length: 20 }, (_, i) => `${Math.sin(i)},${Math.cos(i)},${i % 2}`).join("\n");
const keys = ["shape=2,3,1", "levels=1", "rate=0.5", "maxEpochs=1"];

/** The colours of our tables. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched
const colours = /\u001b\[3[1239]m/g;

/** Everything that a terminal obeys, except line ends and the colours of our tables. */
function obeyed({ stdout, stderr }: Finished): string[] {
  return `${stdout}${stderr}`.replaceAll(colours, "").match(/(?!\n)\p{Cc}/gu) ?? [];
}

it("names of files, folders and tasks cannot direct a terminal", async () => {
  writeFileSync(join(cli.folder(), `${hostile}.csv`), rows);
  const trained = await cli.call(
    ["run", `${hostile}.csv`, "--device", "cpu", "--out", hostile, "--set", ...keys],
    {},
    true,
  );
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.stdout).toContain(`results: ${shown}/`);
  const [experiment] = readdirSync(join(cli.folder(), hostile));
  const run = join(hostile, experiment, "seed-0");

  // A run that another program wrote may have any names.
  const path = join(cli.folder(), run, "levels.jsonl");
  const levels = readFileSync(path, "utf8").replaceAll('"task":', `${JSON.stringify(`t\n${hostile}`)}:`);
  writeFileSync(path, levels);
  const record = join(cli.folder(), run, "run.json");
  const { checksums: _, sha256: __, ...rest } = JSON.parse(readFileSync(record, "utf8"));
  writeFileSync(record, JSON.stringify({ ...rest, format: 2, name: hostile }));

  // Standard error is redrawn on a terminal, by codes of our own.
  const seen: Finished[] = [{ ...trained, stderr: "" }];
  for (const terminal of [true, false]) {
    const show = await cli.call(["show", run], {}, terminal);
    expect(show).toMatchObject({ code: 0 });
    expect(show.stdout).toContain(`${shown}, seed 0: `);
    expect(show.stdout).toContain(`t␊${shown}`);
    const json = await cli.call(["show", run, "--json"], {}, terminal);
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain(JSON.stringify(`t\n${hostile}`));
    const report = await cli.call(["report", run, "--output", `${hostile}.md`], {}, terminal);
    expect(report.stdout).toContain(`report: ${shown}.md (1 run)`);
    const missing = await cli.call(["show", `${hostile}2`], {}, terminal);
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain(`${shown}2: there is no such folder`);
    const unknown = await cli.call([hostile], {}, terminal);
    expect(unknown.stderr).toContain(shown);
    seen.push(show, json, report, missing, unknown);
  }
  for (const finished of seen) expect(obeyed(finished)).toEqual([]);
  // The colours of our own are there on a terminal.
  expect(seen[1].stdout).toMatch(colours);
});

it("a task is not given a name that cannot be seen", async () => {
  const { code, stderr } = await cli.call(["run", `${hostile}.csv`, "--set", ...keys, "tasks=a\u001b[31m:2:1"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `split-ticket: tasks: the name "a␛[31m" has characters that cannot be seen; choose another\n`,
  });
});
