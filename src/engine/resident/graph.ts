import { layerCount, type Shape, weightCount } from "../../base/shape.ts";
import { bitIndices } from "../../mask/bits.ts";
import type { Mask } from "../../mask/mask.ts";
import { reachingOutputs } from "../../mask/reachability.ts";
import { parameterLayout } from "../../network/parameters.ts";

/** Neurons of a block, and bundles of a tile. */
export const blockWidth = 4;
/** A padded neuron or weight. */
export const none = -1;

/**
 * The edges of a network as the resident kernel reads them, in the terms of `shaders/resident_epoch.wgsl`: a block is
 * four neighbouring neurons, a bundle the edges between a block and one other neuron, a tile four bundles of a block.
 * Neurons have rows, numbered from the first hidden neuron; inputs are numbered separately.
 */
export interface ResidentGraph {
  readonly shape: Shape;
  /** Dataset column of each input. */
  readonly inputs: Uint32Array;
  /** For each weight layer: first block, end of blocks, first tile, end of tiles. */
  readonly layers: Uint32Array;
  /** For each block: first row, first tile, end of tiles, bits of the members that are neurons. */
  readonly blocks: Uint32Array;
  /** For each bundle, four to a tile: input of layer 0, or row, at its other end. Padding repeats a bundle's. */
  readonly sources: Uint32Array;
  /** For each weight layer from 1: first and end of the backward blocks of the neurons that its edges leave. */
  readonly backLayers: Uint32Array;
  /** For each backward block: first row, first tile, end of tiles. */
  readonly backBlocks: Uint32Array;
  /** For each backward bundle: row at its other end. */
  readonly targets: Uint32Array;
  /** For each weight of the backward bundles, the position in `elements` of the weight that it copies, or `none`. */
  readonly copies: Int32Array;
  /**
   * For each stored weight, its index in the parameter layout, or `none`: four biases of each block, then the weights
   * of each bundle.
   */
  readonly elements: Int32Array;
  /** Row of the first output; all outputs are present, in order. */
  readonly outputsRow: number;
}

/** Numbers of the parts of a graph, by which memory is allocated. */
export interface GraphSize {
  readonly inputs: number;
  readonly blocks: number;
  readonly tiles: number;
  readonly backBlocks: number;
  readonly backTiles: number;
}

export function graphSize({ inputs, blocks, sources, backBlocks, targets }: ResidentGraph): GraphSize {
  return {
    inputs: inputs.length,
    blocks: blocks.length / 4,
    tiles: sources.length / blockWidth,
    backBlocks: backBlocks.length / 3,
    backTiles: targets.length / blockWidth,
  };
}

/**
 * Upper bounds of the size of a graph for any mask of a shape.
 * @param edges maximum number of kept weights; default all
 */
export function graphCapacity(shape: Shape, edges = weightCount(shape)): GraphSize {
  // Neurons without a path to an output are left out, so every other neuron except the outputs has an outgoing edge.
  let [blocks, pairs, backBlocks, backPairs] = [0, 0, 0, 0];
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const isLast = layer === layerCount(shape) - 1;
    const own = Math.ceil((isLast ? shape[layer + 1] : Math.min(shape[layer + 1], edges)) / blockWidth);
    blocks += own;
    pairs += own * shape[layer];
    if (layer === 0) continue;
    const sourceBlocks = Math.ceil(Math.min(shape[layer], edges) / blockWidth);
    backBlocks += sourceBlocks;
    backPairs += sourceBlocks * shape[layer + 1];
  }
  // The last tile of a block has up to three padded bundles.
  const tiles = (most: number, ofBlocks: number) => Math.floor((Math.min(most, edges) + 3 * ofBlocks) / blockWidth);
  return {
    inputs: Math.min(shape[0], edges),
    blocks,
    tiles: tiles(pairs, blocks),
    backBlocks,
    backTiles: tiles(backPairs, backBlocks),
  };
}

/** Blocks, bundles and tiles of one direction, block by block. */
class Bundles {
  /** For each block: first tile, end of tiles. */
  readonly spans: number[] = [];
  /** For each bundle: its other end. */
  readonly ends: number[] = [];
  /** For each bundle: the weights of the block's members, or {@link none}. */
  readonly weights: number[] = [];

  get tiles(): number {
    return this.ends.length / blockWidth;
  }

  /**
   * Adds the bundles of a block, and padding up to a whole tile.
   * @param members number of its neurons, from 1 to 4
   * @param ends the neurons that its edges may lead to
   * @param weight the weight between a member and an end, by their indices; {@link none} if there is no edge
   */
  add(members: number, ends: readonly number[], weight: (member: number, end: number) => number): void {
    const first = this.tiles;
    const own = [none, none, none, none];
    for (let end = 0; end < ends.length; end++) {
      let isEmpty = true;
      for (let member = 0; member < members; member++) {
        own[member] = weight(member, end);
        if (own[member] !== none) isEmpty = false;
      }
      if (isEmpty) continue;
      this.ends.push(ends[end]);
      this.weights.push(...own);
    }
    // Padding has weights of 0; it reads a row of the block's own, so that a row that is not finite stays its own.
    while (this.ends.length % blockWidth !== 0) {
      this.ends.push(this.ends[this.ends.length - 1]);
      this.weights.push(none, none, none, none);
    }
    this.spans.push(first, this.tiles);
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
  // First row of each layer of neurons, from the first hidden layer.
  const firstRow: number[] = [];
  let rows = 0;
  for (let layer = 1; layer <= layers; layer++) {
    firstRow[layer] = rows;
    rows += Math.ceil(neurons[layer].length / blockWidth) * blockWidth;
  }
  const numbered = (layer: number) => neurons[layer].map((_, k) => k + (layer === 0 ? 0 : firstRow[layer]));

  const biases = new Int32Array(rows).fill(none);
  const forward = new Bundles();
  const [layerSpans, blocks]: [number[], number[]] = [[], []];
  for (let layer = 0; layer < layers; layer++) {
    const [sources, targets, ends] = [neurons[layer], neurons[layer + 1], numbered(layer)];
    const [firstBlock, firstTile] = [blocks.length / 4, forward.tiles];
    for (let first = 0; first < targets.length; first += blockWidth) {
      const members = targets.slice(first, first + blockWidth);
      const row = firstRow[layer + 1] + first;
      members.forEach((target, member) => {
        biases[row + member] = layout.biasOffset[layer] + target;
      });
      forward.add(members.length, ends, (member, source) =>
        mask.has(layer, members[member], sources[source])
          ? layout.weightOffset[layer] + members[member] * layout.rowStride[layer] + sources[source]
          : none,
      );
      blocks.push(row, ...forward.spans.slice(-2), 2 ** members.length - 1);
    }
    layerSpans.push(firstBlock, blocks.length / 4, firstTile, forward.tiles);
  }
  const elements = new Int32Array(rows + forward.weights.length);
  elements.set(biases);
  elements.set(forward.weights, rows);
  const numberOf = new Int32Array(layout.length).fill(none);
  elements.forEach((element, number) => {
    if (element !== none) numberOf[element] = number;
  });

  const backward = new Bundles();
  const [backLayers, backBlocks]: [number[], number[]] = [[], []];
  for (let layer = 1; layer < layers; layer++) {
    const [sources, targets, ends] = [neurons[layer], neurons[layer + 1], numbered(layer + 1)];
    const firstBlock = backBlocks.length / 3;
    for (let first = 0; first < sources.length; first += blockWidth) {
      const members = sources.slice(first, first + blockWidth);
      backward.add(
        members.length,
        ends,
        (member, target) =>
          numberOf[layout.weightOffset[layer] + targets[target] * layout.rowStride[layer] + members[member]],
      );
      backBlocks.push(firstRow[layer] + first, ...backward.spans.slice(-2));
    }
    backLayers.push(firstBlock, backBlocks.length / 3);
  }
  return {
    shape,
    inputs: Uint32Array.from(neurons[0]),
    layers: Uint32Array.from(layerSpans),
    blocks: Uint32Array.from(blocks),
    sources: Uint32Array.from(forward.ends),
    backLayers: Uint32Array.from(backLayers),
    backBlocks: Uint32Array.from(backBlocks),
    targets: Uint32Array.from(backward.ends),
    copies: Int32Array.from(backward.weights),
    elements,
    outputsRow: firstRow[layers],
  };
}

/** Parameters in the order of the graph's stored weights. */
export function graphWeights(graph: ResidentGraph, values: Float32Array): Float32Array {
  return Float32Array.from(graph.elements, (element) => (element === none ? 0 : values[element]));
}
