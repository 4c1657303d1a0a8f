import { invariant, RunError } from "../../src/base/errors.ts";
import { epochOrder } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import type { LevelJob, LevelTraining } from "../../src/engine/engine.ts";
import type { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import type { Selection } from "../../src/pruning/selection.ts";
import { adam } from "./adam.ts";
import { backward, type Edges, forward, type Layer, parameterGradients, relu } from "./layer.ts";

/** The kept edges of every layer. */
function keptEdges(mask: Mask): Edges[] {
  return Array.from({ length: layerCount(mask.shape) }, (_, l) => {
    const [sources, targets]: [number[], number[]] = [[], []];
    for (let o = 0; o < mask.shape[l + 1]; o++) {
      for (let i = 0; i < mask.shape[l]; i++) {
        if (!mask.has(l, o, i)) continue;
        sources.push(i);
        targets.push(o);
      }
    }
    return { sources: Uint32Array.from(sources), targets: Uint32Array.from(targets) };
  });
}

/** Standardised inputs of a split: `[sample][input]`. */
function standardised({ features }: Split, { inputs, mean, scale }: Dataset): Float64Array {
  return Float64Array.from(features, (x, k) => (x - mean[k % inputs]) * scale[k % inputs]);
}

/** Sums over some samples. */
interface Score {
  /** Sum of the losses of the samples, mean over tasks. */
  loss: number;
  /** Right answers of each task, of label 0 and of label 1. */
  readonly scoreSums: number[][];
}

/**
 * Trains a level in float64 with plain loops. Uses only the documented inputs: initial weights, sample order,
 * standardisation. A third implementation, independent of kernels and twins. Supports Adam, binary tasks, `keep:
 * "last"`, and global pruning by magnitude.
 */
export class Float64Level {
  readonly #dataset: Dataset;
  readonly #job: LevelJob;
  readonly #batch: number;
  readonly #inputs: { readonly train: Float64Array; readonly validation: Float64Array };
  /** Activations of each neuron layer (layer 0 are the inputs), and the gradients of their values before ReLU. */
  readonly #activations: Float64Array[];
  readonly #gradients: Float64Array[];
  /** The current layers: initial before training, trained afterwards. */
  #layers: Layer[] = [];

  constructor(job: LevelJob, dataset: Dataset) {
    invariant(
      dataset.tasks.every(({ kind }) => kind === "binary"),
      "float64 knows binary tasks only",
    );
    this.#job = job;
    this.#dataset = dataset;
    this.#batch = job.settings.batch;
    const { train, validation } = dataset;
    this.#inputs = { train: standardised(train, dataset), validation: standardised(validation, dataset) };
    const { shape } = job.start;
    this.#activations = shape.map((width) => new Float64Array(width * this.#batch));
    this.#gradients = shape.map((width) => new Float64Array(width * this.#batch));
  }

  train(): LevelTraining {
    const { optimizer, lr, maxEpochs = 0, maxSteps, evaluateEvery, patience, keep } = this.#job.settings;
    invariant(optimizer === "adam" && keep === "last", `float64 does not know ${optimizer}, keep ${keep}`);
    const { parameters, gradients } = this.#begin();
    const update = adam(parameters.length, lr);
    const { train, validation } = this.#dataset;
    const validationOrder = Uint32Array.from({ length: validation.samples }, (_, sample) => sample);
    const perEpoch = Math.ceil(train.samples / this.#batch);
    const most = maxSteps ?? maxEpochs * perEpoch;
    let [steps, evaluations, bestLoss, best, bestStep] = [0, 0, Number.POSITIVE_INFINITY, 0, 0];
    let [trainLoss, valLoss] = [0, 0];
    let [lossSum, samples] = [0, 0];
    let scoreSums: number[][] = [];
    const curves = { trainLoss: [] as number[], valLoss: [] as number[], scoreSums: [] as number[][][] };
    let order: Uint32Array = new Uint32Array();
    while (steps < most && evaluations - best < patience) {
      const epoch = Math.floor(steps / perEpoch);
      const first = (steps - epoch * perEpoch) * this.#batch;
      if (first === 0) order = epochOrder(this.#job.seed, this.#job.level, epoch, train.samples);
      const inBatch = order.subarray(first, first + this.#batch);
      lossSum += this.#evaluate("train", inBatch, () => update(parameters, gradients)).loss;
      samples += inBatch.length;
      steps++;
      if (steps % (evaluateEvery ?? perEpoch) !== 0) continue;
      evaluations++;
      trainLoss = lossSum / samples;
      [lossSum, samples] = [0, 0];
      const validated = this.#evaluate("validation", validationOrder);
      valLoss = validated.loss / validation.samples;
      scoreSums = validated.scoreSums;
      curves.trainLoss.push(trainLoss);
      curves.valLoss.push(valLoss);
      curves.scoreSums.push(scoreSums);
      if (!Number.isFinite(valLoss)) throw new RunError(`${this.#job.label}: validation loss ${valLoss}`);
      if (valLoss < bestLoss) [bestLoss, best, bestStep] = [valLoss, evaluations, steps];
    }
    const epochs = Math.floor(steps / perEpoch);
    const counts = { epochs, steps, evaluations, keptStep: steps, bestStep };
    return { kernels: "cpu", ...counts, trainLoss, valLoss, scoreSums, curves };
  }

  /** The parameters, rounded to float32. */
  weights(): Parameters {
    const { shape, layout } = this.#job.start;
    const rounded = new Parameters(shape);
    this.#layers.forEach(({ edges: { sources, targets }, weights, biases }, l) => {
      weights.forEach((weight, e) => {
        rounded.values[layout.weightOffset[l] + targets[e] * layout.rowStride[l] + sources[e]] = weight;
      });
      rounded.biases(l).set(biases);
    });
    return rounded;
  }

  select({ criterion, keep }: Selection): Mask {
    invariant(criterion === "magnitude" && typeof keep === "number", `float64 does not know ${criterion} by layer`);
    const kept = this.#layers.flatMap(({ edges: { sources, targets }, weights }, layer) =>
      Array.from(weights, (weight, e) => ({ layer, target: targets[e], source: sources[e], size: Math.abs(weight) })),
    );
    // The sort is stable and the edges are sorted by flat index, so of equal weights the lower index is pruned first.
    kept.sort((a, b) => a.size - b.size);
    const next = this.#job.mask.clone();
    for (const { layer, target, source } of kept.slice(0, kept.length - keep)) next.set(layer, target, source, false);
    return next;
  }

  /** Sets the layers to the masked initial values. */
  #begin(): { parameters: Float64Array; gradients: Float64Array } {
    const { start } = this.#job;
    const { layout, shape } = start;
    const edges = keptEdges(this.#job.mask);
    const length = edges.reduce((sum, { sources }, l) => sum + sources.length + shape[l + 1], 0);
    const [parameters, gradients] = [new Float64Array(length), new Float64Array(length)];
    let at = 0;
    this.#layers = edges.map((layerEdges, l) => {
      const { sources, targets } = layerEdges;
      const [firstBias, end] = [at + sources.length, at + sources.length + shape[l + 1]];
      const weights = parameters.subarray(at, firstBias);
      const biases = parameters.subarray(firstBias, end);
      sources.forEach((source, e) => {
        weights[e] = start.values[layout.weightOffset[l] + targets[e] * layout.rowStride[l] + source];
      });
      biases.set(start.biases(l));
      const weightGradients = gradients.subarray(at, firstBias);
      const biasGradients = gradients.subarray(firstBias, end);
      at = end;
      return { edges: layerEdges, weights, weightGradients, biases, biasGradients };
    });
    return { parameters, gradients };
  }

  /**
   * Evaluates a split batch by batch.
   * @param update optimiser step after the gradients of each batch; without it nothing is trained
   */
  #evaluate(split: "train" | "validation", order: Uint32Array, update?: () => void): Score {
    const score: Score = { loss: 0, scoreSums: this.#dataset.tasks.map(() => [0, 0]) };
    for (let first = 0; first < order.length; first += this.#batch) {
      const members = order.subarray(first, first + this.#batch);
      this.#forward(split, members);
      this.#score(split, members, score);
      if (!update) continue;
      this.#backward(members.length);
      update();
    }
    return score;
  }

  #forward(split: "train" | "validation", members: Uint32Array): void {
    const stride = this.#batch;
    const width = this.#dataset.inputs;
    const inputs = this.#inputs[split];
    for (let i = 0; i < width; i++) {
      members.forEach((sample, s) => {
        this.#activations[0][i * stride + s] = inputs[sample * width + i];
      });
    }
    this.#layers.forEach((layer, l) => {
      const outputs = this.#activations[l + 1];
      forward(layer, this.#activations[l], outputs, members.length, stride);
      if (l < this.#layers.length - 1) relu(outputs, layer.biases.length, members.length, stride);
    });
  }

  /**
   * Adds the binary cross-entropy and the scores, and writes the gradient of the batch's loss with respect to the
   * logits.
   */
  #score(split: "train" | "validation", members: Uint32Array, score: Score): void {
    const { labels, samples } = this.#dataset[split];
    const { tasks } = this.#dataset;
    const [logits, gradients] = [this.#activations, this.#gradients].map((each) => each[this.#layers.length]);
    tasks.forEach(({ outputs }, t) => {
      members.forEach((sample, s) => {
        const at = outputs.start * this.#batch + s;
        const logit = logits[at];
        const label = labels[t * samples + sample];
        const negativeMargin = label === 1 ? -logit : logit;
        score.loss += (Math.max(negativeMargin, 0) + Math.log1p(Math.exp(-Math.abs(negativeMargin)))) / tasks.length;
        if (logit > 0 === (label === 1)) score.scoreSums[t][label]++;
        gradients[at] = (1 / (1 + Math.exp(-logit)) - label) / (members.length * tasks.length);
      });
    });
  }

  #backward(samples: number): void {
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      const [inputs, gradients] = [this.#activations[l], this.#gradients[l + 1]];
      parameterGradients(this.#layers[l], inputs, gradients, samples, this.#batch);
      if (l > 0) backward(this.#layers[l], inputs, gradients, this.#gradients[l], samples, this.#batch);
    }
  }
}
