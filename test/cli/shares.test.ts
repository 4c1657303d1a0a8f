import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shares as sharesOf } from "../../src/node.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
const small = [
  "run",
  "moons-circles",
  "--device",
  "cpu",
  "--set",
  "shape=4,5,5,2",
  "levels=3",
  "rate=0.5",
  "maxEpochs=2",
];
const grid = async (out: string, ...more: readonly string[]) => {
  const { code, stderr } = await cli.call([...small, "samples=80", ...more, "--out", out]);
  expect(code, stderr).toBe(0);
};
const shares = (...given: string[]) => cli.call(["shares", ...given]);
const tablesOf = async (...given: string[]) => JSON.parse((await shares(...given, "--json")).stdout).tables;

beforeAll(async () => {
  await grid("two", "dataSeed=0..4", "--seeds", "0..4");
  await grid("three", "dataSeed=0..1", "initSeed=0..2", "orderSeed=0..1");
});

describe("shares", () => {
  it("divides the variance among data and model seed, where one seed gives weights and order", async () => {
    const [table] = await tablesOf("two");
    expect(table).toMatchObject({
      name: "moons-circles",
      values: {},
      runs: 25,
      factors: [
        { name: "data", levels: 5 },
        { name: "weights and order", levels: 5 },
      ],
    });
    expect(table.outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "separated",
      "separated and winning",
      "levels to separation",
      "accuracy at the last level",
    ]);
    const { effects, balanced, runs } = table.outcomes[3];
    expect([balanced, runs]).toEqual([true, 25]);
    expect(effects.map(({ effect }: { effect: string }) => effect)).toEqual([
      "data",
      "weights and order",
      "data x weights and order",
    ]);
    expect(effects.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(1, 10);
    for (const { low, high, share, p } of effects.slice(0, 2)) {
      expect(low).toBeLessThanOrEqual(share + 1e-9);
      expect(high).toBeGreaterThanOrEqual(share - 1e-9);
      expect(p).toBeGreaterThan(0);
    }
    expect(effects[2].p).toBeNull();
  });

  it("divides it among three seeds and their interactions, and prints a table", async () => {
    const { code, stdout, stderr } = await shares("three");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("moons-circles: 12 runs, seeds: 2 data x 3 weights x 2 order");
    const accuracy = lines.findIndex((line) => line.startsWith("accuracy at the last level"));
    expect(
      lines.slice(accuracy, accuracy + 7).map(
        (line) =>
          line
            .replace(/^accuracy at the last level +12 +\S+/, "")
            .trim()
            .split(/ {2,}/)[0],
      ),
    ).toEqual([
      "data",
      "weights",
      "order",
      "data x weights",
      "data x order",
      "weights x order",
      "data x weights x order",
    ]);
    expect(stdout).toContain("\nno intervals: they need 5 seeds of each part\n".trimEnd());
  });

  it("has a table for each spec, counts copies once, and prints the same twice", async () => {
    await grid("two", "lr=0.02", "dataSeed=0..1", "--seeds", "0..1");
    const tables = await tablesOf("two");
    expect(tables.map(({ values, runs }: { values: object; runs: number }) => [values, runs])).toEqual([
      [{ lr: "0.001" }, 25],
      [{ lr: "0.02" }, 4],
    ]);
    cpSync(join(cli.folder(), "three"), join(cli.folder(), "copy"), { recursive: true });
    const twice = await shares("three", "copy");
    expect(twice.stderr).toBe("copies of a run count once: 12 folders passed over\n");
    expect(twice.stdout).toBe((await shares("three")).stdout);
  });

  it("gives the same whatever the order of the folders, counts runs that train alike once, and fits a terminal", async () => {
    const folders = readdirSync(join(cli.folder(), "three")).map((name) => join("three", name));
    const { stdout } = await shares("three");
    expect((await shares(...[...folders].reverse())).stdout).toBe(stdout);
    expect(stdout).toContain("data x weights x order");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    // Weights and order have seeds of their own, so that model seed 7 trains as 0 does; a random criterion draws from it.
    await grid("seven", "dataSeed=1", "initSeed=2", "orderSeed=0..1", "--seeds", "7");
    const again = await shares("three", "seven");
    expect(again.stderr).toBe("copies of a run count once: 2 folders passed over\n");
    expect(again.stdout).toBe(stdout);
    await grid("drawn", "criterion=random", "dataSeed=0..1", "initSeed=2", "orderSeed=1", "--seeds", "0..1");
    expect((await shares("drawn")).stdout).toContain("moons-circles: 4 runs, seeds: 2 data");
  });

  it("is a library function too, for which a folder given twice is one", async () => {
    const folder = join(cli.folder(), "three");
    const found = await sharesOf([folder, folder, join(folder, "..", "three")]);
    expect(JSON.parse(JSON.stringify(found))).toEqual({
      tables: await tablesOf("three"),
      copies: 0,
      leftOut: 0,
      diverged: [],
    });
    expect((await sharesOf(folder)).tables).toEqual(found.tables);
    await expect(sharesOf(join(cli.folder(), "nowhere"))).rejects.toThrow("nowhere");
  });

  it("says what it used where runs are missing", async () => {
    await grid("gaps", "dataSeed=0..1", "--seeds", "0..2");
    await grid("gaps", "dataSeed=2", "--seeds", "0..1");
    const { stdout } = await shares("gaps");
    expect(stdout).toContain("unbalanced, so by MINQUE(0) in place of the analysis of variance: ");
    expect(stdout).toContain("accuracy at the last level (8 runs)");
  });

  it("passes over runs that diverged, without a record or of no grid, by a line each, and tells no key of theirs", async () => {
    await grid("odd", "dataSeed=0..2", "--seeds", "0..2");
    const keys = ["samples=80", "lr=1e38", "dataSeed=0..1"];
    expect((await cli.call([...small, ...keys, "--out", "odd"])).code).toBe(1);
    await grid("odd", "keep=best", "--seeds", "0..1");
    const [first, second] = readdirSync(join(cli.folder(), "odd")).flatMap((name) =>
      existsSync(join(cli.folder(), "odd", name, "seed-2")) ? [join("odd", name, "seed-2")] : [],
    );
    for (const lost of [first, second]) rmSync(join(cli.folder(), lost, "run.json"));
    const odd = await shares("odd");
    expect(odd.stderr).toMatch(
      new RegExp(
        `^left out: ${first}: run.json is missing, which says which run it is \\(and 1 other folder\\)\nleft out: 2 runs whose training diverged, such as odd/[^\n]+\nleft out: 2 runs of specs in which fewer than two parts of chance vary\n$`,
      ),
    );
    expect(odd.stdout).toMatch(/^moons-circles: 7 runs, seeds: 3 data x 3 weights and order\n/);
    expect(odd.stdout).toMatch(/\nlevels to separation: not divided, no run has it\n/);
    for (const command of [
      ["table", "odd", "-o", "odd.csv", "--unfinished"],
      ["report", "odd", "-o", "odd.html"],
    ]) {
      expect((await cli.call(command)).stderr).toContain(`left out: ${first}: run.json is missing`);
    }
    expect((await cli.call(["table", "odd"])).stderr).toMatch(
      /seed-0: level 0 of the run diverged, as it would again; leave it out, or give --unfinished for/,
    );
  });

  it("refuses runs of one seed each, and a folder without runs", async () => {
    await grid("alone", "--seeds", "0..2");
    const { code, stderr } = await shares("alone");
    expect(code).toBe(2);
    expect(stderr).toBe(
      "split-ticket: the runs of no spec vary in two of data, weights and order, so there is nothing to divide: run a grid of them first, such as --set dataSeed=0..4 --seeds 0..4, or dataSeed=0..4 initSeed=0..4 orderSeed=0..4\n",
    );
    expect((await shares("nowhere")).code).toBe(2);
  });
});
