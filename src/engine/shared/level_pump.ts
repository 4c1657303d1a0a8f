import { DeviceError } from "../../base/errors.ts";
import { nextTurn } from "../../base/next_turn.ts";
import { mostFloat } from "../../base/single_float.ts";
import { StructArray, type StructLayout } from "../../base/struct_array.ts";
import type { PassTime } from "../../device/pass_times.ts";
import { evaluatedSteps, type LevelSteps } from "../../network/level_steps.ts";
import { defaultMomentum } from "../../network/optimizers/constants.ts";
import { optimizers } from "../../network/optimizers/index.ts";
import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import { finishedEpochs, readCounts, writeCounts } from "../checkpoint.ts";
import type { Kernels, LevelCheckpoint, LevelJob, LevelNow, LevelObserver, LevelTraining } from "../engine.ts";
import { divergence, type OptimizerState } from "./divergence.ts";
import { takeLongest } from "./slots.ts";
import { type SubmissionLimits, SubmissionSize } from "./submission_size.ts";

/**
 * Number of levels of `all` that train at the same time; the others wait. All of them, if they fit side by side.
 * Otherwise half of them, so that the shorter runs remain for the end of the population. The number is a multiple of
 * `sideBySide`: three levels in a submission for two cores would use the cores three quarters of the time. More than
 * one round is better where possible, since the place of a level that ends stays empty until the next submission.
 */
export function levelsAtOnce(all: number, sideBySide: number): number {
  if (all <= sideBySide) return all;
  return sideBySide * Math.max(1, Math.floor(all / (2 * sideBySide)));
}

/** Largest count of a device: more evaluations than any level has. */
const mostCount = 0xffffffff;

/** A level whose parameters and mask are stored in a slot. */
export interface PlacedLevel {
  readonly slot: number;
  readonly job: LevelJob;
  readonly kernels: Kernels;
  readonly observer: LevelObserver;
  /** Words to the place of the level's curves; undefined if it keeps none. */
  readonly curvesAt?: number | undefined;
  /** The checkpoint from which the level goes on, whose arrays are stored in the slot. */
  readonly resume?: LevelCheckpoint | undefined;
  readonly length: LevelSteps;
}

/** The state of all slots after a submission. */
export interface Status {
  /** When the submission's work began and ended by the device's own clock, if it has one. */
  readonly time: PassTime | undefined;
  /** The device's `Network` structs, by slot. */
  readonly networks: StructArray;
  /** For each task of a slot's network, its score sums over the validation samples at the kept evaluation. */
  scoreSums(slot: number): LevelTraining["scoreSums"];
}

/** The operations that an engine provides to its pump. Slots are numbered from 0. */
export interface LevelWork extends SubmissionLimits {
  readonly networkStruct: StructLayout;
  /**
   * Number of levels that the device trains in parallel, from 1; more levels run one after another within a submission.
   */
  readonly sideBySide: number;
  /** Whether the level in a slot may start before the next submission; default true. One always starts if no other trains. */
  mayStart?(slot: number): boolean;
  /** Cost of the same work for the network of a slot, relative to others; default 1. */
  load?(slot: number): number;
  /** Enqueues the write of a slot's `Network`, which starts its level. */
  start(slot: number, network: Uint8Array<ArrayBuffer>): void;
  /**
   * Enqueues about `work` for every network, and the read of the slots' state after it; may enqueue less if levels wait to
   * start.
   * @param work in the engine's unit
   * @param waiting the slots of the waiting levels
   */
  submit(work: number, waiting: readonly number[]): Submitted;
}

/** Enqueued work. */
export interface Submitted {
  readonly work: number;
  readonly status: Promise<Status>;
}

/** Number of submissions in flight: the device trains one while the host reads the other. */
const fewestInFlight = 2;
/** The same while the host is too slow for two. */
const mostInFlight = 3;
/** Number of submissions without a gap after which the host counts as fast again. */
const calmSubmissions = 50;
/** Time between two submissions on the device, as a share of the target time, from which the host was too slow. */
const longestGap = 0.05;

/** How a level has ended. */
interface Ended {
  readonly training: LevelTraining;
  /** Whether a loss, parameter or moment became NaN or infinite. */
  readonly hasDiverged: boolean;
}

/**
 * Number of submissions in a row after which a device that has taken no step of a level is given up: each takes at least
 * one of every level.
 */
const mostWithoutStep = 16;

/**
 * How long a submission may stay unanswered: looks at it, this far apart. It is sized to some 10 ms, but the first of a
 * kernel may compile it. Looks are counted, not time, since a suspended or busy process must not take a device for dead.
 */
const longestSilence = { lookMs: 1000, mostLooks: 600 };

interface PumpedLevel extends PlacedLevel {
  readonly remainingWork: number;
  readonly now: LevelNow;
  readonly done: (ended: Ended) => void;
  readonly failed: (error: unknown) => void;
  /** Number of the submission that first trains the level; the status of earlier submissions is not used for it. */
  firstSubmission: number;
  /** Number of its steps at the last status, and of submissions since that changed. */
  steps: number;
  withoutStep: number;
}

/**
 * Submits training work while any level trains: starts levels, submits work in pieces of the target time, reads the state
 * of the slots, and resolves the levels that have ended. While the status of one submission is awaited, one or two others
 * are already queued.
 */
export class LevelPump {
  readonly #starting: PumpedLevel[] = [];
  readonly #running = new Map<number, PumpedLevel>();
  readonly #size: SubmissionSize;
  #isPumping = false;
  #submissions = 0;
  /** Number of the last submission that the device waited for. */
  #gapAt = Number.NEGATIVE_INFINITY;
  /** Time by the host's clock of the last status, and by the device's clock of the end of its work. */
  #statusAt = Number.NEGATIVE_INFINITY;
  #endedAt: bigint | undefined;
  /** Whether a level has ended since the last submission. */
  #hasEnded = false;

  /** @param now the host's clock, in ms */
  constructor(
    readonly engine: LevelWork,
    readonly now: () => number = () => performance.now(),
    /** After this the device counts as dead. */
    readonly silence = longestSilence,
  ) {
    this.#size = new SubmissionSize(engine);
  }

  /**
   * Trains the level in a slot until early stopping or its most steps end it.
   * @param now reads the slot's current state
   * @param state reads the slot's current parameters and moments
   * @throws RunError when a loss, parameter or moment becomes NaN or infinite; DeviceError when the device fails
   */
  async train(
    level: PlacedLevel,
    now: Omit<LevelNow, "resumedEpochs">,
    state: () => Promise<OptimizerState>,
  ): Promise<LevelTraining> {
    const remainingWork = level.job.remainingWork ?? 0;
    const { resume, length } = level;
    const reading = { ...now, resumedEpochs: resume && finishedEpochs(resume.counts, length) };
    const { training, hasDiverged } = await new Promise<Ended>((done, failed) => {
      const begins = { remainingWork, now: reading, done, failed, firstSubmission: 0 };
      this.#starting.push({ ...level, ...begins, steps: resume?.counts.steps ?? 0, withoutStep: 0 });
      void this.#pump();
    });
    if (hasDiverged) throw divergence(level.job, training, await state());
    return training;
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    // Levels requested in the same turn of the event loop start together.
    await undefined;
    try {
      const inFlight: Promise<void>[] = [];
      this.#endedAt = undefined;
      for (;;) {
        this.#startLevels();
        if (this.#running.size === 0) break;
        inFlight.push(this.#submit());
        while (inFlight.length >= this.#mostInFlight()) await this.#answered(inFlight.shift());
        // The reads of levels that have ended are queued before the next submission, not after it.
        if (this.#hasEnded) {
          this.#hasEnded = false;
          await nextTurn();
        }
      }
      for (const last of inFlight) await this.#answered(last);
    } catch (error) {
      for (const level of [...this.#running.values(), ...this.#starting]) level.failed(error);
      this.#running.clear();
      this.#starting.length = 0;
    } finally {
      this.#isPumping = false;
    }
    // A level may have been added between the last check and the end of the pump.
    if (this.#starting.length > 0) void this.#pump();
  }

  /** Settles as a submission does; rejects if the device does not answer it. */
  async #answered(submission: Promise<void> | undefined): Promise<void> {
    const { lookMs, mostLooks } = this.silence;
    let looks = 0;
    let timer: ReturnType<typeof setInterval> | undefined;
    const dead = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        if (++looks <= mostLooks) return;
        reject(new DeviceError(`the device has not answered a submission for ${(mostLooks * lookMs) / 1000} s`));
      }, lookMs);
    });
    try {
      await Promise.race([submission, dead]);
    } finally {
      clearInterval(timer);
    }
  }

  /** Submits work; resolves when it has ended and the levels that ended with it are resolved. */
  #submit(): Promise<void> {
    const networks = this.#load();
    const submittedAt = this.now();
    const { work, status } = this.engine.submit(
      this.#size.next(networks),
      this.#starting.map(({ slot }) => slot),
    );
    const done = this.#finish(this.#submissions++, work, networks, submittedAt, status);
    // Awaited later; prevents an unhandled rejection until then.
    done.catch(() => {});
    return done;
  }

  async #finish(submission: number, work: number, networks: number, submittedAt: number, read: Promise<Status>) {
    const status = await read;
    const left = this.#endLevels(submission, status);
    const { time } = status;
    // The device began when it had ended the submission before, or when it got this one.
    const hostMs = this.now() - Math.max(submittedAt, this.#statusAt);
    this.#statusAt = this.now();
    if (time && time.end > time.begin) {
      this.#size.measured({ work, networks, left, ms: milliseconds(time.end - time.begin), clock: "device" });
      if (this.#endedAt !== undefined) {
        const gapMs = milliseconds(time.begin - this.#endedAt);
        if (gapMs > longestGap * this.engine.targetMs) this.#gapAt = submission;
      }
      this.#endedAt = time.end;
    } else {
      this.#size.measured({ work, networks, left, ms: hostMs, clock: "host" });
    }
  }

  /** Load of all running networks. */
  #load(): number {
    let sum = 0;
    for (const slot of this.#running.keys()) sum += this.engine.load?.(slot) ?? 1;
    return sum;
  }

  #mostInFlight(): number {
    return this.#submissions - this.#gapAt <= calmSubmissions ? mostInFlight : fewestInFlight;
  }

  #startLevels(): void {
    const most = levelsAtOnce(this.#running.size + this.#starting.length, this.engine.sideBySide);
    while (this.#running.size < most) {
      const isIdle = this.#running.size === 0;
      const next = takeLongest(this.#starting, ({ slot }) => isIdle || (this.engine.mayStart?.(slot) ?? true));
      if (!next) break;
      const { job, slot, curvesAt, resume, length } = next;
      const { settings } = job;
      const { networkStruct } = this.engine;
      const network = new StructArray(networkStruct, new ArrayBuffer(networkStruct.sizeBytes));
      network.set(0, "seed", job.orderSeed ?? job.seed);
      network.set(0, "level", job.level);
      network.set(0, "optimizer", optimizers.get(settings.optimizer).number);
      network.set(0, "learningRate", settings.lr);
      network.set(0, "momentum", settings.momentum ?? defaultMomentum);
      network.set(0, "weightDecay", settings.weightDecay ?? 0);
      network.set(0, "l1", settings.l1 ?? 0);
      const { warmupSteps, milestones, factor } = parseSchedule(settings.schedule ?? defaultSchedule);
      network.set(0, "warmupSteps", warmupSteps);
      milestones.forEach((step, k) => {
        network.set(0, `milestone${k + 1}`, step);
      });
      network.set(0, "milestoneFactor", factor);
      network.set(0, "evaluateEvery", length.evaluateEvery);
      network.set(0, "mostEvaluations", Math.min(length.evaluations, mostCount));
      network.set(0, "patience", Math.min(settings.patience, mostCount));
      network.set(0, "keepBest", settings.keep === "best" ? 1 : 0);
      network.set(0, "running", 1);
      network.set(0, "keepCurves", curvesAt === undefined ? 0 : 1);
      network.set(0, "curvesAt", curvesAt ?? 0);
      network.set(0, "bestValidationLoss", mostFloat); // the largest f32: any finite loss is better
      if (resume) writeCounts(network, 0, resume.counts);
      this.engine.start(slot, new Uint8Array(network.bytes));
      next.firstSubmission = this.#submissions;
      this.#running.set(slot, next);
      next.observer.begun?.(next.now);
    }
  }

  /** Resolves the levels that have ended by a submission; returns the load of those that go on. */
  #endLevels(submission: number, { networks, scoreSums }: Status): number {
    let left = 0;
    for (const [slot, level] of this.#running) {
      if (submission < level.firstSubmission) continue;
      if (networks.get(slot, "running") === 1) {
        checkStep(level, networks.get(slot, "step"));
        left += this.engine.load?.(slot) ?? 1;
        if (level.observer.progress && networks.get(slot, "evaluations") > 0) {
          const { counts, epochs, steps } = reached(level, networks);
          level.observer.progress({ epochs, steps, trainLoss: counts.trainLoss, valLoss: counts.valLoss });
        }
        continue;
      }
      this.#running.delete(slot);
      this.#hasEnded = true;
      const hasDiverged = networks.get(slot, "diverged") === 1;
      const { counts, ...steps } = reached(level, networks);
      const training = {
        kernels: level.kernels,
        ...steps,
        trainLoss: hasDiverged ? counts.trainLoss : counts.keptTrainLoss,
        valLoss: hasDiverged ? counts.valLoss : counts.keptValLoss,
        scoreSums: scoreSums(slot),
      };
      level.done({ training, hasDiverged });
    }
    return left;
  }
}

/** How far a level has come with its last evaluation. */
function reached({ slot, length }: PlacedLevel, networks: StructArray) {
  const counts = readCounts(networks, slot);
  return { counts, ...evaluatedSteps(counts, length) };
}

/** @throws DeviceError when submissions take no step of a level */
function checkStep(level: PumpedLevel, steps: number): void {
  level.withoutStep = steps === level.steps ? level.withoutStep + 1 : 0;
  level.steps = steps;
  if (level.withoutStep < mostWithoutStep) return;
  const { label, level: number } = level.job;
  throw new DeviceError(
    `${label}, level ${number}: the device has taken no step in ${mostWithoutStep} submissions, after step ${steps}`,
  );
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
