import { layerCount, type Shape, weightCount } from "../base/shape.ts";
import type { Mask } from "../mask/mask.ts";
import { padTo4, parameterLayout } from "../network/parameters.ts";

/** The source of biases: the row of ones, which comes before all others. */
const onesRow = 0;
/** The first input row; the sample numbers lie between. */
const inputsRow = 2;
/** A padded neuron or weight. */
export const none = -1;

/**
 * What the resident kernel walks instead of matrices, in the words of `shaders/resident_epoch.wgsl`: groups of four neighbouring
 * neurons, bundles of edges into a group, tiles of four bundles, ties from a group to a neuron of the next layer.
 */
export interface ResidentGraph {
  readonly shape: Shape;
  /** First group of each weight layer's targets, and the number of groups. */
  readonly layers: Uint32Array;
  /** First bundle, end of bundles, first tie, end of ties of each group. */
  readonly groups: Uint32Array;
  /** Activation row of each bundle's source: ones, sample numbers, the input rows, then the rows of all groups. */
  readonly sources: Uint32Array;
  /** Of each tile: first row of its group << 16 | 4 kept bits for each bundle. */
  readonly tiles: Uint32Array;
  /** Place of each weight of each bundle in `transposed`; one that no tie needs has a place of its own behind the ties. */
  readonly copies: Uint32Array;
  /** Group row of each tie's neuron. */
  readonly ties: Uint32Array;
  /** Dataset column of each input row. */
  readonly inputs: Uint32Array;
  /** Element of the parameter layout that each weight of each bundle is, -1 for a pruned or padded one. */
  readonly elements: Int32Array;
  /** Group row of the first output; outputs are all there, in order. */
  readonly outputsRow: number;
}

/** Upper bounds of a graph's sizes, whatever the mask. */
export interface GraphCapacity {
  /** Activation rows: ones, sample numbers, inputs, groups. */
  readonly rows: number;
  /** Group rows alone, which have gradients. */
  readonly groupRows: number;
  readonly bundles: number;
  readonly ties: number;
  /** u32 of all lists together. */
  readonly words: number;
}

/**
 * What any network of a shape needs.
 * @param edges weights left at most; all of them when left out
 */
export function graphCapacity(shape: Shape, edges = weightCount(shape)): GraphCapacity {
  const layers = layerCount(shape);
  // A neuron that reaches no output is left out, so each but the outputs has an edge of its own.
  const inputs = Math.min(shape[0], edges);
  let [groups, bundles, ties] = [0, 0, 0];
  for (let layer = 0; layer < layers; layer++) {
    const isLast = layer === layers - 1;
    const layerGroups = Math.ceil((isLast ? shape[layer + 1] : Math.min(shape[layer + 1], edges)) / 4);
    groups += layerGroups;
    bundles += layerGroups * padTo4(shape[layer] + 1);
    if (layer > 0) ties += Math.ceil(shape[layer] / 4) * shape[layer + 1];
  }
  // An edge is in a bundle and a tie at most; a group has a bundle of biases and up to three of padding.
  bundles = Math.min(bundles, padTo4(edges + groups * 4));
  ties = Math.min(ties, edges);
  const words = layers + 1 + groups * 4 + bundles * 5 + bundles / 4 + ties + inputs;
  return { rows: inputsRow + inputs + groups * 4, groupRows: groups * 4, bundles, ties, words };
}

/**
 * Draws up the graph of a mask.
 * @param compact leave out what reaches no output: it gets no gradient, so it rests at its initial values whether it is computed
 *   or not. A neuron that no input reaches stays: its bias feeds the outputs. `false` is for tests.
 */
export function residentGraph(shape: Shape, mask: Mask, compact = true): ResidentGraph {
  const layout = parameterLayout(shape);
  const layers = layerCount(shape);
  const neurons = compact ? neuronsThatCount(shape, mask) : shape.map((width) => [...Array(width).keys()]);

  const firstGroup: number[] = [];
  let groupCount = 0;
  for (let layer = 1; layer <= layers; layer++) {
    firstGroup[layer] = groupCount;
    groupCount += padTo4(neurons[layer].length) / 4;
  }
  const groups = new Uint32Array(groupCount * 4);
  const groupRows = inputsRow + neurons[0].length;

  // Ties first: bundles ask them where the copies of their weights lie.
  const ties: number[] = [];
  const tieOf: Int32Array[] = [];
  for (let layer = 1; layer < layers; layer++) {
    const [sources, targets] = [neurons[layer], neurons[layer + 1]];
    const sourceGroups = padTo4(sources.length) / 4;
    const known = new Int32Array(sourceGroups * targets.length).fill(none);
    for (let group = 0; group < sourceGroups; group++) {
      const members = sources.slice(group * 4, group * 4 + 4);
      const record = (firstGroup[layer] + group) * 4;
      groups[record + 2] = ties.length;
      targets.forEach((target, t) => {
        if (!members.some((source) => mask.has(layer, target, source))) return;
        known[group * targets.length + t] = ties.length;
        ties.push(firstGroup[layer + 1] * 4 + t);
      });
      groups[record + 3] = ties.length;
    }
    tieOf[layer] = known;
  }

  const sources: number[] = [];
  const tiles: number[] = [];
  const copies: number[] = [];
  const elements: number[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const targets = neurons[layer + 1];
    for (let first = 0; first < targets.length; first += 4) {
      const group = firstGroup[layer + 1] + first / 4;
      const members = targets.slice(first, first + 4);
      groups[group * 4] = sources.length;
      const add = (row: number, elementOf: (target: number) => number, copyOf?: (t: number) => number) => {
        if (sources.length % 4 === 0) tiles.push((group * 4 * 65536) >>> 0);
        const bundle = sources.push(row) - 1;
        for (let lane = 0; lane < 4; lane++) {
          const element = lane < members.length ? elementOf(members[lane]) : none;
          elements.push(element);
          copies.push(element === none || !copyOf ? ties.length * 4 + copies.length : copyOf(first + lane));
          if (element !== none) tiles[tiles.length - 1] += 1 << ((bundle % 4) * 4 + lane);
        }
      };
      add(onesRow, (target) => layout.biasOffset[layer] + target);
      neurons[layer].forEach((source, s) => {
        if (!members.some((target) => mask.has(layer, target, source))) return;
        add(
          layer === 0 ? inputsRow + s : groupRows + firstGroup[layer] * 4 + s,
          (target) =>
            mask.has(layer, target, source)
              ? layout.weightOffset[layer] + target * layout.rowStride[layer] + source
              : none,
          layer === 0 ? undefined : (t) => tieOf[layer][(s >> 2) * targets.length + t] * 4 + (s & 3),
        );
      });
      groups[group * 4 + 1] = sources.length;
      while (sources.length % 4 !== 0) {
        add(onesRow, () => none);
      }
    }
  }
  return {
    shape,
    layers: Uint32Array.from([...firstGroup.slice(1), groupCount]),
    groups,
    sources: Uint32Array.from(sources),
    tiles: Uint32Array.from(tiles),
    copies: Uint32Array.from(copies),
    ties: Uint32Array.from(ties),
    inputs: Uint32Array.from(neurons[0]),
    elements: Int32Array.from(elements),
    outputsRow: firstGroup[layers] * 4,
  };
}

/** By layer, the neurons that reach an output; of the inputs, likewise. */
function neuronsThatCount(shape: Shape, mask: Mask): number[][] {
  const layers = layerCount(shape);
  const kept: number[][] = [];
  kept[layers] = [...Array(shape[layers]).keys()];
  for (let layer = layers - 1; layer >= 0; layer--) {
    kept[layer] = [];
    for (let source = 0; source < shape[layer]; source++) {
      if (kept[layer + 1].some((target) => mask.has(layer, target, source))) kept[layer].push(source);
    }
  }
  return kept;
}

/** Weights and biases in the order of the graph's bundles. */
export function bundled(graph: ResidentGraph, values: Float32Array): Float32Array {
  return Float32Array.from(graph.elements, (element) => (element === none ? 0 : values[element]));
}

/** The weights at their places in `transposed`. */
export function transposedWeights(graph: ResidentGraph, bundles: Float32Array): Float32Array {
  const transposed = new Float32Array(graph.ties.length * 4 + bundles.length);
  graph.copies.forEach((place, weight) => {
    transposed[place] = bundles[weight];
  });
  return transposed;
}
