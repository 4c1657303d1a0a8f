import { invariant } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import { StructArray } from "../../base/struct_array.ts";
import { Parameters } from "../../network/parameters.ts";
import { rewoundParameters } from "../../pruning/masked.ts";
import { selectedMask } from "../../pruning/selected_mask.ts";
import type { Engine, LevelSettings, NetworkStart, TrainingNetwork } from "../engine.ts";
import { uploadDataset } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor, PreparedCall } from "../shared/executor.ts";
import { LevelPump, type Status } from "../shared/level_pump.ts";
import { Seats } from "../shared/slots.ts";
import { none, type ResidentGraph, residentGraph } from "./graph.ts";
import { undrivenShare } from "./left_out.ts";
import { type ResidentPlan, ResidentPopulation, ResidentSizes } from "./population.ts";

/** Row visits of the first submission, before its time is known. */
const firstWork = 1 << 16;
const mostWork = 2 ** 31;

/**
 * The engine of small and sparse networks: one workgroup trains one network, for as many steps as fit a submission, over the
 * edges that its mask leaves (`shaders/resident_epoch.wgsl`). Networks of any mix of shapes, batches and settings train side
 * by side. Weights are read back once a level and selected on the host.
 */
export class ResidentEngine implements Engine {
  readonly name = "resident";
  readonly slots: number;
  readonly memoryBytes: number;
  readonly executor: string;
  readonly #seats: Seats;
  readonly #pump: LevelPump;
  /** The kernel bound with each amount of work used so far: powers of two. */
  readonly #calls = new Map<number, PreparedCall>();

  private constructor(
    readonly population: ResidentPopulation,
    readonly ownsData: boolean,
  ) {
    const { sizes, executor } = population;
    this.executor = executor.name;
    this.slots = sizes.plan.slots;
    this.memoryBytes = Object.values(sizes.bytes()).reduce((sum, bytes) => sum + bytes, population.data.sizeBytes);
    this.#seats = new Seats(this.slots);
    this.#pump = new LevelPump({
      networkStruct: sizes.networkStruct,
      firstWork,
      mostWork,
      sideBySide: sizes.plan.sideBySide ?? this.slots,
      mayStart: () => true,
      start: (slot, network) =>
        executor.write(population.buffers.networks, network, slot * sizes.networkStruct.sizeBytes),
      submit: (work) => this.#submit(work),
      readStatus: () => this.#readStatus(),
    });
  }

  /**
   * Allocates a population on an executor, which stays the caller's, and compiles the kernel.
   * @param shared the plan's dataset as uploaded by the caller, whose it stays; the engine uploads one of its own without
   * @throws InputError when a batch is more than a workgroup takes
   */
  static async open(executor: Executor, plan: ResidentPlan, shared?: DataBuffer): Promise<ResidentEngine> {
    const sizes = new ResidentSizes(plan);
    await executor.load([sizes.kernel]);
    const data = shared ?? uploadDataset(executor, plan.dataset);
    return new ResidentEngine(new ResidentPopulation(executor, sizes, data), !shared);
  }

  async admit(start: NetworkStart): Promise<TrainingNetwork> {
    const { sizes } = this.population;
    const { label, seed, initial } = start;
    const fits = sizes.plan.shapes.some((shape) => formatShape(shape) === formatShape(initial.shape));
    invariant(fits, `${label}: shape ${formatShape(initial.shape)} is none of the plan's`);
    const slot = await this.#seats.take();
    let mask = start.mask;
    let trained = rewoundParameters(initial, mask);
    let graph = residentGraph(initial.shape, mask, sizes.plan.compact);
    let current: LevelSettings | undefined;
    const read = (best: boolean, settings?: LevelSettings) =>
      this.#read(slot, graph, rewoundParameters(initial, mask), best, settings);
    return {
      train: async (level, settings, observe) => {
        const batch = Math.min(settings.batch ?? sizes.batch, sizes.plan.dataset.train.samples);
        invariant(batch <= sizes.batch, `${label}: batch ${batch}, the plan has room for ${sizes.batch}`);
        this.population.place(slot, graph, initial.values, batch);
        current = settings;
        try {
          const request = { slot, label, level, seed, settings, kernels: "resident" as const, observe };
          const training = await this.#pump.train(request, () => read(false));
          trained = await read(settings.keep === "best", settings);
          return training;
        } finally {
          current = undefined;
        }
      },
      weights: async () => (current ? read(false, current) : new Parameters(initial.shape, trained.values.slice())),
      prune: async (selection, level) => {
        mask = selectedMask(trained, mask, selection, seed, level);
        trained = rewoundParameters(initial, mask);
        graph = residentGraph(initial.shape, mask, sizes.plan.compact);
        return mask.clone();
      },
      release: () => this.#seats.leave(slot),
    };
  }

  close(): void {
    for (const call of this.#calls.values()) call.destroy();
    this.population.destroy();
    if (this.ownsData) this.population.executor.free(this.population.data);
  }

  #submit(work: number): number {
    const { executor, buffers } = this.population;
    const power = 2 ** Math.floor(Math.log2(work));
    let call = this.#calls.get(power);
    if (!call) {
      const { data } = this.population;
      const { placements, graph, networks, parameters, activations, tallies } = buffers;
      const bound = { placements, data, graph, networks, parameters, activations, tallies };
      call = executor.prepare(this.population.sizes.kernel, { work: power }, bound, this.slots);
      this.#calls.set(power, call);
    }
    executor.run([call]);
    return power;
  }

  async #readStatus(): Promise<Status> {
    const { executor, buffers, sizes } = this.population;
    const tasks = sizes.plan.dataset.tasks.length;
    const [networks, tallies] = await Promise.all([
      executor.read(buffers.networks, 0, this.slots * sizes.networkStruct.sizeBytes),
      executor.read(buffers.tallies, 0, this.slots * sizes.tallies * 4),
    ]);
    const kept = new Float32Array(tallies);
    return {
      networks: new StructArray(sizes.networkStruct, networks),
      correct: (slot) => Array.from(kept.subarray(slot * sizes.tallies, slot * sizes.tallies + tasks)),
    };
  }

  /** The weights of a slot, laid over those that the graph leaves out, which decay by the settings of the level. */
  async #read(
    slot: number,
    graph: ResidentGraph,
    rest: Parameters,
    best: boolean,
    settings?: LevelSettings,
  ): Promise<Parameters> {
    const { executor, buffers, sizes } = this.population;
    const bytes = graph.elements.length * 4;
    const offset = slot * sizes.parameters * 16 + (best ? 3 * bytes : 0);
    const values = new Float32Array(await executor.read(buffers.parameters, offset, bytes));
    if (settings?.weightDecay) {
      const share = undrivenShare(settings, await this.#steps(slot, best, settings));
      rest.values.forEach((value, element) => {
        rest.values[element] = value * share;
      });
    }
    graph.elements.forEach((element, weight) => {
      if (element !== none) rest.values[element] = values[weight];
    });
    return rest;
  }

  /** Steps that a slot's network has done, or had done at the end of its best epoch. */
  async #steps(slot: number, best: boolean, settings: LevelSettings): Promise<number> {
    const { executor, buffers, sizes } = this.population;
    const { sizeBytes } = sizes.networkStruct;
    const bytes = await executor.read(buffers.networks, slot * sizeBytes, sizeBytes);
    const network = new StructArray(sizes.networkStruct, bytes);
    const { samples } = sizes.plan.dataset.train;
    const stepsPerEpoch = Math.ceil(samples / Math.min(settings.batch ?? sizes.batch, samples));
    return best ? network.get(0, "keptEpoch") * stepsPerEpoch : network.get(0, "step");
  }
}
