import type { ColumnRange } from "../../base/columns.ts";
import { layerCount, type Shape } from "../../base/shape.ts";
import type { Dataset, Split } from "../../dataset/dataset.ts";
import { biasBits, Mask } from "../../mask/mask.ts";
import { Parameters } from "../../network/parameters.ts";

/** The shape of a network with some of its outputs. */
export function shapeOfOutputs(shape: Shape, { count }: ColumnRange): Shape {
  return [...shape.slice(0, -1), count];
}

/** The parameters of a network with some of its outputs: those of the last layer that lead to them, and all before. */
export function parametersOfOutputs(parameters: Parameters, outputs: ColumnRange): Parameters {
  const { shape } = parameters;
  const part = new Parameters(shapeOfOutputs(shape, outputs));
  const last = layerCount(shape) - 1;
  const { start, count } = outputs;
  for (let layer = 0; layer < last; layer++) {
    part.setWeights(layer, parameters.weights(layer));
    part.biases(layer).set(parameters.biases(layer));
  }
  part.setWeights(last, parameters.weights(last).subarray(start * shape[last], (start + count) * shape[last]));
  part.biases(last).set(parameters.biases(last).subarray(start, start + count));
  return part;
}

/** The mask of a network with some of its outputs. */
export function maskOfOutputs(mask: Mask, outputs: ColumnRange): Mask {
  const last = layerCount(mask.shape) - 1;
  const { rowWords, wordOffset } = mask.layout;
  const first = wordOffset[last] + outputs.start * rowWords[last];
  const words = new Uint32Array(wordOffset[last] + outputs.count * rowWords[last]);
  words.set(mask.words.subarray(0, wordOffset[last]));
  words.set(mask.words.subarray(first, first + outputs.count * rowWords[last]), wordOffset[last]);
  const part = new Mask(shapeOfOutputs(mask.shape, outputs), words);
  for (let layer = 0; layer < last; layer++) biasBits(part, layer).set(biasBits(mask, layer));
  for (let output = 0; output < outputs.count; output++) {
    part.setBias(last, output, mask.hasBias(last, outputs.start + output));
  }
  return part;
}

/** A dataset with one of its tasks: all inputs, and the outputs of the task. */
export function datasetOfTask(dataset: Dataset, task: number): Dataset {
  const { train, validation, tasks } = dataset;
  const { outputs } = tasks[task];
  const ofTask = (split: Split): Split => ({
    ...split,
    labels: split.labels.slice(task * split.samples, (task + 1) * split.samples),
  });
  return {
    ...dataset,
    tasks: [{ ...tasks[task], outputs: { start: 0, count: outputs.count } }],
    outputs: outputs.count,
    train: ofTask(train),
    validation: ofTask(validation),
  };
}
