import { invariant } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { levelSteps } from "../../network/level_steps.ts";
import { Parameters } from "../../network/parameters.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import { fittingCheckpoint, readCounts } from "../checkpoint.ts";
import type { Engine, LevelCheckpoint, LevelJob, LevelObserver, LevelSettings, TrainedLevel } from "../engine.ts";
import { curveEntries, entryWords, withCurves } from "../shared/curves.ts";
import { uploadDataset } from "../shared/dataset_memory.ts";
import { checkStart, divergence, firstNonFinite, type OptimizerState } from "../shared/divergence.ts";
import type { DataBuffer, Executor, PreparedCall } from "../shared/executor.ts";
import { hostTrainedLevel } from "../shared/host_trained_level.ts";
import { LevelPump, type Status, type Submitted } from "../shared/level_pump.ts";
import { Memory } from "../shared/memory.ts";
import { Slots } from "../shared/slots.ts";
import { graphSize, none, type ResidentGraph, residentGraph } from "./graph.ts";
import { leftOutChange } from "./left_out.ts";
import type { NetworkMemory } from "./memory.ts";
import { type ResidentPlan, ResidentPopulation, ResidentSizes } from "./population.ts";

/**
 * Work of the first submission, whose time is not known yet; in the unit of a placement's `step_work`. 0.4 ms of an H200,
 * so that a graphics processor that is fifty times slower answers in time too.
 */
const firstWork = 1 << 12;
const mostWork = 2 ** 31;

/** A network in a slot. */
interface PlacedNetwork {
  /** vec4f of its rows, if they are in workgroup memory. */
  readonly rowVectors: number | undefined;
  /** Its first vec4f of parameters. */
  readonly parametersAt: number;
}

type ResidentKernel = ResidentSizes["kernel"] | ReturnType<ResidentSizes["kernelInWorkgroup"]>;

/**
 * The engine of small and sparse networks: one workgroup trains one network on the kept edges of its mask, for as many
 * steps as fit a submission (`shaders/resident_epoch.wgsl`). Networks of different shapes, batches and settings train
 * concurrently. At the end of a level its parameters are read back, which frees the slot; the host selects the next
 * mask.
 */
export class ResidentEngine implements Engine {
  readonly name = "resident";
  readonly slots: number;
  readonly memoryBytes: number;
  readonly executor: string;
  readonly #slots: Slots;
  readonly #pump: LevelPump;
  readonly #memory: Memory<keyof NetworkMemory>;
  readonly #placed = new Map<number, PlacedNetwork>();
  readonly #loading = new Map<ResidentKernel, Promise<void>>();
  /** The bound calls of each kernel by amount of work, a power of two. */
  readonly #calls = new Map<Kernel, Map<number, PreparedCall>>();

  private constructor(
    readonly population: ResidentPopulation,
    readonly ownsData: boolean,
  ) {
    const { sizes, executor } = population;
    this.executor = executor.name;
    this.slots = sizes.plan.slots;
    this.memoryBytes = Object.values(sizes.bytes()).reduce((sum, bytes) => sum + bytes, population.data.sizeBytes);
    this.#slots = new Slots(this.slots);
    this.#memory = new Memory(sizes.memory);
    this.#pump = new LevelPump({
      networkStruct: sizes.networkStruct,
      targetMs: executor.targetMs,
      firstWork,
      mostWork,
      sideBySide: sizes.plan.sideBySide ?? this.slots,
      start: (slot, network) =>
        executor.write(population.buffers.networks, network, slot * sizes.networkStruct.sizeBytes),
      submit: (work) => this.#submit(work),
    });
  }

  /**
   * Allocates a population on an executor. Kernels are compiled when the first level needs them. The caller owns the
   * executor.
   * @param shared the plan's dataset, uploaded and owned by the caller; if missing, the engine uploads its own copy
   * @throws InputError when the batch exceeds the maximum of a workgroup
   */
  static async open(executor: Executor, plan: ResidentPlan, shared?: DataBuffer): Promise<ResidentEngine> {
    const sizes = new ResidentSizes(plan);
    const data = shared ?? uploadDataset(executor, plan.dataset);
    return new ResidentEngine(new ResidentPopulation(executor, sizes, data), !shared);
  }

  async train(job: LevelJob, observer: LevelObserver = {}): Promise<TrainedLevel> {
    const { sizes } = this.population;
    const { label, start, settings } = job;
    const { shape } = start;
    const isPlanned = sizes.plan.shapes.some((planned) => formatShape(planned) === formatShape(shape));
    invariant(isPlanned, `${label}: shape ${formatShape(shape)} is not in the plan`);
    const batch = Math.min(settings.batch, sizes.plan.dataset.train.samples);
    invariant(batch <= sizes.batch, `${label}: batch ${batch}, the plan has room for ${sizes.batch}`);
    checkStart(job);
    const slot = await this.#slots.take(job.remainingWork ?? 0);
    try {
      return await this.#trainInSlot(slot, job, batch, observer);
    } finally {
      this.#slots.leave(slot);
    }
  }

  /** Waits for memory, then trains the level. */
  async #trainInSlot(slot: number, job: LevelJob, batch: number, observer: LevelObserver): Promise<TrainedLevel> {
    const { sizes } = this.population;
    const { start, mask, settings } = job;
    const { shape } = start;
    const { samples } = sizes.plan.dataset.train;
    const graph = residentGraph(shape, mask, sizes.plan.compact);
    const length = levelSteps(settings, samples);
    const need = sizes.need(graph, batch, curveEntries(settings, samples));
    const place = await this.#memory.take(need, job.remainingWork ?? 0);
    try {
      const rows = sizes.rows(graphSize(graph), batch);
      const rowVectors = rows.areInStorage ? undefined : rows.vectors;
      await this.#loaded(rowVectors === undefined ? sizes.kernel : sizes.kernelInWorkgroup(rowVectors));
      const resume = fittingCheckpoint(job.resume, {
        kernels: "resident",
        parameters: graph.elements.length,
        keepsBest: settings.keep === "best",
        scores: sizes.scores.length,
        entryWords: settings.keepCurves ? entryWords(sizes.scores) : 0,
        lossCells: sizes.tallies,
        length,
      });
      this.population.place({ slot, graph, initial: start.values, batch, place, resume });
      this.#placed.set(slot, { rowVectors, parametersAt: place.parameters });
      const read = (isBest: boolean) => this.#read(slot, graph, job, isBest);
      const curvesAt = settings.keepCurves ? place.curves * 4 : undefined;
      let isTraining = true;
      const now = {
        weights: () => read(false),
        checkpoint: async () => (isTraining ? this.#checkpoint(slot, graph, place, settings) : undefined),
      };
      let training = await this.#pump
        .train({ slot, job, kernels: "resident", observer, curvesAt, resume, length }, now, () =>
          this.#readState(slot, graph, job),
        )
        .finally(() => {
          isTraining = false;
        });
      if (curvesAt !== undefined) {
        const { executor, buffers } = this.population;
        training = await withCurves(training, executor, buffers.curves, curvesAt, sizes.scores);
      }
      const trained = await read(settings.keep === "best");
      // Weight decay may make those infinite that the graph leaves out.
      const state = { parameters: trained, moments: [] };
      if (firstNonFinite(state)) throw divergence(job, training, state);
      const firstMoments = settings.keepMoments ? await this.#readMoments(slot, graph, 1) : undefined;
      return hostTrainedLevel(job, training, trained, firstMoments);
    } finally {
      this.#placed.delete(slot);
      this.#memory.leave(place, need);
    }
  }

  close(): void {
    for (const calls of this.#calls.values()) for (const call of calls.values()) call.destroy();
    this.population.destroy();
    if (this.ownsData) this.population.executor.free(this.population.data);
  }

  /** Compiles a kernel once. Levels that wait for the same kernel go on in the same turn, so that they start together. */
  #loaded(kernel: ResidentKernel): Promise<void> {
    const loading = this.#loading.get(kernel) ?? this.population.executor.load([kernel as Kernel]);
    this.#loading.set(kernel, loading);
    return loading;
  }

  #submit(work: number): Submitted {
    const power = 2 ** Math.floor(Math.log2(work));
    const vectors = [...this.#placed.values()].map(({ rowVectors }) => rowVectors);
    const inWorkgroup = vectors.filter((count) => count !== undefined);
    const { sizes } = this.population;
    const calls = [
      ...(inWorkgroup.length > 0 ? [this.#call(sizes.kernelInWorkgroup(Math.max(...inWorkgroup)), power)] : []),
      ...(inWorkgroup.length < vectors.length ? [this.#call(sizes.kernel, power)] : []),
    ];
    return { work: power, status: this.#runAndRead(calls) };
  }

  #call(kernel: ResidentKernel, work: number): PreparedCall {
    const calls = this.#calls.get(kernel) ?? new Map<number, PreparedCall>();
    this.#calls.set(kernel, calls);
    const { executor, buffers, data } = this.population;
    const { placements, graph, networks, parameters, tallies, curves, rows } = buffers;
    const all = { placements, data, graph, networks, parameters, tallies, curves };
    const bound = { ...all, ...("rows" in kernel.buffers && { rows }) };
    const call = calls.get(work) ?? executor.prepare(kernel as Kernel, { work }, bound, this.slots);
    calls.set(work, call);
    return call;
  }

  async #runAndRead(calls: readonly PreparedCall[]): Promise<Status> {
    const { executor, buffers, sizes } = this.population;
    const sums = sizes.scores.length;
    const { content, time } = await executor.runAndRead(calls, [
      { source: buffers.networks, offsetBytes: 0, sizeBytes: this.slots * sizes.networkStruct.sizeBytes },
      { source: buffers.tallies, offsetBytes: 0, sizeBytes: this.slots * sums * 4 },
    ]);
    const [networks, tallies] = content;
    const kept = new Uint32Array(tallies);
    return {
      time,
      networks: new StructArray(sizes.networkStruct, networks),
      scoreSums: (slot) => sizes.scores.read(kept.subarray(slot * sums, (slot + 1) * sums)),
    };
  }

  /** Reads the state of a level, all of it after the same step; undefined if the level has ended. */
  async #checkpoint(
    slot: number,
    graph: ResidentGraph,
    place: NetworkMemory,
    settings: LevelSettings,
  ): Promise<LevelCheckpoint | undefined> {
    const { executor, buffers, sizes } = this.population;
    const { keep, keepCurves } = settings;
    const entries = curveEntries(settings, sizes.plan.dataset.train.samples);
    const { sizeBytes } = sizes.networkStruct;
    const count = graph.elements.length;
    const sums = sizes.scores.length * 4;
    const row = keepCurves ? entryWords(sizes.scores) : 0;
    // All reads are enqueued before the first is awaited, so no step comes between them.
    const [network, parameters, kept, cells, curves] = await Promise.all([
      executor.read(buffers.networks, slot * sizeBytes, sizeBytes),
      executor.read(buffers.parameters, place.parameters * 16, (keep === "best" ? 4 : 3) * count * 4),
      executor.read(buffers.tallies, slot * sums, sums),
      executor.read(buffers.tallies, sizes.talliesAt(slot) * 4, sizes.tallies * 4),
      row > 0 ? executor.read(buffers.curves, place.curves * 16, entries * row * 4) : new ArrayBuffer(0),
    ]);
    const networks = new StructArray(sizes.networkStruct, network);
    if (networks.get(0, "running") === 0) return undefined;
    const counts = readCounts(networks, 0);
    const part = (number: number) => new Float32Array(parameters, number * count * 4, count);
    return {
      kernels: "resident",
      counts,
      parameters: part(0),
      firstMoments: part(1),
      secondMoments: part(2),
      bestParameters: keep === "best" ? part(3) : new Float32Array(0),
      keptScores: new Uint32Array(kept),
      curves: new Uint32Array(curves, 0, counts.evaluations * row),
      lossCells: new Uint32Array(cells),
    };
  }

  /** Reads the parameters of a slot and merges them with those that the graph leaves out, after their weight decay and L1. */
  async #read(slot: number, graph: ResidentGraph, job: LevelJob, isBest: boolean): Promise<Parameters> {
    const { executor, buffers } = this.population;
    const { parametersAt = 0 } = this.#placed.get(slot) ?? {};
    const bytes = graph.elements.length * 4;
    const offset = parametersAt * 16 + (isBest ? 3 * bytes : 0);
    const values = new Float32Array(await executor.read(buffers.parameters, offset, bytes));
    const all = maskedParameters(job.start, job.mask);
    if (job.settings.weightDecay || job.settings.l1) {
      const { factor, shift } = leftOutChange(job.settings, await this.#steps(slot, isBest));
      for (let element = 0; element < all.values.length; element++) {
        const moved = all.values[element] * factor;
        all.values[element] = shift > 0 ? Math.sign(moved) * Math.max(0, Math.abs(moved) - shift) : moved;
      }
    }
    const { elements } = graph;
    for (let weight = 0; weight < elements.length; weight++) {
      if (elements[weight] !== none) all.values[elements[weight]] = values[weight];
    }
    return all;
  }

  async #readState(slot: number, graph: ResidentGraph, job: LevelJob): Promise<OptimizerState> {
    const moments = [await this.#readMoments(slot, graph, 1), await this.#readMoments(slot, graph, 2)];
    return { parameters: await this.#read(slot, graph, job, false), moments };
  }

  /** Reads the first or second moments of a slot; 0 for parameters that the graph leaves out. */
  async #readMoments(slot: number, { shape, elements }: ResidentGraph, which: 1 | 2): Promise<Parameters> {
    const { executor, buffers } = this.population;
    const { parametersAt = 0 } = this.#placed.get(slot) ?? {};
    const bytes = elements.length * 4;
    const values = new Float32Array(await executor.read(buffers.parameters, parametersAt * 16 + which * bytes, bytes));
    const all = new Parameters(shape);
    elements.forEach((element, weight) => {
      if (element !== none) all.values[element] = values[weight];
    });
    return all;
  }

  /** Number of steps of a slot's network so far, or up to its best evaluation. */
  async #steps(slot: number, isBest: boolean): Promise<number> {
    const { executor, buffers, sizes } = this.population;
    const { sizeBytes } = sizes.networkStruct;
    const bytes = await executor.read(buffers.networks, slot * sizeBytes, sizeBytes);
    const network = new StructArray(sizes.networkStruct, bytes);
    return isBest ? network.get(0, "keptEvaluation") * network.get(0, "evaluateEvery") : network.get(0, "step");
  }
}
