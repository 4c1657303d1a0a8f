import { InputError, invariant, RunError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import { Parameters, parameterLayout } from "../../network/parameters.ts";
import { rewoundParameters } from "../../pruning/masked.ts";
import { selectedMask } from "../../pruning/selected_mask.ts";
import type { Engine, NetworkStart, TrainingNetwork } from "../engine.ts";
import { firstNonFinite } from "../shared/non_finite.ts";
import { Seats } from "../shared/slots.ts";
import { LevelQueue } from "./level_queue.ts";
import type { LevelJob } from "./level_worker.ts";
import { canShareMemory, sharedDataset } from "./shared_dataset.ts";
import { datasetBytes, moduleBytes, type TrainingPlan, workerBytes } from "./sizes.ts";
import { type StartThread, ThreadWorker } from "./thread.ts";

/** How many threads train, and within what memory. */
export interface CpuLimits {
  /** Networks to train, from 1: more threads would idle. */
  readonly networks: number;
  /** Processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Bytes that all threads may take together; one thread may pass it. */
  readonly memoryBytes: number;
}

/** The engine as it will be, known before anything is opened. */
export interface CpuPlan {
  readonly training: TrainingPlan;
  /** Levels that train at the same time. */
  readonly threads: number;
  /** Networks that are held at the same time. */
  readonly slots: number;
  readonly memoryBytes: number;
}

/** Who does the arithmetic. */
export const cpuExecutor = "WebAssembly SIMD";

/** Addresses of a WebAssembly module are 32 bits. */
const mostModuleBytes = 2 ** 32;

/**
 * Networks held for each thread. With two, a thread has another level to train while one network's is analysed, pruned and
 * written; `bench/population.ts` measured what that brings.
 */
const networksPerThread = 2;

/**
 * Plans the engine where there is no adapter: as many threads as networks, cores and memory allow, at least one.
 * @throws InputError when one network and its dataset do not fit a module's 4 GiB
 */
export function planCpuEngine(training: TrainingPlan, limits: CpuLimits): CpuPlan {
  const { networks, dataset } = training;
  for (const network of networks) {
    const bytes = moduleBytes({ networks: [network], dataset });
    if (bytes > mostModuleBytes) {
      throw new InputError(
        `shape ${formatShape(network.shape)} with dataset ${dataset.name} takes ${bytes} bytes on the CPU, at most ${mostModuleBytes}: choose a smaller shape or fewer samples`,
      );
    }
  }
  // Initial and trained values, and the rewound ones that replace them.
  const slotBytes = 3 * 4 * Math.max(...networks.map(({ shape }) => parameterLayout(shape).length));
  const handedBytes = datasetBytes(dataset);
  const threadBytes = workerBytes(training) + (canShareMemory ? 0 : handedBytes) + networksPerThread * slotBytes;
  const threads = Math.max(1, Math.min(limits.networks, limits.cores, Math.floor(limits.memoryBytes / threadBytes)));
  const slots = Math.min(limits.networks, networksPerThread * threads);
  const copies = canShareMemory ? 1 : threads;
  const memoryBytes = threads * workerBytes(training) + copies * handedBytes + slots * slotBytes;
  return { training, threads, slots, memoryBytes };
}

/**
 * Opens a planned engine: WebAssembly SIMD on threads.
 * @param start starts a thread on this platform
 */
export function openCpuEngine(plan: CpuPlan, start: StartThread): CpuEngine {
  const training = { ...plan.training, dataset: sharedDataset(plan.training.dataset) };
  const workers = Array.from({ length: plan.threads }, (_, k) => new ThreadWorker(`CPU thread ${k}`, start, training));
  return new CpuEngine(new LevelQueue(workers), plan);
}

/**
 * The engine of the CPU. Workers train whole levels: (shape, initial weights, mask, settings) to (weights, record). What a
 * network holds between levels lies here, so a network's results do not hang on which worker trains it, on the number of
 * workers, or on what else they train.
 */
export class CpuEngine implements Engine {
  readonly name = "cpu";
  readonly executor = cpuExecutor;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly #seats: Seats;

  /** Owns the queue's workers. */
  constructor(
    readonly queue: LevelQueue,
    readonly plan: CpuPlan,
  ) {
    this.slots = plan.slots;
    this.memoryBytes = plan.memoryBytes;
    this.#seats = new Seats(plan.slots);
  }

  async admit({ label, seed, initial, mask: firstMask }: NetworkStart): Promise<TrainingNetwork> {
    const { networks } = this.plan.training;
    const { shape } = initial;
    const planned = networks.filter((network) => formatShape(network.shape) === formatShape(shape));
    invariant(planned.length > 0, `${label}: shape ${formatShape(shape)} is none of the plan's`);
    const mostBatch = Math.max(...planned.map(({ batch }) => batch));
    const slot = await this.#seats.take();
    let mask = firstMask;
    let parameters = rewoundParameters(initial, mask);
    /** The level in training, or about to. */
    let current: LevelJob | undefined;
    return {
      train: async (level, settings, observe) => {
        const {
          batch = mostBatch,
          ahead = 0,
          optimizer,
          lr,
          weightDecay,
          schedule,
          maxEpochs,
          patience,
          keep,
        } = settings;
        invariant(batch <= mostBatch, `${label}: batch ${batch}, the plan has room for ${mostBatch}`);
        const job = {
          seed,
          level,
          settings: { optimizer, lr, weightDecay, schedule, maxEpochs, patience, keep, batch },
          shape,
          initial: initial.values,
          maskWords: mask.words,
        };
        current = job;
        const { training, values } = await this.queue.train(ahead, job, observe).finally(() => {
          current = undefined;
        });
        parameters = new Parameters(shape, values);
        if (!Number.isFinite(training.valLoss) || !Number.isFinite(training.trainLoss)) {
          throw new RunError(
            `${label}, level ${level}: the loss became ${training.valLoss} in epoch ${training.epochs} (${firstNonFinite(parameters)}); lower lr (now ${lr}) or check the inputs`,
          );
        }
        return training;
      },
      weights: async () => {
        const values = current && (await this.queue.values(current));
        return new Parameters(shape, values ?? parameters.values.slice());
      },
      prune: async (selection, level) => {
        mask = selectedMask(parameters, mask, selection, seed, level);
        parameters = rewoundParameters(initial, mask);
        return mask.clone();
      },
      release: () => this.#seats.leave(slot),
    };
  }

  close(): void {
    this.queue.close();
  }
}
