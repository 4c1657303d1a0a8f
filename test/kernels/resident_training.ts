import { RandomStream } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import { StructArray } from "../../src/base/struct_array.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { graphSize, none, type ResidentGraph, residentGraph } from "../../src/engine/resident/graph.ts";
import type { NetworkMemory } from "../../src/engine/resident/memory.ts";
import { type ResidentPlan, ResidentPopulation, ResidentSizes } from "../../src/engine/resident/population.ts";
import { entryWords } from "../../src/engine/shared/curves.ts";
import { uploadDataset } from "../../src/engine/shared/dataset_memory.ts";
import type { Executor } from "../../src/engine/shared/executor.ts";
import { Memory } from "../../src/engine/shared/memory.ts";
import type { Mask } from "../../src/mask/mask.ts";
import { defaultActivation } from "../../src/network/activations/index.ts";
import { initialParameters } from "../../src/network/initial.ts";
import type { Parameters } from "../../src/network/parameters.ts";
import { maskedParameters } from "../../src/pruning/masked.ts";
import type { ResidentNetwork } from "../../src/twin/resident_epoch.ts";

/** A network to train. */
export interface Member {
  readonly mask: Mask;
  readonly batch: number;
  readonly seed: number;
  /** Members of its `Network` that differ from {@link settings}. */
  readonly network?: Readonly<Record<string, number>>;
}

/** Start weights and biases of a network; with biases of 0, zombie neurons would have no effect. */
export function startOf({ mask, seed }: Member): Parameters {
  const parameters = initialParameters(mask.shape, seed);
  const stream = new RandomStream(seed, "datasetSplit");
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    const biases = parameters.biases(layer);
    biases.forEach((_, neuron) => {
      biases[neuron] = 0.3 * stream.nextNormal();
    });
  }
  return maskedParameters(parameters, mask);
}

/** `Network` of a level that starts. */
export const settings = {
  level: 3,
  optimizer: 0,
  learningRate: 0.01,
  weightDecay: 0,
  warmupSteps: 1,
  momentum: 0.9,
  mostEvaluations: 50,
  patience: 50,
  keepBest: 0,
  keepCurves: 0,
  running: 1,
  bestValidationLoss: 3.4e38,
};

/** The most evaluations whose values a network keeps. */
function curveEntriesOf({ network }: Member): number {
  const { keepCurves, mostEvaluations } = { ...settings, ...network };
  return keepCurves * mostEvaluations;
}

/** Settings of the kernel and its host. */
export interface Setup {
  readonly workgroup?: ResidentPlan["workgroup"];
  /** As in the plan; default 0, since SwiftShader compiles the kernel of rows in storage in a third of the time. */
  readonly workgroupBytes?: number;
  /** Compile and run the kernel of rows in storage only where some network has such rows; default false. */
  readonly onlyNeeded?: boolean;
  readonly compact?: boolean;
  readonly activation?: string;
  /**
   * Work of a step, and cost of a validation in steps. By default a unit of work is a step, and a validation costs 0.
   */
  readonly prices?: { readonly stepWork: number; readonly validationSteps: number };
}

/** Networks that a device trains through the resident engine's own host code, and their states in the twin's form. */
export class ResidentTraining {
  private constructor(
    readonly population: ResidentPopulation,
    readonly members: readonly Member[],
    readonly graphs: readonly ResidentGraph[],
    readonly places: readonly NetworkMemory[],
    /** Whether the kernel of rows in storage runs. */
    readonly runsStorage: boolean,
  ) {}

  static async start(
    executor: Executor,
    dataset: Dataset,
    members: readonly Member[],
    {
      workgroup,
      workgroupBytes = 0,
      onlyNeeded = false,
      compact,
      activation,
      prices = { stepWork: 1, validationSteps: 0 },
    }: Setup = {},
  ): Promise<ResidentTraining> {
    const sizes = new ResidentSizes({
      dataset,
      ...(workgroup && { workgroup }),
      workgroupBytes,
      ...(activation && { activation }),
      slots: members.length,
      shapes: members.map(({ mask }) => mask.shape),
      batch: Math.max(...members.map(({ batch }) => batch)),
      curveEntries: Math.max(...members.map(curveEntriesOf)),
    });
    const population = new ResidentPopulation(executor, sizes, uploadDataset(executor, dataset));
    // Data of other networks in the slots must have no effect.
    for (const left of [population.buffers.parameters, population.buffers.rows]) {
      executor.write(left, new Float32Array(left.sizeBytes / 4).fill(7));
    }
    const graphs = members.map(({ mask }) => residentGraph(mask.shape, mask, compact));
    const rows = graphs.map((graph, slot) => sizes.rows(graphSize(graph), members[slot].batch));
    const runsStorage = !onlyNeeded || rows.some(({ areInStorage }) => areInStorage);
    await executor.load([
      ...(runsStorage ? [sizes.kernel] : []),
      ...rows.flatMap(({ areInStorage, vectors }) => (areInStorage ? [] : [sizes.kernelInWorkgroup(vectors)])),
    ]);
    const { networkStruct, placementStruct } = sizes;
    const networks = new StructArray(networkStruct, new ArrayBuffer(members.length * networkStruct.sizeBytes));
    const memory = new Memory(sizes.memory);
    const places = await Promise.all(
      members.map(({ batch }, slot) => memory.take(sizes.need(graphs[slot], batch, curveEntriesOf(members[slot])), 0)),
    );
    members.forEach((member, slot) => {
      const { batch, seed, network } = member;
      const initial = startOf(member).values;
      population.place({ slot, graph: graphs[slot], initial, batch, place: places[slot] });
      const evaluateEvery = Math.ceil(dataset.train.samples / batch);
      const own = { seed, evaluateEvery, ...settings, ...network, curvesAt: places[slot].curves * 4 };
      for (const [field, value] of Object.entries(own)) networks.set(slot, field, value);
      for (const [field, value] of Object.entries(prices)) {
        const at = slot * placementStruct.sizeBytes + placementStruct.fields[field].offsetBytes;
        executor.write(population.buffers.placements, Uint32Array.of(value), at);
      }
    });
    executor.write(population.buffers.networks, new Uint8Array(networks.bytes));
    return new ResidentTraining(population, members, graphs, places, runsStorage);
  }

  dispatch(work: number): void {
    const { executor, sizes, data } = this.population;
    const { placements, graph, networks, parameters, tallies, curves, rows } = this.population.buffers;
    const buffers = { placements, data, graph, networks, parameters, tallies, curves };
    const vectors = this.members.map(({ batch }, slot) => sizes.rows(graphSize(this.graphs[slot]), batch));
    const inWorkgroup = vectors.filter(({ areInStorage }) => !areInStorage).map(({ vectors: count }) => count);
    const calls = [
      ...(this.runsStorage
        ? [executor.prepare(sizes.kernel, { work }, { ...buffers, rows }, this.members.length)]
        : []),
      ...(inWorkgroup.length > 0
        ? [executor.prepare(sizes.kernelInWorkgroup(Math.max(...inWorkgroup)), { work }, buffers, this.members.length)]
        : []),
    ];
    executor.run(calls);
    for (const call of calls) call.destroy();
  }

  async read(): Promise<ResidentNetwork[]> {
    const { executor, sizes, buffers } = this.population;
    const [networks, parameters, tallies, curves] = await Promise.all(
      (["networks", "parameters", "tallies", "curves"] as const).map((name) =>
        executor.read(buffers[name], 0, buffers[name].sizeBytes),
      ),
    );
    return this.members.map((member, slot) => {
      const { mask, batch } = member;
      const { elements } = this.graphs[slot];
      const [parametersNow, best] = [startOf(member).values, startOf(member).values];
      const { length } = best;
      const numbers = new Float32Array(parameters, this.places[slot].parameters * 16);
      /** Copies the numbers of one kind into `target`; parameters that the graph leaves out stay unchanged. */
      const copyKind = (kind: number, target: Float32Array) => {
        elements.forEach((element, weight) => {
          if (element !== none) target[element] = numbers[kind * elements.length + weight];
        });
        return target;
      };
      const moments = new Float32Array(2 * length);
      copyKind(1, moments.subarray(0, length));
      copyKind(2, moments.subarray(length));
      const sums = sizes.scores.length;
      const kept = new Uint32Array(tallies, slot * sums * 4, sums);
      const cellsAt = this.members.length * sums + slot * sizes.tallies + sums;
      const losses = new Float32Array(tallies, cellsAt * 4, sizes.workgroup[0] * sizes.workgroup[1]);
      const { sizeBytes } = sizes.networkStruct;
      const bytes = networks.slice(slot * sizeBytes, (slot + 1) * sizeBytes);
      const progress = new StructArray(sizes.networkStruct, bytes);
      // Each invocation sums its own losses; the kernel sums those of all invocations at the end of the epoch.
      const lossSum = losses.reduce((sum, loss) => sum + loss, 0);
      progress.set(0, "trainLossSum", lossSum);
      const { curvesAt, curveWords } = this.#curves(slot);
      // For the twin, the curves are an array of their own.
      progress.set(0, "curvesAt", 0);
      return {
        mask,
        activation: sizes.plan.activation ?? defaultActivation,
        batch,
        progress,
        parameters: copyKind(0, parametersNow),
        moments,
        best: copyKind(3, best),
        keptScoreSums: kept.slice(),
        curves: new Uint32Array(curves, curvesAt * 4, curveWords).slice(),
      };
    });
  }

  /** Where the curves of a network lie, in words, and how many they are. */
  #curves(slot: number) {
    const { sizes } = this.population;
    return {
      curvesAt: this.places[slot].curves * 4,
      curveWords: curveEntriesOf(this.members[slot]) * entryWords(sizes.scores),
    };
  }

  destroy(): void {
    this.population.destroy();
    this.population.executor.free(this.population.data);
  }
}
