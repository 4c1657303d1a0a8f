import { feistelHalfBits } from "../../base/random.ts";
import { earlyStopping } from "../../kernels/early_stopping.ts";
import { gatherBatch } from "../../kernels/gather_batch.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { putTiles, tileWords } from "../../kernels/layer_tiles.ts";
import { padTo4 } from "../../network/parameters.ts";
import type { DataBuffer, PreparedCall } from "../shared/executor.ts";
import { callTiles, type LayerCall, quadsOf, type SplitName } from "./layer_calls.ts";
import type { Population, PopulationSizes } from "./population.ts";
import type { TrainingNetwork } from "./training_network.ts";

/** The kernels of training that the networks of a population may need. */
export function trainingKernels(sizes: PopulationSizes): readonly Kernel[] {
  const networks = sizes.plan.shapes.flatMap((shape) => sizes.extremes(shape));
  const layers = Object.values(sizes.calls).flatMap((calls: readonly LayerCall[]) =>
    calls.filter((call) => networks.some((network) => call.takes(network))).map(({ kernel }) => kernel),
  );
  return [gatherBatch, sizes.kernels.taskLoss, earlyStopping, ...new Set<Kernel>(layers)];
}

/** The calls that are the same whichever networks train. */
export interface FixedCalls {
  readonly gather: PreparedCall;
  readonly trainLoss: PreparedCall;
  /**
   * One gather for each chunk of the validation split. If there is one chunk, it is gathered once for all validations, by the
   * owner of the calls.
   */
  readonly chunks: readonly PreparedCall[];
  readonly validationLoss: PreparedCall;
  readonly stopping: PreparedCall;
}

export function prepareFixedCalls(population: Population): FixedCalls {
  const { validationChunks, validationQuads } = population.sizes;
  return {
    gather: gatherCall(population, "train", 0),
    trainLoss: lossCall(population, "train"),
    chunks: Array.from({ length: validationChunks }, (_, chunk) =>
      gatherCall(population, "validation", chunk * validationQuads * 4),
    ),
    validationLoss: lossCall(population, "validation"),
    stopping: stoppingCall(population),
  };
}

/**
 * Training as lists of kernel calls. The device keeps the step of every network, so the same lists are used for all
 * steps.
 */
export interface Program {
  /** One optimiser step of all networks in training: batch, forward, loss, backward, update. */
  readonly step: readonly PreparedCall[];
  /**
   * Evaluation of the networks whose interval ends with their last step, of no effect on others: validation, the search
   * for values that are not finite, early stopping and keeping the best evaluation.
   */
  readonly evaluation: readonly PreparedCall[];
  /** Frees the program's own calls; the fixed calls remain. */
  destroy(): void;
}

/**
 * Prepares the calls that train some networks, each layer kernel with a list of the tiles of the networks that it
 * trains. Writes the lists to the population's buffer, so a program must not run after the next one was prepared.
 * @param networks in training or about to start
 */
export function prepareProgram(
  population: Population,
  fixed: FixedCalls,
  networks: Iterable<TrainingNetwork>,
): Program {
  const { sizes, executor } = population;
  const { forward, backward, update, validation, check, keep } = sizes.calls;
  // Tiles with many terms start first, so that none of them runs alone at the end of a call.
  const training = [...networks].sort((a, b) => widest(b) - widest(a) || a.slot - b.slot);
  const list = new Uint32Array(sizes.memory.tiles * tileWords);
  const own: PreparedCall[] = [];
  let words = 0;
  const listed = (calls: readonly LayerCall[]): PreparedCall[] =>
    calls.flatMap((call) => {
      const first = words;
      for (const network of training) {
        if (call.takes(network)) words = putTiles(list, words, network.slot, callTiles(sizes, call, network));
      }
      if (words === first) return [];
      const prepared = layerCall(population, call, first / tileWords, (words - first) / tileWords);
      own.push(prepared);
      return [prepared];
    });
  const step = [fixed.gather, ...listed(forward), fixed.trainLoss, ...listed(backward), ...listed(update)];
  const validate = [...listed(validation), fixed.validationLoss];
  const chunks = fixed.chunks.length > 1 ? fixed.chunks.flatMap((chunk) => [chunk, ...validate]) : validate;
  const evaluation = [...chunks, ...listed(check), fixed.stopping, ...listed(keep)];
  executor.write(population.buffer("tiles"), list.subarray(0, words));
  return {
    step,
    evaluation,
    destroy: () => {
      for (const call of own) call.destroy();
    },
  };
}

function widest({ shape }: TrainingNetwork): number {
  return Math.max(...shape);
}

/** The inputs of a layer: the batch, or the activations of the layer before. */
function inputsOf(population: Population, split: SplitName, layer: number): DataBuffer {
  return population.buffer(layer === 0 ? `${split}Inputs` : `activations${layer}`);
}

/** The call of a layer kernel. Kernels take those of these arguments that they name. */
function layerCall(population: Population, call: LayerCall, firstTile: number, tiles: number): PreparedCall {
  const { kernel, split, layer } = call;
  const { sizes, executor } = population;
  const uniform: Record<string, number> = {
    firstTile,
    tiles,
    layer,
    layers: sizes.layers,
    quads: quadsOf(sizes, split),
    activates: layer < sizes.layers - 1 ? 1 : 0,
    // All networks validate on the same samples.
    sharedInputs: split === "validation" && layer === 0 ? 1 : 0,
  };
  const buffer = (name: string): DataBuffer => {
    if (name === "inputs") return inputsOf(population, split, layer);
    if (name === "outputs") return population.buffer(`activations${layer + 1}`);
    if (name === "inputGradients") return population.buffer(`gradients${layer}`);
    if (name === "outputGradients") return population.buffer(`gradients${layer + 1}`);
    return population.buffer(name);
  };
  return executor.prepare(
    kernel as Kernel,
    Object.fromEntries(kernel.uniform.map((name) => [name, uniform[name]])),
    Object.fromEntries(Object.keys(kernel.buffers).map((name) => [name, buffer(name)])),
    1,
  );
}

function gatherCall(population: Population, split: SplitName, first: number): PreparedCall {
  const { sizes } = population;
  const { dataset, batch, slots } = sizes.plan;
  const { samples, features } = dataset[split];
  const isTraining = split === "train";
  const quads = quadsOf(sizes, split);
  return population.executor.prepare(
    gatherBatch,
    {
      samples,
      batch,
      quads,
      inputBlocks: sizes.inputBlocks,
      shuffled: isTraining ? 1 : 0,
      first,
      halfBits: feistelHalfBits(dataset.train.samples),
      bytesPerInput: features.BYTES_PER_ELEMENT,
      featuresAt: sizes.data[`${split}FeaturesAt`],
      networkInputs: sizes.inputBlocks * 4 * quads,
    },
    {
      networks: population.buffer("networks"),
      data: population.data,
      standardization: population.buffer("standardization"),
      inputs: population.buffer(`${split}Inputs`),
      batchSamples: population.buffer(`${split}Samples`),
    },
    isTraining ? slots : 1,
  );
}

function lossCall(population: Population, split: SplitName): PreparedCall {
  const { sizes } = population;
  const { plan, layers, data } = sizes;
  const { dataset, batch, slots } = plan;
  const quads = quadsOf(sizes, split);
  const isTraining = split === "train";
  return population.executor.prepare(
    sizes.kernels.taskLoss,
    {
      samples: dataset[split].samples,
      batch,
      quads,
      tasks: dataset.tasks.length,
      training: isTraining ? 1 : 0,
      networkLogits: padTo4(sizes.outputs) * quads,
      labelsAt: data[`${split}LabelsAt`],
      networkSamples: isTraining ? quads : 0,
      sums: sizes.scores.length,
    },
    {
      tasks: population.buffer("tasks"),
      data: population.data,
      batchSamples: population.buffer(`${split}Samples`),
      logits: population.buffer(`activations${layers}`),
      networks: population.buffer("networks"),
      logitGradients: population.buffer(`gradients${layers}`),
      scoreSums: population.buffer("scoreSums"),
    },
    slots,
  );
}

function stoppingCall(population: Population): PreparedCall {
  const { plan, scores } = population.sizes;
  const { dataset, batch, slots } = plan;
  return population.executor.prepare(
    earlyStopping,
    {
      networks: slots,
      sums: scores.length,
      trainSamples: dataset.train.samples,
      batch,
      validationSamples: dataset.validation.samples,
    },
    {
      networks: population.buffer("networks"),
      scoreSums: population.buffer("scoreSums"),
      keptScoreSums: population.buffer("keptScoreSums"),
      curves: population.buffer("curves"),
      marks: population.buffer("marks"),
    },
    1,
  );
}
