import { describe, expect, it } from "vitest";
import { compactNetwork } from "../../../src/engine/cpu/compact_network.ts";
import { Mask } from "../../../src/mask/mask.ts";

/** A mask with only the weights `[layer, output, input]`. */
function maskWith(shape: number[], kept: readonly [number, number, number][]): Mask {
  const mask = Mask.full(shape);
  mask.words.fill(0);
  for (const [layer, output, input] of kept) mask.set(layer, output, input, true);
  return mask;
}

/**
 * Shape (3,4,2). Hidden 0 has edges from inputs 0 and 2 and to both outputs. Hidden 1 has no outgoing edge (inactive).
 * Hidden 2 has an edge to output 1 and no incoming edge (zombie). Hidden 3 has no edges. Input 1 has an edge to hidden
 * 1 only.
 */
const drawn = maskWith(
  [3, 4, 2],
  [
    [0, 0, 0],
    [0, 0, 2],
    [0, 1, 0],
    [0, 1, 1],
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 2],
  ],
);

describe("a compact network", () => {
  it("leaves out what reaches no output, and keeps zombies, whose biases feed one", () => {
    const { neurons, layers, elements } = compactNetwork(drawn, { dropInactive: true, denseFrom: 2 });
    expect(neurons.map((list) => [...list])).toEqual([
      [0, 2],
      [0, 2],
      [0, 1],
    ]);
    expect(layers[0]).toEqual({
      kind: "edges",
      targets: 2,
      sources: 2,
      targetStarts: Uint32Array.of(0, 2, 2),
      edgeSources: Uint32Array.of(0, 1),
      sourceStarts: Uint32Array.of(0, 1, 2),
      edgeTargets: Uint32Array.of(0, 0),
      edgeNumbers: Uint32Array.of(0, 1),
    });
    expect(layers[1]).toEqual({
      kind: "edges",
      targets: 2,
      sources: 2,
      targetStarts: Uint32Array.of(0, 1, 3),
      edgeSources: Uint32Array.of(0, 0, 1),
      sourceStarts: Uint32Array.of(0, 2, 3),
      edgeTargets: Uint32Array.of(0, 1, 1),
      edgeNumbers: Uint32Array.of(0, 1, 2),
    });
    // Rows are padded to 4: layer 0 has elements 0-15, layer 1 16-23, the biases 24-27 and 28-31.
    expect([...elements]).toEqual([0, 2, 16, 20, 22, 24, 26, 28, 29]);
  });

  it("computes everything where inactive neurons are asked for", () => {
    const { neurons, elements } = compactNetwork(drawn, { dropInactive: false, denseFrom: 2 });
    expect(neurons.map(({ length }) => length)).toEqual([3, 4, 2]);
    expect([...elements]).toEqual([0, 2, 4, 5, 16, 20, 22, 24, 25, 26, 27, 28, 29]);
  });

  it("makes a layer a matrix from the share on, among the computed neurons, and lists its holes", () => {
    const shape = [5, 4, 2];
    const mask = Mask.full(shape);
    // Input 1 has no edge and two more weights are pruned: 14 of 16 are kept between the computed neurons.
    for (let output = 0; output < 4; output++) mask.set(0, output, 1, false);
    mask.set(0, 1, 3, false);
    mask.set(0, 3, 0, false);
    const { layers, elements } = compactNetwork(mask, { dropInactive: true, denseFrom: 14 / 16 });
    expect(layers[0]).toEqual({ kind: "dense", targets: 4, sources: 4, holes: Uint32Array.of(6, 12) });
    expect([...elements.subarray(0, 8)]).toEqual([0, 2, 3, 4, 8, 10, 11, 12]);
    expect(compactNetwork(mask, { dropInactive: true, denseFrom: 0.88 }).layers[0].kind).toBe("edges");
    // Two outputs are less than a tile of the dense kernels.
    expect(layers[1].kind).toBe("edges");
  });
});
