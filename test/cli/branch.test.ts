import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { commandLine } from "./command.ts";

const cli = commandLine();
const inFolder = (path: string) => join(cli.folder(), path);
let run: string;
beforeAll(async () => {
  const keys = ["samples=200", "extension=2", "maxEpochs=2"];
  const { stdout } = await cli.call([
    "run",
    "moons-circles",
    "--device",
    "cpu",
    "--seeds",
    "0,1",
    "--set",
    ...keys,
    "--out",
    "night",
    "--json",
  ]);
  run = JSON.parse(stdout).experiments[0].folder;
});

describe("split-ticket branch", () => {
  const args = () => ["branch", run, "reinit,order", "--levels", "1..2", "--seeds", "0..2"];

  it("prints a table with what each ticket is worth, one JSON document, a table of rows and a figure", async () => {
    const { code, stdout, stderr } = await cli.call([...args(), "--table", "rows.csv", "--svg", "figure.svg"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^adapter: none, as asked: the CPU computes\nengine: cpu /);
    expect(stderr).toContain("table: rows.csv, 7 rows\nfigure: figure.svg\n");
    expect(stdout).toMatch(/^ +0 +247 +dense +2 /m);
    expect(stdout).toMatch(/^ +1 +160 +ticket +2 /m);
    expect(stdout).toMatch(/^ +\d+ +reinit +6 /m);
    expect(stdout).toMatch(
      /^level 2, 112 weights: (trivial|only by IMP|too sparse) \(the ticket wins \d of 2; reinit \d of 6\)$/m,
    );
    // After two epochs no network has learnt anything.
    expect(stdout).toContain("the dense network has lost a task in 2 of 2 runs, where no ticket can win\n");
    expect(stdout).toMatch(/branches: night\n$/);
    const [head, ...rows] = readFileSync(inFolder("rows.csv"), "utf8").trimEnd().split("\n");
    expect(rows.length).toBe(7);
    expect(head.split(",")).toEqual(
      expect.arrayContaining(["level", "kind", "worth", "wins", "separated", "score.mean", "scoreByTask.moons"]),
    );
    expect(readFileSync(inFolder("figure.svg"), "utf8")).toContain("ticket and its branches");

    const again = await cli.call([...args(), "--json"]);
    const document = JSON.parse(again.stdout);
    expect(Object.keys(document)).toEqual(["executor", "scoreName", "rows", "runs", "failed", "passedOver"]);
    expect(document.scoreName).toBe("accuracy");
    for (const { level, kind, runs, score, scoreByTask } of document.rows) {
      const records = document.runs.flatMap(
        (each: { levels: object[]; branches: { kind: string; levels: object[] }[] }) =>
          kind === "dense"
            ? [each.levels[0]]
            : each.branches.filter((one) => one.kind === kind).map((one) => one.levels[level - 1]),
      );
      expect(records.length).toBe(runs);
      const means = records.map(
        ({ valAccuracy }: { valAccuracy: Record<string, number> }) => (valAccuracy.moons + valAccuracy.circles) / 2,
      );
      expect(score.mean).toBeCloseTo(means.reduce((sum: number, value: number) => sum + value, 0) / runs, 12);
      expect([score.lowest, score.highest]).toEqual([Math.min(...means), Math.max(...means)]);
      expect((scoreByTask.moons + scoreByTask.circles) / 2).toBeCloseTo(score.mean, 12);
      // Two runs to branch from are two values, whatever the number of their branches.
      expect(score.count).toBe(2);
    }
  });

  it("leaves runs that show, table, report and verify read", async () => {
    await cli.call(args());
    const { stdout } = await cli.call([...args(), "--json"]);
    const { folder } = JSON.parse(stdout).runs[1].branches.find(({ kind }: { kind: string }) => kind === "reinit");
    const shown = await cli.call(["show", folder]);
    expect(shown.stdout).toMatch(/of the/);
    expect(shown.stdout).toMatch(/^ +0 +1 +\d+ /m);
    expect(shown.stdout).toMatch(/^moons-circles-reinit, seed 1: /m);
    expect((await cli.call(["verify", "night"])).stdout).toBe("16 runs: 16 whole, 0 damaged\n");
    await cli.call(["table", "night", "-o", "levels.csv"]);
    const [head, ...rows] = readFileSync(inFolder("levels.csv"), "utf8").trimEnd().split("\n");
    expect(head.split(",")).toEqual(expect.arrayContaining(["sourceLevel", "spec.branch.kind", "spec.branch.seed"]));
    expect(rows.length).toBe(2 * 3 + 14 * 2);
    expect((await cli.call(["report", "night", "-o", "report.md"])).code).toBe(0);
    expect((await cli.call(["branch", folder, "order"])).stderr).toContain(
      "it is a branch itself; give the run that it branches from",
    );
  });

  it.each([
    [["reinit"], "no run is given before reinit; give its folder first"],
    [["night"], 'kind of branch "night" is not known: give ticket, reinit, same-sign, constant-sign, shuffled'],
    [["night", "reinit,"], 'kind of branch "" is not known: give ticket'],
    [["absent", "reinit"], "absent: there is no such folder"],
    [
      ["night", "reinit", "--levels", "9"],
      "level 9 is not finished, its finished levels are 0 to 2; give levels up to 2",
    ],
    [["night", "reinit", "--levels", "a"], '--levels "a" is no list of numbers: give one such as 3..9 or 1,5'],
    [["night", "reinit", "--seeds", "0.5"], "branch seed 0.5 is no integer"],
    [["night", "reinit", "--svg", "no/../run.json/"], "cannot write"],
    [
      ["night", "reinit", "--table", "rows.xls"],
      "rows.xls: its name must end in .csv, .jsonl, .parquet; choose another name\n",
    ],
    [
      ["night", "reinit", "--table", "rows.csv", "--svg", "./rows.csv"],
      "--table and --svg both name ./rows.csv; give two files",
    ],
    [["night", "reinit", "--levels", "2..1"], '--levels "2..1" has a range that ends before it begins'],
    [["night", "reinit", "--seeds", "0..99999"], '--seeds "0..99999" has a range that is too long'],
    [
      ["night", "ticket,constant-sign", "--seeds", "3"],
      "--seeds 3 is given and ticket, constant-sign use no branch seed; leave --seeds out",
    ],
  ])("refuses %j in one line", async (given, message) => {
    const { code, stdout, stderr } = await cli.call(["branch", ...given, "--out", "refused"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
    expect(existsSync(inFolder("refused"))).toBe(false);
  });
});

describe("split-ticket stability", () => {
  it("prints a table, one JSON document, a table of points and a figure", async () => {
    const args = ["stability", `${run}/seed-0`, "--levels", "0,2", "--points", "5"];
    const { code, stdout, stderr } = await cli.call([...args, "--table", "points.jsonl", "--svg", "lines.svg"]);
    expect(code).toBe(0);
    expect(stderr).toContain("table: points.jsonl, 10 rows\nfigure: lines.svg\n");
    expect(stdout).toMatch(/^ +0 +0 +\d+ +0-1 .* (yes|no) /m);
    const points = readFileSync(inFolder("points.jsonl"), "utf8").trimEnd().split("\n");
    expect(JSON.parse(points[9])).toMatchObject({ seed: 0, level: 2, weights: 112, first: 0, second: 1, alpha: 1 });
    expect(readFileSync(inFolder("lines.svg"), "utf8")).toContain("Instability of tickets");
    const { lines } = JSON.parse((await cli.call([...args, "--json"])).stdout);
    expect(lines.map(({ level, points }: { level: number; points: object[] }) => [level, points.length])).toEqual([
      [0, 5],
      [2, 5],
    ]);
  });

  it.each([
    [["--copies", "1"], "copies 1 is no integer from 2 to 20"],
    [["--points", "1001"], "points 1001 is no integer from 3 to 1000"],
    [["--copies", "x"], '--copies "x" is no number: give one, such as 3'],
    [["--table", "rows.xls"], "rows.xls: its name must end in .csv, .jsonl, .parquet; choose another name\n"],
    [["--levels", "7"], "level 7 is not finished"],
  ])("refuses %j in one line", async (given, message) => {
    const { code, stderr } = await cli.call(["stability", run, ...given, "--out", "refused"]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
    expect(existsSync(inFolder("refused"))).toBe(false);
  });
});

it("refuses data that do not fit", async () => {
  writeFileSync(inFolder("spec.json"), "[]");
  const given = ["branch", run, "data", "--data", "spec.json"];
  expect((await cli.call(given)).stderr).toContain("spec.json: it names no dataset; give a spec such as");
  writeFileSync(inFolder("spec.json"), '{"dataset":"moons-circles","noise":-1}');
  expect((await cli.call(given)).stderr).toMatch(/^split-ticket: --data spec.json: noise -1 does not fit /);
  writeFileSync(inFolder("spec.json"), '{"dataset":"spirals"}');
  expect((await cli.call(given)).stderr).toContain(
    "does not fit dataset spirals: it has 2 inputs and 1 output; give data of 4 inputs and 2 outputs, own data as a spec file with tasks\n",
  );
  const written = await cli.call([...given, "--svg", "spec.json"]);
  expect(written.stderr).toContain("cannot write spec.json: it is spec.json, which is read; choose another file");
});

it("refuses to store runs in the folder of a run", async () => {
  const short = ["--device", "cpu", "--set", "samples=200", "extension=1", "maxEpochs=2"];
  for (const out of [`${run}/seed-0`, `${run}/seed-0/deeper/still`, `./${run}/../x/../${run.split("/")[1]}/seed-0/`]) {
    for (const command of [
      ["branch", run, "reinit", "--levels", "1"],
      ["stability", run, "--levels", "1"],
      ["run", "moons-circles", ...short],
      ["run", "moons-circles", ...short, "--dry-run"],
      ["reproduce", "extension-2", "--extensions", "1", "--device", "cpu"],
    ]) {
      const { code, stderr } = await cli.call([...command, "--out", out]);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /^split-ticket: out "[^"]+": (it|night\/\S+\/seed-0) is the folder of a run, which holds no other runs; give another, such as runs\n$/,
        ),
      ]);
    }
  }
});
