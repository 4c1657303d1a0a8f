import type { StructArray } from "../base/struct_array.ts";
import type { Kernels, LevelCheckpoint, LevelCounts } from "./engine.ts";

/** By count, the member of the device's `Network` (`shaders/shared/network.wgsl`). */
const members = {
  steps: "step",
  epochs: "epochs",
  epochsSinceBest: "epochsSinceBest",
  bestValLoss: "bestValidationLoss",
  trainLossSum: "trainLossSum",
  trainLoss: "trainLoss",
  valLoss: "validationLoss",
  keptEpoch: "keptEpoch",
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

/** What a level's checkpoint must match: lengths of its arrays, and its steps. */
export interface CheckpointSizes {
  readonly kernels: Kernels;
  readonly parameters: number;
  readonly keepsBest: boolean;
  /** Number of score sums. */
  readonly scores: number;
  /** Words of an epoch of the curves; 0 where none are kept. */
  readonly epochWords: number;
  readonly lossCells: number;
  readonly stepsPerEpoch: number;
  readonly maxEpochs: number;
}

/** The checkpoint, if a level of these kernels and sizes can go on from it. */
export function fittingCheckpoint(
  checkpoint: LevelCheckpoint | undefined,
  sizes: CheckpointSizes,
): LevelCheckpoint | undefined {
  if (!checkpoint || checkpoint.kernels !== sizes.kernels) return undefined;
  const { parameters, firstMoments, secondMoments, bestParameters, keptScores, curves, lossCells } = checkpoint;
  const { steps, epochs, epochsSinceBest, keptEpoch } = checkpoint.counts;
  const areCounts = [steps, epochs, epochsSinceBest, keptEpoch].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  const stepOfEpoch = steps - epochs * sizes.stepsPerEpoch;
  const fits =
    areCounts &&
    epochs < sizes.maxEpochs &&
    stepOfEpoch >= 0 &&
    stepOfEpoch <= sizes.stepsPerEpoch &&
    [parameters, firstMoments, secondMoments].every(({ length }) => length === sizes.parameters) &&
    bestParameters.length === (sizes.keepsBest ? sizes.parameters : 0) &&
    keptScores.length === sizes.scores &&
    curves.length === epochs * sizes.epochWords &&
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
