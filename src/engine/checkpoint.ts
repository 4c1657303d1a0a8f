import type { StructArray } from "../base/struct_array.ts";
import type { LevelSteps } from "../network/level_steps.ts";
import type { Kernels, LevelCheckpoint, LevelCounts } from "./engine.ts";

/** By count, the member of the device's `Network` (`shaders/shared/network.wgsl`). */
const members = {
  steps: "step",
  evaluations: "evaluations",
  evaluationsSinceBest: "evaluationsSinceBest",
  bestValLoss: "bestValidationLoss",
  trainLossSum: "trainLossSum",
  trainLoss: "trainLoss",
  valLoss: "validationLoss",
  keptEvaluation: "keptEvaluation",
  keptTrainLoss: "keptTrainLoss",
  keptValLoss: "keptValidationLoss",
} as const satisfies Record<keyof LevelCounts, string>;

const countNames = Object.keys(members) as (keyof LevelCounts)[];

/** The counts in a `Network` of a device. */
export function readCounts(networks: StructArray, index: number): LevelCounts {
  const entries = countNames.map((name) => [name, networks.get(index, members[name])]);
  return Object.fromEntries(entries) as LevelCounts;
}

export function writeCounts(networks: StructArray, index: number, counts: LevelCounts): void {
  for (const name of countNames) networks.set(index, members[name], counts[name]);
}

/**
 * Number of epochs that a level has finished at a checkpoint. A step that is not evaluated yet, as it must be, does not
 * finish its epoch.
 */
export function finishedEpochs({ steps, evaluations }: LevelCounts, { perEpoch, evaluateEvery }: LevelSteps): number {
  return Math.floor(Math.min(steps, (evaluations + 1) * evaluateEvery - 1) / perEpoch);
}

/** What a level's checkpoint must match: lengths of its arrays, and its steps. */
export interface CheckpointSizes {
  readonly kernels: Kernels;
  readonly parameters: number;
  readonly keepsBest: boolean;
  /** Number of score sums. */
  readonly scores: number;
  /** Words of an evaluation in the curves; 0 where none are kept. */
  readonly entryWords: number;
  readonly lossCells: number;
  readonly length: LevelSteps;
}

/** The checkpoint, if a level of these kernels and sizes can go on from it. */
export function fittingCheckpoint(
  checkpoint: LevelCheckpoint | undefined,
  sizes: CheckpointSizes,
): LevelCheckpoint | undefined {
  if (!checkpoint || checkpoint.kernels !== sizes.kernels) return undefined;
  const { parameters, firstMoments, secondMoments, bestParameters, keptScores, curves, lossCells } = checkpoint;
  const { steps, evaluations, evaluationsSinceBest, keptEvaluation } = checkpoint.counts;
  const areCounts = [steps, evaluations, evaluationsSinceBest, keptEvaluation].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  const { evaluateEvery } = sizes.length;
  const stepOfInterval = steps - evaluations * evaluateEvery;
  const fits =
    areCounts &&
    evaluations < sizes.length.evaluations &&
    stepOfInterval >= 0 &&
    stepOfInterval <= evaluateEvery &&
    [parameters, firstMoments, secondMoments].every(({ length }) => length === sizes.parameters) &&
    bestParameters.length === (sizes.keepsBest ? sizes.parameters : 0) &&
    keptScores.length === sizes.scores &&
    curves.length === evaluations * sizes.entryWords &&
    lossCells.length === sizes.lossCells;
  return fits ? checkpoint : undefined;
}

/** The arrays of a checkpoint by name, its counts among them: what a file holds. */
export type CheckpointArrays = Readonly<
  Record<string, Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>
>;

export function checkpointArrays({ kernels: _, counts, ...arrays }: LevelCheckpoint): CheckpointArrays {
  return { counts: Float64Array.from(countNames, (name) => counts[name]), ...arrays };
}

const floatNames = ["parameters", "firstMoments", "secondMoments", "bestParameters"] as const;
const wordNames = ["keptScores", "curves", "lossCells"] as const;

/** The checkpoint with the given arrays; undefined if one is missing or of another type. */
export function checkpointOf(kernels: string, arrays: CheckpointArrays): LevelCheckpoint | undefined {
  const { counts } = arrays;
  const isWhole =
    counts instanceof Float64Array &&
    counts.length === countNames.length &&
    floatNames.every((name) => arrays[name] instanceof Float32Array) &&
    wordNames.every((name) => arrays[name] instanceof Uint32Array);
  if (!isWhole) return undefined;
  const numbers = Object.fromEntries(countNames.map((name, at) => [name, counts[at]]));
  const named = Object.fromEntries([...floatNames, ...wordNames].map((name) => [name, arrays[name]]));
  return { kernels, counts: numbers, ...named } as unknown as LevelCheckpoint;
}
