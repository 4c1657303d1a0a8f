import { layerCount } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import type { Parameters } from "../../network/parameters.ts";

/** What a network decides over the plane of a task's two inputs, with samples of the task. */
export interface BoundaryPicture {
  readonly task: string;
  /** Points a side of the grid. */
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

/** Whether every task is a binary one over a plane of two inputs, so that its boundary can be drawn. */
export function hasPlanes(tasks: readonly Task[]): boolean {
  return tasks.every(({ kind, inputs }) => kind === "binary" && inputs.count === 2);
}

/**
 * The decisions of a network, task by task; the inputs of the other tasks rest at their means.
 * @param dataset of tasks that have planes
 */
export function boundaries(parameters: Parameters, dataset: Dataset): BoundaryPicture[] {
  return dataset.tasks.map((task, number) => {
    const [first, second] = [task.inputs.start, task.inputs.start + 1];
    const range = [rangeOf(dataset, first), rangeOf(dataset, second)] as const;
    const probability = new Float32Array(gridSide * gridSide);
    const inputs = new Float32Array(dataset.inputs);
    for (let y = 0; y < gridSide; y++) {
      for (let x = 0; x < gridSide; x++) {
        inputs[first] = standardized(dataset, first, along(range[0], x));
        inputs[second] = standardized(dataset, second, along(range[1], y));
        probability[y * gridSide + x] = 1 / (1 + Math.exp(-logits(parameters, inputs)[task.outputs.start]));
      }
    }
    return { task: task.name, side: gridSide, range, probability, samples: someSamples(dataset, task, number) };
  });
}

function along([first, last]: readonly [number, number], step: number): number {
  return first + ((last - first) * step) / (gridSide - 1);
}

function standardized({ mean, scale }: Dataset, input: number, value: number): number {
  return (value - mean[input]) * scale[input];
}

/** Least and largest value of an input over the validation samples, and a little beyond. */
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
  const count = Math.min(mostSamples, validation.samples);
  const samples = new Float32Array(count * 3);
  for (let sample = 0; sample < count; sample++) {
    const row = sample * inputs + task.inputs.start;
    const label = validation.labels[number * validation.samples + sample];
    samples.set([validation.features[row], validation.features[row + 1], label], sample * 3);
  }
  return samples;
}

/** The network's outputs for one sample; a plain loop over unpruned weights, which the grid is small enough for. */
function logits({ shape, layout, values }: Parameters, inputs: Float32Array): Float32Array {
  const { rowStride, weightOffset, biasOffset } = layout;
  let activations = inputs;
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const next = new Float32Array(shape[layer + 1]);
    for (let output = 0; output < next.length; output++) {
      const row = weightOffset[layer] + output * rowStride[layer];
      let sum = values[biasOffset[layer] + output];
      for (let input = 0; input < activations.length; input++) sum += values[row + input] * activations[input];
      next[output] = layer < layerCount(shape) - 1 ? Math.max(0, sum) : sum;
    }
    activations = next;
  }
  return activations;
}
