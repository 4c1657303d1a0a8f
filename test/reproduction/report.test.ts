import { expect, it } from "vitest";
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
