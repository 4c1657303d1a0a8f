import { invariant } from "../../base/errors.ts";
import { layerCount, type Shape, weightCount } from "../../base/shape.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { radixPick } from "../../kernels/radix_pick.ts";
import { structOf } from "../../kernels/reflect.ts";
import { taskLoss } from "../../kernels/task_loss.ts";
import { losses } from "../../loss/index.ts";
import { maskLayout } from "../../mask/mask.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import { padTo4, parameterLayout } from "../../network/parameters.ts";
import { type DatasetLayout, datasetLayout } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor } from "../shared/executor.ts";
import { type Fitted, fitSlots, memoryBudgetBytes } from "../shared/fit_slots.ts";
import { edgeWords } from "./edge_lists.ts";
import { type KernelVariants, kernelVariants } from "./variants.ts";

/** What a population trains; fixed for the lifetime of its engine. */
export interface PopulationPlan {
  readonly shape: Shape;
  readonly dataset: Dataset;
  /** Mini-batch size in samples, from 1. */
  readonly batch: number;
  /** Number of networks in training at the same time, from 1. */
  readonly slots: number;
  /** Activation of the hidden layers; default relu. */
  readonly activation?: string;
  /** Share of kept weights up to which the sparse kernels train a level: 0 (default) never, 1 always. */
  readonly sparseUpTo?: number;
  /** Tiles of a software adapter instead of those of a GPU; default false. */
  readonly isSoftware?: boolean;
}

/** Maximum number of validation samples per forward pass: enough to use the whole adapter, with small buffers. */
const validationColumns = 1024;

/** Bins of the radix histogram, as in `shaders/shared/selection.wgsl`. */
const histogramBins = 65536;

/** Sizes of a population in the units of the kernels; columns are samples padded to a multiple of 8. */
export class PopulationSizes {
  readonly parameters;
  readonly mask;
  readonly data: DatasetLayout;
  readonly layers: number;
  /** Number of blocks of 4 inputs. */
  readonly inputBlocks: number;
  readonly stepsPerEpoch: number;
  readonly trainQuads: number;
  readonly validationQuads: number;
  readonly validationChunks: number;
  /** Maximum number of edges of a network trained by the sparse kernels. */
  readonly mostEdges: number;
  /** Number of words of one network's edge lists. */
  readonly edgeWords: number;
  readonly kernels: KernelVariants;
  readonly networkStruct = structOf(taskLoss, "networks");
  readonly taskStruct = structOf(taskLoss, "tasks");
  readonly selectionStruct = structOf(radixPick, "selections");

  constructor(readonly plan: PopulationPlan) {
    const { shape, dataset, batch, sparseUpTo = 0, activation = defaultActivation } = plan;
    this.kernels = kernelVariants(
      activation,
      dataset.tasks.map(({ kind }) => kind),
    );
    this.parameters = parameterLayout(shape);
    this.mask = maskLayout(shape);
    this.data = datasetLayout(dataset);
    this.layers = layerCount(shape);
    this.inputBlocks = padTo4(shape[0]) / 4;
    this.stepsPerEpoch = Math.ceil(dataset.train.samples / batch);
    this.trainQuads = quads(Math.min(batch, dataset.train.samples));
    this.validationQuads = quads(Math.min(validationColumns, dataset.validation.samples));
    this.mostEdges = Math.floor(weightCount(shape) * sparseUpTo);
    this.edgeWords = edgeWords(shape, this.mostEdges);
    this.validationChunks = Math.ceil(dataset.validation.samples / (this.validationQuads * 4));
  }

  /**
   * Number of vec4f of the activations of a neuron layer: rows padded to 4, times the quads of the larger kind of
   * batch.
   */
  activationQuads(layer: number): number {
    return padTo4(this.plan.shape[layer]) * Math.max(this.trainQuads, this.validationQuads);
  }

  /** Bytes of each buffer of a population except the dataset's, by label. */
  bytes(): Record<string, number> {
    const { plan, parameters, mask, layers, inputBlocks } = this;
    const { dataset, slots } = plan;
    const bytes: Record<string, number> = {
      networks: slots * this.networkStruct.sizeBytes,
      parameters: slots * parameters.length * 4,
      bestParameters: slots * parameters.length * 4,
      moments: 2 * slots * parameters.length * 4,
      mask: slots * mask.words * 4,
      edges: slots * this.edgeWords * 4,
      tasks: dataset.tasks.length * this.taskStruct.sizeBytes,
      scoreSums: slots * dataset.tasks.length * 4,
      keptScoreSums: slots * dataset.tasks.length * 4,
      standardization: 2 * inputBlocks * 16,
      trainInputs: slots * inputBlocks * 4 * this.trainQuads * 16,
      trainSamples: slots * this.trainQuads * 16,
      validationInputs: inputBlocks * 4 * this.validationQuads * 16,
      validationSamples: this.validationQuads * 16,
      selections: layers * this.selectionStruct.sizeBytes,
      histogram: layers * histogramBins * 4,
    };
    for (let layer = 1; layer <= layers; layer++) {
      bytes[`activations${layer}`] = slots * this.activationQuads(layer) * 16;
      bytes[`gradients${layer}`] = slots * padTo4(plan.shape[layer]) * this.trainQuads * 16;
    }
    return bytes;
  }
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
    });
    executor.write(this.buffer("tasks"), new Uint8Array(tasks.bytes));
  }

  buffer(label: string): DataBuffer {
    const buffer = this.buffers[label];
    invariant(buffer, `a population has no buffer ${label}`);
    return buffer;
  }

  /** Frees the population's buffers. */
  destroy(): void {
    for (const buffer of Object.values(this.buffers)) this.executor.free(buffer);
  }
}

/** Fits a tiled population into memory: see {@link fitSlots}. */
export function planPopulation(
  network: Omit<PopulationPlan, "slots">,
  wanted: number,
  budgetBytes = memoryBudgetBytes,
): Fitted<PopulationPlan> {
  return fitSlots(network, wanted, (plan) => new PopulationSizes(plan).bytes(), budgetBytes);
}
