import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import { uploadDataset } from "../../src/engine/shared/dataset_memory.ts";
import type { Executor } from "../../src/engine/shared/executor.ts";
import { Memory, type NetworkMemory } from "../../src/engine/shared/memory.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { edgeLists } from "../../src/engine/tiled/edge_lists.ts";
import { Population, PopulationSizes } from "../../src/engine/tiled/population.ts";
import { prepareFixedCalls, prepareProgram, trainingKernels } from "../../src/engine/tiled/program.ts";
import type { TrainingNetwork } from "../../src/engine/tiled/training_network.ts";
import { numbersOf, wordsOf } from "../../src/loss/label_words.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { optimizers } from "../../src/network/optimizers/index.ts";
import { Parameters, parameterLayout } from "../../src/network/parameters.ts";
import { networkStructs, useDeviceExecutor } from "./harness.ts";

/*
 * Compares the gradient of a whole network, from batch to update, with central differences in float64 of a loss that is
 * implemented here from its definition. SGD's first moment after one step from zero moments equals the gradient.
 */
const device = useDeviceExecutor();

const shape = [5, 9, 6, 5];
const samples = 13;
/** Step of the differences: their error is of order 1e-10 from truncation and 1e-11 from rounding. */
const h = 1e-5;
/** Smallest size of a preactivation, so that no step crosses the ReLU's kink. */
const leastPreactivation = 100 * h;

function makeDataset(): Dataset {
  const stream = new RandomStream(4, "datasetPoints");
  const split = (count: number): Split => ({
    samples: count,
    features: Float32Array.from({ length: count * 5 }, () => stream.nextNormal() * 3 + 1),
    labels: Uint32Array.from({ length: 3 * count }, (_, i) => {
      return i < count ? i % 2 : i < 2 * count ? (i * 7) % 3 : wordsOf([((i * 5) % 11) / 4 - 1])[0];
    }),
  });
  return {
    name: "drawn",
    tasks: [
      { name: "binary", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
      { name: "three", kind: "multiclass", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 3 } },
      { name: "number", kind: "mse", inputs: { start: 4, count: 1 }, outputs: { start: 4, count: 1 } },
    ],
    coverage: "total",
    inputs: 5,
    outputs: 5,
    train: split(samples),
    validation: split(8),
    mean: Float32Array.of(1, 0.5, 1.5, 1, 0.75),
    scale: Float32Array.of(0.5, 0.25, 0.3, 0.4, 0.35),
  };
}

const dataset = makeDataset();

/** Mean over tasks of the mean over samples of the loss, and the preactivation nearest to 0. */
function lossOf(
  weights: readonly number[][],
  biases: readonly number[][],
  activation: string,
): { loss: number; nearest: number } {
  let loss = 0;
  let nearest = Number.POSITIVE_INFINITY;
  for (let s = 0; s < samples; s++) {
    let x = [0, 1, 2, 3, 4].map((i) => (dataset.train.features[s * 5 + i] - dataset.mean[i]) * dataset.scale[i]);
    for (let l = 0; l < layerCount(shape); l++) {
      const z = biases[l].map((b, o) => x.reduce((sum, value, i) => sum + value * weights[l][o * x.length + i], b));
      const isLast = l === layerCount(shape) - 1;
      if (!isLast) nearest = Math.min(nearest, ...z.map(Math.abs));
      x = isLast ? z : z.map((value) => (activation === "tanh" ? Math.tanh(value) : Math.max(0, value)));
    }
    const isOne = dataset.train.labels[s] === 1;
    const binary = -Math.log(1 / (1 + Math.exp(isOne ? -x[0] : x[0])));
    const classes = x.slice(1, 4);
    const three =
      Math.log(classes.reduce((sum, z) => sum + Math.exp(z), 0)) - classes[dataset.train.labels[samples + s]];
    const number = (x[4] - numbersOf(dataset.train.labels.subarray(2 * samples + s, 2 * samples + s + 1))[0]) ** 2;
    loss += (binary + three + number) / 3 / samples;
  }
  return { loss, nearest };
}

interface Net {
  parameters: Parameters;
  mask: Mask;
  /** Whether the sparse kernels find its gradient. */
  isSparse: boolean;
}

/** Initial weights with biases that are not 0, under a mask that keeps about the given share. */
function makeNet(seed: number, density: number, isSparse = false): Net {
  const parameters = initialParameters(shape, seed);
  const mask = Mask.full(shape);
  const stream = new RandomStream(seed, "datasetSplit");
  for (let l = 0; l < layerCount(shape); l++) {
    const dense = parameters.weights(l);
    for (let o = 0; o < shape[l + 1]; o++) {
      for (let i = 0; i < shape[l]; i++) {
        if (stream.nextUniform() < density) continue;
        mask.set(l, o, i, false);
        dense[o * shape[l] + i] = 0;
      }
    }
    parameters.setWeights(l, dense);
    parameters.biases(l).set(Array.from({ length: shape[l + 1] }, () => stream.nextNormal() * 0.3));
  }
  return { parameters, mask, isSparse };
}

/** Gradients of each net, read from the first moments after one step of the training program. */
async function trainedGradients(executor: Executor, nets: readonly Net[], activation: string): Promise<Parameters[]> {
  const plan = { shapes: [shape], dataset, batch: samples, slots: nets.length, activation };
  const sizes = new PopulationSizes({ ...plan, sparseUpTo: 1 });
  await executor.load([...trainingKernels(sizes), ...trainingKernels(new PopulationSizes(plan))]);
  const population = new Population(executor, sizes, uploadDataset(executor, dataset));
  const length = parameterLayout(shape).length;
  const start = { optimizer: optimizers.get("sgd").number, learningRate: 0.125, step: 0, level: 0, trainLossSum: 0 };
  const networks = networkStructs(nets.map((_, n) => ({ ...start, seed: n })));
  executor.write(population.buffer("networks"), new Uint8Array(networks.bytes));
  const memory = new Memory(sizes.memory);
  const training: TrainingNetwork[] = [];
  const places: NetworkMemory[] = [];
  for (const [slot, { parameters, mask, isSparse }] of nets.entries()) {
    const place = await memory.take(sizes.capacity(shape), 0);
    population.place({ slot, shape, place }, parameters.values, mask);
    const lists = isSparse ? edgeLists(shape, mask) : undefined;
    if (lists) executor.write(population.buffer("edges"), lists.words, place.edges * 4);
    training.push({ slot, shape, keepsBest: false, edges: lists?.counts });
    places.push(place);
  }
  executor.run(prepareProgram(population, prepareFixedCalls(population), training).step);
  const moments = population.buffer("moments");
  const values = new Float32Array(await executor.read(moments, 0, moments.sizeBytes));
  return nets.map(
    (_, n) => new Parameters(shape, values.slice(8 * places[n].parameters, 8 * places[n].parameters + length)),
  );
}

interface Entry {
  kind: string;
  place: number;
  analytic: number;
  numeric: number;
}

/** Every parameter's gradient and its central difference. */
function differences({ parameters, mask }: Net, gradients: Parameters, activation: string): Entry[] {
  const layers = Array.from({ length: layerCount(shape) }, (_, l) => l);
  const weights = layers.map((l) => [...parameters.weights(l)]);
  const biases = layers.map((l) => [...parameters.biases(l)]);
  const nearest = activation === "relu" ? lossOf(weights, biases, activation).nearest : Number.POSITIVE_INFINITY;
  expect(nearest, "the scene is away from kinks").toBeGreaterThan(leastPreactivation);
  const difference = (values: number[], place: number) => {
    const at = values[place];
    values[place] = at + h;
    const above = lossOf(weights, biases, activation).loss;
    values[place] = at - h;
    const below = lossOf(weights, biases, activation).loss;
    values[place] = at;
    return (above - below) / (2 * h);
  };
  return layers.flatMap((l) => [
    ...weights[l].map((_, place) => {
      const isKept = mask.has(l, Math.floor(place / shape[l]), place % shape[l]);
      const numeric = isKept ? difference(weights[l], place) : 0;
      return { kind: `weights of layer ${l}`, place, analytic: gradients.weights(l)[place], numeric };
    }),
    ...biases[l].map((_, place) => {
      return {
        kind: `biases of layer ${l}`,
        place,
        analytic: gradients.biases(l)[place],
        numeric: difference(biases[l], place),
      };
    }),
  ]);
}

/**
 * f32 sums of about 10 terms through three layers; exp and log of WGSL have an error of some 1e-6 of a sample's share.
 */
const relativeBound = 1e-5;
const absoluteBound = 1e-6;

describe("the gradient of a whole network", () => {
  it.each([
    ["device", "relu"],
    ["twins", "relu"],
    ["device", "tanh"],
    ["twins", "tanh"],
  ])("is that of central differences, by parameter kind, on the %s by %s", async (side, activation) => {
    const nets = [makeNet(1, 1), makeNet(2, 0.6), makeNet(3, 1, true), makeNet(4, 0.6, true)];
    const gradients = await trainedGradients(side === "device" ? device() : new TwinExecutor(), nets, activation);
    nets.forEach((net, n) => {
      const entries = differences(net, gradients[n], activation);
      for (const kind of new Set(entries.map((entry) => entry.kind))) {
        const own = entries.filter((entry) => entry.kind === kind);
        const excess = ({ analytic, numeric }: Entry) => {
          return Math.abs(analytic - numeric) / (absoluteBound + relativeBound * Math.abs(numeric));
        };
        const worst = own.reduce((a, b) => (excess(a) < excess(b) ? b : a));
        const message = `net ${n}, ${kind}, worst [${worst.place}] ${worst.analytic}, not ${worst.numeric}`;
        expect(excess(worst), message).toBeLessThanOrEqual(1);
        const moving = own.filter(({ numeric }) => Math.abs(numeric) > 100 * absoluteBound).length;
        expect(moving, `net ${n}, ${kind}: gradients that are not 0`).toBeGreaterThan(own.length / 4);
      }
    });
  });
});
