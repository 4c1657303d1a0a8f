import { StructArray, type StructLayout } from "../../base/struct_array.ts";
import { optimizers } from "../../network/optimizers/index.ts";
import type { Parameters } from "../../network/parameters.ts";
import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import type { Kernels, LevelJob, LevelObserver, LevelTraining } from "../engine.ts";
import { checkConverged } from "./divergence.ts";
import { takeLongest } from "./slots.ts";

/**
 * Target time of a submission in ms: short enough for a responsive page and for the operating system's GPU watchdog.
 */
const submitTargetMs = 50;

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

/** A level whose parameters and mask are stored in a slot. */
export interface PlacedLevel {
  readonly slot: number;
  readonly job: LevelJob;
  readonly kernels: Kernels;
  readonly observer: LevelObserver;
}

/** The state of all slots after a submission. */
export interface Status {
  /** The device's `Network` structs, by slot. */
  readonly networks: StructArray;
  /** For each task of a slot's network, the sum of scores over the validation samples in the kept epoch. */
  scoreSums(slot: number): number[];
}

/** The operations that an engine provides to its pump. Slots are numbered from 0. */
export interface LevelWork {
  readonly networkStruct: StructLayout;
  /** Work of the first submission and maximum work of any submission, in the engine's unit. */
  readonly firstWork: number;
  readonly mostWork: number;
  /**
   * Number of levels that the device trains in parallel, from 1; more levels run one after another within a submission.
   */
  readonly sideBySide: number;
  /** Whether levels may start before the next submission. */
  mayStart(isIdle: boolean): boolean;
  /** Enqueues the write of a slot's `Network`, which starts its level. */
  start(slot: number, network: Uint8Array<ArrayBuffer>): void;
  /** Enqueues about `work` and returns the enqueued amount; may enqueue less if levels wait to start (`isAwaited`). */
  submit(work: number, isAwaited: boolean): number;
  /** The state of the slots after all submitted work is done. */
  readStatus(): Promise<Status>;
}

/** Submitted work; `done` resolves when it has ended and the state of the slots has been read. */
interface Submission {
  readonly work: number;
  readonly done: Promise<void>;
}

interface PumpedLevel extends PlacedLevel {
  readonly remainingWork: number;
  readonly weights: () => Promise<Parameters>;
  readonly done: (training: LevelTraining) => void;
  readonly failed: (error: unknown) => void;
  /** Number of the submission that first trains the level; the status of earlier submissions is not used for it. */
  firstSubmission: number;
}

/**
 * Submits training work while any level trains: starts levels, submits work in pieces of about 50 ms, reads the state
 * of the slots, and resolves the levels that have ended. While the status of one submission is awaited, the next is
 * already queued.
 */
export class LevelPump {
  readonly #starting: PumpedLevel[] = [];
  readonly #running = new Map<number, PumpedLevel>();
  #isPumping = false;
  #work: number;
  #submissions = 0;

  constructor(readonly engine: LevelWork) {
    this.#work = engine.firstWork;
  }

  /**
   * Trains the level in a slot until early stopping or `maxEpochs` ends it.
   * @param weights reads the slot's current parameters
   * @throws RunError when the loss becomes NaN or infinite; DeviceError when the device fails
   */
  async train(level: PlacedLevel, weights: () => Promise<Parameters>): Promise<LevelTraining> {
    const remainingWork = level.job.remainingWork ?? 0;
    const training = await new Promise<LevelTraining>((done, failed) => {
      this.#starting.push({ ...level, remainingWork, weights, done, failed, firstSubmission: 0 });
      void this.#pump();
    });
    await checkConverged(level.job, training, weights);
    return training;
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    // Levels requested in the same turn of the event loop start together.
    await undefined;
    try {
      let previous: Submission | undefined;
      let lastStatusAt = performance.now();
      for (;;) {
        if (this.engine.mayStart(this.#running.size === 0)) this.#startLevels();
        if (this.#running.size === 0) break;
        const submission = this.#submit();
        if (previous) {
          await previous.done;
          this.#adapt(previous.work, performance.now() - lastStatusAt);
        }
        lastStatusAt = performance.now();
        previous = submission;
      }
      await previous?.done;
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

  #submit(): Submission {
    const work = this.engine.submit(this.#work, this.#starting.length > 0);
    const done = this.#readStatus(this.#submissions++);
    // Awaited later; prevents an unhandled rejection until then.
    done.catch(() => {});
    return { work, done };
  }

  /** Adjusts the work of the next submission to the target time; at most doubles it. */
  #adapt(work: number, elapsedMs: number): void {
    const fitting = (work * submitTargetMs) / Math.max(elapsedMs, 0.1);
    this.#work = Math.max(1, Math.min(this.engine.mostWork, Math.round(fitting), work * 2));
  }

  #startLevels(): void {
    const most = levelsAtOnce(this.#running.size + this.#starting.length, this.engine.sideBySide);
    while (this.#running.size < most) {
      const next = takeLongest(this.#starting);
      if (!next) break;
      const { job, slot } = next;
      const { settings } = job;
      const { networkStruct } = this.engine;
      const network = new StructArray(networkStruct, new ArrayBuffer(networkStruct.sizeBytes));
      network.set(0, "seed", job.seed);
      network.set(0, "level", job.level);
      network.set(0, "optimizer", optimizers.get(settings.optimizer).number);
      network.set(0, "learningRate", settings.lr);
      network.set(0, "weightDecay", settings.weightDecay ?? 0);
      network.set(0, "warmupSteps", parseSchedule(settings.schedule ?? defaultSchedule).warmupSteps);
      network.set(0, "maxEpochs", settings.maxEpochs);
      network.set(0, "patience", settings.patience);
      network.set(0, "keepBest", settings.keep === "best" ? 1 : 0);
      network.set(0, "running", 1);
      network.set(0, "bestValidationLoss", 3.4028234663852886e38); // the largest f32: any finite loss is better
      this.engine.start(slot, new Uint8Array(network.bytes));
      next.firstSubmission = this.#submissions;
      this.#running.set(slot, next);
      next.observer.begun?.(next.weights);
    }
  }

  /** Reads the state of the slots after a submission and resolves the levels that have ended. */
  async #readStatus(submission: number): Promise<void> {
    const { networks, scoreSums } = await this.engine.readStatus();
    for (const [slot, level] of this.#running) {
      if (submission < level.firstSubmission) continue;
      const epochs = networks.get(slot, "epochs");
      const [trainLoss, valLoss] = [networks.get(slot, "trainLoss"), networks.get(slot, "validationLoss")];
      if (networks.get(slot, "running") === 1) {
        if (epochs > 0) level.observer.progress?.({ epochs, trainLoss, valLoss });
        continue;
      }
      this.#running.delete(slot);
      const hasDiverged = networks.get(slot, "diverged") === 1;
      level.done({
        kernels: level.kernels,
        epochs,
        steps: networks.get(slot, "step"),
        keptEpoch: networks.get(slot, "keptEpoch"),
        trainLoss: hasDiverged ? trainLoss : networks.get(slot, "keptTrainLoss"),
        valLoss: hasDiverged ? valLoss : networks.get(slot, "keptValidationLoss"),
        scoreSums: scoreSums(slot),
      });
    }
  }
}
