import { InputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import type { Shape } from "../base/shape.ts";
import type { TrainedTask } from "../base/task.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { moonsCirclesSet } from "../dataset/moons_circles.ts";

/** A shape to time and its settings. */
export interface ShapeCase {
  /** Name on the command line: `4,57,57,2`. */
  readonly name: string;
  readonly shape: Shape;
  readonly batch: number;
  /** Numbers of kept weights: all of them, then 5 % of a small network or 2 or 1 % of a large one. */
  readonly weights: readonly number[];
  /** Number of classes of each task; 1 for a binary task. */
  readonly classes: readonly number[];
  /** Generates the data; absent: random bytes with the same numbers of inputs and classes. */
  readonly dataset?: typeof moonsCirclesSet;
  /** Population of the kernel timing; absent: kernels are not timed for this shape. */
  readonly kernelPopulation?: number;
  /** Timed only on a GPU, or if requested by name. */
  readonly isLarge?: true;
}

/** From the smallest network of the thesis to its MNIST-Fashion network. */
export const shapeCases: readonly ShapeCase[] = [
  { name: "4,8,8,2", shape: [4, 8, 8, 2], batch: 64, weights: [112], classes: [1, 1], dataset: moonsCirclesSet },
  {
    name: "4,57,57,2",
    shape: [4, 57, 57, 2],
    batch: 64,
    // Dense, 5 %, and the last level of the default run of Moons-Circles.
    weights: [3591, 180, 112],
    classes: [1, 1],
    dataset: moonsCirclesSet,
    kernelPopulation: 32,
  },
  {
    name: "4,70,70,2",
    shape: [4, 70, 70, 2],
    batch: 64,
    weights: [5320, 266],
    classes: [1, 1],
    dataset: moonsCirclesSet,
  },
  {
    name: "784,300,100,10",
    shape: [784, 300, 100, 10],
    batch: 128,
    weights: [266200, 5324],
    classes: [10],
    kernelPopulation: 1,
  },
  {
    name: "1568,784,392,20",
    shape: [1568, 784, 392, 20],
    batch: 512,
    weights: [1544480, 15445],
    classes: [10, 10],
    isLarge: true,
  },
];

/** Names that a user can request: the shapes, `ceilings` and `kernels` (each kernel timed separately). */
export const caseNames: readonly string[] = [...shapeCases.map(({ name }) => name), "ceilings", "kernels"];

/** The chosen cases. */
export interface ChosenCases {
  readonly shapes: readonly ShapeCase[];
  /** Shapes whose kernels are timed separately. */
  readonly kernels: readonly ShapeCase[];
}

/**
 * The cases with the given names, or all cases without names; ceilings are always measured.
 * @param isFast include large cases without a request by name
 * @throws InputError when a name is unknown
 */
export function chooseCases(names: readonly string[], isFast: boolean): ChosenCases {
  const unknown = names.find((name) => !caseNames.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`bench: there is no case "${unknown}": choose from ${caseNames.join(" ")}`);
  }
  const isAll = names.length === 0;
  return {
    shapes: shapeCases.filter(({ name, isLarge }) => (isAll ? isFast || !isLarge : names.includes(name))),
    kernels: isAll || names.includes("kernels") ? shapeCases.filter((one) => one.kernelPopulation !== undefined) : [],
  };
}

/**
 * Batches per epoch of an image set; the fixed cost of an epoch is then as small relative to its steps as in training.
 */
const imageBatches = 12;

/**
 * Training data of a case, the same on every machine: its dataset, else random bytes with a validation split of one
 * sixth, as in MNIST. Speed does not depend on what is learned.
 * @param isQuick a third of the batches
 */
export function caseDataset({ shape, batch, classes, dataset }: ShapeCase, isQuick: boolean): Dataset {
  if (dataset) return dataset.generate(0, isQuick ? { samples: 400 } : {});
  const inputs = shape[0];
  const stream = new RandomStream(0, "datasetPoints");
  const split = (samples: number) => ({
    samples,
    features: Uint8Array.from({ length: samples * inputs }, () => stream.nextWord() & 255),
    labels: Uint32Array.from({ length: samples * classes.length }, (_, k) => {
      return stream.nextWord() % classes[Math.floor(k / samples)];
    }),
  });
  let output = 0;
  const tasks = classes.map((count, t): TrainedTask => {
    output += count;
    const columns = Math.floor(inputs / classes.length);
    return {
      name: `noise ${t}`,
      kind: "multiclass",
      inputs: { start: t * columns, count: columns },
      outputs: { start: output - count, count },
    };
  });
  const samples = (isQuick ? imageBatches / 3 : imageBatches) * batch;
  return {
    name: "noise",
    tasks,
    coverage: "output",
    inputs,
    outputs: output,
    train: split(samples),
    validation: split(Math.ceil(samples / 6)),
    mean: new Float32Array(inputs).fill(127.5),
    // 1 / standard deviation of a uniform random byte.
    scale: new Float32Array(inputs).fill(1 / 73.9),
  };
}
