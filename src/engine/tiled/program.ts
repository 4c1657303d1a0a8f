import { feistelHalfBits } from "../../base/random.ts";
import { denseUpdate } from "../../kernels/dense_update.ts";
import { earlyStopping } from "../../kernels/early_stopping.ts";
import { gatherBatch } from "../../kernels/gather_batch.ts";
import { keepBest } from "../../kernels/keep_best.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { withTileFor } from "../../kernels/product_tiles.ts";
import { sparseUpdate } from "../../kernels/sparse_update.ts";
import { padTo4 } from "../../network/parameters.ts";
import type { DataBuffer, PreparedCall } from "../shared/executor.ts";
import { edgeLayout } from "./edge_lists.ts";
import type { Population, PopulationSizes } from "./population.ts";

/** The kernels of training, dense or sparse or both as the plan needs them. */
export function trainingKernels(sizes: PopulationSizes): readonly Kernel[] {
  const { taskLoss, denseForward, denseBackward, sparseForward, sparseBackward } = sizes.kernels;
  const { sparseUpTo = 0, isSoftware = false } = sizes.plan;
  const dense = layersOf(sizes).flatMap((layer): Kernel[] => [
    withTileFor(denseForward, denseForwardUniform(sizes, "train", layer), isSoftware),
    withTileFor(denseForward, denseForwardUniform(sizes, "validation", layer), isSoftware),
    ...(layer > 0 ? [withTileFor(denseBackward, denseBackwardUniform(sizes, layer), isSoftware)] : []),
    withTileFor(denseUpdate, denseUpdateUniform(sizes, layer), isSoftware),
  ]);
  return [
    gatherBatch,
    taskLoss,
    earlyStopping,
    keepBest,
    ...(sparseUpTo < 1 ? new Set(dense) : []),
    ...(sparseUpTo > 0 ? [sparseForward, sparseBackward, sparseUpdate] : []),
  ];
}

function layersOf({ layers }: PopulationSizes): number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}

/**
 * Training as lists of kernel calls. The device keeps the step of every network, so the same lists are used for all
 * steps.
 */
export interface Program {
  readonly needs: ProgramNeeds;
  /** One optimiser step of all networks in training: batch, forward, loss, backward, update. */
  readonly step: readonly PreparedCall[];
  /** Validation, early stopping and keeping the best epoch. */
  readonly epochEnd: readonly PreparedCall[];
  destroy(): void;
}

type SplitName = "train" | "validation";

/** The kernels that the networks in training need. */
export interface ProgramNeeds {
  /** Whether any network is trained by the dense kernels. */
  readonly dense: boolean;
  /** By layer, the maximum number of edges over the networks trained by the sparse kernels; empty if there are none. */
  readonly mostEdges: readonly number[];
}

/** @param training for each network, its number of edges by layer if it is sparse, undefined if it is dense */
export function programNeeds(training: Iterable<readonly number[] | undefined>): ProgramNeeds {
  let dense = false;
  let mostEdges: readonly number[] = [];
  for (const counts of training) {
    if (counts) mostEdges = counts.map((count, layer) => Math.max(count, mostEdges[layer] ?? 0));
    else dense = true;
  }
  return { dense, mostEdges };
}

/** Prepares the needed calls. */
export function prepareProgram(population: Population, needs: ProgramNeeds): Program {
  const { sizes } = population;
  const { dense: isDense, mostEdges } = needs;
  const layers = layersOf(sizes);
  /** The dense call, the sparse call or both, as needed. */
  const either = (dense: () => PreparedCall, ofEdges: () => PreparedCall): PreparedCall[] => [
    ...(isDense ? [dense()] : []),
    ...(mostEdges.length > 0 ? [ofEdges()] : []),
  ];
  const forward = (kind: SplitName) =>
    layers.flatMap((layer) =>
      either(
        () => denseForwardCall(population, kind, layer),
        () => sparseForwardCall(population, kind, layer),
      ),
    );
  // Layer 0 needs no input gradients.
  const backward = layers
    .slice(1)
    .reverse()
    .flatMap((layer) =>
      either(
        () => denseBackwardCall(population, layer),
        () => sparseBackwardCall(population, layer),
      ),
    );
  const update = layers.flatMap((layer) =>
    either(
      () => denseUpdateCall(population, layer),
      () => sparseUpdateCall(population, layer, mostEdges[layer]),
    ),
  );
  const step = [
    gatherCall(population, "train", 0),
    ...forward("train"),
    lossCall(population, "train"),
    ...backward,
    ...update,
  ];
  const chunks = validationGathers(population);
  const validate = [...forward("validation"), lossCall(population, "validation")];
  const closing = closingCalls(population);
  return {
    needs,
    step,
    epochEnd: [...(chunks.length > 1 ? chunks.flatMap((chunk) => [chunk, ...validate]) : validate), ...closing],
    destroy: () => {
      for (const call of [...step, ...chunks, ...validate, ...closing]) call.destroy();
    },
  };
}

/** One call for each chunk of the validation split. If there is one chunk, it is gathered once for all epochs. */
export function validationGathers(population: Population): PreparedCall[] {
  const { validationChunks, validationQuads } = population.sizes;
  return Array.from({ length: validationChunks }, (_, chunk) =>
    gatherCall(population, "validation", chunk * validationQuads * 4),
  );
}

function quadsOf(sizes: PopulationSizes, kind: SplitName): number {
  return kind === "train" ? sizes.trainQuads : sizes.validationQuads;
}

/** The inputs of a layer: the batch, or the activations of the layer before. */
function inputsOf(population: Population, kind: SplitName, layer: number): DataBuffer {
  return population.buffer(layer === 0 ? `${kind}Inputs` : `activations${layer}`);
}

function gatherCall(population: Population, kind: SplitName, first: number): PreparedCall {
  const { sizes } = population;
  const { dataset, batch, slots } = sizes.plan;
  const split = dataset[kind];
  const isTraining = kind === "train";
  const quads = quadsOf(sizes, kind);
  return population.executor.prepare(
    gatherBatch,
    {
      samples: split.samples,
      batch,
      quads,
      inputBlocks: sizes.inputBlocks,
      shuffled: isTraining ? 1 : 0,
      first,
      halfBits: feistelHalfBits(dataset.train.samples),
      bytesPerInput: split.features.BYTES_PER_ELEMENT,
      featuresAt: sizes.data[`${kind}FeaturesAt`],
      networkInputs: sizes.inputBlocks * 4 * quads,
    },
    {
      networks: population.buffer("networks"),
      data: population.data,
      standardization: population.buffer("standardization"),
      inputs: population.buffer(`${kind}Inputs`),
      batchSamples: population.buffer(`${kind}Samples`),
    },
    isTraining ? slots : 1,
  );
}

/** Uniform members that the forward kernels share; strides between networks are in vec4f. */
function forwardRows(sizes: PopulationSizes, kind: SplitName, layer: number) {
  const { shape } = sizes.plan;
  const quads = quadsOf(sizes, kind);
  // All networks validate on the same samples.
  const sharedInputs = kind === "validation" && layer === 0;
  return {
    outputs: shape[layer + 1],
    quads,
    activates: layer < sizes.layers - 1 ? 1 : 0,
    networkInputs: sharedInputs ? 0 : padTo4(shape[layer]) * quads,
    networkOutputs: padTo4(shape[layer + 1]) * quads,
  };
}

/** Uniform members of the sparse kernels: offsets and strides of a layer's weights and edges. */
function sparseLayer({ sizes }: Population, layer: number) {
  const { rowStride, weightOffset, length } = sizes.parameters;
  return {
    rowStride: rowStride[layer],
    weightOffset: weightOffset[layer],
    networkParameters: length,
    networkEdges: sizes.edgeWords,
  };
}

function denseForwardUniform(sizes: PopulationSizes, kind: SplitName, layer: number) {
  const { parameters } = sizes;
  return {
    ...forwardRows(sizes, kind, layer),
    inputBlocks: parameters.rowStride[layer] / 4,
    weightOffset: parameters.weightOffset[layer] / 4,
    biasOffset: parameters.biasOffset[layer] / 4,
    networkParameters: parameters.length / 4,
  };
}

function denseForwardCall(population: Population, kind: SplitName, layer: number): PreparedCall {
  const { sizes } = population;
  const uniform = denseForwardUniform(sizes, kind, layer);
  return population.executor.prepare(
    withTileFor(sizes.kernels.denseForward, uniform, population.sizes.plan.isSoftware ?? false),
    uniform,
    {
      networks: population.buffer("networks"),
      parameters: population.buffer("parameters"),
      inputs: inputsOf(population, kind, layer),
      outputs: population.buffer(`activations${layer + 1}`),
    },
    sizes.plan.slots,
  );
}

function sparseForwardCall(population: Population, kind: SplitName, layer: number): PreparedCall {
  const { parameters, plan } = population.sizes;
  return population.executor.prepare(
    population.sizes.kernels.sparseForward,
    {
      ...forwardRows(population.sizes, kind, layer),
      ...sparseLayer(population, layer),
      biasOffset: parameters.biasOffset[layer],
      rowsAt: edgeLayout(plan.shape).rowsAt[layer],
    },
    {
      networks: population.buffer("networks"),
      edges: population.buffer("edges"),
      parameters: population.buffer("parameters"),
      inputs: inputsOf(population, kind, layer),
      outputs: population.buffer(`activations${layer + 1}`),
    },
    plan.slots,
  );
}

function lossCall(population: Population, kind: SplitName): PreparedCall {
  const { sizes } = population;
  const { plan, layers, data } = sizes;
  const { shape, dataset, batch, slots } = plan;
  const quads = quadsOf(sizes, kind);
  const isTraining = kind === "train";
  return population.executor.prepare(
    population.sizes.kernels.taskLoss,
    {
      samples: dataset[kind].samples,
      batch,
      quads,
      tasks: dataset.tasks.length,
      training: isTraining ? 1 : 0,
      networkLogits: padTo4(shape[layers]) * quads,
      labelsAt: data[`${kind}LabelsAt`],
      networkSamples: isTraining ? quads : 0,
    },
    {
      tasks: population.buffer("tasks"),
      data: population.data,
      batchSamples: population.buffer(`${kind}Samples`),
      logits: population.buffer(`activations${layers}`),
      networks: population.buffer("networks"),
      logitGradients: population.buffer(`gradients${layers}`),
      scoreSums: population.buffer("scoreSums"),
    },
    slots,
  );
}

function denseBackwardUniform(sizes: PopulationSizes, layer: number) {
  const { parameters, plan, trainQuads } = sizes;
  return {
    inputBlocks: parameters.rowStride[layer] / 4,
    outputs: plan.shape[layer + 1],
    quads: trainQuads,
    weightOffset: parameters.weightOffset[layer] / 4,
    networkParameters: parameters.length / 4,
    networkInputs: padTo4(plan.shape[layer]) * trainQuads,
    networkOutputGradients: padTo4(plan.shape[layer + 1]) * trainQuads,
  };
}

function denseBackwardCall(population: Population, layer: number): PreparedCall {
  const { sizes } = population;
  const uniform = denseBackwardUniform(sizes, layer);
  return population.executor.prepare(
    withTileFor(sizes.kernels.denseBackward, uniform, population.sizes.plan.isSoftware ?? false),
    uniform,
    {
      networks: population.buffer("networks"),
      parameters: population.buffer("parameters"),
      inputs: population.buffer(`activations${layer}`),
      outputGradients: population.buffer(`gradients${layer + 1}`),
      inputGradients: population.buffer(`gradients${layer}`),
    },
    sizes.plan.slots,
  );
}

function sparseBackwardCall(population: Population, layer: number): PreparedCall {
  const { plan, trainQuads } = population.sizes;
  return population.executor.prepare(
    population.sizes.kernels.sparseBackward,
    {
      ...sparseLayer(population, layer),
      inputs: plan.shape[layer],
      quads: trainQuads,
      columnsAt: edgeLayout(plan.shape).columnsAt[layer],
      networkInputs: padTo4(plan.shape[layer]) * trainQuads,
      networkOutputGradients: padTo4(plan.shape[layer + 1]) * trainQuads,
    },
    {
      networks: population.buffer("networks"),
      edges: population.buffer("edges"),
      parameters: population.buffer("parameters"),
      inputs: population.buffer(`activations${layer}`),
      outputGradients: population.buffer(`gradients${layer + 1}`),
      inputGradients: population.buffer(`gradients${layer}`),
    },
    plan.slots,
  );
}

function denseUpdateUniform(sizes: PopulationSizes, layer: number) {
  const { parameters, mask, plan, trainQuads } = sizes;
  return {
    inputBlocks: parameters.rowStride[layer] / 4,
    outputs: plan.shape[layer + 1],
    quads: trainQuads,
    weightOffset: parameters.weightOffset[layer] / 4,
    biasOffset: parameters.biasOffset[layer] / 4,
    maskOffset: mask.wordOffset[layer],
    rowWords: mask.rowWords[layer],
    networkParameters: parameters.length / 4,
    networkMask: mask.words,
    networkInputs: padTo4(plan.shape[layer]) * trainQuads,
    networkOutputGradients: padTo4(plan.shape[layer + 1]) * trainQuads,
  };
}

function denseUpdateCall(population: Population, layer: number): PreparedCall {
  const { sizes } = population;
  const uniform = denseUpdateUniform(sizes, layer);
  return population.executor.prepare(
    withTileFor(denseUpdate, uniform, population.sizes.plan.isSoftware ?? false),
    uniform,
    {
      networks: population.buffer("networks"),
      inputs: inputsOf(population, "train", layer),
      outputGradients: population.buffer(`gradients${layer + 1}`),
      mask: population.buffer("mask"),
      parameters: population.buffer("parameters"),
      moments: population.buffer("moments"),
    },
    sizes.plan.slots,
  );
}

function sparseUpdateCall(population: Population, layer: number, mostEdges: number): PreparedCall {
  const { parameters, plan, trainQuads } = population.sizes;
  return population.executor.prepare(
    sparseUpdate,
    {
      ...sparseLayer(population, layer),
      mostEdges,
      outputs: plan.shape[layer + 1],
      quads: trainQuads,
      biasOffset: parameters.biasOffset[layer],
      rowsAt: edgeLayout(plan.shape).rowsAt[layer],
      networkInputs: padTo4(plan.shape[layer]) * trainQuads,
      networkOutputGradients: padTo4(plan.shape[layer + 1]) * trainQuads,
    },
    {
      networks: population.buffer("networks"),
      edges: population.buffer("edges"),
      inputs: inputsOf(population, "train", layer),
      outputGradients: population.buffer(`gradients${layer + 1}`),
      parameters: population.buffer("parameters"),
      moments: population.buffer("moments"),
    },
    plan.slots,
  );
}

/** The calls of early stopping and of keeping the best epoch. */
function closingCalls(population: Population): PreparedCall[] {
  const { executor, sizes } = population;
  const { dataset, slots } = sizes.plan;
  const networks = population.buffer("networks");
  return [
    executor.prepare(
      earlyStopping,
      {
        networks: slots,
        tasks: dataset.tasks.length,
        trainSamples: dataset.train.samples,
        validationSamples: dataset.validation.samples,
      },
      { networks, scoreSums: population.buffer("scoreSums"), keptScoreSums: population.buffer("keptScoreSums") },
      1,
    ),
    executor.prepare(
      keepBest,
      { networkParameters: sizes.parameters.length / 4 },
      { networks, parameters: population.buffer("parameters"), bestParameters: population.buffer("bestParameters") },
      slots,
    ),
  ];
}
