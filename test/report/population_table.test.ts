import { describe, expect, it } from "vitest";
import { formatValue, outcomeCounts, type PopulationRow, populationTable } from "../../src/report/population_table.ts";
import { levelRecord } from "../store/records.ts";

const lines = (rows: readonly PopulationRow[]) => populationTable(rows).split("\n");

/** A run that separates at level 1, as a winning ticket or not. */
const separated = (winning: boolean): Pick<PopulationRow, "outcome" | "levels"> => ({
  outcome: "separated",
  levels: [
    levelRecord(),
    levelRecord({ level: 1, remaining: 1080, state: "separated", winning }),
    levelRecord({ level: 2, remaining: 40, state: "separated" }),
  ],
});
const interconnected = { outcome: "interconnected", levels: [levelRecord()] };

describe("the table of a population", () => {
  it("describes the first separated level, and whether it wins", () => {
    const rows = [
      { name: "moons", values: { extension: 7, shape: [4, 8, 2] }, seed: 0, ...separated(true) },
      { name: "moons", values: { extension: 11, shape: [4, 16, 2] }, seed: 12, ...separated(false) },
      { name: "moons", values: { extension: 11, shape: [4, 16, 2] }, seed: 3, ...interconnected },
    ];
    const rule = "─".repeat(100);
    expect(lines(rows)).toEqual([
      rule,
      "                                          levels  separated  weights  weights        accuracy",
      "extension   shape  seed  outcome         trained   at level     left   active  moons, circles  wins",
      rule,
      "        7   4,8,2     0  separated             3          1    1,080      112  0.9980, 1.0000  yes",
      "       11  4,16,2    12  separated             3          1    1,080      112  0.9980, 1.0000  no",
      "       11  4,16,2     3  interconnected        1          -        -        -               -  -",
      rule,
    ]);
  });

  it("has the biases left where runs prune them", () => {
    const biases = { active: 5, inactive: 1, zombie: 2, pruned: 9 };
    const levels = [levelRecord(), levelRecord({ level: 1, remaining: 1080, state: "separated", biases })];
    const [, , head, , line] = lines([{ name: "moons", values: {}, seed: 0, outcome: "separated", levels }]);
    expect(head).toMatch(/ left {4}left {3}active /);
    expect(line).toMatch(/ 1,080 {7}8 /);
    const [, , , , first, second] = lines([
      { name: "moons", values: { prunable: "parameters" }, seed: 0, outcome: "separated", levels },
      { name: "moons", values: { prunable: "weights" }, seed: 0, ...separated(true) },
    ]);
    expect([first, second]).toEqual([expect.stringMatching(/ 1,080 {7}8 /), expect.stringMatching(/ 1,080 {5}all /)]);
  });

  it("names the experiment and the tasks only where they are the same or not", () => {
    const images = [levelRecord({ valAccuracy: { digit: 0.9 } })];
    const text = lines([
      { name: "moons", values: {}, seed: 0, ...interconnected },
      { name: "mnist", values: { lr: undefined }, seed: 1, outcome: "interconnected", levels: images },
    ]);
    expect(text[2]).toMatch(/^experiment {2}lr {2}seed {2}outcome .+ by task {2}wins$/);
    expect(text[4]).toMatch(/^moons +0 {2}interconnected/);
    expect(text[5]).toMatch(/^mnist +1 {2}interconnected/);
  });

  it("names the scores: once where all have one name, else in each row", () => {
    const regression = { name: "own", values: {}, ...separated(true), scoreNames: { moons: "R²", circles: "R²" } };
    const same = lines([{ ...regression, seed: 0 }]);
    expect(same[1]).toMatch(/ R²$/);
    expect(same[2]).toMatch(/ moons, circles {2}wins$/);
    expect(same[4]).toMatch(/ 0\.9980, 1\.0000 {2}yes$/);
    const other = { name: "moons", values: {}, seed: 1, ...separated(true) };
    const mixed = lines([{ ...regression, seed: 0, scoreNames: { moons: "R²" } }, other]);
    expect(mixed[1]).toMatch(/ score$/);
    expect(mixed[4]).toMatch(/ R² moons 0\.9980, accuracy circles 1\.0000 {2}yes$/);
    expect(mixed[5]).toMatch(/ accuracy moons 0\.9980, circles 1\.0000 {2}yes$/);
  });

  it("names the lost tasks and counts the unused inputs of the separated level, within 100 columns", () => {
    const lost = {
      state: "separated" as const,
      winning: false,
      valAccuracy: { a: 0.98, b: 0.99 },
      valBalancedAccuracy: { a: 0.5, b: 0.99 },
      lost: ["a"],
      unusedInputs: 2,
      unusedColumns: [2, 5],
    };
    const run = { name: "rare", values: {}, outcome: "separated-degraded", levels: [levelRecord(lost)] };
    const text = lines([
      { ...run, seed: 0 },
      { ...run, seed: 1, levels: [levelRecord({ ...lost, winning: true, lost: [], unusedInputs: 0 })] },
      { ...run, seed: 2, levels: [levelRecord({ ...lost, state: "interconnected" })] },
    ]);
    expect(text[0].length).toBeLessThanOrEqual(100);
    expect(text[2]).toMatch(/ a, b +a, b +inputs {2}wins {2}lost$/);
    expect(text[4]).toMatch(/ 0\.9800, 0\.9900 {2}0\.5000, 0\.9900 +2 {2}no {4}a$/);
    expect(text[5]).toMatch(/ 0\.9800, 0\.9900 {2}0\.5000, 0\.9900 +0 {2}yes$/);
    expect(text[6]).toMatch(/ - +- +- {2}- {5}-$/);
    expect(text.at(-1)).toBe("left out to fit 100 columns: levels trained, weights left (--json has all)");
  });

  it("counts the separated that have lost a task, and the runs that never learnt one", () => {
    const run = (...lost: string[][]) => ({
      outcome: "separated",
      levels: lost.map((tasks, level) => levelRecord({ level, state: "separated", winning: false, lost: tasks })),
    });
    expect(outcomeCounts([run(["a"], ["a", "b"]), run(["a"], ["a"]), run([], ["a"]), separated(true)])).toBe(
      "4 runs: 4 separated; winning where they separated: 1 (a task lost there: 2); a: never learnt by 2 runs",
    );
  });

  it("counts outcomes, and the separated that win", () => {
    expect(outcomeCounts([separated(true), interconnected, separated(false), interconnected, interconnected])).toBe(
      "5 runs: 2 separated, 3 interconnected; winning where they separated: 1",
    );
    expect(outcomeCounts([interconnected])).toBe("1 run: 1 interconnected");
  });
});

it.each([
  [undefined, ""],
  [[4, 8, 2], "4,8,2"],
  [true, "true"],
  [[{ name: "a", inputs: ["x,1"] }], '[{"name":"a","inputs":["x,1"]}]'],
  [{ a: 1 }, '{"a":1}'],
  ["a\nb", "a␊b"],
])("a spec's value %j is %j", (value, text) => {
  expect(formatValue(value)).toBe(text);
});
