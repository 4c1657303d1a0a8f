import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { branch, run, stability } from "../../src/node.ts";
import { isOnGpu } from "../kernels/harness.ts";

const root = mkdtempSync(join(tmpdir(), "split-ticket-branch-engines-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const keys = { dataset: "moons-circles", samples: 200, shape: [4, 8, 2], levels: 1, rate: 0.4, maxEpochs: 2 };
const device = isOnGpu ? "gpu" : "software";

// The other kernels train levels of given masks in test/engine/engines.test.ts: compiling them takes seconds.
it.each(["sparse"] as const)("branches and copies are trained on the run's own engine: %s", async (engine) => {
  const { experiments, executor } = await run({ ...keys, seeds: [0] }, { device, engine, out: join(root, engine) });
  const folder = `${experiments[0].folder}/seed-0`;
  const branched = await branch(folder, { kinds: ["shuffled"], seeds: [0] });
  expect(branched.executor).toBe(executor);
  const [{ levels, branches }] = branched.sources;
  const [ticket, shuffled] = branches;
  const { level: _, ...own } = levels[1];
  // The same bytes on the same adapter.
  expect(ticket.levels).toEqual([{ ...own, level: 0, sourceLevel: 1 }]);
  expect(shuffled.levels).toMatchObject([{ engine, remaining: own.remaining }]);
  expect(shuffled.levels[0].valLoss).not.toBe(own.valLoss);
  const { lines } = await stability(folder, { levels: [1], points: 3 });
  const [{ records, points }] = lines;
  [points[0], points[2]].forEach(({ validation }, k) => {
    expect(records[k].engine).toBe(engine);
    expect(validation.loss).toBeCloseTo(records[k].valLoss, 5);
    const errors = Object.entries(records[k].valAccuracy).map(([task, accuracy]) => [
      task,
      expect.closeTo(1 - accuracy, 12),
    ]);
    expect(validation.errorByTask).toEqual(Object.fromEntries(errors));
  });
});
