import { Registry } from "../base/registry.ts";
import { magnitude } from "./criteria/magnitude.ts";
import { random } from "./criteria/random.ts";
import { scaledMagnitude } from "./criteria/scaled_magnitude.ts";
import type { Criterion } from "./criterion.ts";

/** The pruning criteria. */
export const criteria = new Registry<Criterion>("criterion", [magnitude, random, scaledMagnitude]);

/** The criterion of the thesis, used unless another is chosen. */
export const defaultCriterion = magnitude.name;
