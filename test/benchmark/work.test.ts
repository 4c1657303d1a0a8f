import { describe, expect, it } from "vitest";
import { kernelSize, kernelTraits, kernelWork } from "../../src/benchmark/kernel_work.ts";
import { epochWork } from "../../src/benchmark/work.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { denseBackward } from "../../src/kernels/dense_backward.ts";
import { denseForward } from "../../src/kernels/dense_forward.ts";
import { denseUpdate } from "../../src/kernels/dense_update.ts";
import { earlyStopping } from "../../src/kernels/early_stopping.ts";
import { gatherBatch } from "../../src/kernels/gather_batch.ts";
import { sparseBackward } from "../../src/kernels/sparse_backward.ts";
import { sparseForward } from "../../src/kernels/sparse_forward.ts";
import { sparseUpdate } from "../../src/kernels/sparse_update.ts";
import { taskLoss } from "../../src/kernels/task_loss.ts";
import { Mask } from "../../src/mask/mask.ts";

const shape = [4, 7, 5, 2];

/** Neuron 3 of the first hidden layer has no incoming weight; some other weights are pruned too. */
function prunedMask(): Mask {
  const mask = Mask.full(shape);
  for (let input = 0; input < 4; input++) mask.set(0, 3, input, false);
  mask.set(0, 0, 1, false);
  mask.set(1, 2, 6, false);
  mask.set(1, 4, 0, false);
  mask.set(2, 1, 4, false);
  return mask;
}

/** Every unpruned weight, as (layer, output, input). */
function* edges(mask: Mask): Generator<[layer: number, output: number, input: number]> {
  for (let layer = 0; layer < shape.length - 1; layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) {
        if (mask.has(layer, output, input)) yield [layer, output, input];
      }
    }
  }
}

describe("epochWork", () => {
  it.each([
    ["dense", Mask.full(shape), 64],
    ["pruned", prunedMask(), 64],
    ["pruned", prunedMask(), 300],
  ])("counts a %s network as loops over samples and weights do", (_, mask, batch) => {
    const dataset = moonsCircles(0, { samples: 300 });
    const counted = { flops: 0, weightUpdates: 0, bytes: 0 };
    const reached = new Set([...edges(mask)].map(([layer, output]) => `${layer} ${output}`));
    for (let first = 0; first < 150; first += batch) {
      for (const _edge of edges(mask)) {
        counted.weightUpdates++;
        // Value and two moments of 4 bytes, each read and written.
        counted.bytes += 3 * 4 * 2;
      }
      for (let sample = first; sample < Math.min(first + batch, 150); sample++) {
        // Forward and gradient, one product and one sum each; backward if there is a layer before.
        for (const [layer] of edges(mask)) counted.flops += layer > 0 ? 6 : 4;
        counted.bytes += 4 * 4;
        for (const _neuron of reached) counted.bytes += 4 * 4;
      }
    }
    for (const _edge of edges(mask)) counted.bytes += 4;
    for (let sample = 0; sample < 150; sample++) {
      for (const _edge of edges(mask)) counted.flops += 2;
      counted.bytes += 4 * 4;
      for (const _neuron of reached) counted.bytes += 2 * 4;
    }
    expect(epochWork(mask, dataset, batch)).toEqual(counted);
  });
});

describe("kernelWork", () => {
  const mask = prunedMask();
  const uniform = { layer: 1, quads: 16 };
  const weights = [...edges(mask)].filter(([layer]) => layer === 1).length;

  it.each([
    // Reads weights once; 64 samples of 7 sources and 5 targets.
    ["dense_forward", denseForward, uniform, 4 * (weights + 64 * 7 + 64 * 5)],
    // Reads weights, gradients of targets, sources for ReLU; writes gradients of sources.
    ["dense_backward", denseBackward, uniform, 4 * (weights + 64 * 5 + 64 * 7 + 64 * 7)],
    // Reads and writes value and two moments; reads sources and gradients of targets.
    ["dense_update", denseUpdate, uniform, 4 * (6 * weights + 64 * 7 + 64 * 5)],
    // One index word more per weight.
    ["sparse_forward", sparseForward, uniform, 4 * (2 * weights + 64 * 7 + 64 * 5)],
    ["sparse_backward", sparseBackward, uniform, 4 * (2 * weights + 64 * 5 + 64 * 7 + 64 * 7)],
    ["sparse_update", sparseUpdate, uniform, 4 * (7 * weights + 64 * 7 + 64 * 5)],
  ])("counts a %s call on unpruned weights, for every network", (_, kernel, given, bytes) => {
    expect(kernelWork(kernel, given, 3, mask)).toEqual({ flops: 3 * 2 * weights * 64, bytes: 3 * bytes });
    expect(kernelSize(kernel, given, mask)).toBe("7 to 5, 64 samples");
    expect(kernelTraits.mayRepeat(kernel)).toBe(true);
  });

  it("counts what a gather moves", () => {
    const gather = { quads: 16, bytesPerInput: 1 };
    expect(kernelWork(gatherBatch, gather, 2, mask)).toEqual({ flops: 0, bytes: 2 * 64 * 4 * (1 + 4) });
    expect(kernelSize(gatherBatch, gather, mask)).toBe("4 inputs, 64 samples");
  });

  it("says nothing of kernels whose arguments do not tell, and repeats none that counts", () => {
    for (const kernel of [taskLoss, earlyStopping]) {
      expect(kernelWork(kernel, { quads: 16 }, 1, mask)).toBeUndefined();
      expect(kernelTraits.mayRepeat(kernel)).toBe(false);
    }
    expect(kernelSize(earlyStopping, { networks: 3 }, mask)).toBe("");
  });
});
