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

/** Maximum mini-batch size in samples. */
export const residentMostBatch = 512;
/** Minimum number of samples of a validation pass. */
const leastValidationColumns = 64;

/** The networks that a resident population can train. */
export interface ResidentPlan {
  readonly dataset: Dataset;
  /** Shapes to train; every slot has the capacity for each of them. */
  readonly shapes: readonly Shape[];
  /** Maximum number of edges of a network; default all of its weights. */
  readonly mostEdges?: number;
  /** Activation of the hidden layers; default relu. */
  readonly activation?: string;
  /** Maximum mini-batch size in samples, from 1 to 512; a level's settings may have a smaller one. */
  readonly batch: number;
  /** Number of networks held at the same time, from 1. */
  readonly slots: number;
  /** Number of workgroups that the device runs in parallel; default the number of slots. */
  readonly sideBySide?: number;
  /** Leave out neurons without a path to an output; default true. Tests set it to false. */
  readonly compact?: boolean;
  /** Workgroup size of the kernel: pairs of sample quads, groups of neurons. Default: the kernel's. */
  readonly workgroup?: readonly [pairs: number, groups: number];
}

/** Size of one slot in each buffer, in elements of the buffer. */
export class ResidentSizes {
  readonly networkStruct = structOf(residentEpoch, "networks");
  readonly placementStruct = structOf(residentEpoch, "placements");
  readonly kernel: typeof residentEpoch;
  /** Maximum mini-batch size in samples, not larger than the training split. */
  readonly batch: number;
  readonly graphWords: number;
  /**
   * Number of vec4f of weights, first moments, second moments, best weights and gradients, and of the copies in the
   * backward lists.
   */
  readonly parameters: number;
  /** Number of vec4f of activation rows and of their gradients. */
  readonly activations: number;
  readonly gradientsAt: number;
  readonly tallies: number;
  readonly data: DatasetLayout;

  /** @throws InputError when the batch exceeds the maximum of a workgroup */
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

  /** Bytes of each buffer except the dataset's, by the kernel's names. */
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

/** The buffers of a resident population. The caller owns the dataset's buffer. */
export class ResidentPopulation {
  readonly buffers: Readonly<Record<string, DataBuffer>>;

  constructor(
    readonly executor: Executor,
    readonly sizes: ResidentSizes,
    /** The plan's dataset, in the layout of {@link uploadDataset}. */
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

  /**
   * Enqueues the writes of a level except its `Network`: its placement, its graph, its initial weights and moments of
   * 0.
   */
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
      // A forward pass costs a third of a step.
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

/** Number of quads in a row of at least `samples` columns; even, since the kernel processes two at a time. */
function evenQuads(samples: number): number {
  return Math.ceil(samples / 8) * 2;
}

/**
 * Relative cost of a step, so that networks take similar times in a dispatch. Fitted to the processor time of the
 * demo's levels on SwiftShader within 5 %; lavapipe has the same ratios (`npm run bench -- levels`).
 */
function stepWork(graph: ResidentGraph, batchQuads: number): number {
  return (graph.tiles.length * 24 + graph.strands.length * 9 + graph.groups * 38 + 20) * batchQuads;
}

/**
 * Fits a resident population into memory: see {@link fitSlots}.
 * @throws InputError when the batch exceeds the maximum of a workgroup
 */
export function planResident(
  network: Omit<ResidentPlan, "slots">,
  wanted: number,
  budgetBytes = memoryBudgetBytes,
): Fitted<ResidentPlan> {
  return fitSlots(network, wanted, (plan) => new ResidentSizes(plan).bytes(), budgetBytes);
}
