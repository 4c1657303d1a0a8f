import { invariant } from "../../base/errors.ts";
import { StructArray } from "../../base/struct_array.ts";
import { Mask } from "../../mask/mask.ts";
import { Parameters } from "../../network/parameters.ts";
import type { Selection } from "../../pruning/selection.ts";
import type { Engine, LevelSettings, NetworkStart, TrainingNetwork } from "../engine.ts";
import { uploadDataset } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor } from "../shared/executor.ts";
import { LevelPump, type Status } from "../shared/level_pump.ts";
import { Seats } from "../shared/slots.ts";
import { edgeLists } from "./edge_lists.ts";
import { Population, type PopulationPlan, PopulationSizes } from "./population.ts";
import { type Program, prepareProgram, programNeeds, trainingKernels, validationGathers } from "./program.ts";
import { prune, pruningKernels, rewindSlot } from "./ranking.ts";

/** Epochs per submission at most, so that a network that has ended is noticed soon. */
const submitMostEpochs = 8;

/**
 * The engine of kernels that spread every network over the device: dense over (layer, tile, network), sparse over (layer, edge,
 * network) from the density on that the plan says. Both make the same sums in the same order. All slots share the batch
 * boundaries of an epoch; a level starts at the next epoch boundary and ends by itself, so networks of one population are at
 * different levels and epochs.
 */
export class TiledEngine implements Engine {
  readonly name = "tiled";
  readonly slots: number;
  readonly memoryBytes: number;
  readonly executor: string;
  readonly #seats: Seats;
  readonly #pump: LevelPump;
  /** Of every network that trains or is about to: edges by layer where it is sparse, else undefined. */
  readonly #training = new Map<number, readonly number[] | undefined>();
  /** The calls last submitted. */
  #program: Program | undefined;
  /** Steps of the current epoch that are submitted. */
  #stepOfEpoch = 0;

  private constructor(
    readonly population: Population,
    readonly ownsData: boolean,
  ) {
    const { sizes, executor } = population;
    this.executor = executor.name;
    this.slots = sizes.plan.slots;
    this.memoryBytes = Object.values(sizes.bytes()).reduce((sum, bytes) => sum + bytes, population.data.sizeBytes);
    this.#seats = new Seats(this.slots);
    this.#pump = new LevelPump({
      networkStruct: sizes.networkStruct,
      firstWork: 1,
      mostWork: submitMostEpochs * sizes.stepsPerEpoch,
      sideBySide: this.slots,
      mayStart: (isIdle) => {
        // Where every network rests the rest of the epoch is nobody's: the next level starts an epoch of its own.
        if (isIdle) this.#stepOfEpoch = 0;
        return this.#stepOfEpoch === 0;
      },
      start: (slot, network) => this.#start(slot, network),
      submit: (steps, isAwaited) => this.#submit(steps, isAwaited),
      readStatus: () => this.#readStatus(),
    });
  }

  /**
   * Allocates a population on an executor, which stays the caller's, and compiles the kernels.
   * @param shared the plan's dataset as uploaded by the caller, whose it stays; the engine uploads one of its own without
   */
  static async open(executor: Executor, plan: PopulationPlan, shared?: DataBuffer): Promise<TiledEngine> {
    const sizes = new PopulationSizes(plan);
    await executor.load([...trainingKernels(plan.sparseUpTo ?? 0, sizes.kernels), ...pruningKernels]);
    const data = shared ?? uploadDataset(executor, plan.dataset);
    const population = new Population(executor, sizes, data);
    const chunks = validationGathers(population);
    if (chunks.length === 1) executor.run(chunks);
    for (const chunk of chunks) chunk.destroy();
    return new TiledEngine(population, !shared);
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
        const { batch } = sizes.plan;
        invariant((settings.batch ?? batch) === batch, `${label}: batch ${settings.batch}, the plan's is ${batch}`);
        const kernels = this.#prepare(slot, mask, settings);
        rewindSlot(this.population, slot);
        const request = { slot, label, seed, level, settings, kernels, observe };
        const training = await this.#pump.train(request, weights).finally(() => this.#training.delete(slot));
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
    this.#program?.destroy();
    this.population.destroy();
    if (this.ownsData) this.population.executor.free(this.population.data);
  }

  /** Draws up the edge lists of a level that is to be trained by the sparse kernels. */
  #prepare(slot: number, mask: Mask, { weightDecay = 0 }: LevelSettings): "dense" | "sparse" {
    const { executor, sizes } = this.population;
    if (sizes.mostEdges === 0 || mask.count() > sizes.mostEdges) {
      this.#training.set(slot, undefined);
      return "dense";
    }
    const { words, counts } = edgeLists(sizes.plan.shape, mask, weightDecay === 0);
    executor.write(this.population.buffer("edges"), words, slot * sizes.edgeWords * 4);
    this.#training.set(slot, counts);
    return "sparse";
  }

  /** The calls for what trains now: those of before where the needs are the same. */
  #calls(): Program {
    const needs = programNeeds(this.#training.values());
    if (this.#program && String(needs.mostEdges) === String(this.#program.needs.mostEdges)) {
      if (needs.dense === this.#program.needs.dense) return this.#program;
    }
    this.#program?.destroy();
    this.#program = prepareProgram(this.population, needs);
    return this.#program;
  }

  #start(slot: number, network: Uint8Array<ArrayBuffer>): void {
    const { executor, sizes } = this.population;
    new StructArray(sizes.networkStruct, network.buffer).set(0, "sparse", this.#training.get(slot) ? 1 : 0);
    const tasks = sizes.plan.dataset.tasks.length;
    executor.write(this.population.buffer("networks"), network, slot * network.byteLength);
    executor.write(this.population.buffer("correct"), new Float32Array(tasks), slot * tasks * 4);
  }

  /** Enqueues some steps and the ends of the epochs that they finish; stops at an epoch boundary when levels wait to start. */
  #submit(most: number, isAwaited: boolean): number {
    const { step, epochEnd } = this.#calls();
    const calls = [];
    let steps = 0;
    while (steps < most) {
      calls.push(...step);
      steps++;
      this.#stepOfEpoch++;
      if (this.#stepOfEpoch === this.population.sizes.stepsPerEpoch) {
        calls.push(...epochEnd);
        this.#stepOfEpoch = 0;
        if (isAwaited) break;
      }
    }
    this.population.executor.run(calls);
    return steps;
  }

  async #readStatus(): Promise<Status> {
    const { executor, sizes } = this.population;
    const tasks = sizes.plan.dataset.tasks.length;
    const [networkBytes, keptCorrectBytes] = await Promise.all([
      executor.read(this.population.buffer("networks"), 0, this.slots * sizes.networkStruct.sizeBytes),
      executor.read(this.population.buffer("keptCorrect"), 0, this.slots * tasks * 4),
    ]);
    const keptCorrect = new Float32Array(keptCorrectBytes);
    return {
      networks: new StructArray(sizes.networkStruct, networkBytes),
      correct: (slot) => Array.from(keptCorrect.subarray(slot * tasks, (slot + 1) * tasks)),
    };
  }
}
