import { StructArray } from "../../base/struct_array.ts";
import { Parameters } from "../../network/parameters.ts";
import { readCounts } from "../checkpoint.ts";
import type { LevelCheckpoint, LevelJob } from "../engine.ts";
import { entryWords } from "../shared/curves.ts";
import type { OptimizerState } from "../shared/divergence.ts";
import type { NetworkMemory } from "../shared/memory.ts";
import type { Population } from "./population.ts";
import type { PlacedNetwork } from "./training_network.ts";

/** A level with memory of its own. */
export interface PlacedLevel extends PlacedNetwork {
  readonly need: NetworkMemory;
  readonly kernels: "dense" | "sparse";
  /** The checkpoint from which it goes on. */
  readonly resume: LevelCheckpoint | undefined;
}

/** Writes what a level has beside its parameters. */
export function restoreState(
  population: Population,
  { slot, place }: PlacedLevel,
  { firstMoments, secondMoments, ...checkpoint }: LevelCheckpoint,
): void {
  const { executor, sizes } = population;
  const buffer = (label: string) => population.buffer(label);
  const { bestParameters, keptScores, curves } = checkpoint;
  const { sizeBytes } = sizes.networkStruct;
  // The level that the slot had before may have ended with its best evaluation, whose parameters the next evaluation
  // copies again: over those of the checkpoint.
  executor.clear(buffer("networks"), slot * sizeBytes, sizeBytes);
  executor.write(buffer("moments"), firstMoments, 2 * place.parameters * 16);
  executor.write(buffer("moments"), secondMoments, 2 * place.parameters * 16 + firstMoments.byteLength);
  executor.write(buffer("bestParameters"), bestParameters, place.parameters * 16);
  executor.write(buffer("keptScoreSums"), keptScores, slot * keptScores.byteLength);
  executor.write(buffer("curves"), curves, place.curves * 4);
}

/** Reads the state of a level, all of it after the same step; undefined if the level has ended. */
export async function readState(
  population: Population,
  level: PlacedLevel,
  { settings }: LevelJob,
): Promise<LevelCheckpoint | undefined> {
  const { executor, sizes } = population;
  const { slot, place, need, kernels } = level;
  const read = async (label: string, at: number, bytes: number) =>
    bytes === 0 ? new ArrayBuffer(0) : executor.read(population.buffer(label), at, bytes);
  const { sizeBytes } = sizes.networkStruct;
  const [at, bytes, sums] = [place.parameters * 16, need.parameters * 16, sizes.scores.length * 4];
  // All reads are enqueued before the first is awaited, so no step comes between them.
  const [network, parameters, moments, best, keptScores, curves] = await Promise.all([
    read("networks", slot * sizeBytes, sizeBytes),
    read("parameters", at, bytes),
    read("moments", 2 * at, 2 * bytes),
    read("bestParameters", at, settings.keep === "best" ? bytes : 0),
    read("keptScoreSums", slot * sums, sums),
    read("curves", place.curves * 4, need.curves * 4),
  ]);
  const networks = new StructArray(sizes.networkStruct, network);
  if (networks.get(0, "running") === 0) return undefined;
  const counts = readCounts(networks, 0);
  return {
    kernels,
    counts,
    parameters: new Float32Array(parameters),
    firstMoments: new Float32Array(moments, 0, bytes / 4),
    secondMoments: new Float32Array(moments, bytes),
    bestParameters: new Float32Array(best),
    keptScores: new Uint32Array(keptScores),
    curves: new Uint32Array(curves, 0, settings.keepCurves ? counts.evaluations * entryWords(sizes.scores) : 0),
    lossCells: new Uint32Array(0),
  };
}

/** The parameters as they are now. */
export async function readParameters(population: Population, { shape, need, place }: PlacedLevel): Promise<Parameters> {
  const { executor } = population;
  const values = await executor.read(population.buffer("parameters"), place.parameters * 16, need.parameters * 16);
  return new Parameters(shape, new Float32Array(values));
}

/** Parameters and both moments, of a level whose training has diverged. */
export async function readOptimizerState(population: Population, level: PlacedLevel): Promise<OptimizerState> {
  const { executor } = population;
  const { shape, need, place } = level;
  const bytes = need.parameters * 16;
  const moments = await executor.read(population.buffer("moments"), 2 * place.parameters * 16, 2 * bytes);
  return {
    parameters: await readParameters(population, level),
    moments: [0, bytes].map((first) => new Parameters(shape, new Float32Array(moments, first, bytes / 4))),
  };
}

export async function readFirstMoments(
  population: Population,
  { shape, need, place }: PlacedLevel,
): Promise<Parameters> {
  const { executor } = population;
  const [at, bytes] = [2 * place.parameters * 16, need.parameters * 16];
  return new Parameters(shape, new Float32Array(await executor.read(population.buffer("moments"), at, bytes)));
}

/** Puts the parameters of the best evaluation in the place of the last ones. */
export function restoreBest(population: Population, { need, place }: PlacedLevel): void {
  const { executor } = population;
  const [best, current] = [population.buffer("bestParameters"), population.buffer("parameters")];
  executor.copy(best, current, place.parameters * 16, need.parameters * 16);
}
