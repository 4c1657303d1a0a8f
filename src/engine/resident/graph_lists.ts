import { blockWidth, type GraphSize, none, type ResidentGraph } from "./graph.ts";

/** Where the rows of a network are, in vec4f from its first row. */
export interface RowLayout {
  /** From one row to the next. */
  readonly stride: number;
  /** From a neuron's activation to its gradient; 0 where the gradient replaces the activation. */
  readonly gradientShift: number;
}

/** Rows before those of the neurons: sample numbers and inputs of two batches. */
function headRows(inputs: number): number {
  return 2 + 2 * inputs;
}

/** Number of rows of a network, with or without rows of their own for the gradients. */
export function rowCount({ inputs, blocks }: Pick<GraphSize, "inputs" | "blocks">, areGradientsApart: boolean): number {
  return headRows(inputs) + blocks * blockWidth * (areGradientsApart ? 2 : 1);
}

/** Marks a tile whose sources are inputs, above the mask bits of its weights: `reads_inputs` of the shader. */
const readsInputs = 2 ** 16;

/** The first lists, which the kernel reads first in every phase. */
export const firstLists = ["layers", "blocks", "backLayers", "backBlocks"] as const;

/** The index lists of the kernel, each of whole vec4u; the shader's `Placement` describes them. */
export type GraphLists = Readonly<Record<(typeof listNames)[number], Uint32Array>>;
export const listNames = [...firstLists, "sources", "tiles", "targets", "copies", "inputs"] as const;

/** Number of vec4u of all lists of a graph. */
export function listVectors(layers: number, { inputs, blocks, tiles, backBlocks, backTiles }: GraphSize): number {
  return 2 * layers - 1 + blocks + 3 * tiles + backBlocks + backTiles + blockWidth * backTiles + Math.ceil(inputs / 4);
}

/** The lists of a graph, with rows as distances from the network's first row. */
export function graphLists(graph: ResidentGraph, { stride, gradientShift }: RowLayout): GraphLists {
  const { inputs, layers, blocks, sources, backLayers, backBlocks, targets, copies } = graph;
  const rowAt = (row: number) => (headRows(inputs.length) + row) * stride;
  const inputAt = (input: number) => (2 + input) * stride;
  const inputBundles = layers[3] * blockWidth;
  const sourceRows = sources.map((source, bundle) => (bundle < inputBundles ? inputAt(source) : rowAt(source)));
  const paddedInputs = new Uint32Array(Math.ceil(inputs.length / 4) * 4);
  paddedInputs.set(inputs);
  return {
    layers,
    blocks: blocks.map((value, k) => (k % 4 === 0 ? rowAt(value) : value)),
    sources: sourceRows,
    tiles: tileList(graph, sourceRows, rowAt),
    backLayers: Uint32Array.from({ length: backLayers.length * 2 }, (_, k) =>
      k % 4 < 2 ? backLayers[Math.floor(k / 4) * 2 + (k % 4)] : 0,
    ),
    backBlocks: Uint32Array.from({ length: (backBlocks.length / 3) * 4 }, (_, k) => {
      const value = backBlocks[Math.floor(k / 4) * 3 + (k % 4)];
      return [rowAt(value), value, value, 0][k % 4];
    }),
    targets: targets.map((row) => rowAt(row) + gradientShift),
    copies: new Uint32Array(copies.buffer, copies.byteOffset, copies.length),
    inputs: paddedInputs,
  };
}

/** For each tile: row of the block, first bundle, distance of its bundles, bits; then the rows of the sources. */
function tileList(graph: ResidentGraph, sourceRows: Uint32Array, rowAt: (row: number) => number): Uint32Array {
  const { blocks, layers, elements } = graph;
  const biases = (blocks.length / 4) * blockWidth;
  const list = new Uint32Array((sourceRows.length / blockWidth) * 8);
  for (let block = 0; block < blocks.length; block += 4) {
    const [row, first, end] = blocks.subarray(block, block + 3);
    const distance = end - first;
    for (let tile = first; tile < end; tile++) {
      const firstBundle = first * blockWidth + (tile - first);
      let bits = tile < layers[3] ? readsInputs : 0;
      for (let k = 0; k < blockWidth; k++) {
        const bundle = firstBundle + k * distance;
        for (let member = 0; member < blockWidth; member++) {
          if (elements[biases + bundle * blockWidth + member] !== none) bits |= 1 << (k * blockWidth + member);
        }
        list[tile * 8 + 4 + k] = sourceRows[bundle];
      }
      list.set([rowAt(row), firstBundle, distance, bits], tile * 8);
    }
  }
  return list;
}
