import { StructArray } from "../base/struct_array.ts";
import { Mask } from "../mask/mask.ts";
import { Parameters } from "../network/parameters.ts";
import type { Engine, NetworkStart, Selection, TrainingNetwork } from "./engine.ts";
import type { Executor } from "./executor.ts";
import { LevelPump, type Status } from "./level_pump.ts";
import { Population, type PopulationPlan, PopulationSizes } from "./population.ts";
import { type Program, prepareProgram, trainingKernels } from "./program.ts";
import { prune, pruningKernels, rewindSlot } from "./pruning.ts";
import { Seats } from "./seats.ts";

/** Epochs per submission at most, so that a network that has ended is noticed soon. */
const submitMostEpochs = 8;

/**
 * The engine of dense kernels over (layer, tile, network). All slots share the batch boundaries of an epoch; a level starts at
 * the next epoch boundary and ends by itself, so networks of one population are at different levels and epochs.
 */
export class TiledEngine implements Engine {
  readonly name = "tiled";
  readonly slots: number;
  readonly memoryBytes: number;
  readonly executor: string;
  readonly #seats: Seats;
  readonly #pump: LevelPump;
  /** Steps of the current epoch that are submitted. */
  #stepOfEpoch = 0;

  private constructor(
    readonly population: Population,
    readonly program: Program,
  ) {
    const { sizes, executor } = population;
    this.executor = executor.name;
    this.slots = sizes.plan.slots;
    this.memoryBytes = Object.values(sizes.bytes()).reduce((sum, bytes) => sum + bytes, 0);
    this.#seats = new Seats(this.slots);
    this.#pump = new LevelPump({
      networkStruct: sizes.networkStruct,
      firstWork: 1,
      mostWork: submitMostEpochs * sizes.stepsPerEpoch,
      mayStart: (isIdle) => {
        // Where every network rests the rest of the epoch is nobody's: the next level starts an epoch of its own.
        if (isIdle) this.#stepOfEpoch = 0;
        return this.#stepOfEpoch === 0;
      },
      start: (slot, network) => this.#start(slot, network),
      submit: (steps, isAwaited) => this.#submit(steps, isAwaited),
      readStatus: (wanted) => this.#readStatus(wanted),
    });
  }

  /** Allocates a population on an executor, uploads its dataset and compiles the kernels. The engine owns the executor. */
  static async open(executor: Executor, plan: PopulationPlan): Promise<TiledEngine> {
    await executor.load([...trainingKernels, ...pruningKernels]);
    const population = new Population(executor, new PopulationSizes(plan));
    return new TiledEngine(population, prepareProgram(population));
  }

  async admit(start: NetworkStart): Promise<TrainingNetwork> {
    const slot = await this.#seats.take();
    const { executor, sizes } = this.population;
    const parameterBytes = sizes.parameters.length * 4;
    const maskBytes = sizes.mask.words * 4;
    executor.write(this.population.buffer("initialParameters"), start.initial.values, slot * parameterBytes);
    executor.write(this.population.buffer("mask"), start.mask.words, slot * maskBytes);
    rewindSlot(this.population, slot);
    let mask = start.mask;

    const weights = async () => {
      const bytes = await executor.read(this.population.buffer("parameters"), slot * parameterBytes, parameterBytes);
      return new Parameters(start.initial.shape, new Float32Array(bytes));
    };
    return {
      train: async (level, settings, observe) => {
        const { label, seed } = start;
        const training = await this.#pump.train({ slot, label, seed, level, settings, observe }, weights);
        if (settings.keep === "best") {
          const [best, current] = [this.population.buffer("bestParameters"), this.population.buffer("parameters")];
          executor.copy(best, current, slot * parameterBytes, parameterBytes);
        }
        return training;
      },
      weights,
      prune: async (selection: Selection, level: number) => {
        prune(this.population, slot, mask, selection, start.seed, level);
        rewindSlot(this.population, slot);
        const words = await executor.read(this.population.buffer("mask"), slot * maskBytes, maskBytes);
        mask = new Mask(start.initial.shape, new Uint32Array(words));
        return mask;
      },
      release: () => this.#seats.leave(slot),
    };
  }

  close(): void {
    this.population.executor.destroy();
  }

  #start(slot: number, network: Uint8Array): void {
    const { executor, sizes } = this.population;
    const tasks = sizes.plan.dataset.tasks.length;
    executor.write(this.population.buffer("networks"), network, slot * network.byteLength);
    executor.write(this.population.buffer("correct"), new Uint32Array(tasks), slot * tasks * 4);
  }

  /** Enqueues some steps and the ends of the epochs that they finish; stops at an epoch boundary when levels wait to start. */
  #submit(most: number, isAwaited: boolean): number {
    const calls = [];
    let steps = 0;
    while (steps < most) {
      calls.push(...this.program.step);
      steps++;
      this.#stepOfEpoch++;
      if (this.#stepOfEpoch === this.population.sizes.stepsPerEpoch) {
        calls.push(...this.program.epochEnd);
        this.#stepOfEpoch = 0;
        if (isAwaited) break;
      }
    }
    this.population.executor.run(calls);
    return steps;
  }

  async #readStatus(wanted: Promise<void>): Promise<Status> {
    const { executor, sizes } = this.population;
    const tasks = sizes.plan.dataset.tasks.length;
    const [networkBytes, keptCorrectBytes] = await Promise.all([
      executor.read(this.population.buffer("networks"), 0, this.slots * sizes.networkStruct.sizeBytes, wanted),
      executor.read(this.population.buffer("keptCorrect"), 0, this.slots * tasks * 4, wanted),
    ]);
    const keptCorrect = new Uint32Array(keptCorrectBytes);
    return {
      networks: new StructArray(sizes.networkStruct, networkBytes),
      correct: (slot) => Array.from(keptCorrect.subarray(slot * tasks, (slot + 1) * tasks)),
    };
  }
}
