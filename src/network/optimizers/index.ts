import { invariant } from "../../base/errors.ts";
import { Registry } from "../../base/registry.ts";
import { adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** The optimisers that a spec can choose. */
export const optimizers = new Registry<Optimizer>("optimizer", [adam, sgd]);

/** The optimiser of the thesis. */
export const defaultOptimizer = adam.name;

/** The optimiser with the given number in the device's `Network`. */
export function optimizerOfNumber(number: number): Optimizer {
  const found = optimizers.entries.find((entry) => entry.number === number);
  invariant(found, `no optimiser has the number ${number}`);
  return found;
}
