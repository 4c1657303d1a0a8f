import { circles } from "./circles.ts";
import { curveSet } from "./curve_set.ts";
import type { Dataset } from "./dataset.ts";
import type { OptionsOf } from "./entry.ts";
import { moons } from "./moons.ts";

/** The thesis' dataset of two tasks: circles in inputs 0-1, two moons in inputs 2-3. */
export const moonsCirclesSet = curveSet("moons-circles", "circles and moons: two binary tasks in the plane", [
  circles,
  moons,
]);

export type MoonsCirclesOptions = OptionsOf<typeof moonsCirclesSet.options>;

/** Generates {@link moonsCirclesSet} from a data seed, for programs that use no other dataset. */
export function moonsCircles(dataSeed: number, options: MoonsCirclesOptions = {}): Dataset {
  return moonsCirclesSet.generate(dataSeed, options);
}
