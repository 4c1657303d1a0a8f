import { invariant } from "../../base/errors.ts";
import { formatShape, layerCount, type Shape, weightCount } from "../../base/shape.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { denseUpdate } from "../../kernels/dense_update.ts";
import { tileWords } from "../../kernels/layer_tiles.ts";
import { radixPick } from "../../kernels/radix_pick.ts";
import { structOf } from "../../kernels/reflect.ts";
import { taskLoss } from "../../kernels/task_loss.ts";
import { losses } from "../../loss/index.ts";
import { type Mask, maskLayout } from "../../mask/mask.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import { padTo4, parameterLayout } from "../../network/parameters.ts";
import { entryWords } from "../shared/curves.ts";
import { type DatasetLayout, datasetLayout, deviceDatasetBytes } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor } from "../shared/executor.ts";
import { bindingBytes, type Fitted, memoryBudgetBytes, type ShapeCount } from "../shared/fitted.ts";
import type { NetworkMemory } from "../shared/memory.ts";
import { ScoreSums } from "../shared/score_sums.ts";
import { edgeLayout, edgeWords } from "./edge_lists.ts";
import { type LayerCalls, layerCalls, tilesOfNetwork } from "./layer_calls.ts";
import { layersOf, type PlacedNetwork, type TrainingNetwork } from "./training_network.ts";
import { type KernelVariants, kernelVariants } from "./variants.ts";

/** What a population trains; fixed for the lifetime of its engine. */
export interface PopulationPlan {
  /** Shapes to train, with the same number of layers. */
  readonly shapes: readonly Shape[];
  readonly dataset: Dataset;
  /** Mini-batch size in samples, from 1. */
  readonly batch: number;
  /** Number of networks held at the same time, from 1. */
  readonly slots: number;
  /** Elements that all networks together take of each buffer; default enough for `slots` networks of any of the shapes. */
  readonly memory?: NetworkMemory;
  /** Activation of the hidden layers; default relu. */
  readonly activation?: string;
  /** Share of kept weights up to which the sparse kernels train a level: 0 (default) never, 1 always. */
  readonly sparseUpTo?: number;
  /** Most evaluations whose values a network keeps; default 0. */
  readonly curveEntries?: number;
  /** Tiles of a software adapter instead of those of a GPU; default false. */
  readonly isSoftware?: boolean;
}

/**
 * Number of validation samples per forward pass where a mini-batch has no more. The activations of a wide network are its
 * largest buffer, so long passes would leave memory for few networks; together they fill the adapter in short ones.
 */
const validationColumns = 256;

/** Bins of the radix histogram, as in `shaders/shared/selection.wgsl`. */
const histogramBins = 65536;

/**
 * Sizes of a population in the units of the kernels; columns are samples padded to a multiple of 8.
 *
 * Each network takes memory by its own need ({@link NetworkMemory}), in these elements: `parameters` in vec4f, `mask` and
 * `edges` in words, `tiles`, `curves` in words, and for each hidden layer l `rows<l>`, blocks of 4 rows of samples.
 */
export class PopulationSizes {
  readonly memory: NetworkMemory;
  readonly data: DatasetLayout;
  readonly scores: ScoreSums;
  readonly layers: number;
  /** Output neurons of the last layer. */
  readonly outputs: number;
  /** Number of blocks of 4 inputs. */
  readonly inputBlocks: number;
  readonly stepsPerEpoch: number;
  readonly trainQuads: number;
  readonly validationQuads: number;
  readonly validationChunks: number;
  readonly kernels: KernelVariants;
  readonly isSoftware: boolean;
  readonly calls: LayerCalls;
  readonly networkStruct = structOf(taskLoss, "networks");
  readonly layerStruct = structOf(denseUpdate, "layers");
  readonly taskStruct = structOf(taskLoss, "tasks");
  readonly selectionStruct = structOf(radixPick, "selections");

  /** @throws InternalError when the shapes differ in more than the widths of their hidden layers */
  constructor(readonly plan: PopulationPlan) {
    const { shapes, dataset, batch, slots, activation = defaultActivation } = plan;
    const [first] = shapes;
    this.layers = layerCount(first);
    this.outputs = first[this.layers];
    for (const shape of shapes) {
      const isAlike =
        shape.length === first.length && shape[0] === first[0] && shape[this.layers] === first[this.layers];
      invariant(isAlike, `a tiled population of ${formatShape(first)} and ${formatShape(shape)}`);
    }
    this.kernels = kernelVariants(
      activation,
      dataset.tasks.map(({ kind }) => kind),
    );
    this.data = datasetLayout(dataset);
    this.scores = new ScoreSums(dataset);
    this.inputBlocks = padTo4(first[0]) / 4;
    this.stepsPerEpoch = Math.ceil(dataset.train.samples / batch);
    this.trainQuads = quads(Math.min(batch, dataset.train.samples));
    this.validationQuads = quads(Math.min(Math.max(validationColumns, batch), dataset.validation.samples));
    this.validationChunks = Math.ceil(dataset.validation.samples / (this.validationQuads * 4));
    this.isSoftware = plan.isSoftware ?? false;
    this.calls = layerCalls(this);
    this.memory = plan.memory ?? scaled(largest(shapes.map((shape) => this.capacity(shape))), slots);
  }

  /** Maximum number of edges of a network of a shape that the sparse kernels train. */
  mostEdges(shape: Shape): number {
    return Math.floor(weightCount(shape) * (this.plan.sparseUpTo ?? 0));
  }

  /** The networks of a shape with most tiles: trained by the dense kernels, by the sparse ones, or either. */
  extremes(shape: Shape): Omit<TrainingNetwork, "slot">[] {
    const most = this.mostEdges(shape);
    const edges = layersOf(shape).map((layer) => Math.min(most, shape[layer] * shape[layer + 1]));
    return [
      ...(most < weightCount(shape) ? [{ shape, keepsBest: true, edges: undefined }] : []),
      ...(most > 0 ? [{ shape, keepsBest: true, edges }] : []),
    ];
  }

  /** The most memory that a network of a shape takes, whatever the adapter: a plan is made before one is opened. */
  capacity(shape: Shape): NetworkMemory {
    const words = edgeWords(shape, this.mostEdges(shape));
    // A software adapter has the smallest tiles, so most of them.
    const calls = layerCalls({ ...this, isSoftware: true });
    const { curveEntries = 0 } = this.plan;
    return largest(
      this.extremes(shape).map((network) => this.need(network, network.edges ? words : 0, curveEntries, calls)),
    );
  }

  /**
   * The memory that a network takes.
   * @param edges words of its edge lists
   * @param curveEntries evaluations whose values it may keep
   */
  need(network: Omit<TrainingNetwork, "slot">, edges: number, curveEntries: number, calls = this.calls): NetworkMemory {
    const { shape } = network;
    const hidden = layersOf(shape).slice(1);
    const { words, biasWords } = maskLayout(shape);
    return {
      parameters: parameterLayout(shape).length / 4,
      mask: words + biasWords,
      edges,
      tiles: tilesOfNetwork(this, calls, network),
      curves: curveEntries * entryWords(this.scores),
      ...Object.fromEntries(hidden.map((layer) => [`rows${layer}`, padTo4(shape[layer]) / 4])),
    };
  }

  /** Bytes of each buffer of a population except the dataset's, by label. */
  bytes(): Record<string, number> {
    const { plan, memory, layers, inputBlocks } = this;
    const { dataset, slots } = plan;
    const bytes: Record<string, number> = {
      networks: slots * this.networkStruct.sizeBytes,
      layers: slots * layers * this.layerStruct.sizeBytes,
      tiles: memory.tiles * tileWords * 4,
      parameters: memory.parameters * 16,
      bestParameters: memory.parameters * 16,
      moments: 2 * memory.parameters * 16,
      mask: memory.mask * 4,
      edges: memory.edges * 4,
      tasks: dataset.tasks.length * this.taskStruct.sizeBytes,
      scoreSums: slots * this.scores.length * 4,
      keptScoreSums: slots * this.scores.length * 4,
      marks: slots * 4,
      // A buffer is never empty.
      curves: Math.max(1, memory.curves) * 4,
      standardization: 2 * inputBlocks * 16,
      trainInputs: slots * inputBlocks * 4 * this.trainQuads * 16,
      trainSamples: slots * this.trainQuads * 16,
      validationInputs: inputBlocks * 4 * this.validationQuads * 16,
      validationSamples: this.validationQuads * 16,
      selections: layers * this.selectionStruct.sizeBytes,
      histogram: layers * histogramBins * 4,
    };
    for (let layer = 1; layer <= layers; layer++) {
      const rows = layer < layers ? memory[`rows${layer}`] * 4 : slots * padTo4(this.outputs);
      bytes[`activations${layer}`] = rows * Math.max(this.trainQuads, this.validationQuads) * 16;
      bytes[`gradients${layer}`] = rows * this.trainQuads * 16;
    }
    return bytes;
  }

  /** The first row of samples of a network's neuron layer: its inputs, a hidden layer, or its outputs. */
  rowAt({ slot, place }: PlacedNetwork, neurons: number): number {
    if (neurons === 0) return slot * this.inputBlocks * 4;
    return neurons < this.layers ? place[`rows${neurons}`] * 4 : slot * padTo4(this.outputs);
  }
}

/** By name, the largest of several needs. */
function largest(needs: readonly NetworkMemory[]): NetworkMemory {
  const [first] = needs;
  return Object.fromEntries(Object.keys(first).map((name) => [name, Math.max(...needs.map((need) => need[name]))]));
}

function scaled(need: NetworkMemory, factor: number): NetworkMemory {
  return Object.fromEntries(Object.entries(need).map(([name, count]) => [name, count * factor]));
}

function sumOf(a: NetworkMemory, b: NetworkMemory): NetworkMemory {
  return Object.fromEntries(Object.entries(a).map(([name, count]) => [name, count + b[name]]));
}

/** Number of quads in a row of at least `samples` columns; even, since the dense kernels process two at a time. */
function quads(samples: number): number {
  return Math.ceil(samples / 8) * 2;
}

/** The buffers of a population. The caller owns the dataset's buffer. */
export class Population {
  readonly buffers: Readonly<Record<string, DataBuffer>>;

  constructor(
    readonly executor: Executor,
    readonly sizes: PopulationSizes,
    /** The plan's dataset, in the layout of {@link uploadDataset}. */
    readonly data: DataBuffer,
  ) {
    const { dataset } = sizes.plan;
    this.buffers = Object.fromEntries(
      Object.entries(sizes.bytes()).map(([label, bytes]) => [label, executor.createBuffer(label, bytes)]),
    );
    const standardization = new Float32Array(2 * sizes.inputBlocks * 4);
    standardization.set(dataset.mean, 0);
    standardization.set(dataset.scale, sizes.inputBlocks * 4);
    executor.write(this.buffer("standardization"), standardization);
    const tasks = new StructArray(sizes.taskStruct, new ArrayBuffer(dataset.tasks.length * sizes.taskStruct.sizeBytes));
    dataset.tasks.forEach((task, t) => {
      tasks.set(t, "kind", losses.get(task.kind).number);
      tasks.set(t, "firstOutput", task.outputs.start);
      tasks.set(t, "outputs", task.outputs.count);
      tasks.set(t, "firstSum", sizes.scores.starts[t]);
    });
    executor.write(this.buffer("tasks"), new Uint8Array(tasks.bytes));
  }

  buffer(label: string): DataBuffer {
    const buffer = this.buffers[label];
    invariant(buffer, `a population has no buffer ${label}`);
    return buffer;
  }

  /** Writes the layer records of a network, and its mask and initial parameters; its moments become 0. */
  place(network: PlacedNetwork, values: Float32Array, mask: Mask): void {
    const { executor, sizes } = this;
    const { slot, shape, place } = network;
    const parameters = parameterLayout(shape);
    const lists = edgeLayout(shape);
    const records = new StructArray(sizes.layerStruct, new ArrayBuffer(sizes.layers * sizes.layerStruct.sizeBytes));
    for (const layer of layersOf(shape)) {
      const members = {
        inputs: shape[layer],
        outputs: shape[layer + 1],
        parametersAt: place.parameters,
        parameters: parameters.length / 4,
        weightsAt: parameters.weightOffset[layer] / 4,
        biasesAt: parameters.biasOffset[layer] / 4,
        maskAt: place.mask + mask.layout.wordOffset[layer],
        biasMaskAt: place.mask + mask.layout.words + mask.layout.biasWordOffset[layer],
        edgesAt: place.edges,
        rowsAt: lists.rowsAt[layer],
        columnsAt: lists.columnsAt[layer],
        inputRowsAt: sizes.rowAt(network, layer),
        outputRowsAt: sizes.rowAt(network, layer + 1),
      };
      for (const [name, value] of Object.entries(members)) records.set(layer, name, value);
    }
    executor.write(this.buffer("layers"), new Uint8Array(records.bytes), slot * records.bytes.byteLength);
    executor.write(this.buffer("parameters"), values, place.parameters * 16);
    executor.clear(this.buffer("moments"), 2 * place.parameters * 16, 2 * values.byteLength);
    executor.write(this.buffer("mask"), mask.allWords(), place.mask * 4);
  }

  /** Frees the population's buffers. */
  destroy(): void {
    for (const buffer of Object.values(this.buffers)) this.executor.free(buffer);
  }
}

/**
 * Fits a tiled population into memory, each network by what its own shape needs: as many networks at the same time, the
 * largest first, as the memory budget and the largest binding that every adapter supports allow, at least 1.
 */
export function planPopulation(
  network: Omit<PopulationPlan, "slots" | "shapes" | "memory">,
  counts: readonly ShapeCount[],
  budgetBytes = memoryBudgetBytes,
): Fitted<PopulationPlan> {
  const shapes = counts.map(({ shape }) => shape);
  const sizes = new PopulationSizes({ ...network, shapes, slots: 1 });
  const needs = counts
    .map(({ shape, count }) => ({ need: sizes.capacity(shape), count }))
    .sort((a, b) => b.need.parameters - a.need.parameters);
  const dataBytes = deviceDatasetBytes(network.dataset);
  // Every network that will come fits alone.
  const most = largest(needs.map(({ need }) => need));
  const planned = (slots: number, memory: NetworkMemory): Fitted<PopulationPlan> => {
    const plan = { ...network, shapes, slots, memory: largest([memory, most]) };
    const bytes = [...Object.values(new PopulationSizes(plan).bytes()), dataBytes];
    return { plan, memoryBytes: bytes.reduce((sum, size) => sum + size, 0), largestBindingBytes: Math.max(...bytes) };
  };
  const fits = ({ memoryBytes, largestBindingBytes }: Fitted<PopulationPlan>) =>
    memoryBytes <= budgetBytes && largestBindingBytes <= bindingBytes;
  const all = planned(
    counts.reduce((sum, { count }) => sum + count, 0),
    needs.map(({ need, count }) => scaled(need, count)).reduce(sumOf),
  );
  if (fits(all)) return all;
  let fitted = planned(1, most);
  let [slots, memory] = [0, scaled(most, 0)];
  for (const { need, count } of needs) {
    // Buffers grow with the networks, so bisection finds how many more fit.
    let [good, bad] = [0, count + 1];
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (fits(planned(slots + middle, sumOf(memory, scaled(need, middle))))) good = middle;
      else bad = middle;
    }
    if (good === 0) continue;
    slots += good;
    memory = sumOf(memory, scaled(need, good));
    fitted = planned(slots, memory);
  }
  return fitted;
}
