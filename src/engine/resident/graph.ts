import { layerCount, type Shape, weightCount } from "../../base/shape.ts";
import { bitIndices, emptyBits, lowestBit } from "../../mask/bits.ts";
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
  /** For each block: first row, first tile, end of tiles, bits of the members that have a bias. */
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
   * For each stored weight, its index in the parameter layout, or `none`: four biases of each block, those that are
   * pruned left out, then the weights of each bundle.
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

/** Bundles and tiles of one direction, block by block. */
class Bundles {
  readonly #ends: Uint32Array;
  readonly #weights: Int32Array;
  #count = 0;

  /** @param most maximum number of bundles, padding included */
  constructor(most: number) {
    this.#ends = new Uint32Array(most);
    this.#weights = new Int32Array(most * blockWidth);
  }

  /** Number of tiles so far. */
  get tiles(): number {
    return this.#count / blockWidth;
  }

  /** For each bundle: its other end. */
  get ends(): Uint32Array {
    return this.#ends.slice(0, this.#count);
  }

  /** For each bundle: the weights of the block's members, or {@link none}. */
  get weights(): Int32Array {
    return this.#weights.slice(0, this.#count * blockWidth);
  }

  /**
   * Adds the bundles of a block, and padding up to a whole tile.
   * @param edges for each of its neurons, from 1 to 4, the set of neurons at the other ends of its edges
   * @param numbers input or row of each neuron at the other end
   * @param weight the weight of a member's edge to or from a neuron
   * @returns first tile, end of tiles
   */
  add(
    edges: readonly Uint32Array[],
    numbers: Int32Array,
    weight: (member: number, neuron: number) => number,
  ): [first: number, end: number] {
    const first = this.tiles;
    const [ends, weights] = [this.#ends, this.#weights];
    let count = this.#count;
    for (let word = 0; word < edges[0].length; word++) {
      let any = 0;
      for (let member = 0; member < edges.length; member++) any |= edges[member][word];
      for (let rest = any; rest !== 0; rest &= rest - 1) {
        const bit = lowestBit(rest);
        const neuron = word * 32 + bit;
        for (let member = 0; member < blockWidth; member++) {
          const isEdge = member < edges.length && ((edges[member][word] >>> bit) & 1) === 1;
          weights[count * blockWidth + member] = isEdge ? weight(member, neuron) : none;
        }
        ends[count++] = numbers[neuron];
      }
    }
    // Padding has weights of 0; it reads a row of the block's own, so that a row that is not finite stays its own.
    for (; count % blockWidth !== 0; count++) {
      weights.fill(none, count * blockWidth, (count + 1) * blockWidth);
      ends[count] = ends[count - 1];
    }
    this.#count = count;
    return [first, this.tiles];
  }
}

/** For each neuron of a layer, the set of those of the given targets that it has an edge to. */
function targetSets(mask: Mask, layer: number, targets: readonly number[]): Uint32Array[] {
  const { rowWords, wordOffset } = mask.layout;
  const setWords = emptyBits(mask.shape[layer + 1]).length;
  const sets = new Uint32Array(mask.shape[layer] * setWords);
  for (const target of targets) {
    const bit = 1 << (target & 31);
    const row = wordOffset[layer] + target * rowWords[layer];
    for (let word = 0; word < rowWords[layer]; word++) {
      for (let rest = mask.words[row + word]; rest !== 0; rest &= rest - 1) {
        sets[(word * 32 + lowestBit(rest)) * setWords + (target >>> 5)] |= bit;
      }
    }
  }
  return Array.from({ length: mask.shape[layer] }, (_, source) =>
    sets.subarray(source * setWords, (source + 1) * setWords),
  );
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
  // Input, or row counted from the first hidden neuron, of each neuron.
  const numbers = shape.map((width) => new Int32Array(width));
  const firstRow: number[] = [];
  let rows = 0;
  for (let layer = 0; layer <= layers; layer++) {
    firstRow[layer] = layer === 0 ? 0 : rows;
    neurons[layer].forEach((neuron, k) => {
      numbers[layer][neuron] = firstRow[layer] + k;
    });
    if (layer > 0) rows += Math.ceil(neurons[layer].length / blockWidth) * blockWidth;
  }
  const mostBundles = mask.count() + 3 * (rows / blockWidth);

  // For each neuron, the position in `elements` from which the next weight that leads to it is searched.
  const nextWeight = shape.map((width) => new Int32Array(width));
  const biases = new Int32Array(rows).fill(none);
  const forward = new Bundles(mostBundles);
  const [layerSpans, blocks]: [number[], number[]] = [[], []];
  const { rowWords, wordOffset } = mask.layout;
  for (let layer = 0; layer < layers; layer++) {
    const targets = neurons[layer + 1];
    const [firstBlock, firstTile] = [blocks.length / 4, forward.tiles];
    for (let first = 0; first < targets.length; first += blockWidth) {
      const members = targets.slice(first, first + blockWidth);
      const row = firstRow[layer + 1] + first;
      let biasBits = 0;
      members.forEach((target, member) => {
        if (!mask.hasBias(layer, target)) return;
        biases[row + member] = layout.biasOffset[layer] + target;
        biasBits |= 1 << member;
      });
      const edges = members.map((target) => {
        const words = wordOffset[layer] + target * rowWords[layer];
        return mask.words.subarray(words, words + rowWords[layer]);
      });
      const firstElements = members.map((target) => layout.weightOffset[layer] + target * layout.rowStride[layer]);
      const tiles = forward.add(edges, numbers[layer], (member, source) => firstElements[member] + source);
      blocks.push(row, ...tiles, biasBits);
      members.forEach((target, member) => {
        nextWeight[layer + 1][target] = rows + tiles[0] * blockWidth ** 2 + member;
      });
    }
    layerSpans.push(firstBlock, blocks.length / 4, firstTile, forward.tiles);
  }
  const weights = forward.weights;
  const elements = new Int32Array(rows + weights.length);
  elements.set(biases);
  elements.set(weights, rows);

  const backward = new Bundles(mostBundles);
  const [backLayers, backBlocks]: [number[], number[]] = [[], []];
  for (let layer = 1; layer < layers; layer++) {
    const sources = neurons[layer];
    const sets = targetSets(mask, layer, neurons[layer + 1]);
    const firstBlock = backBlocks.length / 3;
    for (let first = 0; first < sources.length; first += blockWidth) {
      const members = sources.slice(first, first + blockWidth);
      const edges = members.map((source) => sets[source]);
      // Both directions have the weights that lead to a neuron in the order of their sources.
      const tiles = backward.add(edges, numbers[layer + 1], (_, target) => {
        let at = nextWeight[layer + 1][target];
        while (elements[at] === none) at += blockWidth;
        nextWeight[layer + 1][target] = at + blockWidth;
        return at;
      });
      backBlocks.push(firstRow[layer] + first, ...tiles);
    }
    backLayers.push(firstBlock, backBlocks.length / 3);
  }
  return {
    shape,
    inputs: Uint32Array.from(neurons[0]),
    layers: Uint32Array.from(layerSpans),
    blocks: Uint32Array.from(blocks),
    sources: forward.ends,
    backLayers: Uint32Array.from(backLayers),
    backBlocks: Uint32Array.from(backBlocks),
    targets: backward.ends,
    copies: backward.weights,
    elements,
    outputsRow: firstRow[layers],
  };
}

/** Parameters in the order of the graph's stored weights. */
export function graphWeights({ elements }: ResidentGraph, values: Float32Array): Float32Array {
  const weights = new Float32Array(elements.length);
  for (let weight = 0; weight < elements.length; weight++) {
    if (elements[weight] !== none) weights[weight] = values[elements[weight]];
  }
  return weights;
}
