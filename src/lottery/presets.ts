import { InputError } from "../base/errors.ts";
import type { SpecInput } from "./spec.ts";

/** The thesis' experiments by name (Burger 2024); every key may be overridden. */
export const presets: Readonly<Record<string, SpecInput>> = {
  "moons-circles": {
    dataset: "moons-circles",
    base: [4, 8, 8, 2],
    extension: 9,
    rate: 0.32,
    batch: 64,
    maxEpochs: 3000,
    patience: 30,
    stopAt: "degraded",
  },
  mnist: {
    dataset: "mnist",
    shape: [784, 300, 100, 10],
    levels: 18,
    target: 600,
    batch: 128,
    maxEpochs: 1000,
    patience: 10,
  },
  "fashion-mnist": {
    dataset: "fashion-mnist",
    shape: [784, 300, 100, 10],
    levels: 18,
    target: 600,
    batch: 128,
    maxEpochs: 1000,
    patience: 10,
  },
  "mnist-fashion": {
    dataset: "mnist-fashion",
    shape: [1568, 784, 392, 20],
    levels: 20,
    target: 600,
    batch: 512,
    maxEpochs: 1000,
    patience: 10,
    stopAt: "separated",
  },
  "mnist-fashion-half": {
    dataset: "mnist-fashion-half",
    shape: [392, 784, 784, 10],
    levels: 20,
    target: 100,
    batch: 64,
    maxEpochs: 1000,
    patience: 10,
    stopAt: "separated",
  },
};

/** The preset of that name. Throws an InputError that lists the names. */
export function preset(name: string): SpecInput {
  if (!Object.hasOwn(presets, name)) {
    throw new InputError(
      `"${name}" is neither a preset nor a path of a spec or data: choose ${Object.keys(presets).join(", ")}, or a path that ends in .json, .csv or .npz`,
    );
  }
  return presets[name];
}
