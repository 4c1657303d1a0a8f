import { describe, expect, it } from "vitest";
import { layerCount } from "../../src/base/shape.ts";
import { rewind } from "../../src/kernels/rewind.ts";
import { Mask } from "../../src/mask/mask.ts";
import { padTo4, parameterLayout } from "../../src/network/parameters.ts";
import { call, dirtyFloats, expectSameBits, normals, useSides, withWorkgroup } from "./harness.ts";

const runSides = useSides();

interface Case {
  shape: readonly number[];
  layer: number;
  slots?: number;
  network?: number;
  density?: number;
}

async function compare(
  workgroup: readonly [number, number],
  { shape, layer, slots = 1, network = 0, density = 0.6 }: Case,
) {
  const layout = parameterLayout(shape);
  const keys = normals(slots * layout.length, 1).map((value) => Math.abs(value));
  const masks = Array.from({ length: slots }, (_, n) => {
    const mask = Mask.full(shape);
    for (let l = 0; l < layerCount(shape); l++) {
      for (let o = 0; o < shape[l + 1]; o++) {
        for (let i = 0; i < shape[l]; i++) {
          const key = keys[n * layout.length + layout.weightOffset[l] + o * layout.rowStride[l] + i];
          mask.set(l, o, i, key < density * 1.2 || density === 1);
        }
      }
    }
    return mask;
  });
  const initial = normals(slots * layout.length, 2);
  const rowStride = layout.rowStride[layer];
  const uniform = {
    network,
    outputs: shape[layer + 1],
    inputBlocks: rowStride / 4,
    rowWords: masks[0].layout.rowWords[layer],
    weightOffset: layout.weightOffset[layer] / 4,
    biasOffset: layout.biasOffset[layer] / 4,
    maskOffset: masks[0].layout.wordOffset[layer],
    networkParameters: layout.length / 4,
    networkMask: masks[0].words.length,
  };
  const buffers = {
    mask: Uint32Array.from(masks.flatMap((mask) => [...mask.words])),
    initialParameters: initial,
    parameters: dirtyFloats(slots * layout.length),
    moments: dirtyFloats(2 * slots * layout.length),
  };
  const { device, twin } = await runSides([call(withWorkgroup(rewind, workgroup), uniform)], buffers);

  const expected = { parameters: buffers.parameters.slice(), moments: buffers.moments.slice() };
  const base = network * layout.length;
  const reset = (element: number, value: number) => {
    expected.parameters[base + element] = value;
    expected.moments[2 * base + element] = 0;
    expected.moments[2 * base + layout.length + element] = 0;
  };
  for (let o = 0; o < shape[layer + 1]; o++) {
    for (let i = 0; i < rowStride; i++) {
      const element = layout.weightOffset[layer] + o * rowStride + i;
      const stays = i < shape[layer] && masks[network].has(layer, o, i);
      reset(element, stays ? initial[base + element] : 0);
    }
  }
  for (let o = 0; o < padTo4(shape[layer + 1]); o++) {
    reset(layout.biasOffset[layer] + o, initial[base + layout.biasOffset[layer] + o]);
  }
  for (const [who, side] of Object.entries({ device, twin })) {
    expectSameBits(side.parameters, expected.parameters, `parameters of the ${who}`);
    expectSameBits(side.moments, expected.moments, `moments of the ${who}`);
  }
  return { device, masks, layout };
}

describe("rewind", () => {
  const edges = [1, 3, 4, 5, 31, 32, 33, 65];
  it.each(edges.flatMap((i) => [1, 3, 4, 5].map((o) => [i, o])))("%i inputs, %i outputs", async (i, o) => {
    const shape = [3, i, o, 2];
    for (const layer of [0, 1, 2]) await compare([4, 1], { shape, layer });
  });

  it.each([
    [59, 4],
    [63, 4],
    [64, 4],
    [65, 4],
  ])("around a workgroup: %i rows of %i weights", async (o, i) => {
    await compare(rewind.workgroup, { shape: [i, o], layer: 0 });
  });

  it("rewinds one network of three and no other", async () => {
    for (const network of [0, 1, 2]) await compare([64, 1], { shape: [6, 35, 5], layer: 1, slots: 3, network });
  });

  it.each([0, 1])("takes a density of %f", async (density) => {
    const { device, masks, layout } = await compare([64, 1], { shape: [7, 6], layer: 0, density });
    expect(masks[0].count()).toBe(density * 42);
    const kept = device.parameters.slice(0, layout.biasOffset[0]).filter((value) => value !== 0).length;
    expect(kept).toBe(density * 42);
  });
});
