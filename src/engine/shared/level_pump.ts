import { StructArray, type StructLayout } from "../../base/struct_array.ts";
import { optimizers } from "../../network/optimizers/index.ts";
import type { Parameters } from "../../network/parameters.ts";
import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import type { Kernels, LevelJob, LevelObserver, LevelTraining } from "../engine.ts";
import { checkConverged } from "./divergence.ts";
import { takeLongest } from "./slots.ts";

/** Work per submission, in ms: short enough for a responsive page and for the system's watchdog. */
const submitTargetMs = 50;

/**
 * Levels of `all` that train while the others wait. Where all fit side by side, all of them. Else half of them, so that the shorter
 * runs are still there at the end; in whole rounds, since three levels in a submission for two cores keep both busy three
 * quarters of the time; and not only one round, since the place of a level that ends stays empty until the next submission.
 */
export function levelsAtOnce(all: number, sideBySide: number): number {
  if (all <= sideBySide) return all;
  return sideBySide * Math.max(1, Math.floor(all / (2 * sideBySide)));
}

/** A level whose parameters and mask lie in a slot. */
export interface PlacedLevel {
  readonly slot: number;
  readonly job: LevelJob;
  readonly kernels: Kernels;
  readonly observer: LevelObserver;
}

/** The state of all slots at some moment. */
export interface Status {
  /** The device's `Network` structs, by slot. */
  readonly networks: StructArray;
  /** By task of a slot's network, the sum of the validation samples' scores in the epoch that its level keeps. */
  scoreSums(slot: number): number[];
}

/** What an engine does for its pump. Slots are numbered from 0. */
export interface LevelWork {
  readonly networkStruct: StructLayout;
  /** Work per submission to begin with and at most, in the engine's unit. */
  readonly firstWork: number;
  readonly mostWork: number;
  /** Levels that the device trains side by side, from 1; more of them take turns within a submission. */
  readonly sideBySide: number;
  /** Whether levels may start at this point. */
  mayStart(isIdle: boolean): boolean;
  /** Enqueues the start of a level: the slot's `Network`. */
  start(slot: number, network: Uint8Array<ArrayBuffer>): void;
  /** Enqueues about `work` and returns how much it was; may stop short where levels wait to start. */
  submit(work: number, isAwaited: boolean): number;
  /** The state of the slots once all that was submitted is done. */
  readStatus(): Promise<Status>;
}

/** Work that is under way; `done` once it has ended and the state of the slots has been read. */
interface Submission {
  readonly work: number;
  readonly done: Promise<void>;
}

interface PumpedLevel extends PlacedLevel {
  readonly remainingWork: number;
  readonly weights: () => Promise<Parameters>;
  readonly done: (training: LevelTraining) => void;
  readonly failed: (error: unknown) => void;
  /** The submission that first trains it; the status of an earlier one does not concern it. */
  firstSubmission: number;
}

/**
 * Keeps an executor busy while any level trains: starts levels, submits work in pieces of about 50 ms, reads the state of the
 * slots, and returns the levels that have ended. One submission is always queued behind the one whose status is awaited.
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
   * Trains the level in a slot until its own early stopping ends it.
   * @param weights reads the slot's parameters as they are
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
    // Levels that are asked for side by side start together.
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
    // A level may have asked to start between the last look and the end of the pump.
    if (this.#starting.length > 0) void this.#pump();
  }

  #submit(): Submission {
    const work = this.engine.submit(this.#work, this.#starting.length > 0);
    const done = this.#readStatus(this.#submissions++);
    // Unhandled only until it is waited for.
    done.catch(() => {});
    return { work, done };
  }

  /** Fits the next submission to the target, doubling at most. */
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

  /** Reads the state of the slots after a submission; returns the levels that have ended. */
  async #readStatus(submission: number): Promise<void> {
    const { networks, scoreSums } = await this.engine.readStatus();
    for (const [slot, level] of this.#running) {
      if (submission < level.firstSubmission) continue;
      const epochs = networks.get(slot, "epochs");
      const [trainLoss, valLoss] = [networks.get(slot, "trainLoss"), networks.get(slot, "validationLoss")];
      const isSound = Number.isFinite(trainLoss) && Number.isFinite(valLoss);
      if (networks.get(slot, "running") === 1 && isSound) {
        if (epochs > 0) level.observer.progress?.({ epochs, trainLoss, valLoss });
        continue;
      }
      this.#running.delete(slot);
      // Stop a diverged network.
      if (!isSound) this.engine.start(slot, new Uint8Array(this.engine.networkStruct.sizeBytes));
      level.done({
        kernels: level.kernels,
        epochs,
        steps: networks.get(slot, "step"),
        keptEpoch: networks.get(slot, "keptEpoch"),
        trainLoss: isSound ? networks.get(slot, "keptTrainLoss") : trainLoss,
        valLoss: isSound ? networks.get(slot, "keptValidationLoss") : valLoss,
        scoreSums: scoreSums(slot),
      });
    }
  }
}
