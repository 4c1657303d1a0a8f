import { invariant } from "../../base/errors.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { DeviceCriterion } from "../../kernels/ranked.ts";
import { Mask } from "../../mask/mask.ts";
import { Parameters } from "../../network/parameters.ts";
import { criteria } from "../../pruning/criteria.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import type { Selection } from "../../pruning/selection.ts";
import { selectMask } from "../../pruning/selector.ts";
import type { Engine, LevelJob, LevelObserver, TrainedLevel } from "../engine.ts";
import { uploadDataset } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor, PreparedCall } from "../shared/executor.ts";
import { LevelPump, type Status, type Submitted } from "../shared/level_pump.ts";
import { Slots } from "../shared/slots.ts";
import { edgeLists } from "./edge_lists.ts";
import { Population, type PopulationPlan, PopulationSizes } from "./population.ts";
import { type Program, prepareProgram, programNeeds, trainingKernels, validationGathers } from "./program.ts";
import { selectionKernels, selectOnDevice } from "./ranking.ts";

/** Maximum number of epochs per submission, so that the end of a level is detected early. */
const submitMostEpochs = 8;

/**
 * The engine of kernels that distribute every network over the whole device: dense kernels over (layer, tile, network),
 * sparse kernels over (layer, edge, network) up to the plan's density. Both compute the same sums in the same order.
 * All slots share the batch boundaries of an epoch. A level starts at the next epoch boundary and ends on its own, so
 * slots are at different levels and epochs.
 */
export class TiledEngine implements Engine {
  readonly name = "tiled";
  readonly slots: number;
  readonly memoryBytes: number;
  readonly executor: string;
  readonly #slots: Slots;
  readonly #pump: LevelPump;
  /** For every slot in training or about to start: the number of edges by layer if it is sparse, else undefined. */
  readonly #training = new Map<number, readonly number[] | undefined>();
  /** The program of the last submission. */
  #program: Program | undefined;
  /** Number of submitted steps of the current epoch. */
  #stepOfEpoch = 0;

  private constructor(
    readonly population: Population,
    readonly ownsData: boolean,
  ) {
    const { sizes, executor } = population;
    this.executor = executor.name;
    this.slots = sizes.plan.slots;
    this.memoryBytes = Object.values(sizes.bytes()).reduce((sum, bytes) => sum + bytes, population.data.sizeBytes);
    this.#slots = new Slots(this.slots);
    this.#pump = new LevelPump({
      networkStruct: sizes.networkStruct,
      targetMs: executor.targetMs,
      firstWork: 1,
      mostWork: submitMostEpochs * sizes.stepsPerEpoch,
      sideBySide: this.slots,
      mayStart: (isIdle) => {
        // When idle, drop the partial epoch: the next level starts a new epoch.
        if (isIdle) this.#stepOfEpoch = 0;
        return this.#stepOfEpoch === 0;
      },
      start: (slot, network) => this.#start(slot, network),
      submit: (steps, isAwaited) => this.#submit(steps, isAwaited),
    });
  }

  /**
   * Allocates a population on an executor and compiles the kernels of training. The caller owns the executor.
   * @param shared the plan's dataset, uploaded and owned by the caller; if missing, the engine uploads its own copy
   */
  static async open(executor: Executor, plan: PopulationPlan, shared?: DataBuffer): Promise<TiledEngine> {
    const sizes = new PopulationSizes({ ...plan, isSoftware: executor.isSoftware });
    await executor.load(trainingKernels(sizes));
    const data = shared ?? uploadDataset(executor, plan.dataset);
    const population = new Population(executor, sizes, data);
    const chunks = validationGathers(population);
    if (chunks.length === 1) executor.run(chunks);
    for (const chunk of chunks) chunk.destroy();
    return new TiledEngine(population, !shared);
  }

  async train(job: LevelJob, observer: LevelObserver = {}): Promise<TrainedLevel> {
    const { batch } = this.population.sizes.plan;
    invariant(job.settings.batch === batch, `${job.label}: batch ${job.settings.batch}, the plan's is ${batch}`);
    const slot = await this.#slots.take(job.remainingWork ?? 0);
    try {
      const kernels = this.#place(slot, job);
      const weights = () => this.#read(slot, job);
      const training = await this.#pump
        .train({ slot, job, kernels, observer }, weights)
        .finally(() => this.#training.delete(slot));
      if (job.settings.keep === "best") this.#restoreBest(slot);
      return {
        training,
        weights,
        select: (selection) => this.#select(slot, job, selection),
        release: this.#leave(slot),
      };
    } catch (error) {
      this.#slots.leave(slot);
      throw error;
    }
  }

  close(): void {
    this.#program?.destroy();
    this.population.destroy();
    if (this.ownsData) this.population.executor.free(this.population.data);
  }

  /**
   * Writes the initial state of a level to a slot: masked parameters, moments of 0, the mask, and edge lists for sparse
   * kernels.
   */
  #place(slot: number, { start, mask, settings }: LevelJob): "dense" | "sparse" {
    const { population } = this;
    const { executor, sizes } = population;
    const parameterBytes = sizes.parameters.length * 4;
    executor.write(population.buffer("parameters"), maskedParameters(start, mask).values, slot * parameterBytes);
    executor.clear(population.buffer("moments"), slot * 2 * parameterBytes, 2 * parameterBytes);
    executor.write(population.buffer("mask"), mask.words, slot * sizes.mask.words * 4);
    if (sizes.mostEdges === 0 || mask.count() > sizes.mostEdges) {
      this.#training.set(slot, undefined);
      return "dense";
    }
    // With weight decay, weights without a path to an output change too, so they are not left out.
    const { words, counts } = edgeLists(sizes.plan.shape, mask, !settings.weightDecay);
    executor.write(population.buffer("edges"), words, slot * sizes.edgeWords * 4);
    this.#training.set(slot, counts);
    return "sparse";
  }

  async #read(slot: number, { start: { shape } }: LevelJob): Promise<Parameters> {
    const bytes = this.population.sizes.parameters.length * 4;
    const values = await this.population.executor.read(this.population.buffer("parameters"), slot * bytes, bytes);
    return new Parameters(shape, new Float32Array(values));
  }

  #restoreBest(slot: number): void {
    const { executor, sizes } = this.population;
    const bytes = sizes.parameters.length * 4;
    const [best, current] = [this.population.buffer("bestParameters"), this.population.buffer("parameters")];
    executor.copy(best, current, slot * bytes, bytes);
  }

  async #select(slot: number, job: LevelJob, selection: Selection): Promise<Mask> {
    const { executor, sizes } = this.population;
    const criterion = criteria.get(selection.criterion);
    if (!ranksOnDevice(criterion)) {
      return selectMask({ ...job, trained: await this.#read(slot, job), nextLevel: job.level + 1 }, selection);
    }
    await executor.load(selectionKernels(criterion));
    selectOnDevice(this.population, slot, job, criterion, selection.keep);
    const bytes = sizes.mask.words * 4;
    const words = await executor.read(this.population.buffer("mask"), slot * bytes, bytes);
    return new Mask(job.start.shape, new Uint32Array(words));
  }

  #leave(slot: number): () => void {
    let isReleased = false;
    return () => {
      invariant(!isReleased, "a level is released twice");
      isReleased = true;
      this.#slots.leave(slot);
    };
  }

  /** The program for the networks in training; reuses the last one if the needs are the same. */
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
    executor.clear(this.population.buffer("scoreSums"), slot * tasks * 4, tasks * 4);
  }

  /**
   * Enqueues steps and the ends of the epochs that they complete; stops at an epoch boundary if levels wait to start.
   */
  #submit(most: number, isAwaited: boolean): Submitted {
    const { step, epochEnd } = this.#calls();
    const calls: PreparedCall[] = [];
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
    return { work: steps, status: this.#runAndRead(calls) };
  }

  async #runAndRead(calls: readonly PreparedCall[]): Promise<Status> {
    const { executor, sizes } = this.population;
    const tasks = sizes.plan.dataset.tasks.length;
    const [source, keptSource] = [this.population.buffer("networks"), this.population.buffer("keptScoreSums")];
    const { content, time } = await executor.runAndRead(calls, [
      { source, offsetBytes: 0, sizeBytes: this.slots * sizes.networkStruct.sizeBytes },
      { source: keptSource, offsetBytes: 0, sizeBytes: this.slots * tasks * 4 },
    ]);
    const [networkBytes, keptScoreSumBytes] = content;
    const keptScoreSums = new Float32Array(keptScoreSumBytes);
    return {
      time,
      networks: new StructArray(sizes.networkStruct, networkBytes),
      scoreSums: (slot) => Array.from(keptScoreSums.subarray(slot * tasks, (slot + 1) * tasks)),
    };
  }
}

function ranksOnDevice(criterion: ReturnType<typeof criteria.get>): criterion is DeviceCriterion {
  return criterion.wgsl !== undefined;
}
