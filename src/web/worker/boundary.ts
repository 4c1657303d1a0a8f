import { columnCount, columnList } from "../../base/columns.ts";
import { layerCount } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { activations as activationRegistry, defaultActivation } from "../../network/activations/index.ts";
import type { Parameters } from "../../network/parameters.ts";

/** A network's decisions over the plane of a task's two inputs, with samples of the task. */
export interface BoundaryPicture {
  readonly task: string;
  /** Grid points per side. */
  readonly side: number;
  /** First and last value of each input over the grid, in the dataset's own unit. */
  readonly range: readonly [x: readonly [number, number], y: readonly [number, number]];
  /** Probability of class 1 at each grid point, `[y][x]`, first row at the lowest y. */
  readonly probability: Float32Array;
  /** Validation samples: x, y and class, one after the other. */
  readonly samples: Float32Array;
}

const gridSide = 48;
const mostSamples = 300;

/** Whether every task is binary and has two inputs, so that its decision boundary can be drawn. */
export function hasPlanes(tasks: readonly Task[]): boolean {
  return tasks.every(({ kind, inputs }) => kind === "binary" && columnCount(inputs) === 2);
}

/**
 * The decisions of a network, task by task; the inputs of the other tasks are at their means.
 * @param dataset whose tasks have two inputs each
 * @param activation of the hidden layers
 */
export function boundaries(
  parameters: Parameters,
  dataset: Dataset,
  activation = defaultActivation,
): BoundaryPicture[] {
  return dataset.tasks.map((task, number) => {
    const [first, second] = columnList(task.inputs);
    const range = [rangeOf(dataset, first), rangeOf(dataset, second)] as const;
    const points = gridSide * gridSide;
    const inputs = Array.from({ length: dataset.inputs }, () => new Float32Array(points));
    for (let point = 0; point < points; point++) {
      inputs[first][point] = standardized(dataset, first, along(range[0], point % gridSide));
      inputs[second][point] = standardized(dataset, second, along(range[1], Math.floor(point / gridSide)));
    }
    const probability = logits(parameters, inputs, activation)[task.outputs.start].map(
      (logit) => 1 / (1 + Math.exp(-logit)),
    );
    return { task: task.name, side: gridSide, range, probability, samples: someSamples(dataset, task, number) };
  });
}

function along([first, last]: readonly [number, number], step: number): number {
  return first + ((last - first) * step) / (gridSide - 1);
}

function standardized({ mean, scale }: Dataset, input: number, value: number): number {
  return (value - mean[input]) * scale[input];
}

/** Smallest and largest value of an input over the validation samples, with a margin of 8 %. */
function rangeOf({ validation, inputs }: Dataset, input: number): readonly [number, number] {
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let sample = 0; sample < validation.samples; sample++) {
    const value = validation.features[sample * inputs + input];
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  const beyond = (largest - least) * 0.08;
  return [least - beyond, largest + beyond];
}

function someSamples({ validation, inputs }: Dataset, task: Task, number: number): Float32Array {
  const [first, second] = columnList(task.inputs);
  const count = Math.min(mostSamples, validation.samples);
  const samples = new Float32Array(count * 3);
  for (let sample = 0; sample < count; sample++) {
    const row = sample * inputs;
    const label = validation.labels[number * validation.samples + sample];
    samples.set([validation.features[row + first], validation.features[row + second], label], sample * 3);
  }
  return samples;
}

/**
 * The network's outputs at all points of the grid, computed weight by weight: the time is proportional to the unpruned
 * weights.
 * @param inputs by neuron, then by point
 */
function logits(
  { shape, layout, values }: Parameters,
  inputs: readonly Float32Array[],
  activation: string,
): readonly Float32Array[] {
  const { activated } = activationRegistry.get(activation);
  const { rowStride, weightOffset, biasOffset } = layout;
  const points = inputs[0].length;
  let activations = inputs;
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const isHidden = layer < layerCount(shape) - 1;
    activations = Array.from({ length: shape[layer + 1] }, (_, output) => {
      const sums = new Float32Array(points).fill(values[biasOffset[layer] + output]);
      activations.forEach((source, input) => {
        const weight = values[weightOffset[layer] + output * rowStride[layer] + input];
        if (weight !== 0) addScaled(sums, source, weight);
      });
      return isHidden ? sums.map((sum) => activated(sum)) : sums;
    });
  }
  return activations;
}

/** Adds the products of a weight and the activations of its source, point by point. */
function addScaled(sums: Float32Array, source: Float32Array, weight: number): void {
  for (let point = 0; point < sums.length; point++) sums[point] += weight * source[point];
}
