import type { LevelCurves, LevelSettings, LevelTraining } from "../engine.ts";
import type { NetworkSize } from "../plan.ts";
import type { DataBuffer, Executor } from "./executor.ts";
import type { ScoreSums } from "./score_sums.ts";

/** The most epochs whose values a level may keep; 0 if it keeps none. */
export function curveEpochs({
  keepCurves = false,
  maxEpochs,
}: Pick<LevelSettings, "keepCurves" | "maxEpochs">): number {
  return keepCurves ? maxEpochs : 0;
}

/** The most epochs whose values any of some networks keeps. */
export function mostCurveEpochs(networks: readonly NetworkSize[]): number {
  return networks.reduce((most, { keepCurves, maxEpochs = 0 }) => Math.max(most, keepCurves ? maxEpochs : 0), 0);
}

/** Words of an epoch on a device: training loss and validation loss as f32, then the score sums. */
export function epochWords(scores: ScoreSums): number {
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
  const bytes = training.epochs * epochWords(scores) * 4;
  return { ...training, curves: curvesOf(new Uint32Array(await executor.read(buffer, at * 4, bytes)), scores) };
}

/** The curves in words of a device: [epoch][training loss, validation loss, score sums]. */
export function curvesOf(words: Uint32Array<ArrayBuffer>, scores: ScoreSums): LevelCurves {
  const row = epochWords(scores);
  const losses = new Float32Array(words.buffer);
  const firsts = Array.from({ length: words.length / row }, (_, epoch) => epoch * row);
  return {
    trainLoss: firsts.map((first) => losses[first]),
    valLoss: firsts.map((first) => losses[first + 1]),
    scoreSums: firsts.map((first) => scores.read(words.subarray(first + 2, first + row))),
  };
}
