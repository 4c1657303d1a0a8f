import { InputError, RunError } from "../base/errors.ts";
import type { CoverageKind } from "../base/task.ts";
import { CheckpointTurns } from "../lottery/checkpoint_turns.ts";
import { datasetFor } from "../lottery/dataset.ts";
import type { LotteryRun } from "../lottery/lottery.ts";
import { type PopulationRun, type RunEnd, runPopulation } from "../lottery/population.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { RunHeld } from "../store/lock/run_held.ts";
import { findRunFolder } from "../store/run_folder.ts";
import { openEngine } from "./engines.ts";
import { LockedFolder } from "./locked_folder.ts";
import type { ExperimentInput, RunOptions } from "./options.ts";
import { trainInPasses } from "./passes.ts";
import { type EngineWork, type Prepared, prepareExperiments, type RunPlace } from "./plan.ts";
import type { Platform } from "./platform.ts";
import type { ExperimentResult, RunResult } from "./result.ts";
import type { RunPlan } from "./run_plan.ts";

/**
 * Runs experiments as one population: trains, prunes, analyses and stores the levels of every spec and seed. A run
 * whose training diverges does not stop the others.
 * @throws InputError for an invalid spec, dataset or path, or when the limits of the device or of main memory are
 *   exceeded; DeviceError when the device fails
 */
export async function runExperiments(
  platform: Platform,
  given: ExperimentInput | readonly ExperimentInput[],
  options: RunOptions = {},
): Promise<RunResult> {
  const checkpoints = checkpointTurns(options.checkpointEvery);
  const prepared = await prepareExperiments(platform, given, options);
  const { plan, works, device } = prepared;
  try {
    const begun = await checkFolders(platform, prepared);
    options.onStart?.({ ...plan, notices: [...plan.notices, ...begun] });
    const results = plan.experiments.map(() => new Map<number, LotteryRun | RunError>());
    const held = await trainInPasses(
      works,
      (work) => runWork(platform, prepared, work, checkpoints, options),
      ({ number, seed }, result) => results[number].set(seed, result),
      { locks: platform.locks, wait: options.wait ?? true, onWait: options.onWait, signal: options.signal },
    );
    const experiments = plan.experiments.map(({ diskBytesPerRun: _, ...planned }, number): ExperimentResult => {
      const runs: LotteryRun[] = [];
      const failed: { seed: number; message: string }[] = [];
      for (const seed of planned.seeds) {
        const result = results[number].get(seed);
        if (result instanceof RunError) failed.push({ seed, message: result.message });
        else if (result) runs.push(result);
      }
      const passedOver = held.flatMap(({ experiment, ...run }) => (experiment === number ? [run] : []));
      return { ...planned, runs, failed, passedOver };
    });
    return { executor: plan.executor, experiments };
  } finally {
    device?.destroy();
  }
}

/** Default interval of checkpoints, and the longest, in seconds. */
const [standardInterval, longestInterval] = [300, 1e6];

/** When levels store checkpoints; undefined: never. */
function checkpointTurns(seconds = standardInterval): CheckpointTurns | undefined {
  if (!(seconds >= 0 && seconds <= longestInterval)) {
    throw new InputError(
      `checkpointEvery ${seconds}: it is no number of seconds from 0 (never) to ${longestInterval}; give one, such as ${standardInterval}`,
    );
  }
  return seconds === 0 ? undefined : new CheckpointTurns(seconds * 1000);
}

/** Trains the runs of one engine. */
async function runWork(
  platform: Platform,
  { plan, device, initial }: Prepared,
  work: EngineWork,
  checkpoints: CheckpointTurns | undefined,
  { observe, beforeLevel, signal }: RunOptions,
): Promise<RunEnd[]> {
  const { dataset, places } = work;
  const engine = openEngine(work.engine, device, platform);
  try {
    const runs = places.map((place): PopulationRun => {
      const { number, seed } = place;
      const { spec } = place.experiment;
      const lottery = {
        experiment: number,
        seed,
        spec,
        dataset: datasetFor(spec, dataset),
        engine,
        initial,
        machine: { adapterKind: plan.kind, ...platform.machine },
        observe,
        beforeLevel,
        checkpoints,
      };
      const at = folderOf(plan, work, place);
      if (!at) return { lottery };
      const folder = new LockedFolder(platform, at.root, at.run);
      return { lottery, openFolder: (lost) => folder.open(lost), closeFolder: () => folder.close() };
    });
    return await runPopulation(runs, signal);
  } finally {
    engine.close();
  }
}

/**
 * Before training, checks the existing run folders and creates the first missing one, so that a folder that cannot be
 * used is reported before any time is spent.
 * @returns a line for each way in which runs that were begun by an older version differ from new ones
 */
async function checkFolders(platform: Platform, { plan, works }: Prepared): Promise<string[]> {
  const { files } = platform;
  const isThere = new Map<string | null, boolean>();
  const former: { folder: string | null; difference: string; seeds: number[] }[] = [];
  let isWritable = false;
  for (const work of works) {
    for (const place of work.places) {
      const at = folderOf(plan, work, place);
      if (!at) return [];
      const { folder, coverage } = plan.experiments[place.number];
      const mayBeThere = isThere.get(folder) ?? (await files.exists(folder ?? ""));
      isThere.set(folder, mayBeThere);
      const found = mayBeThere ? await findRunFolder(files, at.root, at.run) : undefined;
      const [first] = (await found?.finishedLevels()) ?? [];
      for (const difference of differencesOf(found?.record.coverage, coverage, first)) {
        const same = former.find((each) => each.folder === folder && each.difference === difference);
        if (same) same.seeds.push(place.seed);
        else former.push({ folder, difference, seeds: [place.seed] });
      }
      if (!found && !isWritable) await checkWritable(new LockedFolder(platform, at.root, at.run));
      isWritable ||= !found;
    }
  }
  return former.map(({ folder, difference, seeds }) => `${folder}, seed ${seeds.join(",")}: ${difference}`);
}

/** Creates a run folder, unless another process is about to. */
async function checkWritable(folder: LockedFolder): Promise<void> {
  try {
    await folder.open();
  } catch (error) {
    if (!(error instanceof RunHeld)) throw error;
  } finally {
    await folder.close();
  }
}

/** How a run that was begun by an older version differs from a new one. */
function differencesOf(begun: CoverageKind | undefined, coverage: CoverageKind, first: LevelRecord | undefined) {
  return [
    ...(begun !== undefined && begun !== coverage
      ? [
          `decided by ${begun} coverage, by which it was begun; a new run of this spec is decided by ${coverage} coverage`,
        ]
      : []),
    ...(first && first.lost === undefined
      ? ["level 0 is of an older version, without balanced accuracy: winning is judged without it"]
      : []),
  ];
}

/** Root folder of a run, and the record that its folder is checked against; undefined if nothing is stored. */
function folderOf(plan: RunPlan, { engine }: EngineWork, { number, experiment, seed }: RunPlace) {
  const { out: root, executor, experiments } = plan;
  if (root === null) return undefined;
  const { tasks, coverage, inputNames, baselines, notices } = experiments[number];
  const { name, hash: specHash, identity: spec } = experiment;
  const told = { ...(inputNames && { inputNames }), baselines, notices };
  return {
    root,
    run: { name, specHash, seed, executor: `${engine.name}, ${executor}`, spec, tasks, coverage, ...told },
  };
}
