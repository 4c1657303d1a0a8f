import { layerCount, type Shape, weightCount } from "../../base/shape.ts";
import { bitIndices } from "../../mask/bits.ts";
import type { Mask } from "../../mask/mask.ts";
import { reachingOutputs } from "../../mask/reachability.ts";
import { padTo4, parameterLayout } from "../../network/parameters.ts";

/** Number of neurons in a group. */
const groupWidth = 8;
/**
 * Minimum mean number of edges per bundle for a group to be stored as a block. Values from 1.5 to 3.5 differ by at most
 * 10 % on the demo's levels; this one is among the best on SwiftShader and lavapipe (`npm run bench -- levels`).
 */
const leastFill = 2.5;
/** The first input row; row 0 holds the sample numbers. */
const inputsRow = 1;
/** Activation row that padding reads; any row with finite values. */
const paddingRow = 0;
/** A padded neuron or weight. */
export const none = -1;

/**
 * The index lists of the resident kernel, which replace matrices. Terms as in `shaders/resident_epoch.wgsl`: a group is
 * eight neighbouring neurons; groups with many edges are blocks of bundles and tiles, the others loose rows with edges
 * and strands.
 */
export interface ResidentGraph {
  readonly shape: Shape;
  /** For each weight layer, the first block and the first loose row of its targets; then the end of both lists. */
  readonly layers: Uint32Array;
  /** For each block: first row, first bundle, end of bundles. */
  readonly blocks: Uint32Array;
  /** For each loose row: row, first edge, end of edges. */
  readonly loose: Uint32Array;
  /**
   * Activation row of the source of each bundle, then of each loose edge. Row order: sample numbers, inputs, groups.
   */
  readonly sources: Uint32Array;
  /** The same three lists for the edges out of the neurons of each hidden layer (backward direction). */
  readonly backLayers: Uint32Array;
  readonly backBlocks: Uint32Array;
  readonly backLoose: Uint32Array;
  /** Row of the target of each backward bundle, then of each backward loose edge. */
  readonly targets: Uint32Array;
  /** First row of the block of each tile. */
  readonly tiles: Uint32Array;
  /** Row of each strand. */
  readonly strands: Uint32Array;
  /** Mask bits of the stored weights, 32 per word: 1 for a kept weight, 0 for padding. */
  readonly kept: Uint32Array;
  /**
   * For each weight of the backward lists (8 per bundle, 1 per loose edge), the index of the forward weight, or {@link
   * none}.
   */
  readonly copies: Int32Array;
  /** Dataset column of each input row. */
  readonly inputs: Uint32Array;
  /**
   * For each stored weight, its index in the parameter layout, or {@link none}: 8 biases per group, 8 per bundle, 4 per
   * strand.
   */
  readonly elements: Int32Array;
  readonly groups: number;
  readonly backBundles: number;
  /** Row of the first output; all outputs are present, in order. */
  readonly outputsRow: number;
}

/** The lists in the kernel's `graph` buffer, in order. */
export const residentLists = [
  "layers",
  "blocks",
  "loose",
  "sources",
  "backLayers",
  "backBlocks",
  "backLoose",
  "targets",
  "tiles",
  "strands",
  "kept",
  "copies",
  "inputs",
] as const satisfies readonly (keyof ResidentGraph)[];

/** Upper bounds of the sizes of a graph for any mask. */
export interface GraphCapacity {
  /** Number of activation rows: sample numbers, inputs, groups. */
  readonly rows: number;
  /** Number of group rows, which have gradients. */
  readonly groupRows: number;
  /** Number of vec4f of the weights. */
  readonly vectors: number;
  /** Number of vec4f of the weight copies in the backward lists. */
  readonly backVectors: number;
  /** Number of u32 of all lists together. */
  readonly words: number;
}

/**
 * The capacity that any network of a shape needs.
 * @param edges maximum number of kept weights; default all
 */
export function graphCapacity(shape: Shape, edges = weightCount(shape)): GraphCapacity {
  const layers = layerCount(shape);
  // Neurons without a path to an output are left out, so every other neuron except the outputs has at least one
  // outgoing edge.
  const inputs = Math.min(shape[0], edges);
  let [groups, pairs, backPairs] = [0, 0, 0];
  for (let layer = 0; layer < layers; layer++) {
    const isLast = layer === layers - 1;
    const layerGroups = Math.ceil((isLast ? shape[layer + 1] : Math.min(shape[layer + 1], edges)) / groupWidth);
    groups += layerGroups;
    pairs += layerGroups * shape[layer];
    if (layer > 0) backPairs += Math.ceil(shape[layer] / groupWidth) * shape[layer + 1];
  }
  const rows = groups * groupWidth;
  // Padding to a multiple of four: up to three bundles per block and three loose edges per row.
  const bundles = padTo4(Math.min(pairs, Math.floor(edges / leastFill)) + groups * 3);
  const loose = Math.min(edges, Math.ceil(pairs * leastFill));
  const strands = Math.min(loose, Math.floor((loose + rows * 3) / 4));
  const backBundles = Math.min(backPairs, Math.floor(edges / leastFill));
  const backLoose = padTo4(Math.min(edges, Math.ceil(backPairs * leastFill)));
  const vectors = 2 * (groups + bundles) + strands;
  const backVectors = 2 * backBundles + backLoose / 4;
  const records = 2 * ((layers + 1) * 2 + (groups + rows) * 3);
  const ends = bundles + strands * 4 + backBundles + backLoose;
  return {
    rows: inputsRow + inputs + rows,
    groupRows: rows,
    vectors,
    backVectors,
    words: records + ends + bundles / 4 + strands + Math.ceil(vectors / 8) + backVectors * 4 + inputs,
  };
}

/**
 * Builder of the lists of one direction; `weights` holds the weight of each position of a bundle or of a loose edge.
 */
class Lists {
  readonly layers: number[] = [];
  readonly blocks: number[] = [];
  readonly loose: number[] = [];
  readonly bundled = { ends: [] as number[], weights: [] as number[], rows: [] as number[] };
  readonly single = { ends: [] as number[], weights: [] as number[], rows: [] as number[] };

  /** @param isPadded pad the bundles of each block and the edges of each loose row to a multiple of four */
  constructor(readonly isPadded: boolean) {}

  startLayer(): void {
    this.layers.push(this.blocks.length / 3, this.loose.length / 3);
  }

  /**
   * Adds a group: as a block if its bundles hold enough edges, else row by row.
   * @param row row of its first member
   * @param others rows of the neurons at the other ends of its edges
   * @param weight the weight between a member and another neuron, by their indices; {@link none} if there is no edge
   */
  add(row: number, members: number, others: readonly number[], weight: (m: number, o: number) => number): void {
    const weights = others.map((_, other) =>
      Array.from({ length: groupWidth }, (_, member) => (member < members ? weight(member, other) : none)),
    );
    const edges = weights.map((some) => some.filter((value) => value !== none).length);
    const bundles = edges.filter((count) => count > 0).length;
    const { bundled, single } = this;
    if (bundles > 0 && edges.reduce((a, b) => a + b) >= leastFill * bundles) {
      const first = bundled.ends.length;
      others.forEach((end, other) => {
        if (edges[other] === 0) return;
        bundled.ends.push(end);
        bundled.weights.push(...weights[other]);
      });
      this.blocks.push(row, first, bundled.ends.length);
      while (this.isPadded && bundled.ends.length % 4 !== 0) {
        bundled.ends.push(paddingRow);
        bundled.weights.push(...Array<number>(groupWidth).fill(none));
      }
      while (this.isPadded && bundled.rows.length * 4 < bundled.ends.length) bundled.rows.push(row);
      return;
    }
    for (let member = 0; member < members; member++) {
      const first = single.ends.length;
      others.forEach((end, other) => {
        if (weights[other][member] === none) return;
        single.ends.push(end);
        single.weights.push(weights[other][member]);
      });
      this.loose.push(row + member, first, single.ends.length);
      while (this.isPadded && single.ends.length % 4 !== 0) {
        single.ends.push(paddingRow);
        single.weights.push(none);
      }
      while (this.isPadded && single.rows.length * 4 < single.ends.length) single.rows.push(row + member);
    }
  }
}

/**
 * Builds the graph of a mask.
 * @param compact leave out neurons without a path to an output: their gradients are 0, so their parameters keep the
 *   initial values (see left_out.ts for weight decay). Neurons without a path from an input stay: their biases change
 *   the outputs. Tests pass `false`.
 */
export function residentGraph(shape: Shape, mask: Mask, compact = true): ResidentGraph {
  const layout = parameterLayout(shape);
  const layers = layerCount(shape);
  const neurons = compact ? reachingOutputs(mask).map(bitIndices) : shape.map((width) => [...Array(width).keys()]);
  // First row of each neuron layer, from the first hidden layer.
  const firstRow: number[] = [];
  let rows = 0;
  for (let layer = 1; layer <= layers; layer++) {
    firstRow[layer] = rows;
    rows += Math.ceil(neurons[layer].length / groupWidth) * groupWidth;
  }
  const [inputs] = neurons;
  const biases = new Int32Array(rows).fill(none);
  const forward = new Lists(true);
  for (let layer = 0; layer < layers; layer++) {
    const [sources, targets] = [neurons[layer], neurons[layer + 1]];
    const sourcesRow = inputsRow + (layer === 0 ? 0 : inputs.length + firstRow[layer]);
    const sourceRows = sources.map((_, source) => sourcesRow + source);
    forward.startLayer();
    for (let first = 0; first < targets.length; first += groupWidth) {
      const members = targets.slice(first, first + groupWidth);
      const row = firstRow[layer + 1] + first;
      members.forEach((target, lane) => {
        biases[row + lane] = layout.biasOffset[layer] + target;
      });
      forward.add(row, members.length, sourceRows, (member, source) =>
        mask.has(layer, members[member], sources[source])
          ? layout.weightOffset[layer] + members[member] * layout.rowStride[layer] + sources[source]
          : none,
      );
    }
  }
  forward.startLayer();
  const elements = Int32Array.from([...biases, ...forward.bundled.weights, ...forward.single.weights]);
  const kept = new Uint32Array(Math.ceil(elements.length / 32));
  const numberOf = new Int32Array(layout.length).fill(none);
  elements.forEach((element, number) => {
    if (element === none) return;
    kept[number >> 5] |= 1 << (number & 31);
    numberOf[element] = number;
  });

  const backward = new Lists(false);
  for (let layer = 1; layer < layers; layer++) {
    const [sources, targets] = [neurons[layer], neurons[layer + 1]];
    const targetRows = targets.map((_, target) => firstRow[layer + 1] + target);
    backward.startLayer();
    for (let first = 0; first < sources.length; first += groupWidth) {
      const members = sources.slice(first, first + groupWidth);
      backward.add(
        firstRow[layer] + first,
        members.length,
        targetRows,
        (member, target) =>
          numberOf[layout.weightOffset[layer] + targets[target] * layout.rowStride[layer] + members[member]],
      );
    }
  }
  backward.startLayer();
  const copies = [...backward.bundled.weights, ...backward.single.weights];
  while (copies.length % 4 !== 0) copies.push(none);
  return {
    shape,
    layers: Uint32Array.from(forward.layers),
    blocks: Uint32Array.from(forward.blocks),
    loose: Uint32Array.from(forward.loose),
    sources: Uint32Array.from([...forward.bundled.ends, ...forward.single.ends]),
    backLayers: Uint32Array.from(backward.layers),
    backBlocks: Uint32Array.from(backward.blocks),
    backLoose: Uint32Array.from(backward.loose),
    targets: Uint32Array.from([...backward.bundled.ends, ...backward.single.ends]),
    tiles: Uint32Array.from(forward.bundled.rows),
    strands: Uint32Array.from(forward.single.rows),
    kept,
    copies: Int32Array.from(copies),
    inputs: Uint32Array.from(inputs),
    elements,
    groups: rows / groupWidth,
    backBundles: backward.bundled.ends.length,
    outputsRow: firstRow[layers],
  };
}

/** Parameters in the order of the graph's stored weights. */
export function graphWeights(graph: ResidentGraph, values: Float32Array): Float32Array {
  return Float32Array.from(graph.elements, (element) => (element === none ? 0 : values[element]));
}
