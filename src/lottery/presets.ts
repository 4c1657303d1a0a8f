import { InputError } from "../base/errors.ts";
import { Registry, type RegistryEntry } from "../base/registry.ts";
import { dataEndings } from "../dataset/registry.ts";
import type { SpecInput } from "./spec_schema.ts";

/** A named experiment; every key may be overridden. */
export interface Preset extends RegistryEntry {
  readonly spec: SpecInput;
}

/** LeNet-300-100: 266,200 weights. */
const lenet = [784, 300, 100, 10];

/** The presets: the experiments of the thesis (Burger 2024), then others. */
export const presets = new Registry<Preset>("preset", [
  {
    name: "moons-circles",
    summary: "network extension on circles and moons (thesis)",
    spec: {
      dataset: "moons-circles",
      base: [4, 8, 8, 2],
      extension: 9,
      rate: 0.32,
      batch: 64,
      maxEpochs: 3000,
      patience: 30,
      stopAt: "degraded",
    },
  },
  {
    name: "mnist",
    summary: "digits, pruned to 600 weights (thesis)",
    spec: {
      dataset: "mnist",
      shape: [784, 300, 100, 10],
      levels: 18,
      target: 600,
      batch: 128,
      maxEpochs: 1000,
      patience: 10,
    },
  },
  {
    name: "fashion-mnist",
    summary: "garments, pruned to 600 weights (thesis)",
    spec: {
      dataset: "fashion-mnist",
      shape: [784, 300, 100, 10],
      levels: 18,
      target: 600,
      batch: 128,
      maxEpochs: 1000,
      patience: 10,
    },
  },
  {
    name: "mnist-fashion",
    summary: "digits and garments at once, pruned to 600 weights (thesis)",
    spec: {
      dataset: "mnist-fashion",
      shape: [1568, 784, 392, 20],
      levels: 20,
      target: 600,
      batch: 512,
      maxEpochs: 1000,
      patience: 10,
      stopAt: "separated",
    },
  },
  {
    name: "mnist-fashion-half",
    summary: "digits and garments of five classes at 14 x 14 pixels, pruned to 100 weights (thesis)",
    spec: {
      dataset: "mnist-fashion-half",
      shape: [392, 784, 784, 10],
      levels: 20,
      target: 100,
      batch: 64,
      maxEpochs: 1000,
      patience: 10,
      stopAt: "separated",
    },
  },
  {
    name: "moons-circles-spirals",
    summary: "network extension on three tasks: circles, moons and spirals",
    spec: {
      dataset: "moons-circles-spirals",
      // With 2,000 samples the dense network overfits the noise and reaches 83 % on the spirals; with 8,000 it reaches
      // 99 %.
      samples: 8000,
      base: [6, 16, 16, 3],
      extension: 7,
      rate: 0.32,
      batch: 64,
      maxEpochs: 3000,
      patience: 30,
      stopAt: "degraded",
    },
  },
  {
    name: "boolean",
    summary: "three Boolean functions of six bits, the third of which combines the other two",
    // The smallest network that answers every task uses the inputs that each function depends on, and no other.
    spec: {
      dataset: "boolean",
      graph: "hierarchical",
      shape: [6, 48, 48, 3],
      rate: 0.3,
      levels: 13,
      lr: 0.003,
      batch: 32,
      maxEpochs: 150,
      patience: 30,
    },
  },
  {
    name: "lenet-frankle-carbin",
    summary: "LeNet-300-100 on digits, to 1.2 % of its weights (Frankle and Carbin 2019)",
    // Figure 2, section 2 and appendix G.1; every level trains its whole length. The paper gives no number of prunings.
    spec: {
      dataset: "mnist",
      shape: lenet,
      initializer: "xavier-normal",
      optimizer: "adam",
      lr: 0.0012,
      batch: 60,
      maxSteps: 50_000,
      evaluateEvery: 100,
      patience: 500,
      validation: 5000,
      rate: 0.2,
      levels: 20,
      scope: "layer",
      layerRates: [1, 1, 0.5],
    },
  },
  {
    name: "lenet-open-lth",
    summary: "LeNet-300-100 on digits, to 1.2 % of its weights (open_lth's settings)",
    // Its models/mnist_lenet.py, without momentum; it validates on the test split. The number of prunings is an option there.
    spec: {
      dataset: "mnist",
      shape: lenet,
      initializer: "kaiming-normal",
      optimizer: "sgd",
      lr: 0.1,
      momentum: 0,
      batch: 128,
      maxEpochs: 40,
      patience: 40,
      rate: 0.2,
      levels: 20,
      scope: "global",
      layerRates: [1, 1, 0],
    },
  },
]);

/**
 * The spec of a preset.
 * @throws InputError that lists the names when there is no such preset
 */
export function preset(name: string): SpecInput {
  if (!presets.has(name)) {
    if (/^\w+=/.test(name)) {
      throw new InputError(`"${name}" is a key and its value, which come after --set, as in --set ${name}`);
    }
    const endings = `.json, ${dataEndings}`;
    throw new InputError(
      `"${name}" is neither a preset nor a path of a spec or data: choose ${presets.names.join(", ")}, or a path that ends in ${endings}`,
    );
  }
  return presets.get(name).spec;
}
