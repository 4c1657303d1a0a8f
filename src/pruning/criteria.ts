import { Registry } from "../base/registry.ts";
import { magnitude } from "./criteria/magnitude.ts";
import { random } from "./criteria/random.ts";
import { scaledMagnitude } from "./criteria/scaled_magnitude.ts";
import type { Criterion } from "./criterion.ts";

/** The pruning criteria. */
export const criteria = new Registry<Criterion>("criterion", [magnitude, random, scaledMagnitude]);

/** The criterion unless another is chosen, the thesis' one. */
export const defaultCriterion = magnitude.name;
