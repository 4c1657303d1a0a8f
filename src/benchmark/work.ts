import { layerCount } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Mask } from "../mask/mask.ts";

/** Minimum work of one epoch of one network on any engine. */
export interface EpochWork {
  /** Floating-point operations of the weights. */
  readonly flops: number;
  /** Optimiser steps times unpruned weights. */
  readonly weightUpdates: number;
  /** Bytes that must be read and written if no cache keeps data longer than a step. */
  readonly bytes: number;
}

/**
 * Counts the work of an epoch for K unpruned weights, K0 of them in the first layer, n training and v validation
 * samples.
 *
 * - Operations: a multiply-add counts as 2. A training sample takes 2K forward, 2K for the gradients of the weights and
 *   2(K - K0) backward, since the inputs need no gradients: n * 2(3K - K0). A validation sample takes 2K. Biases,
 *   activations, losses and the optimiser are not counted: they are small and differ between engines.
 * - Bytes: a step reads and writes each weight and its two moments (24). A training sample is read once; each neuron
 *   with an incoming weight has its activation and its gradient written and read once (16). A validation sample is read
 *   once and each activation written and read (8); a validation reads the weights once (4). Caches can hold everything
 *   except the samples, so a small network can exceed the bandwidth ceiling.
 * @param batch samples per step; the last step of an epoch may have fewer
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

/** Number of neurons after the inputs with an unpruned incoming weight. */
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
