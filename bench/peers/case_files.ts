import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { epochOrder } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { adamConstants as adam } from "../../src/network/optimizers/constants.ts";
import { type PeerCase, stepsPerEpoch } from "./cases.ts";

/** Learning rate of every case. */
export const lr = 0.001;

/** Standardised inputs: `[sample][input]`. */
function standardised({ inputs, mean, scale }: Dataset, { features }: Split): Float32Array {
  return Float32Array.from(features, (x, k) => Math.fround(x - mean[k % inputs]) * scale[k % inputs]);
}

/** Targets `[sample][output]`: the label of a binary task, one-hot classes of a multi-class task. */
function targets({ tasks, outputs }: Dataset, { labels, samples }: Split): Float32Array {
  const values = new Float32Array(samples * outputs);
  tasks.forEach((task, k) => {
    for (let sample = 0; sample < samples; sample++) {
      const label = labels[k * samples + sample];
      const { start } = task.outputs;
      if (task.kind === "binary") values[sample * outputs + start] = label;
      else values[sample * outputs + start + label] = 1;
    }
  });
  return values;
}

/** Weights (or mask entries) of all layers, concatenated, each `[output][input]`. */
function allLayers(one: PeerCase, value: (layer: number, output: number, input: number) => number): Float32Array {
  const values = [];
  for (let layer = 0; layer < layerCount(one.shape); layer++) {
    for (let output = 0; output < one.shape[layer + 1]; output++) {
      for (let input = 0; input < one.shape[layer]; input++) values.push(value(layer, output, input));
    }
  }
  return Float32Array.from(values);
}

/**
 * Writes a case for peers of any language: `case.json`, and arrays in the machine's byte order. Initial biases are 0.
 * `train_x`, `train_y`, `validation_x`, `validation_y`: f32 `[sample][column]`. `order`: u32
 * `[network][epoch][sample]`, the sample order of each epoch of each network. `weights`: f32 `[network]`, each with the
 * layers concatenated, each layer `[output][input]`, pruned weights 0. `mask`: f32, 1 for a kept weight, in the layout
 * of one network of `weights`.
 * @param folder created if it does not exist
 */
export function writeCase(folder: string, one: PeerCase): void {
  const { dataset, shape, batch, population, mask, levelEpochs } = one;
  const { train, validation, tasks } = dataset;
  mkdirSync(folder, { recursive: true });
  const write = (name: string, values: Float32Array | Uint32Array) => writeFileSync(join(folder, name), values);
  const isBinary = tasks.every(({ kind }) => kind === "binary");
  const facts = {
    shape,
    batch,
    population,
    samples: train.samples,
    validationSamples: validation.samples,
    stepsPerEpoch: stepsPerEpoch(one),
    // Binary tasks have one output each, so the mean over tasks of their means is the mean over all outputs.
    loss: isBinary ? "binary" : "softmax",
    isMasked: mask.count() < mask.size,
    epochs: levelEpochs ?? 1,
    isLevel: levelEpochs !== undefined,
    lr,
    ...adam,
  };
  writeFileSync(join(folder, "case.json"), JSON.stringify(facts));
  write("train_x", standardised(dataset, train));
  write("train_y", targets(dataset, train));
  write("validation_x", standardised(dataset, validation));
  write("validation_y", targets(dataset, validation));
  const seeds = Array.from({ length: population }, (_, seed) => seed);
  const epochs = Array.from({ length: facts.epochs }, (_, epoch) => epoch);
  const orders = seeds.flatMap((seed) => epochs.flatMap((epoch) => [...epochOrder(seed, 0, epoch, train.samples)]));
  write("order", Uint32Array.from(orders));
  const weights = seeds.flatMap((seed) => {
    const initial = initialParameters(shape, seed);
    const layers = shape.slice(1).map((_, layer) => initial.weights(layer));
    const kept = (layer: number, output: number, input: number) =>
      mask.has(layer, output, input) ? layers[layer][output * shape[layer] + input] : 0;
    return [...allLayers(one, kept)];
  });
  write("weights", Float32Array.from(weights));
  write(
    "mask",
    allLayers(one, (...place) => Number(mask.has(...place))),
  );
}
