import { describe, expect, it } from "vitest";
import { edgeLayout, edgeLists, edgeWords } from "../../../src/engine/tiled/edge_lists.ts";
import { Mask } from "../../../src/mask/mask.ts";

const shape = [4, 13, 9, 2];

function maskOf(kept: readonly (readonly [layer: number, output: number, input: number])[]): Mask {
  const mask = new Mask(shape, Mask.full(shape).words.fill(0));
  for (const [layer, output, input] of kept) mask.set(layer, output, input, true);
  return mask;
}

/** Decodes the lists: for each layer, [output, input] of each edge in the order of either list. */
function decoded(mask: Mask, compact?: boolean) {
  const { words, counts } = edgeLists(shape, mask, compact);
  const { rowsAt, columnsAt } = edgeLayout(shape);
  const rows: number[][][] = [];
  const columns: number[][][] = [];
  counts.forEach((_, layer) => {
    const stride = layer === 0 ? 4 : [16, 12][layer - 1];
    rows[layer] = [];
    for (let o = 0; o < shape[layer + 1]; o++) {
      for (let e = words[rowsAt[layer] + o]; e < words[rowsAt[layer] + o + 1]; e++) {
        rows[layer].push([o, words[e] - o * stride]);
      }
    }
    columns[layer] = [];
    for (let i = 0; layer > 0 && i < shape[layer]; i++) {
      for (let e = words[columnsAt[layer] + i]; e < words[columnsAt[layer] + i + 1]; e++) {
        columns[layer].push([words[e], i]);
      }
    }
  });
  return { rows, columns, counts, length: words.length };
}

describe("edge lists", () => {
  it("name every kept weight once by output and once by input, both ascending", () => {
    const mask = Mask.full(shape);
    mask.set(1, 8, 12, false);
    mask.set(1, 0, 0, false);
    const { rows, columns, counts, length } = decoded(mask);
    expect(counts).toEqual([52, 115, 18]);
    for (const layer of [0, 1, 2]) {
      const expected: number[][] = [];
      for (let o = 0; o < shape[layer + 1]; o++) {
        for (let i = 0; i < shape[layer]; i++) if (mask.has(layer, o, i)) expected.push([o, i]);
      }
      expect(rows[layer]).toEqual(expected);
      const byInput = [...expected].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
      expect(columns[layer]).toEqual(layer === 0 ? [] : byInput);
    }
    expect(length).toBeLessThanOrEqual(edgeWords(shape, mask.count()));
  });

  it("leave out what reaches no output, and keep what only a bias feeds", () => {
    // 0 -> 5 -> 2 -> 1 is a path. Neuron 8 has no path from an input but an edge to output 0. 3 -> 6 and 1 -> 4 -> 3
    // reach no output.
    const mask = maskOf([
      [0, 5, 0],
      [1, 2, 5],
      [2, 1, 2],
      [2, 0, 8],
      [0, 6, 3],
      [0, 4, 1],
      [1, 3, 4],
    ]);
    expect(decoded(mask).rows).toEqual([
      [[5, 0]],
      [[2, 5]],
      [
        [0, 8],
        [1, 2],
      ],
    ]);
    expect(decoded(mask, false).counts).toEqual([3, 2, 2]);
  });

  it("are empty for an empty mask, and none where no network may be sparse", () => {
    expect(decoded(maskOf([])).counts).toEqual([0, 0, 0]);
    expect(edgeWords(shape, 0)).toBe(0);
  });
});
