import { InputError } from "../../base/errors.ts";
import type { Files } from "../../base/files.ts";
import type { Mask } from "../../mask/mask.ts";
import { biasesLeft, type LevelRecord } from "../../store/level_record.ts";
import { readRunFolder } from "../../store/open_run.ts";
import type { RunFolder } from "../../store/run_folder.ts";
import { isFolderName } from "../../store/run_path.ts";
import type { JsonObject } from "../../store/run_record.ts";
import { readStoredRun } from "../../store/stored_run.ts";
import { readRewind } from "../rewind.ts";
import { resolveSpec, type Spec } from "../spec.ts";
import type { Origin } from "./branch.ts";

/** A stored run that branches are taken from. */
export interface BranchSource {
  readonly folder: RunFolder;
  readonly seed: number;
  /** Its keys as a person would give them, without those of its shape and its pruning. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** Its finished levels, at least one. */
  readonly levels: readonly LevelRecord[];
}

/**
 * Opens a run, finished or not.
 * @throws InputError when no level has finished, a file is damaged, the run is a branch itself, or it does not rewind
 */
export async function openBranchSource(files: Files, path: string): Promise<BranchSource> {
  const folder = await readRunFolder(files, path);
  const { name, seed, spec } = folder.record;
  if (spec.branch !== undefined) {
    throw new InputError(`${path}: it is a branch itself; give the run that it branches from`);
  }
  if (!isFolderName(name))
    throw new InputError(`${path}: its name ${name} can be in no folder's name; correct run.json`);
  const { levels, differing } = await readStoredRun(files, folder);
  if (differing.length > 0) {
    throw new InputError(
      `${path}/${differing[0]}: not what the run wrote, by the checksums in run.json; restore it, or give the run's command again`,
    );
  }
  if (levels.length === 0) throw new InputError(`${path}: no level has finished; let the run finish one first`);
  if (typeof spec.rewind === "string" && readRewind(spec.rewind)?.to === "trained") {
    throw new InputError(
      `${path}: its levels start from the trained weights of the level before (rewind=${spec.rewind}), which no branch changes; give a run that rewinds`,
    );
  }
  return { folder, seed, keys: keysOf(spec), levels };
}

/** The keys of a resolved spec without those that follow from others, and those that count the weights of its levels. */
function keysOf(spec: JsonObject): JsonObject {
  const { dataset, shape, extension, remaining, counts, layerRates, rewind, datasetSha256, initSha256, ...keys } = spec;
  const options = typeof dataset === "object" && dataset !== null ? dataset : { dataset };
  return { ...keys, ...options };
}

/**
 * The spec by which levels of a run are trained again: its own, with the weight counts of those levels.
 * @param keys of the run, some of them replaced
 * @param where names in messages what the keys come from; default the run
 * @throws InputError when this version does not know the run's spec
 */
export function levelsSpec(
  { folder: { path, record }, levels }: BranchSource,
  keys: Readonly<Record<string, unknown>>,
  numbers: readonly number[],
  where: string = path,
): Spec {
  const { shape, extension } = record.spec;
  // The counts are those of the run, so the trajectory has one level and no rate.
  const { spec } = resolveSpec({ ...keys, shape, levels: 0, rate: 0.5 }, where);
  return {
    ...spec,
    extension: extension as Spec["extension"],
    remaining: numbers.map((level) => levels[level].remaining + (biasesLeft(levels[level]) ?? 0)),
    stopAt: "none",
  };
}

/** What determines the bytes of a run beside its seed. */
export function originOf({ folder: { record } }: BranchSource): Origin {
  const { name, specHash, executor, program } = record;
  return { name, specHash, executor, ...(program && { numeric: program.numeric, kernels: program.kernels }) };
}

/**
 * The mask of a finished level.
 * @throws InputError when its file is missing or damaged
 */
export async function maskOf({ folder }: BranchSource, level: number): Promise<Mask> {
  const mask = await folder.readLevelMask(level);
  if (!mask) throw new InputError(`${folder.path}: the mask of level ${level} is missing; restore the file`);
  return mask;
}

/** @throws InputError that names the level that is not finished */
export function checkFinished({ folder, levels }: BranchSource, wanted: readonly number[]): void {
  const missing = wanted.find((level) => level >= levels.length);
  if (missing === undefined) return;
  const last = levels.length - 1;
  throw new InputError(
    `${folder.path}: level ${missing} is not finished, its finished levels are ${last === 0 ? "0 alone" : `0 to ${last}`}; give levels up to ${last}, or let the run go on`,
  );
}
