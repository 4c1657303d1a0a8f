import { analyze } from "../analysis/analyze.ts";
import { type Outcome, runOutcome } from "../analysis/outcome.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Engine, LevelJob } from "../engine/engine.ts";
import { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord, LevelState } from "../store/level_record.ts";
import type { RunFolder } from "../store/run_folder.ts";
import type { JsonObject } from "../store/run_record.ts";
import { runCost } from "./cost.ts";
import { levelRecord } from "./level_record.ts";
import type { RunKey, RunObserver } from "./messages.ts";
import { nextMask } from "./next_level.ts";
import type { Spec } from "./spec.ts";

/** One run: a spec, a seed, and what trains it. */
export interface Lottery extends RunKey {
  readonly spec: Spec;
  /** As the spec names it, validation split and coverage applied. */
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Start from these weights, whatever the seed; undefined: drawn by seed. */
  readonly initial?: Parameters | undefined;
  /** Written beside the times of every level: machine, adapter, versions. */
  readonly machine?: JsonObject;
  readonly observe?: RunObserver | undefined;
  /** Awaited before each level: how a page pauses. Not counted in the level's time. */
  readonly beforeLevel?: (() => Promise<void>) | undefined;
  /** Ends the run at once, but never within a write: finished levels stay. */
  readonly signal?: AbortSignal;
}

/** What became of one seed. */
export interface LotteryRun {
  readonly seed: number;
  readonly levels: readonly LevelRecord[];
  readonly outcome: Outcome;
}

/**
 * Iterative magnitude pruning with rewinding (Frankle and Carbin 2019, strategy 1) of one seed: train, analyse, prune, rewind,
 * until the trajectory or the stop rule ends it. Goes on where the folder says that an earlier process stopped.
 * @param folder where to keep the run; undefined keeps nothing
 * @throws RunError when training diverges; what the signal was aborted with
 */
export async function runLottery(lottery: Lottery, folder?: RunFolder): Promise<LotteryRun> {
  const { spec, experiment, seed, observe, beforeLevel, signal } = lottery;
  const levels = (await folder?.finishedLevels()) ?? [];
  for (const record of levels) observe?.({ kind: "found", experiment, seed, record });

  if (!hasEnded(spec, levels)) {
    const initial = lottery.initial ?? initialParameters(spec.shape, seed, spec);
    let mask = await firstMask(spec, levels.length, folder);
    if (folder && levels.length === 0) {
      await folder.writeInit(initial);
      await folder.writeLevelMask(0, mask);
    }
    while (!hasEnded(spec, levels)) {
      await unlessAborted(signal, beforeLevel?.() ?? Promise.resolve());
      signal?.throwIfAborted();
      const next = await playLevel(lottery, initial, mask, levels, folder);
      levels.push(next.record);
      mask = next.mask;
    }
  }

  const outcome = runOutcome(levels.map((record) => record.state));
  if (folder && !folder.record.outcome) await folder.writeOutcome({ outcome, levels: levels.length });
  observe?.({ kind: "outcome", experiment, seed, outcome });
  return { seed, levels, outcome };
}

/**
 * Trains the level after the finished ones, records it, and prunes.
 * @param initial the parameters that every level starts from: rewinding to them is starting the next level with them
 * @param mask of the level
 * @returns its record, and the mask of the next level; after the last level, its own
 */
async function playLevel(
  lottery: Lottery,
  initial: Parameters,
  mask: Mask,
  finished: readonly LevelRecord[],
  folder: RunFolder | undefined,
): Promise<{ record: LevelRecord; mask: Mask }> {
  const { spec, dataset, engine, machine, experiment, seed, observe, signal } = lottery;
  const level = finished.length;
  const key = { experiment, seed, level };
  const startedAt = performance.now();
  observe?.({ kind: "start", ...key, remaining: mask.count() });
  const trained = await unlessAborted(
    signal,
    engine.train(levelJob(lottery, initial, mask, level), {
      begun: (weights) => observe?.({ kind: "training", ...key, weights }),
      progress: (progress) => observe?.({ kind: "progress", ...key, ...progress }),
    }),
  );
  try {
    const elapsedMs = performance.now() - startedAt;
    observe?.({ kind: "trained", ...key, weights: () => trained.weights() });
    if (folder && spec.keepTrained) await folder.writeLevelMask(level, mask, await trained.weights());
    const analysis = analyze(mask, dataset.tasks, dataset.coverage);
    const record = levelRecord(level, trained.training, mask, analysis, dataset, finished[0], spec);
    const isLast = hasEnded(spec, [...finished, record]);
    const next = isLast ? mask : await nextMask(spec, level, trained, mask);
    if (!isLast) await folder?.writeLevelMask(level + 1, next);
    const timing = { level, elapsedMs, engine: record.engine, executor: engine.executor, ...machine };
    await folder?.appendTiming({ ...timing, finishedAt: new Date().toISOString() });
    await folder?.appendLevel(record, isLast);
    observe?.({ kind: "level", experiment, seed, record, elapsedMs });
    return { record, mask: next };
  } finally {
    trained.release();
  }
}

function levelJob({ spec, seed }: Lottery, start: Parameters, mask: Mask, level: number): LevelJob {
  const { optimizer, lr, weightDecay, schedule, batch, maxEpochs, patience, keep } = spec;
  return {
    label: `seed ${seed}`,
    seed,
    level,
    settings: { optimizer, lr, weightDecay, schedule, batch, maxEpochs, patience, keep },
    start,
    mask,
    remainingWork: runCost(spec, level),
  };
}

/** What a promise comes to, unless the signal is aborted first: then what it was aborted with. */
function unlessAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The mask of the level to train next: the stored one, or the full one at the start. */
async function firstMask(spec: Spec, level: number, folder: RunFolder | undefined): Promise<Mask> {
  return (level > 0 ? await folder?.readLevelMask(level) : undefined) ?? Mask.full(spec.shape);
}

/** Whether the trajectory is done or the stop rule holds. */
function hasEnded(spec: Spec, levels: readonly LevelRecord[]): boolean {
  if (levels.length === 0) return false;
  const state: LevelState = levels[levels.length - 1].state;
  if (spec.stopAt !== "none" && state === "degraded") return true;
  if (spec.stopAt === "separated" && state === "separated") return true;
  return levels.length === spec.remaining.length;
}
