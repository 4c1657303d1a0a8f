import * as z from "zod";
import { runOutcome } from "../analysis/outcome.ts";
import { InputError, reasonOf, StorageError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { plural } from "../base/format.ts";
import { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { readRunFolder } from "../store/open_run.ts";
import { describeDamage } from "../store/run_damage.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { isDeterministic, levelFile, levelOf, runFileNames } from "../store/run_path.ts";
import type { JsonObject } from "../store/run_record.ts";
import { readSettled } from "../store/settled_run.ts";
import { branchSchema } from "./branch/branch.ts";
import { branchStart } from "./branch/start.ts";
import { maskProblem, type Planned, recordProblem } from "./check_levels.ts";
import { defaultRewind, readRewind } from "./rewind.ts";
import { runOutline } from "./run_outline.ts";

/** What {@link verifyRun} found of a run. */
export interface VerifiedRun {
  /** Path of its folder. */
  readonly path: string;
  /** Number of finished levels. */
  readonly levels: number;
  readonly ended: boolean;
  /** A text for each problem: the file, and what is wrong with it. Empty for a whole run. */
  readonly problems: readonly string[];
  /**
   * What could not be verified, such as the losses of an unfinished run of an older version, which has no checksums.
   */
  readonly unverified: readonly string[];
}

/** The part of a spec that initial weights and masks are held against. */
const specSchema = z.looseObject({
  shape: z.array(z.int().positive()).min(2),
  remaining: z.array(z.int().nonnegative()),
  initSeed: z.int().nonnegative().optional(),
  counts: z.string().optional(),
  prunable: z.string().optional(),
  initializer: z.string().optional(),
  activation: z.string().optional(),
  branch: branchSchema.optional(),
});
type CheckedSpec = z.infer<typeof specSchema>;

/**
 * Verifies every file of a run, finished or not, and changes nothing: `run.json` by its schema and its own checksum; the
 * others by the checksums in it; the masks by shape, count and nesting; the initial weights by drawing them again, where
 * they come from the seed; the records by the analysis of the masks; curves, times and outcome by the records. Needs no
 * data set.
 * @param path of the run folder
 */
export async function verifyRun(files: Files, path: string): Promise<VerifiedRun> {
  let folder: RunFolder;
  try {
    folder = await readRunFolder(files, path);
  } catch (error) {
    const problem = messageOf(error);
    return { path, levels: 0, ended: false, problems: [problem.replace(`${path}/`, "")], unverified: [] };
  }
  const verified = await readSettled(
    files,
    folder,
    (now) => verifyFolder(files, now),
    ({ problems }) => problems.length === 0,
  );
  if (verified) return verified;
  const { finished = 0 } = folder.record;
  return {
    path,
    levels: finished,
    ended: false,
    problems: [],
    unverified: ["any file: the run is in training, and changed while it was read"],
  };
}

async function verifyFolder(files: Files, folder: RunFolder): Promise<VerifiedRun> {
  const { record, path } = folder;
  const problems: string[] = [];
  const unverified: string[] = [];
  const damages = await folder.damages();
  const damaged = new Set(damages.map(({ file }) => file));
  problems.push(...damages.map(describeDamage));
  if (record.format < 3 && !record.outcome) unverified.push("without checksums: an older version began it");
  for (const { levels, program } of record.former ?? []) {
    if (!program) unverified.push(`${plural(levels, "level")} of an older version were stored without checksums`);
  }

  const { levels, finished, damage } = await folder.readableLevels();
  if (damage && !damaged.has(damage.file)) {
    problems.push(describeDamage(damage));
    damaged.add(damage.file);
  }
  const spec = specSchema.safeParse(record.spec);
  if (!spec.success) unverified.push("masks and initial weights: the spec names no shape and counts");
  else {
    problems.push(...(await maskProblems(folder, levels, spec.data, damaged)));
    if (spec.data.branch?.rewind !== undefined) {
      unverified.push("initial weights by their origin: they come from weights after some training");
    } else if (record.spec.initSha256 !== undefined)
      unverified.push("initial weights by their origin: they came from a file");
    else if (!damaged.has(runFileNames.init) && (finished > 0 || record.outcome)) {
      problems.push(...(await initialProblems(folder, spec.data)));
    }
  }
  problems.push(...rewindProblems(folder, finished));
  if (!damaged.has(runFileNames.curves)) problems.push(...(await curveProblems(folder, levels)));
  problems.push(...(await timingProblems(folder, finished)));
  if (record.outcome && !damaged.has(runFileNames.levels)) problems.push(...outcomeProblems(record.outcome, levels));
  for (const name of await files.list(path)) {
    const isLeft = (levelOf(name) ?? 0) > finished || (record.outcome && !(name in (record.checksums ?? {})));
    if (record.outcome && record.format >= 3 && isDeterministic(name) && isLeft) {
      problems.push(`${name} belongs to no level of the run`);
    }
  }
  return { path, levels: finished, ended: record.outcome !== undefined, problems, unverified };
}

async function maskProblems(
  folder: RunFolder,
  levels: readonly LevelRecord[],
  planned: Planned,
  damaged: ReadonlySet<string>,
): Promise<string[]> {
  const { record } = folder;
  const problems: string[] = [];
  const { tasks, coverage } = runOutline(record, folder.path);
  let before: Mask | undefined;
  for (let level = 0; level <= levels.length && level < planned.remaining.length; level++) {
    const file = levelFile(level);
    const mask = damaged.has(file) ? undefined : await maskOf(folder, level);
    // The mask of the level after the finished ones is there unless the run has ended.
    if (mask === "is missing" && level === levels.length) break;
    if (typeof mask === "string") problems.push(`${file} ${mask}`);
    if (!(mask instanceof Mask)) {
      before = undefined;
      continue;
    }
    const problem = maskProblem(mask, level, planned, before);
    if (problem !== undefined) problems.push(`${file} ${problem}`);
    const stored = damaged.has(runFileNames.levels) ? undefined : levels[level];
    const wrong = stored && problem === undefined ? recordProblem(stored, mask, tasks, coverage) : undefined;
    if (wrong !== undefined) problems.push(`${runFileNames.levels}, line ${level + 1} ${wrong}`);
    before = problem === undefined ? mask : undefined;
  }
  return problems;
}

async function maskOf(folder: RunFolder, level: number): Promise<Mask | string> {
  try {
    return (await folder.readLevelMask(level)) ?? "is missing";
  } catch (error) {
    return `is no mask (${messageOf(error)})`;
  }
}

async function initialProblems(folder: RunFolder, spec: CheckedSpec): Promise<string[]> {
  try {
    const damage = await folder.initDamage(await initialOf(spec, folder.record.seed));
    return damage ? [describeDamage(damage)] : [];
  } catch (error) {
    // Such as an initialiser that this version does not know.
    return [`${runFileNames.init}: ${messageOf(error)}`];
  }
}

/** The initial parameters that spec and seed give; those of a branch follow from those of the run it branches from. */
async function initialOf(spec: CheckedSpec, seed: number): Promise<Parameters> {
  const drawn = initialParameters(spec.shape, spec.initSeed ?? seed, spec);
  return spec.branch ? branchStart(spec, spec.branch, seed, drawn) : drawn;
}

/** Whether the weights that the run rewinds to are among the files with checksums, if it rewinds to such. */
function rewindProblems({ record }: RunFolder, finished: number): string[] {
  const text = typeof record.spec.rewind === "string" ? record.spec.rewind : defaultRewind;
  const rewind = readRewind(text);
  if (!rewind) return [`run.json: rewind ${text} is not known`];
  const isThere = record.checksums?.[runFileNames.rewind] !== undefined;
  return "count" in rewind && finished > 0 && !isThere ? [`${runFileNames.rewind} has no checksum in run.json`] : [];
}

async function curveProblems(folder: RunFolder, levels: readonly LevelRecord[]): Promise<string[]> {
  try {
    const curves = await folder.readCurves();
    if (curves.length === 0 && folder.record.spec.keepCurves !== true) return [];
    return levels.flatMap(({ level, epochs, evaluations = epochs }) => {
      const found = curves[level]?.valLoss.length ?? 0;
      const what = evaluations === epochs ? "epoch" : "evaluation";
      return found === evaluations
        ? []
        : [`${runFileNames.curves} has ${plural(found, what)} of level ${level}, which has ${evaluations}`];
    });
  } catch (error) {
    return [messageOf(error).replace(`${folder.path}/`, "")];
  }
}

async function timingProblems(folder: RunFolder, finished: number): Promise<string[]> {
  const file = runFileNames.timings;
  let stored: Awaited<ReturnType<RunFolder["readTimings"]>>;
  try {
    stored = await folder.readTimings();
  } catch (error) {
    return [`${file} cannot be read (${messageOf(error, `cannot read ${folder.path}/${file}`)})`];
  }
  const { timings, damaged, repeated } = stored;
  const missing = Array.from({ length: finished }, (_, level) => level).filter(
    (level) => !timings.some((timing) => timing.level === level),
  );
  return [
    ...damaged.map((line) => `${file}, line ${line} is no timing`),
    ...missing.map((level) => `${file} has no line of level ${level}, whose time is lost`),
    // Older versions added a line each time that a level was trained.
    ...(folder.record.format >= 3 ? repeated.map((level) => `${file} has level ${level} twice`) : []),
  ];
}

function outcomeProblems(stored: JsonObject, levels: readonly LevelRecord[]): string[] {
  const outcome = runOutcome(levels.map(({ state }) => state));
  return [
    ...(stored.outcome === outcome ? [] : [`run.json has the outcome ${stored.outcome}, its levels give ${outcome}`]),
    ...(stored.levels === undefined || stored.levels === levels.length
      ? []
      : [`run.json has ${stored.levels} levels, levels.jsonl ${levels.length}`]),
  ];
}

/**
 * @param name of what a sentence names already, which is left out, as is the advice
 * @throws any error that is not about a file
 */
function messageOf(error: unknown, name?: string): string {
  if (!(error instanceof InputError || error instanceof StorageError)) throw error;
  return name === undefined ? error.message : reasonOf(error, name);
}
