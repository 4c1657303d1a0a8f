import { RandomStream } from "../../src/base/random.ts";
import { layerCount, type Shape } from "../../src/base/shape.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { selectMask } from "../../src/pruning/selector.ts";

/** A training case, the same for all participants: one column of the table. */
export interface PeerCase {
  /** Heading of the column, two lines. */
  readonly title: string;
  readonly shape: Shape;
  readonly batch: number;
  /** Number of networks in training at the same time; network p has model seed p. */
  readonly population: number;
  readonly dataset: Dataset;
  readonly mask: Mask;
  /** Epochs of a whole level, each with validation; undefined: only training steps are timed. */
  readonly levelEpochs?: number;
}

/**
 * Validation samples of a case that times steps only. Our engines validate after every epoch; with so few samples, that
 * is 1 % of the work of an epoch.
 */
const fewValidationSamples = 8;

/** The dataset with only the first samples of its validation split. */
function withValidation(dataset: Dataset, samples: number): Dataset {
  const { features, labels, samples: all } = dataset.validation;
  const validation: Split = {
    samples,
    features: features.slice(0, samples * dataset.inputs),
    labels: Uint32Array.from({ length: dataset.tasks.length * samples }, (_, k) => {
      return labels[Math.floor(k / samples) * all + (k % samples)];
    }),
  };
  return { ...dataset, validation };
}

/** Random bytes in the format of an image set, with one task; pixel values do not affect the step time. */
function noiseImages(samples: number, inputs: number, classes: number): Dataset {
  const stream = new RandomStream(0, "datasetPoints");
  const split = (count: number): Split => ({
    samples: count,
    features: Uint8Array.from({ length: count * inputs }, () => stream.nextWord() & 255),
    labels: Uint32Array.from({ length: count }, () => stream.nextWord() % classes),
  });
  const [first, count] = [
    { start: 0, count: inputs },
    { start: 0, count: classes },
  ];
  return {
    name: "noise",
    tasks: [{ name: "noise", kind: "multiclass", inputs: first, outputs: count }],
    coverage: "output",
    inputs,
    outputs: classes,
    train: split(samples),
    validation: split(fewValidationSamples),
    mean: new Float32Array(inputs).fill(127.5),
    scale: new Float32Array(inputs).fill(1 / 73.9),
  };
}

/**
 * Keeps the weights of a smaller dense network inside a larger one: all kept weights are active, the slowest case for
 * edge lists.
 */
function embeddedMask(shape: Shape, inner: Shape): Mask {
  const mask = new Mask(shape, new Uint32Array(Mask.full(shape).words.length));
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let output = 0; output < inner[layer + 1]; output++) {
      for (let input = 0; input < inner[layer]; input++) mask.set(layer, output, input, true);
    }
  }
  return mask;
}

/** Keeps the largest initial weights of the whole network. */
function magnitudeMask(shape: Shape, density: number): Mask {
  const full = Mask.full(shape);
  const start = initialParameters(shape, 0);
  const level = { trained: start, start, mask: full, seed: 0, nextLevel: 1 };
  return selectMask(level, { criterion: "magnitude", keep: Math.round(full.size * density) });
}

/**
 * All cases. An epoch consists of complete batches, so that no peer compiles a step for two batch sizes.
 * @param isGpu adds large populations and a large network, which take minutes on a software adapter
 */
export function peerCases(isGpu: boolean): PeerCase[] {
  const whole = moonsCircles(0, { samples: 2048 });
  const moons = withValidation(whole, fewValidationSamples);
  const images = noiseImages(1024, 784, 10);
  const [small, thesis, image] = [
    [4, 70, 70, 2],
    [4, 57, 57, 2],
    [784, 300, 100, 10],
  ];
  const alone = { population: 1, batch: 64, dataset: moons };
  const few = embeddedMask(thesis, [4, 8, 8, 2]);
  const large = [1568, 784, 392, 20];
  const onGpu: PeerCase[] = [
    { ...alone, title: "(4,70,70,2)\nof 256", shape: small, mask: Mask.full(small), population: 256 },
    { ...alone, title: "(4,57,57,2)\n112 weights of 256", shape: thesis, mask: few, population: 256 },
    {
      title: "(1568,784,392,20)\nbatch 512",
      shape: large,
      mask: Mask.full(large),
      population: 1,
      batch: 512,
      dataset: noiseImages(1024, 1568, 20),
    },
  ];
  return [
    { ...alone, title: "(4,70,70,2)\nbatch 64", shape: small, mask: Mask.full(small) },
    { ...alone, title: "(4,70,70,2)\nof 32", shape: small, mask: Mask.full(small), population: 32 },
    { ...alone, title: "(4,57,57,2)\n112 weights", shape: thesis, mask: few },
    {
      title: "(784,300,100,10)\nbatch 128",
      shape: image,
      mask: Mask.full(image),
      population: 1,
      batch: 128,
      dataset: images,
    },
    {
      title: "(784,300,100,10)\n2 % density",
      shape: image,
      mask: magnitudeMask(image, 0.02),
      population: 1,
      batch: 128,
      dataset: images,
    },
    {
      ...alone,
      title: "(4,57,57,2)\nlevel, 20 epochs",
      shape: thesis,
      mask: Mask.full(thesis),
      dataset: whole,
      levelEpochs: 20,
    },
    ...(isGpu ? onGpu : []),
  ];
}

/** Optimiser steps per epoch. */
export function stepsPerEpoch({ dataset, batch }: PeerCase): number {
  return dataset.train.samples / batch;
}
