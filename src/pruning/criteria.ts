import { invariant } from "../base/errors.ts";
import { Registry } from "../base/registry.ts";
import { gradientSaliency } from "./criteria/gradient_saliency.ts";
import { grasp } from "./criteria/grasp.ts";
import { initialMagnitude } from "./criteria/initial_magnitude.ts";
import { lamp } from "./criteria/lamp.ts";
import { largeFinalDiffSign } from "./criteria/large_final_diff_sign.ts";
import { largeFinalSameSign } from "./criteria/large_final_same_sign.ts";
import { largeInitLargeFinal } from "./criteria/large_init_large_final.ts";
import { magnitude } from "./criteria/magnitude.ts";
import { magnitudeIncrease } from "./criteria/magnitude_increase.ts";
import { magnitudeIncreaseDiffSign } from "./criteria/magnitude_increase_diff_sign.ts";
import { magnitudeIncreaseSameSign } from "./criteria/magnitude_increase_same_sign.ts";
import { movement } from "./criteria/movement.ts";
import { random } from "./criteria/random.ts";
import { scaledMagnitude } from "./criteria/scaled_magnitude.ts";
import { smallFinal } from "./criteria/small_final.ts";
import { smallInit } from "./criteria/small_init.ts";
import { smallInitSmallFinal } from "./criteria/small_init_small_final.ts";
import { snip } from "./criteria/snip.ts";
import { synflow } from "./criteria/synflow.ts";
import type { Criterion, KeyCriterion } from "./criterion.ts";

/** The pruning criteria. */
export const criteria = new Registry<Criterion>("criterion", [
  magnitude,
  random,
  scaledMagnitude,
  lamp,
  magnitudeIncrease,
  movement,
  initialMagnitude,
  largeInitLargeFinal,
  largeFinalSameSign,
  magnitudeIncreaseSameSign,
  smallFinal,
  smallInit,
  smallInitSmallFinal,
  largeFinalDiffSign,
  magnitudeIncreaseDiffSign,
  synflow,
  gradientSaliency,
  snip,
  grasp,
]);

/** The criterion of the thesis, used unless another is chosen. */
export const defaultCriterion = magnitude.name;

/** A criterion that gives each weight a key by itself. */
export function keyCriterion(name: string): KeyCriterion {
  const criterion = criteria.get(name);
  invariant("key" in criterion, `criterion ${name} has no keys`);
  return criterion;
}
