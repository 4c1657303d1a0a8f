import { invariant } from "../base/errors.ts";
import { Registry } from "../base/registry.ts";
import { magnitude } from "./criteria/magnitude.ts";
import { random } from "./criteria/random.ts";
import { scaledMagnitude } from "./criteria/scaled_magnitude.ts";
import type { Criterion, KeyCriterion } from "./criterion.ts";

/** The pruning criteria. */
export const criteria = new Registry<Criterion>("criterion", [magnitude, random, scaledMagnitude]);

/** The criterion of the thesis, used unless another is chosen. */
export const defaultCriterion = magnitude.name;

/** A criterion that gives each weight a key by itself. */
export function keyCriterion(name: string): KeyCriterion {
  const criterion = criteria.get(name);
  invariant("key" in criterion, `criterion ${name} has no keys`);
  return criterion;
}
