import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { soak } from "../../tools/soak/soak.ts";
import { trendOf } from "../../tools/soak/trend.ts";
import { serveRequests, trainAndReport } from "../../tools/soak/work.ts";

const bound = { share: 0.03, least: 1 };
/** Noise from -1 to 1 that repeats. */
const noise = (k: number) => ((k * 7919) % 200) / 100 - 1;

it("a trend is the slope of most pairs: noise, outliers and one early step are flat, a leak is not", () => {
  const series = (value: (k: number) => number) =>
    trendOf(
      Array.from({ length: 400 }, (_, k) => value(k)),
      bound,
    );
  expect(series((k) => 1000 + 10 * noise(k)).isFlat).toBe(true);
  expect(series((k) => (k % 10 === 3 ? 3000 : 1000 + noise(k))).isFlat).toBe(true);
  expect(series((k) => (k < 40 ? 900 : 1000) + noise(k)).isFlat).toBe(true);
  const leak = series((k) => 1000 + 0.2 * k + 10 * noise(k));
  expect(leak.isFlat).toBe(false);
  expect(leak.growth).toBeGreaterThan(70);
  expect(leak.growth).toBeLessThan(90);
  expect(series((k) => 20 + Math.floor(k / 150)).isFlat).toBe(false);
});

it("rounds of work leave no open file, thread, timer or listener behind; npm run test:soak does many", async () => {
  const folder = mkdtempSync(join(tmpdir(), "split-ticket-soak-"));
  try {
    const round = async () => {
      await trainAndReport(folder);
      await serveRequests(6);
    };
    const { trends } = await soak(round, () => 0, 0, 5);
    for (const measure of ["openFiles", "threads", "timers", "resources", "listeners"] as const) {
      const trend = trends.get(measure);
      if (trend) expect(trend, measure).toMatchObject({ isFlat: true });
    }
    // A measure that grows by each round is found.
    const held: (() => void)[] = [];
    const leaking = async () => {
      const listener = () => {};
      process.on("SIGUSR2", listener);
      held.push(() => process.off("SIGUSR2", listener));
    };
    const { trends: found } = await soak(leaking, () => held.length, 0, 10);
    for (const end of held) end();
    expect(found.get("listeners")?.isFlat).toBe(false);
    expect(found.get("deviceBuffers")?.isFlat).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
