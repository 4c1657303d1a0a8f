import { expect, it } from "vitest";
import { RunError } from "../../src/base/errors.ts";
import { checkTrained, trainTwin } from "../../src/benchmark/check.ts";
import { networkStart } from "../../src/benchmark/throughput.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters as Weights } from "../../src/network/parameters.ts";
import { batch, dataset, shape } from "../engine/small_networks.ts";

const mask = Mask.full(shape);
mask.set(0, 2, 1, false);
const start = networkStart(mask, 5);

/** The twin's network, its parameters changed. */
async function changed(change: (values: Float32Array, initial: Float32Array) => void) {
  const expected = await trainTwin(start, dataset, batch);
  const values = expected.weights.values.slice();
  change(values, start.initial.values);
  return { expected, trained: { ...expected, weights: new Weights(shape, values) } };
}

it("passes what is equal or off by rounding", async () => {
  const { expected, trained } = await changed((values, initial) => {
    values.forEach((value, k) => {
      if (value !== 0) values[k] += 1e-4 * (value - initial[k]);
    });
  });
  expect(checkTrained(expected, expected, start, "tiled")).toEqual({ moveError: 0, lossError: 0 });
  const { moveError } = checkTrained(trained, expected, start, "tiled");
  expect(moveError).toBeGreaterThan(0);
  expect(moveError).toBeLessThan(0.0002);
});

it("refuses a layer that has not moved, a weight that came back, a loss that is another, and NaN", async () => {
  const refused = (trained: Parameters<typeof checkTrained>[0], expected: Parameters<typeof checkTrained>[1]) => {
    expect(() => checkTrained(trained, expected, start, "tiled")).toThrow(RunError);
  };
  const { weightOffset, rowStride } = start.initial.layout;
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
  expect(() => checkTrained({ ...expected, valLoss: expected.valLoss + 0.01 }, expected, start, "tiled")).toThrow(
    "tiled at (4,13,9,2), seed 5: after an epoch the weights are off by 0.0 of their way (at most 0.001) and the loss by 0.010 (at most 0.0001): nothing was timed",
  );
});
