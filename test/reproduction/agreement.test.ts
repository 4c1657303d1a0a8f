import { describe, expect, it } from "vitest";
import { wilsonInterval } from "../../src/report/wilson.ts";
import { compareOutcomes, compareValues, outcomeInThesis } from "../../src/reproduction/agreement.ts";
import { extensionRun } from "../report/reported.ts";

describe("an outcome in the thesis' words", () => {
  it.each([
    [[], "I"],
    [["separated"], "S"],
    [["separated", "degraded"], "D"],
    [["degraded"], "X"],
    // The thesis' code counts a fragmented level as degraded, and stops there.
    [["fragmented"], "X"],
    [["fragmented", "separated"], "X"],
    [["separated", "fragmented"], "D"],
  ] as const)("of a run that ends %j is %s", (states, outcome) => {
    expect(outcomeInThesis(extensionRun(4, 0, states))).toBe(outcome);
  });
});

describe("outcomes", () => {
  const four = (extension: number, separated: number) =>
    [0, 1, 2, 3].map((seed) => extensionRun(extension, seed, seed < separated ? ["separated"] : []));
  const outcomes = Array.from({ length: 10 }, (_, level) => [...(level < 7 ? "IIII" : "SSSS")] as "I"[]);

  it("agree when the interval of the difference holds 0", () => {
    const runs = new Map([
      [6, four(6, 1)],
      [8, four(8, 4)],
      [7, four(7, 0)],
    ]);
    const separated = compareOutcomes(runs, { outcomes }).filter(({ quantity }) => quantity.endsWith("separated"));
    expect(separated.map(({ where, source, agrees }) => `${where}: ${source} ${agrees}`)).toEqual([
      "extension 6: 0 of 4 true",
      "extension 7: 4 of 4 false",
      "extension 8: 4 of 4 true",
      "extensions 7 to 8 together: 8 of 8 false",
    ]);
    expect(separated[1]).toMatchObject({ count: 4, ours: { share: 0 }, published: { share: 1, high: 1 } });
    expect(separated[1].difference?.high).toBeCloseTo(-0.3072, 3);
    expect(separated[3]).toMatchObject({ count: 8, ours: { share: 0.5 } });
  });

  it("that separated and degraded later count as both", () => {
    const runs = new Map([[8, [extensionRun(8, 0, ["separated", "degraded"]), extensionRun(8, 1, ["degraded"])]]]);
    const shares = compareOutcomes(runs, { outcomes: [...outcomes.slice(0, 8), ["D", "S", "X", "I"]] });
    expect(shares.map(({ quantity, ours, source }) => [quantity, "share" in ours && ours.share, source])).toEqual([
      ["share of runs that separated", 0.5, "2 of 4"],
      ["share of runs that degraded", 1, "2 of 4"],
    ]);
  });

  it("of levels that nothing is published on are left out", () => {
    expect(compareOutcomes(new Map([[12, four(12, 0)]]), { outcomes })).toEqual([]);
  });
});

describe("outcomes of runs of several data sets", () => {
  const outcomes = Array.from({ length: 10 }, () => [..."SSSS"] as "S"[]);
  /** Five runs of each data set, of which so many separate. */
  const runsOf = (...separated: readonly number[]) =>
    separated.flatMap((count, dataSeed) =>
      [0, 1, 2, 3, 4].map((seed) => {
        const run = extensionRun(9, seed, seed < count ? ["separated"] : []);
        return { ...run, spec: { ...run.spec, dataSeed } };
      }),
    );
  const compared = (...separated: readonly number[]) =>
    compareOutcomes(new Map([[9, runsOf(...separated)]]), { outcomes })[0];

  it("have the interval of clusters, and widen that of the thesis by how alike runs of one data set are", () => {
    const alike = compared(0, 5, 0, 5, 0, 0);
    const mixed = compared(1, 2, 2, 1, 2, 2);
    expect([alike.dataSets, alike.count, mixed.count]).toEqual([6, 30, 30]);
    const width = ({ ours }: typeof alike) => Number(ours.high) - Number(ours.low);
    expect(width(alike)).toBeGreaterThan(width(mixed) + 0.2);
    // Runs of one data set that all do the same: the thesis' four are as good as one.
    expect(alike.published.low).toBeCloseTo(wilsonInterval(1, 1).low, 1);
    expect(mixed.published.low).toBeCloseTo(wilsonInterval(4, 4).low, 10);
    expect([alike.agrees, mixed.agrees]).toEqual([true, false]);
  });

  it("have Wilson's interval where there is one data set, as before", () => {
    const one = compareOutcomes(new Map([[9, [0, 1, 2, 3].map((seed) => extensionRun(9, seed))]]), { outcomes })[0];
    expect(one).toMatchObject({ dataSets: 1, ours: wilsonInterval(0, 4), published: wilsonInterval(4, 4) });
  });
});

describe("values", () => {
  const value = (
    quantity: "active weights at separation" | "mean accuracy of the dense network",
    low: number,
    high: number,
  ) => ({ quantity, low, high, source: "a range" }) as const;
  const active = [90, 95, 98, 102, 105, 110].map((weights, seed) =>
    extensionRun(3, seed, ["separated"], { weights: { active: weights, inactive: 2, zombie: 0, pruned: 0 } }),
  );

  it("agree when the interval of our mean meets the range", () => {
    // The mean is 100, the interval by the bootstrap about 93 to 107, and never beyond 90 to 110.
    const agrees = (low: number, high: number) =>
      compareValues(active, [value("active weights at separation", low, high)])[0].agrees;
    expect(agrees(80, 120)).toBe(true);
    expect(agrees(104, 200)).toBe(true);
    expect(agrees(111, 200)).toBe(false);
    expect(agrees(10, 89)).toBe(false);
    expect(agrees(10, 96)).toBe(true);
  });

  it("of too few runs for an interval neither agree nor differ", () => {
    const [compared] = compareValues(active.slice(0, 2), [value("active weights at separation", 80, 120)]);
    expect(compared).toMatchObject({ ours: { mean: 92.5, low: null, high: null }, count: 2, agrees: null });
  });

  it("at separation are compared for winning tickets alone where others have lost a task", () => {
    const lost = extensionRun(3, 6, ["separated"], {
      winning: false,
      weights: { active: 20, inactive: 2, zombie: 0, pruned: 0 },
    });
    const compared = compareValues([...active, lost], [value("active weights at separation", 80, 120)]);
    expect(compared.map(({ where, ours, count }) => [where, "mean" in ours && ours.mean, count])).toEqual([
      ["all that separated", 620 / 7, 7],
      ["those with a winning ticket there", 100, 6],
    ]);
  });

  it("are measured on the runs that have them, and left out where none has", () => {
    const mixed = [...active, extensionRun(3, 6)];
    const [separated, dense] = compareValues(mixed, [
      value("active weights at separation", 80, 120),
      value("mean accuracy of the dense network", 0.9, 1),
    ]);
    expect([separated.count, dense.count]).toEqual([6, 7]);
    expect(dense.ours).toMatchObject({ mean: expect.closeTo(0.999, 9) });
    expect(compareValues([extensionRun(3, 3)], [value("active weights at separation", 80, 120)])).toEqual([]);
  });
});
