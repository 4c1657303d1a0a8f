import { invariant } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import { Parameters } from "../../network/parameters.ts";
import type { Engine, LevelJob, LevelObserver, TrainedLevel } from "../engine.ts";
import { checkConverged } from "../shared/divergence.ts";
import { hostTrainedLevel } from "../shared/host_trained_level.ts";
import { Slots } from "../shared/slots.ts";
import type { LevelWorker } from "./level_worker.ts";
import type { CpuPlan } from "./plan.ts";
import { sharedDataset } from "./shared_dataset.ts";
import { type StartThread, ThreadWorker } from "./thread.ts";

/** What does the arithmetic. */
export const cpuExecutor = "WebAssembly SIMD";

/**
 * Opens a planned engine that runs WebAssembly SIMD on threads.
 * @param start starts a thread on this platform
 */
export function openCpuEngine(plan: CpuPlan, start: StartThread): CpuEngine {
  const training = { ...plan.training, dataset: sharedDataset(plan.training.dataset) };
  const workers = Array.from({ length: plan.slots }, (_, k) => new ThreadWorker(`CPU thread ${k}`, start, training));
  return new CpuEngine(workers, plan);
}

/**
 * The engine of the CPU: each slot is a worker that trains whole levels. A level's result does not depend on its
 * worker.
 */
export class CpuEngine implements Engine {
  readonly name = "cpu";
  readonly executor = cpuExecutor;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly #slots: Slots;

  /** @param workers one for each slot; owned by the engine */
  constructor(
    readonly workers: readonly LevelWorker[],
    readonly plan: CpuPlan,
  ) {
    this.slots = workers.length;
    this.memoryBytes = plan.hostBytes;
    this.#slots = new Slots(workers.length);
  }

  async train(job: LevelJob, observer: LevelObserver = {}): Promise<TrainedLevel> {
    const { label, seed, level, settings, start, mask, resume } = job;
    const { shape } = start;
    const planned = this.plan.training.networks.filter((network) => formatShape(network.shape) === formatShape(shape));
    invariant(planned.length > 0, `${label}: shape ${formatShape(shape)} is not in the plan`);
    const mostBatch = Math.max(...planned.map(({ batch }) => batch));
    invariant(settings.batch <= mostBatch, `${label}: batch ${settings.batch}, the plan has room for ${mostBatch}`);

    const slot = await this.#slots.take(job.remainingWork ?? 0);
    try {
      const worker = this.workers[slot];
      let isTraining = true;
      const now = {
        weights: async () => {
          invariant(isTraining, `${label}, level ${level}: weights requested after the end of the level`);
          return new Parameters(shape, await worker.values());
        },
        checkpoint: async () => (isTraining ? worker.checkpoint() : undefined),
      };
      const result = await worker.train(
        { seed, level, settings, shape, start: start.values, maskWords: mask.words, resume },
        (progress) => observer.progress?.(progress),
        (resumedEpochs) => observer.begun?.({ ...now, resumedEpochs }),
      );
      isTraining = false;
      const trained = new Parameters(shape, result.values);
      await checkConverged(job, result.training, async () => trained);
      return hostTrainedLevel(job, result.training, trained);
    } finally {
      this.#slots.leave(slot);
    }
  }

  close(): void {
    for (const worker of this.workers) worker.close();
  }
}
