import { InputError } from "../../base/errors.ts";
import { feistelHalfBits } from "../../base/random.ts";
import { layerCount, type Shape } from "../../base/shape.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { withActivation } from "../../kernels/activated.ts";
import { withLosses } from "../../kernels/element_losses.ts";
import { structOf } from "../../kernels/reflect.ts";
import { residentEpoch } from "../../kernels/resident_epoch.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import { type DatasetLayout, datasetLayout } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor } from "../shared/executor.ts";
import { type Fitted, fitSlots, memoryBudgetBytes } from "../shared/fit_slots.ts";
import { graphCapacity, graphWeights, type ResidentGraph, residentLists } from "./graph.ts";

/** Samples of a mini-batch at most. */
export const residentMostBatch = 512;
/** Samples that a validation takes at a time at least. */
const leastValidationColumns = 64;

/** What a resident population may hold. */
export interface ResidentPlan {
  readonly dataset: Dataset;
  /** Shapes that will be trained; a slot has room for any of them. */
  readonly shapes: readonly Shape[];
  /** Edges that a network may have; all of its weights when left out. */
  readonly mostEdges?: number;
  /** Of the hidden layers; default relu. */
  readonly activation?: string;
  /** Samples of a mini-batch at most, from 1 to 512; what a level trains with unless its settings say otherwise. */
  readonly batch: number;
  /** Networks that are held at the same time, from 1. */
  readonly slots: number;
  /** Workgroups that the device runs side by side; default as many as are held. */
  readonly sideBySide?: number;
  /** Leave out what cannot matter; default true. A knob for tests. */
  readonly compact?: boolean;
  /** Workgroup of the kernel: pairs of sample quads, groups. Default: the kernel's own. */
  readonly workgroup?: readonly [pairs: number, groups: number];
}

/** What one slot takes of each buffer, in the buffer's elements. */
export class ResidentSizes {
  readonly networkStruct = structOf(residentEpoch, "networks");
  readonly placementStruct = structOf(residentEpoch, "placements");
  readonly kernel: typeof residentEpoch;
  /** Batch at most: no larger than the training split. */
  readonly batch: number;
  readonly graphWords: number;
  /** vec4f of weights, first moments, second moments, best weights and gradients, then of the backward lists' copies. */
  readonly parameters: number;
  /** vec4f of rows and their gradients. */
  readonly activations: number;
  readonly gradientsAt: number;
  readonly tallies: number;
  readonly data: DatasetLayout;

  /** @throws InputError when a batch is more than a workgroup takes */
  constructor(readonly plan: ResidentPlan) {
    const { shapes, dataset, workgroup = residentEpoch.workgroup, activation = defaultActivation } = plan;
    const losses = dataset.tasks.map(({ kind }) => kind);
    this.kernel = { ...withLosses(withActivation(residentEpoch, activation), losses), workgroup };
    this.batch = Math.min(plan.batch, dataset.train.samples);
    if (this.batch > residentMostBatch) {
      throw new InputError(
        `batch ${plan.batch} is above ${residentMostBatch}, the most of the resident engine: choose a smaller batch or --engine tiled`,
      );
    }
    const capacities = shapes.map((shape) => graphCapacity(shape, plan.mostEdges));
    const most = (of: (capacity: (typeof capacities)[number]) => number) => Math.max(...capacities.map(of));
    const quads = evenQuads(Math.max(this.batch, leastValidationColumns));
    this.graphWords = most(({ words }) => words);
    this.parameters = most(({ vectors, backVectors }) => 5 * vectors + backVectors);
    this.gradientsAt = most(({ rows }) => rows) * quads;
    this.activations = this.gradientsAt + most(({ groupRows }) => groupRows) * quads;
    const [x, y] = workgroup;
    this.tallies = dataset.tasks.length + (2 + dataset.tasks.length) * x * y;
    this.data = datasetLayout(dataset);
  }

  /** Bytes of every buffer beside the dataset's, by the kernel's names. */
  bytes(): Record<string, number> {
    const { slots } = this.plan;
    return {
      placements: slots * this.placementStruct.sizeBytes,
      graph: slots * this.graphWords * 4,
      networks: slots * this.networkStruct.sizeBytes,
      parameters: slots * this.parameters * 16,
      activations: slots * this.activations * 16,
      tallies: slots * this.tallies * 4,
    };
  }
}

/** The memory of a resident population. The dataset's is its owner's. */
export class ResidentPopulation {
  readonly buffers: Readonly<Record<string, DataBuffer>>;

  constructor(
    readonly executor: Executor,
    readonly sizes: ResidentSizes,
    /** The plan's dataset, as {@link uploadDataset} lays it out. */
    readonly data: DataBuffer,
  ) {
    this.buffers = Object.fromEntries(
      Object.entries(sizes.bytes()).map(([name, bytes]) => [name, executor.createBuffer(name, bytes)]),
    );
  }

  /** Frees the population's buffers. */
  destroy(): void {
    for (const buffer of Object.values(this.buffers)) this.executor.free(buffer);
  }

  /** Enqueues everything but the `Network` of a level: where it lies, its graph, its initial weights and fresh moments. */
  place(slot: number, graph: ResidentGraph, initial: Float32Array, batch: number): void {
    const { executor, buffers, sizes } = this;
    const { dataset } = sizes.plan;
    const words = new Uint32Array(residentLists.reduce((sum, list) => sum + graph[list].length, 0));
    const placement = new StructArray(sizes.placementStruct, new ArrayBuffer(sizes.placementStruct.sizeBytes));
    let filled = 0;
    for (const list of residentLists) {
      words.set(graph[list], filled);
      placement.set(0, `${list}At`, slot * sizes.graphWords + filled);
      filled += graph[list].length;
    }
    const batchQuads = evenQuads(batch);
    const { words: _, ...parts } = sizes.data;
    const members = {
      ...parts,
      stepWork: stepWork(graph, batchQuads),
      // Forward is a third of a step.
      validationSteps: Math.round(dataset.validation.samples / (3 * batch)),
      layers: layerCount(graph.shape),
      inputs: graph.inputs.length,
      groups: graph.groups,
      bundles: graph.tiles.length * 4,
      strands: graph.strands.length,
      backBundles: graph.backBundles,
      backVectors: graph.copies.length / 4,
      parametersAt: slot * sizes.parameters,
      activationsAt: slot * sizes.activations,
      gradientsAt: slot * sizes.activations + sizes.gradientsAt,
      talliesAt: slot * sizes.tallies,
      cells: sizes.kernel.workgroup[0] * sizes.kernel.workgroup[1],
      batch,
      batchQuads,
      validationQuads: Math.max(batchQuads, leastValidationColumns / 4),
      trainSamples: dataset.train.samples,
      validationSamples: dataset.validation.samples,
      halfBits: feistelHalfBits(dataset.train.samples),
      bytesPerInput: dataset.train.features.BYTES_PER_ELEMENT,
      columns: dataset.inputs,
      tasks: dataset.tasks.length,
      outputsRow: graph.outputsRow,
    };
    for (const [name, value] of Object.entries(members)) placement.set(0, name, value);

    const weights = graphWeights(graph, initial);
    const parameters = new Float32Array(3 * weights.length);
    parameters.set(weights);
    executor.write(buffers.placements, new Uint8Array(placement.bytes), slot * placement.bytes.byteLength);
    executor.write(buffers.graph, words, slot * sizes.graphWords * 4);
    executor.write(buffers.parameters, parameters, slot * sizes.parameters * 16);
    executor.write(buffers.tallies, new Float32Array(sizes.tallies), slot * sizes.tallies * 4);
  }
}

/** Quads of a row of at least `samples` columns; even, since the kernel takes two at a time. */
function evenQuads(samples: number): number {
  return Math.ceil(samples / 8) * 2;
}

/**
 * What a step costs, so that networks get like times in a dispatch: by the processor time of the demo's levels on SwiftShader, whose
 * ratios lavapipe shares (`npm run bench -- levels`), to within 5 %.
 */
function stepWork(graph: ResidentGraph, batchQuads: number): number {
  return (graph.tiles.length * 24 + graph.strands.length * 9 + graph.groups * 38 + 20) * batchQuads;
}

/**
 * Fits a resident population into memory: see {@link fitSlots}.
 * @throws InputError when a batch or a shape is more than a workgroup holds
 */
export function planResident(
  network: Omit<ResidentPlan, "slots">,
  wanted: number,
  budgetBytes = memoryBudgetBytes,
): Fitted<ResidentPlan> {
  return fitSlots(network, wanted, (plan) => new ResidentSizes(plan).bytes(), budgetBytes);
}
