import { expect, it } from "vitest";
import { RunError } from "../../src/base/errors.ts";
import { benchmarkJob, checkTrained, trainTwin } from "../../src/benchmark/check.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters as Weights } from "../../src/network/parameters.ts";
import { batch, dataset, shape } from "../engine/small_networks.ts";
import { expectSameBits } from "../kernels/harness.ts";

const mask = Mask.full(shape);
mask.set(0, 2, 1, false);
const job = benchmarkJob({ shape, batch }, mask, 5);

/** The twin's network with changed parameters. */
async function changed(change: (values: Float32Array, initial: Float32Array) => void) {
  const expected = await trainTwin(job, dataset);
  const values = expected.weights.values.slice();
  change(values, job.start.values);
  return { expected, trained: { ...expected, weights: new Weights(shape, values) } };
}

it("trains the level of a seed for as many epochs as it is told, one by default", () => {
  const long = benchmarkJob({ shape, batch }, mask, 5, 7);
  expect([job, long].map(({ settings: { maxEpochs, patience } }) => [maxEpochs, patience])).toEqual([
    [1, 1],
    [7, 7],
  ]);
  expect(long).toMatchObject({ label: "seed 5", seed: 5, level: 0, mask, settings: { batch, keep: "last" } });
  expectSameBits(long.start.values, initialParameters(shape, 5).values, "start of seed 5");
});

it("trains a twin as the job says, from its start and under its mask", async () => {
  const { weights, valLoss } = await trainTwin(job, dataset);
  expect(weights.weights(0)[2 * shape[0] + 1]).toBe(0);
  expect(weights.weights(0).filter((weight) => weight === 0)).toHaveLength(1);
  expect(valLoss).toBeGreaterThan(0);
  const twice = await trainTwin(benchmarkJob({ shape, batch }, mask, 5, 2), dataset);
  expect(twice.valLoss).not.toBe(valLoss);
});

it("passes what is equal or off by rounding", async () => {
  const { expected, trained } = await changed((values, initial) => {
    values.forEach((value, k) => {
      if (value !== 0) values[k] += 1e-4 * (value - initial[k]);
    });
  });
  expect(checkTrained(expected, expected, job, "tiled")).toEqual({ moveError: 0, lossError: 0 });
  const { moveError } = checkTrained(trained, expected, job, "tiled");
  expect(moveError).toBeGreaterThan(0);
  expect(moveError).toBeLessThan(0.0002);
});

it("refuses a layer that has not moved, a weight that came back, a loss that is another, and NaN", async () => {
  const refused = (trained: Parameters<typeof checkTrained>[0], expected: Parameters<typeof checkTrained>[1]) => {
    expect(() => checkTrained(trained, expected, job, "tiled")).toThrow(RunError);
  };
  const { weightOffset, rowStride } = job.start.layout;
  const still = await changed((values, initial) => {
    const end = weightOffset[2] + 2 * rowStride[2];
    values.set(initial.subarray(weightOffset[2], end), weightOffset[2]);
  });
  refused(still.trained, still.expected);
  const pruned = await changed((values) => {
    values[weightOffset[0] + 2 * rowStride[0] + 1] = 0.5;
  });
  refused(pruned.trained, pruned.expected);
  const poisoned = await changed((values) => {
    values[0] = Number.NaN;
  });
  refused(poisoned.trained, poisoned.expected);
  const { expected } = poisoned;
  expect(() => checkTrained({ ...expected, valLoss: expected.valLoss + 0.01 }, expected, job, "tiled")).toThrow(
    "tiled at (4,13,9,2), seed 5: after an epoch the weights are off by 0.0 of their change (at most 0.001) and the loss by 0.010 (at most 0.0001): nothing was timed",
  );
});
