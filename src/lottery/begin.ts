import { InputError, StorageError } from "../base/errors.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { type Damage, describeDamage, unreadableFile } from "../store/run_damage.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { levelFile, runFileNames } from "../store/run_path.ts";
import { maskProblem, recordProblem } from "./check_levels.ts";
import { hasEnded } from "./has_ended.ts";
import type { RunKey, RunObserver } from "./messages.ts";
import type { PrescribedLevels } from "./prescribed.ts";
import { startsTrained } from "./rewind.ts";
import type { Spec } from "./spec.ts";
import { storedStart } from "./start_weights.ts";

/** What of a run decides how it begins. */
interface Begun extends RunKey {
  readonly spec: Spec;
  readonly dataset: Pick<Dataset, "tasks" | "coverage">;
  readonly observe?: RunObserver | undefined;
  /** Of a branch: the masks that its levels must have. */
  readonly prescribed?: Pick<PrescribedLevels, "mask"> | undefined;
}

/** What a level begins with. */
export interface NextLevel {
  /** The initial parameters of the run. */
  readonly initial: Parameters;
  /** The parameters that the level starts from. */
  readonly start: Parameters;
  /** The parameters that all levels after level 0 start from; undefined where they start from trained ones. */
  readonly rewound: Parameters | undefined;
  readonly mask: Mask;
}

/** How the parameters of a run are made. */
export interface Origins {
  /** Gives the initial parameters. */
  readonly draw: () => Promise<Parameters>;
  /** Gives the parameters that the run rewinds to, where these are others than the initial ones; undefined where not. */
  readonly rewind: ((initial: Parameters) => Promise<Parameters>) | undefined;
}

/** What a run begins with. */
export interface Beginning {
  /** The finished levels, all verified. */
  readonly levels: LevelRecord[];
  /** What the level after the finished ones begins with; undefined where no level is left to train. */
  readonly next?: NextLevel;
}

/**
 * Finds the levels of a folder that a run can build on. Every file of them is compared with its checksum. Unless the run
 * has ended and is whole, the initial weights are computed again and compared, and the masks are checked for their
 * shapes, counts and nesting, those of a branch against the masks that it prescribes. Of levels that an older version stored without checksums, the records are compared with
 * the analysis of the masks too.
 *
 * Damage is told to the observer, and the folder goes back to the levels before it: those after are trained again. A file
 * that needs no level, such as the initial weights, is made again.
 * @throws InputError when damaged levels were trained by another program, which must not be mixed with this one
 */
export async function begin(run: Begun, folder: RunFolder, { draw, rewind }: Origins): Promise<Beginning> {
  const { spec, dataset, experiment, seed, observe, prescribed } = run;
  const { record } = folder;
  const isSealed = record.format >= 3 || record.checksums?.[runFileNames.levels] !== undefined;
  const damages = await folder.damages();
  damages.push(...(await timingDamages(folder)));
  for (const damage of damages) if (damage.unreadable) throw unreadable(folder, damage);
  if (record.outcome && isSealed && damages.length === 0) return { levels: await folder.finishedLevels() };

  const stored = await folder.readableLevels();
  if (stored.damage?.unreadable) throw unreadable(folder, stored.damage);
  const initial = await draw();
  if (stored.finished === 0) {
    if (damages.length > 0) await goBack(folder, 0, damages);
    return fresh(folder, spec, initial, await firstMask(run), rewind);
  }
  if (!isSealed && stored.damage) damages.push(stored.damage);
  const other = await folder.initDamage(initial);
  if (other && !damages.some(({ file, level }) => file === other.file && level === other.level)) damages.push(other);

  const { finished } = stored;
  const isDone = stored.levels.length === finished && hasEnded(spec, stored.levels);
  const coverage = record.coverage ?? dataset.coverage;
  let kept = Math.min(finished, ...damages.flatMap(({ level }) => level ?? []));
  // In the end this is the mask of the first level that is not kept.
  const first = await firstMask(run);
  let mask = first;
  for (let level = 0; level <= kept && !(level === finished && isDone); level++) {
    const file = levelFile(level);
    // The mask of level 0 is known without its file.
    const isKnown = level === 0 && damages.some((damage) => damage.file === file);
    const found = isKnown ? mask : await readMask(folder, level);
    const problem =
      found instanceof Mask
        ? (maskProblem(found, level, spec, level > 0 ? mask : undefined) ??
          (await prescribedProblem(found, level, prescribed)))
        : found;
    if (!(found instanceof Mask) || problem !== undefined) {
      kept = Math.max(level - 1, 0);
      damages.push({ file, problem: problem ?? "", level: kept });
      break;
    }
    mask = found;
    if (isSealed || level >= kept) continue;
    const wrong = recordProblem(stored.levels[level], mask, dataset.tasks, coverage);
    if (wrong === undefined) continue;
    kept = level;
    damages.push({ file: runFileNames.levels, line: level + 1, problem: wrong, level });
  }

  if (damages.length > 0 || record.format < 3) await goBack(folder, kept, damages);
  if (damages.length > 0) {
    observe?.({ kind: "damaged", experiment, seed, problems: damages.map(describeDamage), finished, kept });
  }
  if (kept === 0) return fresh(folder, spec, initial, first, rewind);
  const written = new Set(damages.flatMap(({ file, level }) => (level === undefined ? [file] : [])));
  if (written.has(runFileNames.init)) await folder.writeInit(initial);
  if (written.has(levelFile(0))) await folder.writeLevelMask(0, first);
  if (rewind && written.has(runFileNames.rewind)) await folder.writeRewind(await rewind(initial));
  const levels = await folder.finishedLevels();
  if (hasEnded(spec, levels)) return { levels };
  const start = (await storedStart(folder, levels.length)) ?? initial;
  return { levels, next: { initial, start, rewound: startsTrained(spec) ? undefined : start, mask } };
}

/** The first damage of the times of the levels, which need no training to be written again. */
async function timingDamages(folder: RunFolder): Promise<Damage[]> {
  const file = runFileNames.timings;
  try {
    const { damaged, repeated } = await folder.readTimings();
    if (damaged.length > 0) return [{ file, line: damaged[0], problem: "is no timing", level: undefined }];
    // An older version added a line each time that a level was trained, and a run that goes on leaves one of each.
    if (repeated.length === 0 || folder.record.format < 3 || !folder.record.outcome) return [];
    return [{ file, problem: `has level ${repeated[0]} twice`, level: undefined }];
  } catch (error) {
    if (!(error instanceof InputError || error instanceof StorageError)) throw error;
    return [unreadableFile(folder.path, file, undefined, error)];
  }
}

/** A file that cannot be read may be whole, so nothing is trained again because of it. */
function unreadable({ path }: RunFolder, damage: Damage): Error {
  if (damage.unreadable instanceof StorageError) return damage.unreadable;
  return new InputError(
    `${path}/${describeDamage(damage)}; put the file back or remove what is there, then give the same command again`,
  );
}

/** @throws InputError that names the damage, when the levels were trained by another program */
async function goBack(folder: RunFolder, kept: number, damages: readonly Damage[]): Promise<void> {
  try {
    await folder.keepLevels(kept);
  } catch (error) {
    if (!(error instanceof InputError) || damages.length === 0) throw error;
    throw new InputError(`${error.message}; damaged: ${damages.map(describeDamage).join(", ")}`);
  }
}

/** Begins with level 0, whatever a stopped process left. */
async function fresh(
  folder: RunFolder,
  spec: Spec,
  initial: Parameters,
  mask: Mask,
  rewind: Origins["rewind"],
): Promise<Beginning> {
  if (folder.record.format < 3) await folder.keepLevels(0);
  await folder.writeInit(initial);
  const rewound = rewind ? await rewind(initial) : initial;
  if (rewind) await folder.writeRewind(rewound);
  await folder.writeLevelMask(0, mask);
  return { levels: [], next: { initial, start: initial, rewound: startsTrained(spec) ? undefined : rewound, mask } };
}

/** The mask of level 0. */
export async function firstMask({ spec, prescribed }: Pick<Begun, "spec" | "prescribed">): Promise<Mask> {
  return (await prescribed?.mask(0)) ?? Mask.full(spec.shape);
}

async function prescribedProblem(
  mask: Mask,
  level: number,
  prescribed: Begun["prescribed"],
): Promise<string | undefined> {
  const wanted = await prescribed?.mask(level);
  return wanted && !wanted.equals(mask) ? "does not hold the mask that the branch trains" : undefined;
}

/** The mask of a level, or what is wrong with its file. */
async function readMask(folder: RunFolder, level: number): Promise<Mask | string> {
  try {
    return (await folder.readLevelMask(level)) ?? "is missing";
  } catch (error) {
    if (error instanceof InputError) return `is no mask (${error.message})`;
    throw error;
  }
}
