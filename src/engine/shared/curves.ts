import { levelSteps } from "../../network/level_steps.ts";
import type { LevelCurves, LevelTraining } from "../engine.ts";
import type { NetworkSize } from "../plan.ts";
import type { DataBuffer, Executor } from "./executor.ts";
import type { ScoreSums } from "./score_sums.ts";

/**
 * The most evaluations whose values a level may keep; 0 if it keeps none.
 * @param samples number of training samples
 */
export function curveEntries(keys: Omit<NetworkSize, "shape">, samples: number): number {
  return keys.keepCurves ? levelSteps(keys, samples).evaluations : 0;
}

/** The most evaluations whose values any of some networks keeps. */
export function mostCurveEntries(networks: readonly NetworkSize[], samples: number): number {
  return networks.reduce((most, network) => Math.max(most, curveEntries(network, samples)), 0);
}

/** Words of an evaluation on a device: training loss and validation loss as f32, then the score sums. */
export function entryWords(scores: ScoreSums): number {
  return 2 + scores.length;
}

/** Adds to the training record of a level the curves that its network kept in `buffer` from word `at` on. */
export async function withCurves(
  training: LevelTraining,
  executor: Executor,
  buffer: DataBuffer,
  at: number,
  scores: ScoreSums,
): Promise<LevelTraining> {
  const bytes = training.evaluations * entryWords(scores) * 4;
  return { ...training, curves: curvesOf(new Uint32Array(await executor.read(buffer, at * 4, bytes)), scores) };
}

/** The curves in words of a device: [evaluation][training loss, validation loss, score sums]. */
export function curvesOf(words: Uint32Array<ArrayBuffer>, scores: ScoreSums): LevelCurves {
  const row = entryWords(scores);
  const losses = new Float32Array(words.buffer);
  const firsts = Array.from({ length: words.length / row }, (_, evaluation) => evaluation * row);
  return {
    trainLoss: firsts.map((first) => losses[first]),
    valLoss: firsts.map((first) => losses[first + 1]),
    scoreSums: firsts.map((first) => scores.read(words.subarray(first + 2, first + row))),
  };
}
