import { type MoonsCirclesOptions, moonsCircles } from "../../src/dataset/moons_circles.ts";
import type { LevelJob, LevelSettings } from "../../src/engine/engine.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";

/** A network whose widths are no multiples of a tile, on data whose last batch is short: small, and every seam is crossed. */
export const shape = [4, 13, 9, 2];
const options: MoonsCirclesOptions = { samples: 300 };
export const dataset = moonsCircles(0, options);
export const batch = 64;

export const settings: LevelSettings = { optimizer: "adam", lr: 0.01, batch, maxEpochs: 6, patience: 6, keep: "last" };

/** Level 0 of the small network of a seed, with what is to be another way. */
export function jobOf(seed: number, change: Partial<LevelJob> = {}): LevelJob {
  const start = change.start ?? initialParameters(shape, seed);
  return { label: `seed ${seed}`, seed, level: 0, settings, start, mask: Mask.full(start.shape), ...change };
}
