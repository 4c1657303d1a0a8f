import { invariant } from "../base/errors.ts";
import { Registry } from "../base/registry.ts";
import { binary } from "./binary.ts";
import type { Loss } from "./loss.ts";
import { mse } from "./mse.ts";
import { multiclass } from "./multiclass.ts";

/** The losses that a task can have. */
export const losses = new Registry<Loss>("loss", [binary, multiclass, mse]);

/** The loss of a task that names none, by its number of outputs. */
export function defaultLoss(outputs: number): string {
  return outputs === 1 ? binary.name : multiclass.name;
}

/** The loss with the given number on the device. */
export function lossOfNumber(number: number): Loss {
  const found = losses.entries.find((entry) => entry.number === number);
  invariant(found, `no loss has the number ${number}`);
  return found;
}
