import { analyze } from "../analysis/analyze.ts";
import { type Outcome, runOutcome } from "../analysis/outcome.ts";
import { RunError } from "../base/errors.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Engine, LevelJob } from "../engine/engine.ts";
import type { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { RunFolder } from "../store/run_folder.ts";
import type { JsonObject, Restart } from "../store/run_record.ts";
import { begin, firstMask } from "./begin.ts";
import type { CheckpointTurns } from "./checkpoint_turns.ts";
import { RunCheckpoints } from "./checkpoints.ts";
import { runCost } from "./cost.ts";
import { hasEnded } from "./has_ended.ts";
import { levelCurves } from "./level_curves.ts";
import { levelRecord } from "./level_record.ts";
import type { RunKey, RunObserver } from "./messages.ts";
import { nextMask } from "./next_level.ts";
import type { PrescribedLevels } from "./prescribed.ts";
import type { Spec } from "./spec.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** One run: a spec, a seed, and the engine that trains it. */
export interface Lottery extends RunKey {
  readonly spec: Spec;
  /** The spec's dataset, with its validation split and coverage; a folder's coverage goes before the dataset's. */
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Initial parameters for all seeds; undefined: drawn from the seed. */
  readonly initial?: Parameters | undefined;
  /** Draws the initial parameters of a spec and a run's seed; default {@link initialParameters}. A population draws those of one run at a time. */
  readonly draw?: ((spec: Spec, seed: number) => Promise<Parameters>) | undefined;
  /** Of a branch: what its levels start from; undefined: pruning and rewinding decide. */
  readonly prescribed?: PrescribedLevels | undefined;
  /** Machine, adapter and versions, stored with the times of every level. */
  readonly machine?: JsonObject;
  readonly observe?: RunObserver | undefined;
  /** Awaited before each level, so that a page can pause; not counted in the level's time. */
  readonly beforeLevel?: (() => Promise<void>) | undefined;
  /** When to store checkpoints of the level in training; undefined: never. Shared by the runs of a population. */
  readonly checkpoints?: CheckpointTurns | undefined;
  /**
   * Aborts the run immediately, but not during a write; finished levels are kept, and a last checkpoint of the level in
   * training if it is there within 1.5 s.
   */
  readonly signal?: AbortSignal;
}

/** The result of one run. */
export interface LotteryRun {
  readonly seed: number;
  readonly levels: readonly LevelRecord[];
  readonly outcome: Outcome;
}

/**
 * Iterative magnitude pruning with rewinding (Frankle and Carbin 2019, strategy 1) for one seed: train, analyse, prune,
 * rewind, until the trajectory ends or the stop rule holds. The levels of a branch have the masks and the start weights
 * that it prescribes. Resumes after the finished levels of the folder that {@link begin}
 * finds whole, from the checkpoint of the next one if there is one.
 * @param folder where to store the run; undefined stores nothing
 * @throws RunError when training diverges; InputError or StorageError when the folder cannot be used; the signal's
 * reason when it is aborted
 */
export async function runLottery(lottery: Lottery, folder?: RunFolder): Promise<LotteryRun> {
  const { spec, experiment, seed, observe, beforeLevel, signal } = lottery;
  const drawn = lottery.draw ?? (async () => initialParameters(spec.shape, spec.initSeed ?? seed, spec));
  const { prescribed } = lottery;
  const draw = async () =>
    lottery.initial ?? unlessAborted(signal, prescribed ? prescribed.start() : drawn(spec, seed));
  const { levels, next } = folder
    ? await begin(lottery, folder, draw)
    : { levels: [], next: { initial: await draw(), mask: await firstMask(lottery) } };
  for (const record of levels) observe?.({ kind: "found", experiment, seed, record });
  const say = (level: number, text: string) => observe?.({ kind: "checkpoint", experiment, seed, level, text });
  const checkpoints = folder && new RunCheckpoints(folder, lottery.checkpoints, say);

  if (next) {
    const { initial } = next;
    let { mask } = next;
    while (!hasEnded(spec, levels)) {
      await unlessAborted(signal, beforeLevel?.() ?? Promise.resolve());
      signal?.throwIfAborted();
      const trained = await runLevel(lottery, initial, mask, levels, folder, checkpoints);
      levels.push(trained.record);
      mask = trained.mask;
    }
  }

  const outcome = runOutcome(levels.map((record) => record.state));
  if (folder && !folder.record.outcome) await folder.writeOutcome({ outcome, levels: levels.length });
  await checkpoints?.remove();
  observe?.({ kind: "outcome", experiment, seed, outcome });
  return { seed, levels, outcome };
}

/**
 * Trains the level after the finished ones, stores its record, and prunes.
 * @param initial the initial parameters of every level; starting the next level with them is rewinding
 * @param mask the mask of the level
 * @returns its record, and the mask of the next level (after the last level, the same mask)
 */
async function runLevel(
  lottery: Lottery,
  initial: Parameters,
  mask: Mask,
  finished: readonly LevelRecord[],
  folder: RunFolder | undefined,
  checkpoints: RunCheckpoints | undefined,
): Promise<{ record: LevelRecord; mask: Mask }> {
  const { spec, dataset, engine, machine, experiment, seed, observe, signal, prescribed } = lottery;
  const level = finished.length;
  const key = { experiment, seed, level };
  const startedAt = performance.now();
  observe?.({ kind: "start", ...key, remaining: mask.count() });
  const restarts: Restart[] = [];
  const job = levelJob(lottery, initial, mask, level);
  const resume = await checkpoints?.open(job);
  signal?.throwIfAborted();
  let resumedEpochs: number | undefined;
  const training = engine.train(
    { ...job, resume },
    {
      begun: (now) => {
        resumedEpochs = now.resumedEpochs;
        checkpoints?.begun(level, now, resume);
        observe?.({ kind: "training", ...key, weights: now.weights });
      },
      progress: (progress) => observe?.({ kind: "progress", ...key, ...progress }),
      restarted: (cause) => {
        restarts.push({ level, cause, at: new Date().toISOString() });
        observe?.({ kind: "restarted", ...key, cause });
      },
    },
  );
  const failed = async (error: unknown): Promise<never> => {
    if (error instanceof RunError && !error.mayPass) await folder?.noteDivergence(level, error.message);
    throw error;
  };
  const trained = await unlessAborted(signal, training).catch(async (error: unknown) => {
    await checkpoints?.stop(signal?.aborted ?? false);
    return failed(error);
  });
  await checkpoints?.close();
  let isHeld = true;
  const release = () => {
    if (isHeld) trained.release();
    isHeld = false;
  };
  try {
    const elapsedMs = performance.now() - startedAt;
    observe?.({ kind: "trained", ...key, weights: () => trained.weights() });
    const kept = folder && spec.keepTrained ? { mask, parameters: await trained.weights() } : undefined;
    for (const restart of restarts) await folder?.noteRestart(restart);
    const analysis = analyze(mask, dataset.tasks, folder?.record.coverage ?? dataset.coverage);
    const record = levelRecord(
      level,
      trained.training,
      mask,
      analysis,
      dataset,
      prescribed?.dense ?? finished[0],
      spec,
      prescribed?.sourceLevels[level],
    );
    const isLast = hasEnded(spec, [...finished, record]);
    const toPrune = { engine, job, dataset, signal, trained: { ...trained, release }, initial };
    const next = isLast ? mask : ((await prescribed?.mask(level + 1)) ?? (await nextMask(spec, toPrune).catch(failed)));
    const { curves } = trained.training;
    await folder?.finishLevel({
      record,
      curves: curves && levelCurves(level, curves, dataset),
      timing: {
        level,
        ...(resumedEpochs !== undefined && { resumedEpochs }),
        ...{ elapsedMs, engine: record.engine, executor: engine.executor, ...machine },
        finishedAt: new Date().toISOString(),
      },
      trained: kept,
      next: isLast ? undefined : next,
    });
    await checkpoints?.remove();
    observe?.({ kind: "level", experiment, seed, record, elapsedMs });
    return { record, mask: next };
  } finally {
    release();
  }
}

function levelJob({ spec, seed, prescribed }: Lottery, start: Parameters, mask: Mask, level: number): LevelJob {
  const { optimizer, lr, momentum, weightDecay, schedule, batch, maxEpochs, patience, keep, keepCurves } = spec;
  return {
    label: `seed ${seed}`,
    seed,
    orderSeed: prescribed?.orderSeed ?? spec.orderSeed,
    // A branch trains a level in the order of the level that it branches from.
    level: prescribed?.sourceLevels[level] ?? level,
    settings: { optimizer, lr, momentum, weightDecay, schedule, batch, maxEpochs, patience, keep, keepCurves },
    start,
    mask,
    remainingWork: runCost(spec, level),
  };
}
