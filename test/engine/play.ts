import type { Shape } from "../../src/base/shape.ts";
import type { Engine, LevelSettings } from "../../src/engine/engine.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";

/** A run of iterative magnitude pruning with rewinding. */
export interface Run {
  readonly shape: Shape;
  readonly seed: number;
  readonly settings: LevelSettings;
  /** Weights left after each level. */
  readonly remaining: readonly number[];
}

/**
 * Trains a run, or its last levels from a given level and mask.
 * @returns for each level its kernels, the rest of its training record, its weights and the words of the next mask
 */
export async function play(engine: Engine, { shape, seed, settings, remaining }: Run, from = 0, firstMask?: Mask) {
  const start = initialParameters(shape, seed);
  let mask = firstMask ?? Mask.full(shape);
  const levels = [];
  for (let level = from; level < remaining.length; level++) {
    const trained = await engine.train({ label: `seed ${seed}`, seed, level, settings, start, mask });
    const { kernels, ...training } = trained.training;
    const { values } = await trained.weights();
    mask = await trained.select({ criterion: "magnitude", keep: remaining[level] });
    trained.release();
    levels.push({ kernels, training, values, words: mask.words });
  }
  return levels;
}
