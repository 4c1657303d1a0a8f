import { analyze } from "../analysis/analyze.ts";
import { type Outcome, runOutcome } from "../analysis/outcome.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Engine, TrainingNetwork } from "../engine/engine.ts";
import { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord, LevelState } from "../store/level_record.ts";
import type { RunFolder } from "../store/run_folder.ts";
import type { JsonObject } from "../store/run_record.ts";
import { runCost } from "./cost.ts";
import { levelRecord } from "./level_record.ts";
import type { RunObserver } from "./messages.ts";
import type { Spec } from "./spec.ts";

/** What every run of an experiment shares. */
export interface Lottery {
  readonly spec: Spec;
  /** As the spec names it, validation split and coverage applied. */
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Start from these weights, whatever the seed; undefined: drawn by seed. */
  readonly initial?: Parameters | undefined;
  /** Written beside the times of every level: machine, adapter, versions. */
  readonly machine?: JsonObject;
  readonly observe?: RunObserver;
  /** Awaited before each level: how a page pauses. The time that it takes is not the level's. */
  readonly beforeLevel?: () => Promise<void>;
  /** Hears that a level begins, and is handed what reads its weights until they are rewound. */
  readonly onTraining?: (seed: number, level: number, weights: () => Promise<Parameters>) => void;
  /** Hears what a level has made of the weights, before they are rewound. */
  readonly onTrained?: (seed: number, level: number, weights: Parameters) => void;
  /** Ends the run at once, but never within a write: what is finished stays finished. */
  readonly signal?: AbortSignal;
}

/** One run: what became of one seed. */
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
export async function runLottery(lottery: Lottery, seed: number, folder?: RunFolder): Promise<LotteryRun> {
  const { spec, engine, observe } = lottery;
  const levels = (await folder?.finishedLevels()) ?? [];
  for (const record of levels) observe?.({ kind: "found", seed, record });

  if (!hasEnded(spec, levels)) {
    const initial = lottery.initial ?? initialParameters(spec.shape, seed, spec);
    const mask = await firstMask(spec, levels.length, folder);
    if (folder && levels.length === 0) {
      await folder.writeInit(initial);
      await folder.writeLevelMask(0, mask);
    }
    const network = await engine.admit({ label: `seed ${seed}`, seed, initial, mask });
    try {
      await playLevels(lottery, seed, network, mask, levels, folder);
    } finally {
      network.release();
    }
  }

  const outcome = runOutcome(levels.map((record) => record.state));
  if (folder && !folder.record.outcome) await folder.writeOutcome({ outcome, levels: levels.length });
  observe?.({ kind: "outcome", seed, outcome });
  return { seed, levels, outcome };
}

/** Trains level after level; appends to `levels`. */
async function playLevels(
  { spec, dataset, engine, machine, observe, beforeLevel, onTraining, onTrained, signal }: Lottery,
  seed: number,
  network: TrainingNetwork,
  firstLevelMask: Mask,
  levels: LevelRecord[],
  folder: RunFolder | undefined,
): Promise<void> {
  let mask = firstLevelMask;
  while (!hasEnded(spec, levels)) {
    await unlessAborted(signal, beforeLevel?.() ?? Promise.resolve());
    signal?.throwIfAborted();
    const level = levels.length;
    const startedAt = performance.now();
    observe?.({ kind: "start", seed, level, remaining: mask.count() });
    const settings = { ...spec, ahead: runCost(spec, level) };
    const trained = network.train(level, settings, (progress) =>
      observe?.({ kind: "progress", seed, level, ...progress }),
    );
    onTraining?.(seed, level, () => network.weights());
    const training = await unlessAborted(signal, trained);
    const elapsedMs = performance.now() - startedAt;
    onTrained?.(seed, level, await network.weights());
    if (folder && spec.keepTrained) await folder.writeLevelMask(level, mask, await network.weights());

    const analysis = analyze(mask, dataset.tasks, dataset.coverage);
    const record = levelRecord(level, training, analysis, dataset, levels[0], spec.tolerance);
    const isLast = hasEnded(spec, [...levels, record]);
    if (!isLast) {
      const { scope, criterion } = spec;
      mask = await network.prune({ remaining: spec.remaining[level + 1], scope, criterion }, level + 1);
      await folder?.writeLevelMask(level + 1, mask);
    }
    const timing = { level, elapsedMs, engine: engine.name, executor: engine.executor, ...machine };
    await folder?.appendTiming({ ...timing, finishedAt: new Date().toISOString() });
    await folder?.appendLevel(record, isLast);
    levels.push(record);
    observe?.({ kind: "level", seed, record, elapsedMs });
  }
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
