import { InputError, RunError } from "../base/errors.ts";
import { Parameters } from "../network/parameters.ts";
import type { Engine, NetworkStart, TrainingNetwork } from "./engine.ts";
import { firstNonFinite } from "./non_finite.ts";
import { rewoundParameters } from "./rewound.ts";
import { selectedMask } from "./selected_mask.ts";
import type { LevelWorker } from "./simd/level_job.ts";
import { type TrainingPlan, workerBytes } from "./simd/sizes.ts";
import { type StartThread, ThreadWorker } from "./simd/thread.ts";

/** How many threads train, and within what memory. */
export interface CpuLimits {
  /** Networks to train, from 1: more threads would idle. */
  readonly networks: number;
  /** Processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Bytes that all threads may take together; one thread may pass it. */
  readonly memoryBytes: number;
}

/** Addresses of a WebAssembly module are 32 bits. */
const moduleBytes = 2 ** 32;

/**
 * Opens the engine where there is no adapter: WebAssembly SIMD, a thread for each network that trains.
 * @param start starts a thread on this platform
 * @throws InputError when one network and its dataset do not fit a module's 4 GiB
 */
export function openCpuEngine(plan: TrainingPlan, start: StartThread, limits: CpuLimits): CpuEngine {
  const bytes = workerBytes(plan);
  if (bytes > moduleBytes) {
    throw new InputError(
      `shape (${plan.shape}) with dataset ${plan.dataset.name} takes ${bytes} bytes on the CPU, at most ${moduleBytes}: choose a smaller shape or fewer samples`,
    );
  }
  const threads = Math.max(1, Math.min(limits.networks, limits.cores, Math.floor(limits.memoryBytes / bytes)));
  const workers = Array.from({ length: threads }, (_, k) => new ThreadWorker(`CPU thread ${k}`, start, plan));
  return new CpuEngine(workers, threads * bytes);
}

/**
 * The engine of the CPU. Each slot has a worker that trains whole levels: (initial weights, mask, settings) to (weights,
 * record). What a network holds between levels lies here, so a network's results do not hang on its slot, on the number of
 * workers, or on what else they train.
 */
export class CpuEngine implements Engine {
  readonly name = "cpu";
  readonly executor = "WebAssembly SIMD";
  readonly slots: number;
  readonly #free: LevelWorker[];
  readonly #waiting: ((worker: LevelWorker) => void)[] = [];

  /** Owns the workers. */
  constructor(
    readonly workers: readonly LevelWorker[],
    readonly memoryBytes: number,
  ) {
    this.slots = workers.length;
    this.#free = [...workers].reverse();
  }

  async admit({ label, seed, initial, mask: firstMask }: NetworkStart): Promise<TrainingNetwork> {
    const worker = this.#free.pop() ?? (await new Promise<LevelWorker>((resolve) => this.#waiting.push(resolve)));
    const { shape } = initial;
    let mask = firstMask;
    let parameters = rewoundParameters(initial, mask);
    return {
      train: async (level, settings, observe) => {
        const { optimizer, lr, maxEpochs, patience, keep } = settings;
        const job = {
          seed,
          level,
          settings: { optimizer, lr, maxEpochs, patience, keep },
          initial: initial.values,
          maskWords: mask.words,
        };
        const { training, values } = await worker.train(job, observe);
        parameters = new Parameters(shape, values);
        if (!Number.isFinite(training.valLoss) || !Number.isFinite(training.trainLoss)) {
          throw new RunError(
            `${label}, level ${level}: the loss became ${training.valLoss} in epoch ${training.epochs} (${firstNonFinite(parameters)}); lower lr (now ${lr}) or check the inputs`,
          );
        }
        return training;
      },
      weights: async () => new Parameters(shape, parameters.values.slice()),
      prune: async (selection, level) => {
        mask = selectedMask(parameters, mask, selection, seed, level);
        parameters = rewoundParameters(initial, mask);
        return mask.clone();
      },
      release: () => {
        const next = this.#waiting.shift();
        if (next) next(worker);
        else this.#free.push(worker);
      },
    };
  }

  close(): void {
    for (const worker of this.workers) worker.close();
  }
}
