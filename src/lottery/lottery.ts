import { analyze } from "../analysis/analyze.ts";
import { type Outcome, runOutcome } from "../analysis/outcome.ts";
import { RunError } from "../base/errors.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Engine, LevelJob } from "../engine/engine.ts";
import { Mask } from "../mask/mask.ts";
import { initialParameters } from "../network/initial.ts";
import type { Parameters } from "../network/parameters.ts";
import type { NullTester } from "../nulls/tester.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { RunFolder } from "../store/run_folder.ts";
import type { JsonObject, Restart } from "../store/run_record.ts";
import { trainedLength } from "../store/trained_length.ts";
import { begin, firstMask, type NextLevel, type Origins } from "./begin.ts";
import type { CheckpointTurns } from "./checkpoint_turns.ts";
import { RunCheckpoints } from "./checkpoints.ts";
import { runCost } from "./cost.ts";
import { type Evaluator, evaluate } from "./evaluation.ts";
import { hasEnded } from "./has_ended.ts";
import { levelCurves } from "./level_curves.ts";
import { levelNulls } from "./level_nulls.ts";
import { levelRecord } from "./level_record.ts";
import type { RunKey, RunObserver } from "./messages.ts";
import { nextMask } from "./next_level.ts";
import type { PrescribedLevels } from "./prescribed.ts";
import { type RewindPoint, ratesOf, rewindPoint, startsTrained } from "./rewind.ts";
import type { Spec } from "./spec.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** One run: a spec, a seed, and the engine that trains it. */
export interface Lottery extends RunKey {
  readonly spec: Spec;
  /** The spec's dataset, with its validation split and coverage; a folder's coverage goes before the dataset's. */
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Evaluates trained levels on the test split, where they are validated on other samples. */
  readonly test?: Evaluator | undefined;
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
  /** Holds tickets against masks by chance; needed where the spec asks for any. */
  readonly nulls?: NullTester | undefined;
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
 * Iterative magnitude pruning with rewinding (Frankle and Carbin 2019, strategy 1; {@link ratesOf} and `rewind.ts` have the
 * others) for one seed: train, analyse, prune, rewind, until the trajectory ends or the stop rule holds. The levels of a
 * branch have the masks and the start weights that it prescribes. Resumes after the finished levels of the folder that {@link begin}
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
  const point = rewindPoint(spec, lottery.dataset.train.samples);
  const rewind = point && ((initial: Parameters) => rewoundParameters(lottery, initial, point, folder));
  const { levels, next } = folder
    ? await begin(lottery, folder, { draw, rewind })
    : { levels: [], next: await firstLevel(lottery, { draw, rewind }) };
  for (const record of levels) observe?.({ kind: "found", experiment, seed, record });
  const say = (level: number, text: string) => observe?.({ kind: "checkpoint", experiment, seed, level, text });
  const stored = (level: number) => observe?.({ kind: "stored", experiment, seed, level });
  const checkpoints = folder && new RunCheckpoints(folder, lottery.checkpoints, say, stored);

  if (next) {
    const { initial, rewound } = next;
    let { mask, start } = next;
    while (!hasEnded(spec, levels)) {
      await unlessAborted(signal, beforeLevel?.() ?? Promise.resolve());
      signal?.throwIfAborted();
      const trained = await runLevel(lottery, { initial, start, rewound, mask }, levels, folder, checkpoints);
      const { record } = trained;
      if (point && record.level === 0 && record.steps < point.steps && !hasEnded(spec, [record])) {
        say(
          0,
          `level 0 ended after ${trainedLength(record)}: the weights after ${point.text}, which the run rewinds to, are those of training on`,
        );
      }
      levels.push(record);
      ({ mask, start } = trained);
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
 * @param begun what it begins with; starting the next level from other parameters than the trained ones is rewinding
 * @returns its record, and mask and start parameters of the next level (after the last level, the same mask)
 */
async function runLevel(
  lottery: Lottery,
  { initial, start, rewound, mask }: NextLevel,
  finished: readonly LevelRecord[],
  folder: RunFolder | undefined,
  checkpoints: RunCheckpoints | undefined,
): Promise<{ record: LevelRecord; mask: Mask; start: Parameters }> {
  const { spec, dataset, engine, machine, experiment, seed, observe, signal, prescribed } = lottery;
  const level = finished.length;
  const key = { experiment, seed, level };
  observe?.({ kind: "start", ...key, remaining: mask.count() });
  const restarts: Restart[] = [];
  const job = levelJob(lottery, start, mask, level);
  const resume = await checkpoints?.open(job);
  signal?.throwIfAborted();
  let resumedEpochs: number | undefined;
  // A level waits for a slot of the engine until it begins; where a thread fails, it begins twice.
  let begunAt: number | undefined;
  const training = engine.train(
    { ...job, resume },
    {
      begun: (now) => {
        begunAt ??= performance.now();
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
    const elapsedMs = begunAt === undefined ? 0 : performance.now() - begunAt;
    observe?.({ kind: "trained", ...key, weights: () => trained.weights() });
    const kept = folder && spec.keepTrained ? { mask, parameters: await trained.weights() } : undefined;
    const nextStart = rewound ?? kept?.parameters ?? (await trained.weights());
    for (const restart of restarts) await folder?.noteRestart(restart);
    const test =
      lottery.test &&
      (await unlessAborted(
        signal,
        evaluate(lottery.test, {
          ...{ label: `test of ${job.label}`, seed, level, mask, batch: spec.batch },
          start: kept?.parameters ?? (await trained.weights()),
        }),
      ).catch(failed));
    const coverage = folder?.record.coverage ?? dataset.coverage;
    const analysis = analyze(mask, dataset.tasks, coverage);
    const nulls = await unlessAborted(signal, levelNulls(spec, mask, dataset.tasks, coverage, lottery.nulls));
    const record = levelRecord(
      level,
      trained.training,
      mask,
      analysis,
      dataset,
      prescribed?.dense ?? finished[0],
      spec,
      prescribed?.sourceLevels[level],
      test,
      nulls,
    );
    const isLast = hasEnded(spec, [...finished, record]);
    const toPrune = { engine, job, dataset, signal, trained: { ...trained, release }, initial };
    const next = isLast ? mask : ((await prescribed?.mask(level + 1)) ?? (await nextMask(spec, toPrune).catch(failed)));
    const { curves } = trained.training;
    await folder?.finishLevel({
      record,
      curves: curves && levelCurves(record, curves, dataset),
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
    return { record, mask: next, start: nextStart };
  } finally {
    release();
  }
}

/** What level 0 begins with in a run that is not stored. */
async function firstLevel(lottery: Lottery, { draw, rewind }: Origins): Promise<NextLevel> {
  const { spec } = lottery;
  const initial = await draw();
  const rewound = rewind ? await rewind(initial) : initial;
  return {
    initial,
    start: initial,
    rewound: startsTrained(spec) ? undefined : rewound,
    mask: await firstMask(lottery),
  };
}

/**
 * The parameters of the dense network after some training: those of level 0 at that point, or where it would have been had early
 * stopping not ended it before. They are trained as a level of their own, so that they are a function of the job alone.
 */
async function rewoundParameters(
  lottery: Lottery,
  initial: Parameters,
  { steps }: RewindPoint,
  folder: RunFolder | undefined,
): Promise<Parameters> {
  const { spec, engine, experiment, seed, observe, signal } = lottery;
  const job = levelJob(lottery, initial, Mask.full(spec.shape), 0);
  const settings = {
    ...job.settings,
    maxEpochs: undefined,
    maxSteps: steps,
    evaluateEvery: steps,
    keep: "last",
    keepCurves: undefined,
  } as const;
  const restarted = (cause: string) => observe?.({ kind: "restarted", experiment, seed, level: 0, cause });
  try {
    const trained = await unlessAborted(signal, engine.train({ ...job, settings }, { restarted }));
    try {
      return await trained.weights();
    } finally {
      trained.release();
    }
  } catch (error) {
    if (error instanceof RunError && !error.mayPass) await folder?.noteDivergence(0, error.message);
    throw error;
  }
}

function levelJob({ spec, seed, prescribed }: Lottery, start: Parameters, mask: Mask, level: number): LevelJob {
  const { optimizer, momentum, weightDecay, l1, batch, maxEpochs, maxSteps, evaluateEvery, patience, keep } = spec;
  return {
    label: `seed ${seed}`,
    seed,
    orderSeed: prescribed?.orderSeed ?? spec.orderSeed,
    // A branch trains a level in the order of the level that it branches from.
    level: prescribed?.sourceLevels[level] ?? level,
    settings: {
      optimizer,
      ...ratesOf(spec, level),
      momentum,
      weightDecay,
      l1,
      batch,
      maxEpochs,
      maxSteps,
      evaluateEvery,
      patience,
      keep,
      keepCurves: spec.keepCurves,
    },
    start,
    mask,
    remainingWork: runCost(spec, level),
  };
}
