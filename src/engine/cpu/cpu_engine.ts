import { invariant, RunError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import { Parameters } from "../../network/parameters.ts";
import type { Engine, LevelJob, LevelObserver, TrainedLevel } from "../engine.ts";
import { checkStart, divergence } from "../shared/divergence.ts";
import { hostTrainedLevel } from "../shared/host_trained_level.ts";
import { Slots } from "../shared/slots.ts";
import { type LevelWorker, ThreadError, type WorkerJob } from "./level_worker.ts";
import type { CpuPlan } from "./plan.ts";
import { sharedDataset } from "./shared_dataset.ts";
import { type StartThread, ThreadWorker, type Watch } from "./thread.ts";

/** What does the arithmetic. */
export const cpuExecutor = "WebAssembly SIMD";

/**
 * Opens a planned engine that runs WebAssembly SIMD on threads.
 * @param start starts a thread on this platform
 * @param watch how long a silent thread is waited for; default by the plan
 */
export function openCpuEngine(plan: CpuPlan, start: StartThread, watch?: Watch): CpuEngine {
  const training = { ...plan.training, dataset: sharedDataset(plan.training.dataset) };
  return new CpuEngine((slot) => new ThreadWorker(`CPU thread ${slot}`, start, training, watch), plan);
}

/**
 * The engine of the CPU: each slot is a worker that trains whole levels. A level's result does not depend on its
 * worker, so a level whose thread fails is trained once more on a fresh thread, to the same bytes. A slot whose thread
 * cannot be started is closed while others remain: memory or the system has no room for more.
 */
export class CpuEngine implements Engine {
  readonly name = "cpu";
  readonly executor = cpuExecutor;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly #workers: LevelWorker[];
  readonly #slots: Slots;
  #openSlots: number;
  #isClosed = false;

  /** @param start starts the worker of a slot; the engine owns it */
  constructor(
    readonly start: (slot: number) => LevelWorker,
    readonly plan: CpuPlan,
  ) {
    this.slots = plan.slots;
    this.memoryBytes = plan.hostBytes;
    this.#workers = Array.from({ length: plan.slots }, (_, slot) => start(slot));
    this.#slots = new Slots(plan.slots);
    this.#openSlots = plan.slots;
  }

  async train(job: LevelJob, observer: LevelObserver = {}): Promise<TrainedLevel> {
    const { label, settings, start } = job;
    const { shape } = start;
    const planned = this.plan.training.networks.filter((network) => formatShape(network.shape) === formatShape(shape));
    invariant(planned.length > 0, `${label}: shape ${formatShape(shape)} is not in the plan`);
    const mostBatch = Math.max(...planned.map(({ batch }) => batch));
    invariant(settings.batch <= mostBatch, `${label}: batch ${settings.batch}, the plan has room for ${mostBatch}`);

    checkStart(job);
    /** The worker that trains the level now. */
    let worker: LevelWorker | undefined;
    const now = {
      weights: async () => {
        invariant(worker, `${label}, level ${job.level}: weights requested after the end of the level`);
        return new Parameters(shape, await worker.values());
      },
      checkpoint: async () => worker?.checkpoint(),
    };
    let failure: ThreadError | undefined;
    for (;;) {
      const slot = await this.#slots.take(job.remainingWork ?? 0);
      let isOpen = true;
      try {
        while (isOpen) {
          worker = this.#workers[slot];
          try {
            const result = await worker.train(
              workerJob(job),
              (progress) => observer.progress?.(progress),
              (resumedEpochs) => observer.begun?.({ ...now, resumedEpochs }),
            );
            const trained = new Parameters(shape, result.values);
            if (result.diverged) {
              const moments = result.diverged.map((values) => new Parameters(shape, values));
              throw divergence(job, result.training, { parameters: trained, moments });
            }
            const firstMoments = result.firstMoments && new Parameters(shape, result.firstMoments);
            return hostTrainedLevel(job, result.training, trained, firstMoments);
          } catch (error) {
            if (!(error instanceof ThreadError) || this.#isClosed) throw error;
            isOpen = error.hadOpened || this.#openSlots === 1;
            if (!isOpen) this.#openSlots--;
            else if (failure) throw failedTwice(job, failure, error);
            else failure = error;
            observer.restarted?.(error.message);
          } finally {
            worker = undefined;
            if (isOpen) this.#replaceEnded(slot);
          }
        }
      } finally {
        if (isOpen) this.#slots.leave(slot);
      }
    }
  }

  #replaceEnded(slot: number): void {
    if (this.#workers[slot].hasEnded && !this.#isClosed) this.#workers[slot] = this.start(slot);
  }

  close(): void {
    this.#isClosed = true;
    for (const worker of this.#workers) worker.close();
  }
}

function workerJob({ seed, orderSeed = seed, level, settings, start, mask, resume }: LevelJob): WorkerJob {
  const { words: maskWords, biasWords: biasMaskWords } = mask;
  return {
    seed: orderSeed,
    level,
    settings,
    shape: start.shape,
    start: start.values,
    maskWords,
    biasMaskWords,
    resume,
  };
}

function failedTwice({ label, level }: LevelJob, first: ThreadError, second: ThreadError): RunError {
  const again = second.message === first.message ? "the same again" : second.message;
  return new RunError(
    `${label}, level ${level}: ${first.message}; on a fresh thread: ${again}; its finished levels are kept, and the same command trains the others`,
    true,
  );
}
