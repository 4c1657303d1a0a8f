import { epochOrder } from "../base/random.ts";
import { layerCount } from "../base/shape.ts";
import type { StructArray } from "../base/struct_array.ts";
import type { Dataset, Split } from "../dataset/dataset.ts";
import { losses } from "../loss/index.ts";
import { addScore, scoreSumStarts } from "../loss/score_sums.ts";
import type { Mask } from "../mask/mask.ts";
import { activations } from "../network/activations/index.ts";
import { parameterLayout } from "../network/parameters.ts";
import { closeInterval, endsInterval, writeCurves } from "./close_interval.ts";
import { optimizerStep } from "./optimizer_step.ts";

/** One network that trains a level. Arrays are in the order of `parameterLayout(mask.shape)`. */
export interface ResidentNetwork {
  readonly mask: Mask;
  /** Name of the activation. */
  readonly activation: string;
  /** Samples of a mini-batch, from 1. */
  readonly batch: number;
  /**
   * One `Network` of `shaders/shared/network.wgsl`: settings and progress. `trainLossSum` is that of the interval so far.
   */
  readonly progress: StructArray;
  readonly parameters: Float32Array;
  /** First moments, then second moments. */
  readonly moments: Float32Array;
  /** Parameters of the best evaluation, where the level keeps it. */
  readonly best: Float32Array;
  /** Score sums of the validation samples at the kept evaluation, as kernels store them (`addScore`). */
  readonly keptScoreSums: Uint32Array;
  /** Losses and score sums of every evaluation, where the level keeps them. */
  readonly curves: Uint32Array;
}

/**
 * Twin of `shaders/resident_epoch.wgsl` for one network, derived from the mask alone: layer by layer and sample by
 * sample, without the kernel's edge lists. Trains in place, validates and closes each interval that ends, and stops when
 * the level ends. Stored values are f32 as in the kernel, sums are float64; other numeric choices are those of the
 * dense twins.
 * @param steps largest number of optimiser steps
 */
export function residentEpoch(network: ResidentNetwork, dataset: Dataset, steps: number): void {
  const { progress, batch } = network;
  const { samples } = dataset.train;
  const stepsPerEpoch = Math.ceil(samples / batch);
  for (let done = 0; done < steps && progress.get(0, "running") === 1; done++) {
    const epoch = Math.floor(progress.get(0, "step") / stepsPerEpoch);
    const first = (progress.get(0, "step") - epoch * stepsPerEpoch) * batch;
    const order = epochOrder(progress.get(0, "seed"), progress.get(0, "level"), epoch, samples);
    step(network, dataset, order.subarray(first, first + batch));
    if (endsInterval(progress, 0)) close(network, dataset);
  }
}

/** One optimiser step on a mini-batch of training samples. */
function step(network: ResidentNetwork, dataset: Dataset, batch: Uint32Array): void {
  const { mask, progress, parameters, moments } = network;
  const { shape } = mask;
  const { passedBack } = activations.get(network.activation);
  const { biasOffset, length } = parameterLayout(shape);
  const gradients = new Float64Array(length);
  let loss = 0;
  for (const sample of batch) {
    const rows = forward(network, inputsOf(dataset, dataset.train, sample));
    const logits = rows[layerCount(shape)];
    const score = scoreSample(dataset, dataset.train, sample, logits);
    loss += score.loss;
    let dz = Float32Array.from(score.gradient, (gradient) => gradient / batch.length);
    for (let layer = layerCount(shape) - 1; layer >= 0; layer--) {
      const passed = new Float64Array(shape[layer]);
      dz.forEach((d, output) => {
        gradients[biasOffset[layer] + output] += d;
      });
      forEachWeight(mask, layer, (output, input, at, kept) => {
        if (!kept) return;
        gradients[at] += dz[output] * rows[layer][input];
        passed[input] += dz[output] * parameters[at];
      });
      dz = Float32Array.from(passed, (d, input) => passedBack(d, rows[layer][input]));
    }
  }
  progress.set(0, "trainLossSum", progress.get(0, "trainLossSum") + loss);
  progress.set(0, "step", progress.get(0, "step") + 1);
  const optimize = optimizerStep(progress, { network: 0, parametersAt: 0, parameters: length }, parameters, moments);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    forEachWeight(mask, layer, (_output, _input, at, kept) => optimize(at, gradients[at], kept));
    for (let output = 0; output < shape[layer + 1]; output++) {
      const at = biasOffset[layer] + output;
      optimize(at, gradients[at], mask.hasBias(layer, output));
    }
  }
}

/** Validates, then closes the interval. */
function close(network: ResidentNetwork, dataset: Dataset): void {
  const { progress, batch, parameters, moments, best, keptScoreSums, curves } = network;
  const { train, validation, tasks } = dataset;
  const starts = scoreSumStarts(tasks);
  const sums = new Uint32Array(starts[tasks.length]);
  let loss = 0;
  for (let sample = 0; sample < validation.samples; sample++) {
    const logits = forward(network, inputsOf(dataset, validation, sample))[layerCount(network.mask.shape)];
    const score = scoreSample(dataset, validation, sample, logits);
    loss += score.loss;
    tasks.forEach(({ kind }, t) => {
      const word = validation.labels[t * validation.samples + sample];
      addScore(sums.subarray(starts[t], starts[t + 1]), losses.get(kind), word, score.scores[t]);
    });
  }
  progress.set(0, "validationLossSum", loss);
  const hasFiniteState = [parameters, moments].every((values) => values.every(Number.isFinite));
  const { samples } = train;
  if (closeInterval(progress, 0, { samples, batch }, validation.samples, hasFiniteState)) keptScoreSums.set(sums);
  writeCurves(progress, 0, sums, curves);
  if (progress.get(0, "improved") === 1 && progress.get(0, "keepBest") === 1) best.set(parameters);
}

/** Standardised inputs of one sample. */
function inputsOf({ inputs, mean, scale }: Dataset, { features }: Split, sample: number): Float32Array {
  return Float32Array.from({ length: inputs }, (_, i) => (features[sample * inputs + i] - mean[i]) * scale[i]);
}

/** Activations of every layer of neurons for one sample, from the inputs to the logits. */
function forward({ mask, activation, parameters }: ResidentNetwork, inputs: Float32Array): Float32Array[] {
  const { shape } = mask;
  const { activated } = activations.get(activation);
  const { biasOffset } = parameterLayout(shape);
  const rows = [inputs];
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const sums = Float64Array.from(parameters.subarray(biasOffset[layer], biasOffset[layer] + shape[layer + 1]));
    forEachWeight(mask, layer, (output, input, at, kept) => {
      if (kept) sums[output] += parameters[at] * rows[layer][input];
    });
    const isLast = layer + 1 === layerCount(shape);
    rows.push(Float32Array.from(isLast ? sums : sums.map(activated)));
  }
  return rows;
}

/** One sample's loss (mean over tasks), the loss gradient by every logit, and the score of each task. */
function scoreSample({ tasks }: Dataset, { labels, samples }: Split, sample: number, logits: Float32Array) {
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  const scores = tasks.map((task, t) => {
    const { start, count } = task.outputs;
    const score = losses
      .get(task.kind)
      .evaluate([...logits.subarray(start, start + count)], labels[t * samples + sample]);
    loss += score.loss / tasks.length;
    score.gradient.forEach((value, k) => {
      gradient[start + k] = value / tasks.length;
    });
    return score.score;
  });
  return { loss, gradient, scores };
}

/** Visits every weight of a layer with its position in the parameters. */
function forEachWeight(
  mask: Mask,
  layer: number,
  visit: (output: number, input: number, at: number, kept: boolean) => void,
): void {
  const { weightOffset, rowStride } = parameterLayout(mask.shape);
  for (let output = 0; output < mask.shape[layer + 1]; output++) {
    for (let input = 0; input < mask.shape[layer]; input++) {
      const at = weightOffset[layer] + output * rowStride[layer] + input;
      visit(output, input, at, mask.has(layer, output, input));
    }
  }
}
