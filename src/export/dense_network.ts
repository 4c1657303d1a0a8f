import { activeNeurons } from "../analysis/components.ts";
import { layerCount } from "../base/shape.ts";
import { bitIndices, hasBit } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import { activations } from "../network/activations/index.ts";
import { Parameters } from "../network/parameters.ts";

/** The neurons of a ticket on which its outputs depend, as a network of their own. */
export interface DenseNetwork {
  /** Weights and biases that the ticket has pruned are exactly 0, but a bias takes up the constants of zombies. */
  readonly parameters: Parameters;
  /**
   * `[layer][neuron]`: the index in the ticket of each neuron, ascending within a layer. Layer 0 holds the inputs, so
   * `neurons[0]` are the columns of the data that the network reads.
   */
  readonly neurons: readonly (readonly number[])[];
}

/**
 * The small dense network that computes the same outputs as a ticket. With kept weights w, biases b (0 where pruned) and the
 * activation f:
 *
 * - inactive neurons (inputs among them) and their weights are left out: no output depends on them;
 * - a zombie neuron has the same value for every sample, c = f(b + sum of w c over its zombie sources), without f for an
 *   output; the term w c is added to the bias of every neuron that it reaches, and the hidden zombie is left out;
 * - active neurons stay, and so do all outputs: an output that no input reaches has weights of 0 and its value as bias.
 *
 * If no input reaches an output, each layer before the outputs keeps its first neuron, with weights and bias of 0, because
 * file formats have no empty layers. Values are summed in float64 and rounded to f32 once.
 * @param parameters of the mask's shape; weights and biases that the mask prunes are not read
 * @param activation name of the activation of hidden neurons
 * @throws InputError when there is no such activation
 */
export function foldTicket(mask: Mask, parameters: Parameters, activation: string): DenseNetwork {
  const { shape } = mask;
  const last = layerCount(shape);
  const { activated } = activations.get(activation);
  const reach = reachability(mask);
  const active = activeNeurons(reach).map(bitIndices);
  const isConstant = active[0].length === 0;
  const neurons = shape.map((width, layer) => {
    if (layer === last) return Array.from({ length: width }, (_, output) => output);
    return isConstant ? [0] : active[layer];
  });
  const folded = new Parameters(neurons.map(({ length }) => length));
  /** The value of every zombie of the layer before, 0 for other neurons. */
  let constants = new Float64Array(shape[0]);
  for (let layer = 0; layer < last; layer++) {
    const weights = parameters.weights(layer);
    const biases = parameters.biases(layer);
    const next = new Float64Array(shape[layer + 1]);
    const sums = Float64Array.from(biases, (bias, target) => {
      if (!hasBit(reach.toOutput[layer + 1], target)) return 0;
      let sum = mask.hasBias(layer, target) ? bias : 0;
      for (let source = 0; source < shape[layer]; source++) {
        if (constants[source] !== 0 && mask.has(layer, target, source)) {
          sum += weights[target * shape[layer] + source] * constants[source];
        }
      }
      if (!hasBit(reach.fromInput[layer + 1], target)) next[target] = activated(sum);
      return sum;
    });
    constants = next;
    if (isConstant && layer + 1 < last) continue;
    folded.biases(layer).set(neurons[layer + 1].map((target) => sums[target]));
    folded.setWeights(
      layer,
      matrixOf(neurons[layer + 1], neurons[layer], (target, source) => {
        const isActive = mask.has(layer, target, source) && hasBit(reach.fromInput[layer], source);
        return isActive ? weights[target * shape[layer] + source] : 0;
      }),
    );
  }
  return { parameters: folded, neurons };
}

/**
 * A part of a network whose neurons have no weights from or to the others, such as a subnetwork.
 * @param chosen its neurons by their index in the ticket, `[layer, index]`, at least one a layer
 */
export function partOf(
  { parameters, neurons }: DenseNetwork,
  chosen: readonly (readonly [number, number])[],
): DenseNetwork {
  const wanted = neurons.map(() => new Set<number>());
  for (const [layer, index] of chosen) wanted[layer].add(index);
  const places = neurons.map((layer, l) => layer.flatMap((index, place) => (wanted[l].has(index) ? [place] : [])));
  const part = new Parameters(places.map(({ length }) => length));
  for (let layer = 0; layer < layerCount(part.shape); layer++) {
    const weights = parameters.weights(layer);
    const inputs = parameters.shape[layer];
    part.setWeights(
      layer,
      matrixOf(places[layer + 1], places[layer], (target, source) => weights[target * inputs + source]),
    );
    const biases = parameters.biases(layer);
    part.biases(layer).set(places[layer + 1].map((target) => biases[target]));
  }
  return { parameters: part, neurons: places.map((layer, l) => layer.map((place) => neurons[l][place])) };
}

/** A matrix `[target][source]`, row-major, of a value for each pair. */
function matrixOf(
  targets: readonly number[],
  sources: readonly number[],
  value: (target: number, source: number) => number,
): Float32Array {
  const matrix = new Float32Array(targets.length * sources.length);
  targets.forEach((target, row) => {
    sources.forEach((source, column) => {
      matrix[row * sources.length + column] = value(target, source);
    });
  });
  return matrix;
}
