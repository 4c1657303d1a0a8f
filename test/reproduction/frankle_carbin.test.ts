import { describe, expect, it } from "vitest";
import { weightCount } from "../../src/base/shape.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { compareStatements } from "../../src/reproduction/frankle_carbin/agreement.ts";
import { meanCourses } from "../../src/reproduction/frankle_carbin/courses.ts";
import { frankleCarbin, planFrankleCarbin } from "../../src/reproduction/frankle_carbin/experiment.ts";
import {
  courseFigure,
  earlyStoppingFigure,
  testAccuracyFigure,
} from "../../src/reproduction/frankle_carbin/figures.ts";
import { type Measured, measuredLevels } from "../../src/reproduction/frankle_carbin/measured.ts";
import { type Kind, type Statement, shownSizes, statements } from "../../src/reproduction/frankle_carbin/published.ts";
import { describeChange, describeInterval, describeStatement } from "../../src/reproduction/frankle_carbin/report.ts";
import type { LevelCurvesRecord } from "../../src/store/level_curves.ts";
import type { LevelRecord } from "../../src/store/level_record.ts";

const seeds = [0, 1, 2, 3, 4, 5];
const one = (kind: Kind, level: number, seed: number, step: number, accuracy: number): Measured => ({
  ...{ kind, level, share: 0.8 ** level, seed, step, accuracy, isLast: false },
});

/** Six runs: dense, tickets and re-initialisations of level 7 (21 % of the weights), with the given steps and accuracies. */
const runs = (ticket: (seed: number) => [number, number], reinit: (seed: number) => [number, number]) =>
  seeds.flatMap((seed) => [
    one("ticket", 0, seed, 1000 + 100 * seed, 0.95),
    one("ticket", 7, seed, ...ticket(seed)),
    one("reinit", 7, seed, ...reinit(seed)),
  ]);

const statement = (change: Partial<Statement>): Statement => ({
  ...{ quantity: "step", kind: "ticket", against: "dense", at: 0.211, stated: { below: 0 }, source: "" },
  ...change,
});

const verdicts = (measured: readonly Measured[], ...changes: readonly Partial<Statement>[]) =>
  compareStatements(measured, changes.map(statement)).map(({ verdict }) => verdict);

describe("the statements of the paper", () => {
  it("are on sizes that both scales train", () => {
    for (const scale of ["full", "small"] as const) {
      const { spec, branchLevels } = frankleCarbin[scale];
      const { remaining } = resolveSpec(spec, scale).spec;
      const near = (levels: readonly number[], share: number) =>
        levels.some((level) => Math.abs(Math.log(remaining[level] / remaining[0] / share)) < Math.log(1.1));
      for (const { kind, at } of statements) {
        const levels = kind === "ticket" ? [...remaining.keys()] : branchLevels;
        expect([scale, kind, at, near(levels, at)]).toEqual([scale, kind, at, true]);
      }
      for (const size of shownSizes) expect(near([...remaining.keys()], size)).toBe(true);
    }
  });

  it("are compared run by run, steps by the mean logarithm of their ratio", () => {
    const halved = runs(
      (seed) => [(1000 + 100 * seed) / 2, 0.96],
      (seed) => [(1000 + 100 * seed) * 2, 0.94],
    );
    const [step, accuracy, faster, better] = compareStatements(halved, [
      statement({ stated: { low: -0.5, high: -0.5 } }),
      statement({ quantity: "accuracy", stated: { above: 0.003 } }),
      statement({ against: "reinit", stated: { low: -0.74, high: -0.76 } }),
      statement({ quantity: "accuracy", kind: "reinit", stated: { below: 0 } }),
    ]);
    expect(step.ours.mean).toBeCloseTo(-0.5, 12);
    expect([step.level, step.share, step.ours.count]).toEqual([7, 0.8 ** 7, 6]);
    expect(accuracy.ours.mean).toBeCloseTo(0.01, 12);
    expect(faster.ours.mean).toBeCloseTo(-0.75, 12);
    expect(better.ours.mean).toBeCloseTo(-0.01, 12);
    expect([accuracy, better].map(({ verdict }) => verdict)).toEqual(["agrees", "agrees"]);
  });

  it("agree where the interval holds a number, or lies on the stated side of a bound", () => {
    const spread = runs(
      (seed) => [(1000 + 100 * seed) * (seed % 2 ? 0.5 : 0.8), 0.95 + 0.001 * (seed - 2)],
      () => [1000, 0.95],
    );
    expect(
      verdicts(
        spread,
        { stated: { low: -0.38, high: -0.37 } },
        { stated: { noneFrom: -0.9, noneTo: 0.9 } },
        { quantity: "accuracy", stated: { low: 0.001, high: 0.001 } },
        { quantity: "accuracy", stated: { noneFrom: -0.003, noneTo: 0.003 } },
        { quantity: "accuracy", stated: { noneFrom: -0.001, noneTo: 0.003 } },
        { quantity: "accuracy", stated: { noneFrom: -0.003, noneTo: 0.001 } },
        { stated: { below: 0 } },
        { stated: { above: 0 } },
        { stated: { above: -0.4 } },
        { quantity: "accuracy", stated: { above: 0 } },
        { quantity: "accuracy", stated: { below: 0.01 } },
      ),
    ).toEqual([
      ...["agrees", "differs", "undecided", "agrees", "undecided", "undecided"],
      ...["agrees", "differs", "undecided", "undecided", "agrees"],
    ]);
  });

  it("have no verdict with fewer than six runs, and are left out where no ticket has their size", () => {
    const few = runs(
      () => [500, 0.96],
      () => [2000, 0.94],
    ).filter(({ seed }) => seed < 5);
    expect(verdicts(few, { stated: { below: 0 } })).toEqual(["too few"]);
    expect(verdicts(few, { at: 0.036 }, { kind: "one-shot" })).toEqual([]);
  });

  it("count several re-initialisations of a ticket once, by their mean", () => {
    const measured = runs(
      () => [500, 0.96],
      () => [2000, 0.94],
    );
    const again = seeds.map((seed) => one("reinit", 7, seed, 500, 0.9));
    const [{ ours }] = compareStatements(
      [...measured, ...again],
      [statement({ quantity: "accuracy", kind: "reinit", stated: { below: 0 } })],
    );
    expect(ours.count).toBe(6);
    expect(ours.mean).toBeCloseTo(-0.03, 12);
  });

  it("are told in words", () => {
    const [first] = compareStatements(
      runs(
        () => [500, 0.96],
        () => [2000, 0.94],
      ),
      statements,
    );
    expect(describeStatement(first)).toBe("early-stopping step, tickets against dense");
    expect([-0.381, 0.024, 0.001].map((value) => describeChange("step", value))).toEqual(["−38 %", "+2 %", "0 %"]);
    expect([0.0031, -0.00002].map((value) => describeChange("accuracy", value))).toEqual([
      "+0.31 points",
      "0.00 points",
    ]);
    const of = (change: Partial<Statement>) =>
      compareStatements(
        runs(
          (seed) => [700 + 100 * seed, 0.95 + 0.001 * (seed - 2)],
          () => [2000, 0.94],
        ),
        [statement(change)],
      ).map(describeInterval);
    expect(of({})).toEqual(["−28 % to −21 %"]);
    expect(of({ quantity: "accuracy" })).toEqual(["−0.12 to +0.23 points"]);
  });
});

const record = (level: number, remaining: number, more: Partial<LevelRecord>) =>
  ({
    level,
    remaining,
    keptStep: 300,
    earlyStoppingStep: 300,
    steps: 300,
    testAccuracy: { mnist: 0.9 },
    ...more,
  }) as LevelRecord;

it("measures every level of runs and branches at the early-stopping step, on the test split", () => {
  const levels = [record(0, 1000, {}), record(1, 500, { keptStep: 200, earlyStoppingStep: 200 })];
  const branch = { kind: "reinit", isControl: true, seed: 3, branchSeed: 0, folder: null };
  const own = { ...branch, levels: [record(0, 500, { sourceLevel: 1, testAccuracy: { mnist: 0.8 } })] };
  const source = { path: "", name: "", seed: 3, executor: "", levels, branches: [own] };
  expect(measuredLevels([source])).toEqual([
    { kind: "ticket", level: 0, share: 1, seed: 3, step: 300, isLast: true, accuracy: 0.9 },
    { kind: "ticket", level: 1, share: 0.5, seed: 3, step: 200, isLast: false, accuracy: 0.9 },
    { kind: "reinit", level: 1, share: 0.5, seed: 3, step: 300, isLast: true, accuracy: 0.8 },
  ]);
});

const curve = (level: number, accuracies: readonly number[]): LevelCurvesRecord => ({
  level,
  steps: accuracies.map((_, k) => 100 * (k + 1)),
  ...{ trainLoss: [], valLoss: [], valBalancedAccuracy: {}, valAccuracy: { mnist: accuracies } },
});
const stored = (accuracies: readonly (readonly number[])[]) => ({
  kind: "ticket" as const,
  levels: [record(0, 1000, {}), record(1, 800, {}), record(2, 510, {})],
  dense: record(0, 1000, {}),
  curves: accuracies.map((each, level) => curve(level, each)),
});

it("averages the course of training over the runs, of the sizes of the paper's figure", () => {
  const courses = meanCourses([
    stored([
      [0.5, 0.7, 0.9],
      [0, 0, 0],
      [0.6, 0.8, 0.8],
    ]),
    stored([
      [0.7, 0.9],
      [0, 0],
      [0.8, 0.8],
    ]),
  ]);
  expect(courses.map(({ share, steps }) => [share, steps])).toEqual([
    [1, [100, 200]],
    [0.51, [100, 200]],
  ]);
  expect(courses.flatMap(({ accuracy }) => accuracy)).toEqual(
    [0.6, 0.8, 0.7, 0.8].map((mean) => expect.closeTo(mean, 12)),
  );
});

it("draws every kind with its interval, from the dense network on", () => {
  const measured = runs(
    (seed) => [500 + seed, 0.96],
    (seed) => [2000 + seed, 0.94],
  );
  const [steps, accuracy] = [earlyStoppingFigure(measured), testAccuracyFigure(measured)];
  expect(steps.csv.split("\n")[0]).toBe(
    "kind,level,% of weights left,runs,at the last evaluation,mean,low,high,interval",
  );
  expect(steps.csv.trim().split("\n")).toHaveLength(1 + 3);
  expect(accuracy.csv).toContain("reinit,7,");
  for (const { svg } of [steps, accuracy]) {
    for (const text of ["tickets (iterative)", "re-initialised tickets", "dense networks, mean", "95 % interval"]) {
      expect(svg).toContain(text);
    }
    expect(svg).not.toContain("one-shot");
  }
  const course = courseFigure(meanCourses([stored([[0.5, 0.9], [], [0.6, 0.8]])]));
  expect(course.svg).toContain("51 %");
  expect(course.csv.trim().split("\n")).toHaveLength(1 + 4);
});

describe("the plan", () => {
  it("has the paper's settings at full scale, but for what the measurement needs", () => {
    const { spec } = frankleCarbin.full;
    expect(spec).toMatchObject({ dataset: "mnist", lr: 0.0012, batch: 60, maxSteps: 50_000, evaluateEvery: 100 });
    expect(weightCount(spec.shape ?? [])).toBe(266_200);
    expect(frankleCarbin.choiceOf("lr", "small")).toBe("paper");
    expect(frankleCarbin.choiceOf("keep", "full")).toMatch(/^ours: test accuracy/);
    expect(frankleCarbin.choiceOf("maxSteps", "full")).toBe("paper");
    expect(frankleCarbin.choiceOf("maxSteps", "small")).toMatch(/^ours: small/);
  });

  it("refuses what it cannot compare", () => {
    const plan = (change: object) => planFrankleCarbin({ scale: "small", set: {}, ...change });
    expect(() => plan({ extensions: "0..3" })).toThrow(
      "--extensions 0..3: frankle-carbin has no such levels or data sets; leave it out",
    );
    expect(() => plan({ dataSeeds: "0..3" })).toThrow("--data-seeds 0..3: frankle-carbin");
    expect(() => plan({ set: { keep: "last" } })).toThrow(
      '--set keep="last": test accuracy is measured at the early-stopping step, whose weights are kept; leave it out',
    );
    expect(() => plan({ set: { validation: "test" } })).toThrow("--set validation=");
    expect(() => plan({ set: { lr: [0.001, 0.002] } })).toThrow(
      "--set: it gives 2 specs, and frankle-carbin compares runs of one; give one value of each key",
    );
    const refused = (set: object) => {
      expect(() => plan({ set })).toThrow(/^--set (levels=0|rewind=lr|criterion=snip|stopAt=degraded): .+; /);
    };
    // What its branches cannot do is refused before its runs are trained.
    for (const set of [{ levels: 0 }, { rewind: "lr" }, { criterion: "snip" }, { stopAt: "degraded" }]) refused(set);
    expect(() => plan({ set: { rewind: "500it", criterion: "lamp" } })).not.toThrow();
    expect(plan({ set: { seeds: [1], validation: 0.1, lr: 0.01 } }).departures).toEqual({ validation: 0.1, lr: 0.01 });
  });
});
