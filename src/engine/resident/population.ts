import { InputError, invariant } from "../../base/errors.ts";
import { feistelHalfBits } from "../../base/random.ts";
import { layerCount, type Shape } from "../../base/shape.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { withActivation } from "../../kernels/activated.ts";
import { withLosses } from "../../kernels/element_losses.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { structOf } from "../../kernels/reflect.ts";
import {
  residentEpoch,
  residentEpochInWorkgroup,
  withRowVectors,
  withWorkgroup,
} from "../../kernels/resident_epoch.ts";
import { losses } from "../../loss/index.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import type { LevelCheckpoint } from "../engine.ts";
import { entryWords } from "../shared/curves.ts";
import { type DatasetLayout, datasetLayout, deviceDatasetBytes } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor } from "../shared/executor.ts";
import { bindingBytes, type Fitted, memoryBudgetBytes, type ShapeCount } from "../shared/fitted.ts";
import { ScoreSums } from "../shared/score_sums.ts";
import { type GraphSize, graphCapacity, graphSize, graphWeights, type ResidentGraph } from "./graph.ts";
import { firstLists, graphLists, listNames, listVectors, type RowLayout, rowCount } from "./graph_lists.ts";
import type { NetworkMemory } from "./memory.ts";
import { stepWork } from "./step_work.ts";

/** Maximum mini-batch size in samples. */
export const residentMostBatch = 512;
/** Minimum number of quads of a validation pass. */
const leastValidationQuads = 16;
/** Bytes of workgroup memory that every adapter has. */
const leastWorkgroupBytes = 16384;
/** Bytes of workgroup memory of the kernel besides the rows: 2 KiB of lists, 1 KiB of sums, `Placement`, keys. */
const otherWorkgroupBytes = 3584;
/**
 * Workgroup memory that a kernel is compiled for, the last being all that the device offers: with less, more workgroups
 * run at the same time on a multiprocessor. An H200 seems to run as many as fit into 64 KiB.
 */
const workgroupTiers = [16384, 24576, 32768] as const;
/** Maximum number of networks that use all of the workgroup memory to do more at the same time. */
const fewNetworks = 64;
const vec4Bytes = 16;

/** The networks that a resident population can train. */
export interface ResidentPlan {
  readonly dataset: Dataset;
  /** Shapes to train. */
  readonly shapes: readonly Shape[];
  /** Maximum number of edges of a network; default all of its weights. */
  readonly mostEdges?: number;
  /** Activation of the hidden layers; default relu. */
  readonly activation?: string;
  /** Maximum mini-batch size in samples, from 1 to 512; a level's settings may have a smaller one. */
  readonly batch: number;
  /** Most evaluations whose values a network keeps; default 0. */
  readonly curveEntries?: number;
  /** Number of networks held at the same time, from 1. */
  readonly slots: number;
  /** vec4f of each buffer; default enough for `slots` networks of any of the shapes. */
  readonly memory?: NetworkMemory;
  /** Number of workgroups that the device runs in parallel; default the number of slots. */
  readonly sideBySide?: number;
  /** Leave out neurons without a path to an output; default true. Tests set it to false. */
  readonly compact?: boolean;
  /** Workgroup size of the kernel: quads, blocks. Default: the kernel's. */
  readonly workgroup?: readonly [quads: number, blocks: number];
  /** Bytes of workgroup memory for the rows' kernel; default 16 KiB, which every adapter has. 0: rows are in storage. */
  readonly workgroupBytes?: number;
}

/** Where the rows of a network are. */
interface Rows extends RowLayout {
  readonly areInStorage: boolean;
  /** vec4f of all rows. */
  readonly vectors: number;
  readonly validationQuads: number;
}

/** Sizes of a population's buffers. */
export class ResidentSizes {
  readonly networkStruct = structOf(residentEpoch, "networks");
  readonly placementStruct = structOf(residentEpoch, "placements");
  /** The kernel of networks with rows in storage. */
  readonly kernel: typeof residentEpoch;
  /** The kernels of networks with rows in workgroup memory, by vec4f of rows, ascending. */
  readonly kernelsInWorkgroup: readonly {
    readonly vectors: number;
    readonly kernel: typeof residentEpochInWorkgroup;
  }[];
  /** Maximum mini-batch size in samples, not larger than the training split. */
  readonly batch: number;
  readonly memory: NetworkMemory;
  readonly workgroup: readonly [quads: number, blocks: number];
  readonly data: DatasetLayout;
  readonly scores: ScoreSums;

  /** @throws InputError when the batch exceeds the maximum of a workgroup */
  constructor(readonly plan: ResidentPlan) {
    const { shapes, dataset, workgroup = residentEpoch.workgroup, activation = defaultActivation, slots } = plan;
    const kinds = dataset.tasks.map(({ kind }) => kind);
    this.workgroup = workgroup;
    const most = plan.workgroupBytes ?? leastWorkgroupBytes;
    const chosen = <K extends Kernel>(kernel: K) =>
      withWorkgroup(withLosses(withActivation(kernel, activation), kinds), workgroup);
    this.kernel = chosen(residentEpoch);
    this.kernelsInWorkgroup = [...workgroupTiers.filter((bytes) => bytes < most), ...(most > 0 ? [most] : [])].map(
      (bytes) => {
        const vectors = Math.floor((bytes - otherWorkgroupBytes) / vec4Bytes);
        return { vectors, kernel: withRowVectors(chosen(residentEpochInWorkgroup), vectors) };
      },
    );
    this.batch = Math.min(plan.batch, dataset.train.samples);
    if (this.batch > residentMostBatch) {
      throw new InputError(
        `batch ${plan.batch} is above ${residentMostBatch}, the most of the resident engine: choose a smaller batch or --engine tiled`,
      );
    }
    this.data = datasetLayout(dataset);
    this.scores = new ScoreSums(dataset);
    const needs = shapes.map((shape) => this.capacity(shape));
    const all = (name: keyof NetworkMemory) => slots * Math.max(...needs.map((need) => need[name]));
    this.memory = plan.memory ?? {
      graph: all("graph"),
      parameters: all("parameters"),
      rows: all("rows"),
      curves: all("curves"),
    };
  }

  /** The most memory that a network of a shape takes. */
  capacity(shape: Shape): NetworkMemory {
    const { mostEdges, curveEntries = 0 } = this.plan;
    return this.#need(layerCount(shape), graphCapacity(shape, mostEdges), this.batch, curveEntries);
  }

  /** The kernel of a network with rows in workgroup memory. */
  kernelInWorkgroup(vectors: number): typeof residentEpochInWorkgroup {
    const found = this.kernelsInWorkgroup.find((one) => vectors <= one.vectors);
    invariant(
      found,
      `${vectors} vec4f of rows, workgroup memory has room for ${this.kernelsInWorkgroup.at(-1)?.vectors}`,
    );
    return found.kernel;
  }

  /**
   * The memory that a network takes.
   * @param entries evaluations whose values it may keep
   */
  need(graph: ResidentGraph, batch: number, entries = 0): NetworkMemory {
    return this.#need(layerCount(graph.shape), graphSize(graph), batch, entries);
  }

  #need(layers: number, size: GraphSize, batch: number, entries: number): NetworkMemory {
    const { areInStorage, vectors } = this.rows(size, batch);
    return {
      graph: listVectors(layers, size),
      parameters: 4 * (size.blocks + 4 * size.tiles) + 4 * size.backTiles,
      rows: areInStorage ? vectors : 0,
      curves: Math.ceil((entries * entryWords(this.scores)) / 4),
    };
  }

  /**
   * In workgroup memory if the network fits. The gradients have rows of their own where this takes no memory from other
   * networks. Bytes do not depend on either.
   */
  rows(size: Pick<GraphSize, "inputs" | "blocks">, batch: number): Rows {
    const validationQuads = Math.max(Math.ceil(batch / 4), leastValidationQuads);
    const stride = validationQuads | 1;
    const [apart, together] = [true, false].map((areApart) => rowCount(size, areApart) * stride);
    const [least, most] = [this.kernelsInWorkgroup.at(0)?.vectors ?? 0, this.kernelsInWorkgroup.at(-1)?.vectors ?? 0];
    const isApart = apart <= (this.plan.slots <= fewNetworks ? most : least);
    return {
      stride,
      validationQuads,
      gradientShift: isApart ? size.blocks * 4 * stride : 0,
      areInStorage: together > most,
      vectors: isApart ? apart : together,
    };
  }

  /** Elements of the tallies of one slot: score sums and the cells of its invocations; after the kept sums of all slots. */
  get tallies(): number {
    const { tasks } = this.plan.dataset;
    const rows = 1 + (tasks.some(({ kind }) => losses.get(kind).wgsl) ? tasks.length : 0);
    return this.scores.length + rows * this.workgroup[0] * this.workgroup[1];
  }

  /** The first element of the tallies of a slot. */
  talliesAt(slot: number): number {
    return this.plan.slots * this.scores.length + slot * this.tallies;
  }

  /** Bytes of each buffer except the dataset's, by the kernel's names. */
  bytes(): Record<"placements" | "graph" | "networks" | "parameters" | "tallies" | "curves" | "rows", number> {
    const { slots } = this.plan;
    return {
      placements: slots * this.placementStruct.sizeBytes,
      graph: this.memory.graph * vec4Bytes,
      networks: slots * this.networkStruct.sizeBytes,
      parameters: this.memory.parameters * vec4Bytes,
      tallies: slots * (this.scores.length + this.tallies) * 4,
      // A buffer is never empty.
      curves: Math.max(1, this.memory.curves) * vec4Bytes,
      rows: Math.max(1, this.memory.rows) * vec4Bytes,
    };
  }
}

/** A level to place into a slot. */
export interface Placed {
  readonly slot: number;
  readonly graph: ResidentGraph;
  /** Parameters of the start, in the parameter layout. */
  readonly initial: Float32Array;
  readonly batch: number;
  /** First vec4 of its part of each buffer. */
  readonly place: NetworkMemory;
  /** The checkpoint from which it goes on. */
  readonly resume?: LevelCheckpoint | undefined;
}

/** The buffers of a resident population. The caller owns the dataset's buffer. */
export class ResidentPopulation {
  readonly buffers: Readonly<Record<keyof ReturnType<ResidentSizes["bytes"]>, DataBuffer>>;

  constructor(
    readonly executor: Executor,
    readonly sizes: ResidentSizes,
    /** The plan's dataset, in the layout of {@link uploadDataset}. */
    readonly data: DataBuffer,
  ) {
    this.buffers = Object.fromEntries(
      Object.entries(sizes.bytes()).map(([name, bytes]) => [name, executor.createBuffer(name, bytes)]),
    ) as ResidentPopulation["buffers"];
  }

  /** Frees the population's buffers. */
  destroy(): void {
    for (const buffer of Object.values(this.buffers)) this.executor.free(buffer);
  }

  /**
   * Enqueues the writes of a level except its `Network`: its placement, its graph, its initial weights and moments of
   * 0, or the state of its checkpoint.
   */
  place({ slot, graph, initial, batch, place, resume }: Placed): void {
    const { executor, buffers, sizes } = this;
    const { dataset } = sizes.plan;
    const size = graphSize(graph);
    const rows = sizes.rows(size, batch);
    const lists = graphLists(graph, rows);
    const words = new Uint32Array(listVectors(layerCount(graph.shape), size) * 4);
    const placement = new StructArray(sizes.placementStruct, new ArrayBuffer(sizes.placementStruct.sizeBytes));
    const firstWords = firstLists.reduce((sum, name) => sum + lists[name].length, 0);
    let filled = 0;
    for (const name of listNames) {
      words.set(lists[name], filled);
      placement.set(0, `${name}At`, filled / 4 + (filled < firstWords ? 0 : place.graph));
      filled += lists[name].length;
    }
    const sums = sizes.scores.length;
    const kept = resume?.keptScores ?? new Uint32Array(sums);
    const own = resume?.lossCells ?? new Uint32Array(sizes.tallies);
    const talliesAt = sizes.talliesAt(slot);
    const { words: _, ...parts } = sizes.data;
    const members = {
      ...parts,
      inStorage: rows.areInStorage ? 1 : 0,
      graphAt: place.graph,
      firstLists: firstWords / 4,
      stepWork: stepWork(graph, { batch, workgroup: sizes.workgroup, areRowsInStorage: rows.areInStorage }),
      // A forward pass costs a third of a step.
      validationSteps: Math.round(dataset.validation.samples / (3 * batch)),
      layers: layerCount(graph.shape),
      inputs: size.inputs,
      blocks: size.blocks,
      tiles: size.tiles,
      backVectors: 4 * size.backTiles,
      stride: rows.stride,
      gradientShift: rows.gradientShift,
      parametersAt: place.parameters,
      rowsAt: place.rows,
      keptAt: slot * sums,
      sumsAt: talliesAt,
      sums,
      cellsAt: talliesAt + sums,
      batch,
      validationQuads: rows.validationQuads,
      trainSamples: dataset.train.samples,
      validationSamples: dataset.validation.samples,
      halfBits: feistelHalfBits(dataset.train.samples),
      bytesPerInput: dataset.train.features.BYTES_PER_ELEMENT,
      columns: dataset.inputs,
      tasks: dataset.tasks.length,
      outputsRow: (rowCount(size, false) - 4 * size.blocks + graph.outputsRow) * rows.stride,
    };
    for (const [name, value] of Object.entries(members)) placement.set(0, name, value);

    const count = graph.elements.length;
    const parameters = new Float32Array((resume ? 4 : 3) * count);
    parameters.set(resume?.parameters ?? graphWeights(graph, initial));
    if (resume) {
      parameters.set(resume.firstMoments, count);
      parameters.set(resume.secondMoments, 2 * count);
      parameters.set(resume.bestParameters, 3 * count);
      executor.write(buffers.curves, resume.curves, place.curves * vec4Bytes);
    }
    executor.write(buffers.placements, new Uint8Array(placement.bytes), slot * placement.bytes.byteLength);
    executor.write(buffers.graph, words, place.graph * vec4Bytes);
    executor.write(buffers.parameters, parameters, place.parameters * vec4Bytes);
    // Zeros are written, because a clear is a submission of its own.
    executor.write(buffers.tallies, kept, slot * kept.byteLength);
    executor.write(buffers.tallies, own, talliesAt * 4);
  }
}

/**
 * Fits a resident population into memory, each network by what its own shape needs: as many networks at the same time,
 * the largest first, as the memory budget and the largest binding that every adapter supports allow, at least 1.
 * @throws InputError when the batch exceeds the maximum of a workgroup
 */
export function planResident(
  network: Omit<ResidentPlan, "slots" | "shapes" | "memory">,
  counts: readonly ShapeCount[],
  budgetBytes = memoryBudgetBytes,
): Fitted<ResidentPlan> {
  const shapes = counts.map(({ shape }) => shape);
  const plan = { ...network, shapes, slots: 1 };
  // The adapter is not known yet: its workgroup memory may hold no network.
  const sizes = new ResidentSizes({ ...plan, workgroupBytes: 0 });
  const { graph: _, parameters: _2, rows: _3, curves: _4, ...perSlot } = sizes.bytes();
  const slotBytes = Object.values(perSlot).reduce((sum, bytes) => sum + bytes, 0);
  const names = ["graph", "parameters", "rows", "curves"] as const;
  const needs = counts
    .map(({ shape, count }) => ({ need: sizes.capacity(shape), count }))
    .sort((a, b) => b.need.parameters + b.need.rows - (a.need.parameters + a.need.rows));
  const dataBytes = deviceDatasetBytes(network.dataset);
  const memory = { graph: 0, parameters: 0, rows: 0, curves: 0 };
  let slots = 0;
  for (const { need, count } of needs) {
    // How many more fit.
    const heapRoom = names.map((name) => room(bindingBytes / vec4Bytes - memory[name], need[name]));
    const needBytes = slotBytes + names.reduce((sum, name) => sum + need[name] * vec4Bytes, 0);
    const takenBytes = dataBytes + slots * slotBytes + names.reduce((sum, name) => sum + memory[name] * vec4Bytes, 0);
    const own = Math.max(
      slots === 0 ? 1 : 0,
      Math.min(
        count,
        ...heapRoom,
        room(bindingBytes - slots * perSlot.tallies, perSlot.tallies),
        room(budgetBytes - takenBytes, needBytes),
      ),
    );
    slots += own;
    for (const name of names) memory[name] += own * need[name];
  }
  // Each heap holds the largest network of any shape.
  for (const name of names) memory[name] = Math.max(memory[name], ...needs.map(({ need }) => need[name]));
  const fitted = { ...plan, slots, memory };
  const bytes = [...Object.values(new ResidentSizes(fitted).bytes()), dataBytes];
  return {
    plan: fitted,
    memoryBytes: bytes.reduce((sum, size) => sum + size, 0),
    largestBindingBytes: Math.max(...bytes),
  };
}

/** How many parts of a size fit into what is free. */
function room(free: number, part: number): number {
  return part === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor(free / part));
}
