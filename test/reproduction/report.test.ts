import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { runOutcome } from "../../src/analysis/outcome.ts";
import { planExperiment } from "../../src/reproduction/plan.ts";
import { reproductionReport } from "../../src/reproduction/report.ts";
import { extensionRun } from "../report/reported.ts";

const plan = planExperiment("extension-2", { scale: "full", extensions: undefined, set: {} });
const separated = (seed: number, active: number) =>
  extensionRun(9, seed, ["separated"], { weights: { active, inactive: 2, zombie: 0, pruned: 0 } });
const unread = () => Promise.reject(new Error("no figure of this experiment reads masks or data"));
const reportOn = (counts: readonly number[]) =>
  reproductionReport(
    plan,
    { runs: counts.map((active, seed) => separated(seed, active)), readMask: unread, openDataset: unread },
    "1.2.3",
  );

it("gives a mean of few runs neither an interval nor a verdict, and counts it apart", async () => {
  const { agreement, summary } = await reportOn([25, 73]);
  const rows = agreement?.table.rows.map((row) => row.map(({ text }) => text)) ?? [];
  expect(rows.find(([quantity]) => quantity === "active weights at separation")).toEqual([
    "active weights at separation",
    "all that separated",
    "49, mean of 2 (too few for an interval)",
    "80 to 120 active",
    "",
    "too few",
  ]);
  expect(summary).toContain(
    "Of 6 comparisons with published values, 2 agree within the interval and 0 differ; 4 have too few runs to tell.",
  );
  expect((await reportOn([25])).agreement?.table.rows.map((row) => row[2].text)).toContain(
    "25, one value (too few for an interval)",
  );
});

it("gives the mean of more runs an interval within the counts", async () => {
  const { agreement, summary } = await reportOn([25, 73, 70, 71, 72, 74]);
  const cells = agreement?.table.rows.find(([{ text }]) => text === "active weights at separation") ?? [];
  const [, low, high] = /^64.2, mean of 6 \(([\d.]+) to ([\d.]+)\)$/.exec(cells[2].text)?.map(Number) ?? [];
  expect(low).toBeGreaterThanOrEqual(25);
  expect(high).toBeLessThanOrEqual(74);
  expect(cells[5].text).toBe("differs");
  expect(summary.join()).not.toContain("too few");
});

describe("runs of several values of a key", () => {
  const criteria = ["magnitude", "lamp"];
  const compared = planExperiment("extension-2", { scale: "full", extensions: "3", set: { criterion: criteria } });
  /** Five runs of each: lamp separates at the last level in four, and wins there in three; one of magnitude degrades at level 2. */
  const runs = criteria.flatMap((criterion) =>
    [0, 1, 2, 3, 4].map((seed) => {
      const isLamp = criterion === "lamp";
      const run = extensionRun(3, seed, isLamp && seed < 4 ? ["separated"] : [], seed === 3 ? { winning: false } : {});
      const levels =
        isLamp || seed > 0
          ? run.levels
          : [...run.levels.slice(0, 2), { ...run.levels[2], state: "degraded" as const, winning: false }];
      return {
        ...run,
        levels,
        outcome: runOutcome(levels.map(({ state }) => state)),
        spec: { ...run.spec, criterion, stopAt: "degraded" },
      };
    }),
  );
  const report = reproductionReport(compared, { runs, readMask: unread, openDataset: unread }, "1.2.3");
  const data = async (id: string) => {
    const csv = (await report).figures.find((figure) => figure.id === id)?.csv ?? "";
    return Papa.parse<Record<string, string>>(csv.trimEnd(), { header: true }).data;
  };

  it("are compared with each other and not with the thesis, in a table", async () => {
    const { summary, comparisons, agreement, groups } = await report;
    expect(comparisons).toEqual([]);
    expect(agreement).toBeUndefined();
    expect(summary).toContain("Runs of different criterion are compared with each other, not with the thesis.");
    const rows = groups?.table.rows.map((row) => row.map(({ text }) => text)) ?? [];
    expect(groups?.title).toBe("By criterion");
    expect(
      rows.map(([criterion, separated, winning, , end, reached]) => [criterion, separated, winning, end, reached]),
    ).toEqual([
      ["magnitude", "0 of 5 (0 to 43 %)", "0 of 5 (0 to 43 %)", "4 of 5 (38 to 96 %)", "4 of 5"],
      ["lamp", "4 of 5 (38 to 96 %)", "3 of 5 (23 to 88 %)", "4 of 5 (38 to 96 %)", "5 of 5"],
    ]);
    // Newcombe's method 10: 0.6 -+ the root of the squares of (0.6 - 0.2307) and (0.4345 - 0), (0.8824 - 0.6) and 0.
    expect(rows.map((row) => row[3])).toEqual(["", "3 to 88 %"]);
  });

  it("have figures of the shares, in order of winning tickets, and of states by weights", async () => {
    expect((await report).figures.map(({ id }) => id)).toEqual(["separated-by-value", "states-by-value"]);
    const shares = await data("separated-by-value");
    expect(shares.map(({ criterion, quantity, share }) => [criterion, quantity, share])).toEqual([
      ["lamp", "separated at some level", "0.8"],
      ["lamp", "separated, and the ticket wins there", "0.6"],
      ["lamp", "the last level's ticket wins, separated or not", "0.8"],
      ["magnitude", "separated at some level", "0"],
      ["magnitude", "separated, and the ticket wins there", "0"],
      ["magnitude", "the last level's ticket wins, separated or not", "0.8"],
    ]);
    const states = await data("states-by-value");
    const at = (criterion: string, weights: string) =>
      Object.fromEntries(
        states
          .filter((row) => row.criterion === criterion && row["unpruned weights"] === weights)
          .map(({ state, runs }) => [state, Number(runs)]),
      );
    expect(at("lamp", "112")).toEqual({ separated: 3, "separated, not winning": 1, interconnected: 1, wins: 4 });
    // The run that degraded at 160 weights has ended, and keeps its state.
    for (const weights of ["160", "112"]) {
      expect(at("magnitude", weights)).toEqual({ degraded: 1, interconnected: 4, wins: 4 });
    }
    expect(at("magnitude", "247")).toEqual({ interconnected: 5, wins: 5 });
  });

  it("are as before where the key has one value, or only seeds vary", async () => {
    const one = runs.filter(({ spec }) => spec.criterion === "lamp");
    const { groups, comparisons } = await reproductionReport(
      compared,
      { runs: one, readMask: unread, openDataset: unread },
      "1",
    );
    expect(groups).toBeUndefined();
    expect(comparisons.length).toBeGreaterThan(0);
  });
});
