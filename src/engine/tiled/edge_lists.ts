import { layerCount, type Shape } from "../../base/shape.ts";
import { hasBit, lowestBit } from "../../mask/bits.ts";
import { biasBits, type Mask } from "../../mask/mask.ts";
import { reachingOutputs } from "../../mask/reachability.ts";
import { padTo4 } from "../../network/parameters.ts";

/**
 * Offsets of the lists of a shape, in words from a network's first word: rows of all layers, columns, then the edges.
 */
export interface EdgeLayout {
  /**
   * By layer: outputs + 1 words, the first incoming edge of each output and the end of the last output's edges; then
   * ceil(outputs / 32) words with a bit for each output, 1 where its bias is kept.
   */
  readonly rowsAt: readonly number[];
  /**
   * By layer from 1 (layer 0 needs no input gradients): inputs + 1 words, the first outgoing edge of each input and the
   * end.
   */
  readonly columnsAt: readonly number[];
  readonly edgesAt: number;
}

/** The edge lists of the sparse kernels, which replace matrices (`shaders/sparse_forward.wgsl`). */
export interface EdgeLists {
  /** Rows with the bits of biases, columns, then for each layer its elements by output, then for each layer from 1 its outputs by input. */
  readonly words: Uint32Array;
  /** Number of edges of each layer. */
  readonly counts: readonly number[];
}

export function edgeLayout(shape: Shape): EdgeLayout {
  let words = 0;
  const take = (count: number) => {
    words += count;
    return words - count;
  };
  const rowsAt = shape.slice(1).map((outputs) => take(outputs + 1 + Math.ceil(outputs / 32)));
  const columnsAt = shape.slice(0, -1).map((inputs, layer) => (layer === 0 ? 0 : take(inputs + 1)));
  return { rowsAt, columnsAt, edgesAt: words };
}

/** Maximum words of the lists of a mask with at most `edges` weights; 0 if `edges` is 0. */
export function edgeWords(shape: Shape, edges: number): number {
  return edges === 0 ? 0 : edgeLayout(shape).edgesAt + 2 * edges;
}

/**
 * Builds the edge lists of a mask.
 * @param compact leave out edges without a path to an output: their gradients are 0, so they keep their initial values.
 *   Must be `false` with weight decay, which changes them too.
 */
export function edgeLists(shape: Shape, mask: Mask, compact = true): EdgeLists {
  const layout = edgeLayout(shape);
  const layers = layerCount(shape);
  const elements = elementsByOutput(shape, mask, compact);
  const counts = elements.map((layer) => layer.edges.length);
  const listed = counts.reduce((sum, count, layer) => sum + count * (layer > 0 ? 2 : 1), 0);
  const words = new Uint32Array(layout.edgesAt + listed);
  let at = layout.edgesAt;
  for (let layer = 0; layer < layers; layer++) {
    const { edges, starts } = elements[layer];
    starts.forEach((start, output) => {
      words[layout.rowsAt[layer] + output] = at + start;
    });
    words.set(biasBits(mask, layer), layout.rowsAt[layer] + shape[layer + 1] + 1);
    words.set(edges, at);
    at += edges.length;
  }
  for (let layer = 1; layer < layers; layer++) {
    const { edges } = elements[layer];
    const stride = padTo4(shape[layer]);
    const columns = words.subarray(layout.columnsAt[layer], layout.columnsAt[layer] + shape[layer] + 1);
    // A counting sort by input keeps the order of the outputs.
    for (const element of edges) columns[element % stride]++;
    let start = at;
    columns.forEach((count, input) => {
      columns[input] = start;
      start += count;
    });
    const next = columns.slice();
    for (const element of edges) words[next[element % stride]++] = Math.floor(element / stride);
    at = start;
  }
  return { words, counts };
}

/** By layer: indices of its kept weights by output, then by input; and the first edge of each output, and the end. */
function elementsByOutput(shape: Shape, mask: Mask, compact: boolean): { edges: number[]; starts: number[] }[] {
  const { rowWords, wordOffset } = mask.layout;
  const reaching = compact ? reachingOutputs(mask) : undefined;
  return Array.from({ length: layerCount(shape) }, (_, layer) => {
    const stride = padTo4(shape[layer]);
    const edges: number[] = [];
    const starts = [0];
    for (let output = 0; output < shape[layer + 1]; output++) {
      if (!reaching || hasBit(reaching[layer + 1], output)) {
        const row = wordOffset[layer] + output * rowWords[layer];
        for (let word = 0; word < rowWords[layer]; word++) {
          for (let rest = mask.words[row + word]; rest !== 0; rest &= rest - 1) {
            edges.push(output * stride + word * 32 + lowestBit(rest));
          }
        }
      }
      starts.push(edges.length);
    }
    return { edges, starts };
  });
}
