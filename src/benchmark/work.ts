import { layerCount } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Mask } from "../mask/mask.ts";

/** What one epoch of one network must do, whatever engine does it. */
export interface EpochWork {
  /** Floating-point operations of the weights. */
  readonly flops: number;
  /** Optimiser steps times unpruned weights. */
  readonly weightUpdates: number;
  /** Bytes that must move where no cache outlives a step. */
  readonly bytes: number;
}

/**
 * Counts an epoch on the unpruned weights, K in all and K0 of them in the first layer; n training and v validation samples.
 *
 * - Operations: a multiply-add is 2. A training sample takes 2K forward, 2K for the gradients of the weights and 2(K - K0)
 *   backward, since nothing is carried back into the inputs: n * 2(3K - K0). A validation sample takes 2K. Biases, activations,
 *   losses and the optimiser are left out: they are small and each engine has its own.
 * - Bytes: a step reads and writes each weight and its two moments (24); a training sample is read once, and each neuron that
 *   has a weight left has its activation and its gradient written and read once (16). A validation sample is read once and
 *   each activation written and read (8); each of its epochs reads the weights (4). Caches can serve all of it but the samples, so
 *   a small network passes the share that memory allows.
 * @param batch samples of a step; the last of an epoch may have fewer
 */
export function epochWork(mask: Mask, dataset: Dataset, batch: number): EpochWork {
  const { train, validation } = dataset;
  const [kept, first] = [mask.count(), mask.count(0)];
  const steps = Math.ceil(train.samples / batch);
  const neurons = keptNeurons(mask);
  const sampleBytes = dataset.inputs * train.features.BYTES_PER_ELEMENT;
  return {
    flops: train.samples * 2 * (3 * kept - first) + validation.samples * 2 * kept,
    weightUpdates: steps * kept,
    bytes:
      steps * 24 * kept +
      train.samples * (sampleBytes + 16 * neurons) +
      4 * kept +
      validation.samples * (sampleBytes + 8 * neurons),
  };
}

/** Neurons past the inputs that an unpruned weight leads to. */
function keptNeurons(mask: Mask): number {
  const { shape } = mask;
  let neurons = 0;
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      let input = 0;
      while (input < shape[layer] && !mask.has(layer, output, input)) input++;
      if (input < shape[layer]) neurons++;
    }
  }
  return neurons;
}
