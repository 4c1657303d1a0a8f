import { feistelHalfBits } from "../base/random.ts";
import { denseBackward } from "../kernels/dense_backward.ts";
import { denseForward } from "../kernels/dense_forward.ts";
import { denseUpdate } from "../kernels/dense_update.ts";
import { earlyStopping } from "../kernels/early_stopping.ts";
import { gatherBatch } from "../kernels/gather_batch.ts";
import { keepBest } from "../kernels/keep_best.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { taskLoss } from "../kernels/task_loss.ts";
import { padTo4 } from "../network/parameters.ts";
import type { DataBuffer, PreparedCall } from "./executor.ts";
import type { Population } from "./population.ts";

/** The kernels that training calls. */
export const trainingKernels: readonly Kernel[] = [
  gatherBatch,
  denseForward,
  taskLoss,
  denseBackward,
  denseUpdate,
  earlyStopping,
  keepBest,
];

/** Training as lists of kernel calls, prepared once: every network knows its own step, so the same lists serve every step. */
export interface Program {
  /** One optimiser step of every network that trains: batch, forward, loss, backward, update. */
  readonly step: readonly PreparedCall[];
  /** Validation and the end of an epoch. */
  readonly epochEnd: readonly PreparedCall[];
}

export function prepareProgram(population: Population): Program {
  const { executor, sizes } = population;
  const { shape, dataset, batch, slots } = sizes.plan;
  const { layers, inputBlocks, trainQuads, validationQuads } = sizes;
  const { rowStride, weightOffset, biasOffset, length } = sizes.parameters;
  const networks = population.buffer("networks");
  const parameters = population.buffer("parameters");
  const halfBits = feistelHalfBits(dataset.train.samples);

  /** What layer l reads: its batch, or the layer before it. */
  const inputsOf = (layer: number, batchInputs: string): DataBuffer =>
    population.buffer(layer === 0 ? batchInputs : `activations${layer}`);

  const gather = (kind: "train" | "validation", first: number): PreparedCall => {
    const split = dataset[kind];
    const isTraining = kind === "train";
    const quads = isTraining ? trainQuads : validationQuads;
    return executor.prepare(
      gatherBatch,
      {
        samples: split.samples,
        batch,
        quads,
        inputBlocks,
        shuffled: isTraining ? 1 : 0,
        first,
        halfBits,
        bytesPerInput: split.features.BYTES_PER_ELEMENT,
        networkInputs: inputBlocks * 4 * quads,
      },
      {
        networks,
        features: population.buffer(`${kind}Features`),
        standardization: population.buffer("standardization"),
        inputs: population.buffer(`${kind}Inputs`),
        batchSamples: population.buffer(`${kind}Samples`),
      },
      isTraining ? slots : 1,
    );
  };

  const forward = (kind: "train" | "validation"): PreparedCall[] => {
    const quads = kind === "train" ? trainQuads : validationQuads;
    return Array.from({ length: layers }, (_, layer) => {
      const sharedInputs = kind === "validation" && layer === 0;
      return executor.prepare(
        denseForward,
        {
          inputBlocks: rowStride[layer] / 4,
          outputs: shape[layer + 1],
          quads,
          relu: layer < layers - 1 ? 1 : 0,
          weightOffset: weightOffset[layer] / 4,
          biasOffset: biasOffset[layer] / 4,
          networkParameters: length / 4,
          networkInputs: sharedInputs ? 0 : padTo4(shape[layer]) * quads,
          networkOutputs: padTo4(shape[layer + 1]) * quads,
        },
        {
          networks,
          parameters,
          inputs: inputsOf(layer, `${kind}Inputs`),
          outputs: population.buffer(`activations${layer + 1}`),
        },
        slots,
      );
    });
  };

  const loss = (kind: "train" | "validation"): PreparedCall => {
    const quads = kind === "train" ? trainQuads : validationQuads;
    return executor.prepare(
      taskLoss,
      {
        samples: dataset[kind].samples,
        batch,
        quads,
        tasks: dataset.tasks.length,
        training: kind === "train" ? 1 : 0,
        networkLogits: padTo4(shape[layers]) * quads * 4,
        networkSamples: kind === "train" ? quads * 4 : 0,
      },
      {
        tasks: population.buffer("tasks"),
        labels: population.buffer(`${kind}Labels`),
        batchSamples: population.buffer(`${kind}Samples`),
        logits: population.buffer(`activations${layers}`),
        networks,
        logitGradients: population.buffer(`gradients${layers}`),
        correct: population.buffer("correct"),
      },
      slots,
    );
  };

  const backward: PreparedCall[] = [];
  for (let layer = layers - 1; layer > 0; layer--) {
    backward.push(
      executor.prepare(
        denseBackward,
        {
          inputBlocks: rowStride[layer] / 4,
          outputs: shape[layer + 1],
          quads: trainQuads,
          weightOffset: weightOffset[layer] / 4,
          networkParameters: length / 4,
          networkInputs: padTo4(shape[layer]) * trainQuads,
          networkOutputGradients: padTo4(shape[layer + 1]) * trainQuads,
        },
        {
          networks,
          parameters,
          inputs: population.buffer(`activations${layer}`),
          outputGradients: population.buffer(`gradients${layer + 1}`),
          inputGradients: population.buffer(`gradients${layer}`),
        },
        slots,
      ),
    );
  }

  const update = Array.from({ length: layers }, (_, layer) =>
    executor.prepare(
      denseUpdate,
      {
        inputBlocks: rowStride[layer] / 4,
        outputs: shape[layer + 1],
        quads: trainQuads,
        weightOffset: weightOffset[layer] / 4,
        biasOffset: biasOffset[layer] / 4,
        maskOffset: sizes.mask.wordOffset[layer],
        rowWords: sizes.mask.rowWords[layer],
        networkParameters: length / 4,
        networkMask: sizes.mask.words,
        networkInputs: padTo4(shape[layer]) * trainQuads,
        networkOutputGradients: padTo4(shape[layer + 1]) * trainQuads,
      },
      {
        networks,
        inputs: inputsOf(layer, "trainInputs"),
        outputGradients: population.buffer(`gradients${layer + 1}`),
        mask: population.buffer("mask"),
        parameters,
        moments: population.buffer("moments"),
      },
      slots,
    ),
  );

  const validate = [...forward("validation"), loss("validation")];
  const chunks = Array.from({ length: sizes.validationChunks }, (_, c) =>
    gather("validation", c * validationQuads * 4),
  );
  const closing = [
    executor.prepare(
      earlyStopping,
      {
        networks: slots,
        tasks: dataset.tasks.length,
        trainSamples: dataset.train.samples,
        validationSamples: dataset.validation.samples,
      },
      { networks, correct: population.buffer("correct"), keptCorrect: population.buffer("keptCorrect") },
      1,
    ),
    executor.prepare(
      keepBest,
      { networkParameters: length / 4 },
      { networks, parameters, bestParameters: population.buffer("bestParameters") },
      slots,
    ),
  ];
  // A validation split of one chunk never changes: it is gathered once, here, and not in every epoch.
  if (chunks.length === 1) executor.run(chunks);
  return {
    step: [gather("train", 0), ...forward("train"), loss("train"), ...backward, ...update],
    epochEnd: [...chunks.flatMap((chunk) => [...(chunks.length > 1 ? [chunk] : []), ...validate]), ...closing],
  };
}
