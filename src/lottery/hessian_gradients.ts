import { nextTurn } from "../base/next_turn.ts";
import { epochOrder } from "../base/random.ts";
import { layerCount } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { losses } from "../loss/index.ts";
import type { Mask } from "../mask/mask.ts";
import { activations } from "../network/activations/index.ts";
import { Parameters } from "../network/parameters.ts";
import type { GradientPass } from "./gradients.ts";

/** Samples times kept weights of a pass at most: about a second. Larger networks use fewer samples, at least {@link fewestSamples}. */
const mostWork = 2 ** 26;
const fewestSamples = 64;

/** Samples that pass through the network side by side. */
const width = 64;

/**
 * Product of the Hessian of the mean training loss with its gradient, over the kept weights; biases are constants. In
 * float64 on the host, exact but for rounding (Pearlmutter 1994); the second derivative of relu is 0. Differences of an
 * engine's gradients would not do: with relu they have what neurons add that switch on or off between the two points. On
 * Moons-Circles with (4,40,40,2) at its initial weights, steps of 0.1 to 3 % of the weights' length were off by 12 to 31 % of the product's length in the dense network
 * and by 105 to 230 % with a fifth of the weights, those with tanh by 0.2 % or less below steps of 0.3 %.
 *
 * Uses all training samples where samples times kept weights is at most 2^26; else the first samples of the level's first
 * epoch, as many as that allows, at least 64. A number of mini-batches takes those first samples instead.
 * @param activation of the hidden layers
 * @param parameters at which the product is taken; pruned weights and biases count as 0
 * @param batches number of mini-batches, as of `gradientsOf`
 * @returns the product for each kept weight; 0 for pruned weights and biases
 * @throws the signal's reason when it is aborted
 */
export async function hessianGradientsOf(
  { job, dataset, signal }: Pick<GradientPass, "job" | "dataset" | "signal">,
  activation: string,
  parameters: Parameters,
  batches?: number,
): Promise<Parameters> {
  const { seed, orderSeed = seed, level, mask, settings } = job;
  const most = batches
    ? batches * settings.batch
    : Math.max(fewestSamples, Math.floor(mostWork / Math.max(1, mask.count())));
  const samples = epochOrder(orderSeed, level, 0, dataset.train.samples).subarray(0, most);
  const layers = edgeLayers(parameters, mask);
  const network = { layers, dataset, activation, samples };
  for await (const _ of derivatives(network)) signal?.throwIfAborted();
  for (const layer of layers) layer.direction.set(layer.gradients);
  for await (const _ of derivatives(network)) signal?.throwIfAborted();
  const all = new Parameters(parameters.shape);
  const { weightOffset, rowStride } = all.layout;
  layers.forEach(({ sources, targets, products }, l) => {
    products.forEach((product, edge) => {
      all.values[weightOffset[l] + targets[edge] * rowStride[l] + sources[edge]] = product;
    });
  });
  return all;
}

/** The kept weights of a layer; arrays of edges are `[edge]`. */
interface EdgeLayer {
  readonly sources: Uint16Array;
  readonly targets: Uint16Array;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
  /** Of the derivative that gives the products. */
  readonly direction: Float64Array;
  readonly gradients: Float64Array;
  /** Products of the Hessian with the direction. */
  readonly products: Float64Array;
}

function edgeLayers({ shape, layout, values }: Parameters, mask: Mask): EdgeLayer[] {
  return Array.from({ length: layerCount(shape) }, (_, layer) => {
    const count = mask.count(layer);
    const edges = () => new Float64Array(count);
    const [sources, targets, weights] = [new Uint16Array(count), new Uint16Array(count), edges()];
    let edge = 0;
    for (let target = 0; target < shape[layer + 1]; target++) {
      for (let source = 0; source < shape[layer]; source++) {
        if (!mask.has(layer, target, source)) continue;
        sources[edge] = source;
        targets[edge] = target;
        weights[edge++] = values[layout.weightOffset[layer] + target * layout.rowStride[layer] + source];
      }
    }
    const first = layout.biasOffset[layer];
    const biases = Float64Array.from(values.subarray(first, first + shape[layer + 1]), (bias, target) =>
      mask.hasBias(layer, target) ? bias : 0,
    );
    return { sources, targets, weights, biases, direction: edges(), gradients: edges(), products: edges() };
  });
}

/** Values of neurons, or gradients by them, and their derivatives along the direction: `[neuron][sample]`. */
interface Rows {
  readonly values: Float64Array;
  readonly tangents: Float64Array;
}

/**
 * Writes the gradients of the mean loss of the samples, and their derivatives along the direction: the products. Yields
 * after every few samples, in a turn of the event loop of its own.
 */
async function* derivatives({
  layers,
  dataset,
  activation,
  samples,
}: {
  readonly layers: readonly EdgeLayer[];
  readonly dataset: Dataset;
  readonly activation: string;
  readonly samples: Uint32Array;
}): AsyncGenerator<void> {
  const rowsOf = (neurons: number): Rows => ({
    values: new Float64Array(neurons * width),
    tangents: new Float64Array(neurons * width),
  });
  const neurons = [dataset.inputs, ...layers.map(({ biases }) => biases.length)];
  const activationRows = neurons.map(rowsOf);
  const gradientRows = neurons.map(rowsOf);
  for (const { gradients, products } of layers) {
    gradients.fill(0);
    products.fill(0);
  }
  for (let first = 0; first < samples.length; first += width) {
    const members = samples.subarray(first, first + width);
    gather(dataset, members, activationRows[0]);
    layers.forEach((layer, l) => {
      forward(layer, activationRows[l], activationRows[l + 1]);
      if (l < layers.length - 1) activate(activation, activationRows[l + 1]);
    });
    lossGradients(dataset, members, samples.length, activationRows[layers.length], gradientRows[layers.length]);
    for (let l = layers.length - 1; l >= 0; l--) {
      backward(layers[l], activationRows[l], gradientRows[l + 1], gradientRows[l]);
      if (l > 0) passBack(activation, activationRows[l], gradientRows[l]);
    }
    await nextTurn();
    yield;
  }
}

/** Standardised inputs; they do not change along the direction. */
function gather({ train, inputs, mean, scale }: Dataset, members: Uint32Array, { values }: Rows): void {
  members.forEach((sample, s) => {
    for (let input = 0; input < inputs; input++) {
      values[input * width + s] = (train.features[sample * inputs + input] - mean[input]) * scale[input];
    }
  });
}

function forward({ sources, targets, weights, biases, direction }: EdgeLayer, from: Rows, to: Rows): void {
  biases.forEach((bias, target) => {
    to.values.fill(bias, target * width, (target + 1) * width);
  });
  to.tangents.fill(0);
  // Local names, since a compiler reads a member anew in every turn of a loop.
  const [xs, xTangents, zs, zTangents] = [from.values, from.tangents, to.values, to.tangents];
  for (let edge = 0; edge < weights.length; edge++) {
    const [weight, change] = [weights[edge], direction[edge]];
    const [x, z] = [sources[edge] * width, targets[edge] * width];
    for (let s = 0; s < width; s++) {
      zs[z + s] += weight * xs[x + s];
      zTangents[z + s] += change * xs[x + s] + weight * xTangents[x + s];
    }
  }
}

function activate(activation: string, { values, tangents }: Rows): void {
  const { activated, passedBack } = activations.get(activation);
  for (let at = 0; at < values.length; at++) {
    values[at] = activated(values[at]);
    tangents[at] *= passedBack(1, values[at]);
  }
}

/** Step of the differences of a loss' gradient, which is smooth, relative to the size of the logits and their tangents. */
const lossStep = 1e-5;

/** Gradients by the logits of the mean loss of all `samples`, and their tangents by central differences. */
function lossGradients(
  { tasks, train }: Dataset,
  members: Uint32Array,
  samples: number,
  logits: Rows,
  gradients: Rows,
): void {
  gradients.values.fill(0);
  gradients.tangents.fill(0);
  tasks.forEach(({ kind, outputs }, t) => {
    const { evaluate } = losses.get(kind);
    const share = 1 / (tasks.length * samples);
    members.forEach((sample, s) => {
      const word = train.labels[t * train.samples + sample];
      const read = (rows: Float64Array) =>
        Array.from({ length: outputs.count }, (_, k) => rows[(outputs.start + k) * width + s]);
      const [values, tangents] = [read(logits.values), read(logits.tangents)];
      const step = (lossStep * Math.max(1, ...values.map(Math.abs))) / Math.max(...tangents.map(Math.abs), 1e-300);
      const at = (by: number) =>
        evaluate(
          values.map((z, k) => z + by * tangents[k]),
          word,
        ).gradient;
      const [here, ahead, behind] = [at(0), at(step), at(-step)];
      here.forEach((gradient, k) => {
        const row = (outputs.start + k) * width + s;
        gradients.values[row] = share * gradient;
        gradients.tangents[row] = (share * (ahead[k] - behind[k])) / (2 * step);
      });
    });
  });
}

function backward(layer: EdgeLayer, x: Rows, dz: Rows, dx: Rows): void {
  const { sources, targets, weights, direction, gradients, products } = layer;
  dx.values.fill(0);
  dx.tangents.fill(0);
  const [xs, xTangents, dzs, dzTangents] = [x.values, x.tangents, dz.values, dz.tangents];
  const [dxs, dxTangents] = [dx.values, dx.tangents];
  for (let edge = 0; edge < weights.length; edge++) {
    const [weight, change] = [weights[edge], direction[edge]];
    const [from, to] = [sources[edge] * width, targets[edge] * width];
    let [gradient, product] = [0, 0];
    for (let s = 0; s < width; s++) {
      const d = dzs[to + s];
      const dTangent = dzTangents[to + s];
      gradient += d * xs[from + s];
      product += dTangent * xs[from + s] + d * xTangents[from + s];
      dxs[from + s] += weight * d;
      dxTangents[from + s] += weight * dTangent + change * d;
    }
    gradients[edge] += gradient;
    products[edge] += product;
  }
}

/** From gradients by activations x to gradients by the sums before. */
function passBack(activation: string, x: Rows, dx: Rows): void {
  const { passedBack, slopeChange } = activations.get(activation);
  for (let at = 0; at < x.values.length; at++) {
    const slope = passedBack(1, x.values[at]);
    dx.tangents[at] = dx.tangents[at] * slope + dx.values[at] * slopeChange(x.values[at]) * x.tangents[at];
    dx.values[at] *= slope;
  }
}
