import { describe, expect, it } from "vitest";
import { radixHistogram } from "../../src/kernels/radix_histogram.ts";
import { Mask } from "../../src/mask/mask.ts";
import { parameterLayout } from "../../src/network/parameters.ts";
import { call, dirtyFloats, expectSameBits, normals, structs, useSides, withWorkgroup } from "./harness.ts";

const runSides = useSides();
const bins = 65536;
const passes = [
  { shift: 15, bits: 16 },
  { shift: 0, bits: 15 },
  { shift: 16, bits: 16 },
  { shift: 0, bits: 16 },
];

interface Case {
  inputs: number;
  outputs: number;
  radixPass: number;
  workgroup?: readonly [number, number];
  density?: number;
  values?: (i: number) => number;
  settled?: number;
  /** Kept weight, by its place, whose digits are fixed above this pass. */
  pivot?: number;
}

/** Bits of |w|. */
function magnitudeBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] & 0x7fffffff;
}

async function compare(shape: Case) {
  const { inputs, outputs, radixPass, density = 0.7, settled = 0, pivot = 0 } = shape;
  const widths = [3, inputs, outputs, 2];
  const layout = parameterLayout(widths);
  const masks = [5, 6].map((seed) => {
    const mask = Mask.full(widths);
    const keys = normals(inputs * outputs, seed);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) mask.set(1, o, i, density === 1 || (density > 0 && keys[o * inputs + i] < 0.5));
    }
    return mask;
  });
  const parameters = dirtyFloats(2 * layout.length);
  const random = normals(2 * inputs * outputs, 9);
  const candidates: { bits: number; index: number }[] = [];
  for (let n = 0; n < 2; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        const from = o * inputs + i;
        const w = shape.values?.(from) ?? random[n * inputs * outputs + from];
        parameters[n * layout.length + layout.weightOffset[1] + o * layout.rowStride[1] + i] = w;
        if (n === 0 || !masks[1].has(1, o, i)) continue;
        const word = masks[1].layout.wordOffset[1] + o * masks[1].layout.rowWords[1] + (i >>> 5);
        candidates.push({ bits: magnitudeBits(w), index: word * 32 + (i & 31) });
      }
    }
  }
  // The state that earlier passes leave: the digits of the pivot above this one.
  const { shift, bits } = passes[radixPass];
  const above = 2 ** (shift + bits);
  const chosen = candidates[Math.min(pivot, candidates.length - 1)] ?? { bits: 0, index: 0 };
  const byIndex = radixPass > 1;
  const magnitude = byIndex ? chosen.bits : Math.floor(chosen.bits / above) * above;
  const index = byIndex ? Math.floor(chosen.index / above) * above : 0;
  const buffers = {
    parameters,
    mask: Uint32Array.from(masks.flatMap((mask) => [...mask.words])),
    selections: structs(radixHistogram, "selections", [{}, { rank: 1, magnitude, index, settled }]),
    histogram: Uint32Array.from({ length: 2 * bins }, (_, i) => i % 7),
  };
  const uniform = {
    network: 1,
    selection: 1,
    radixPass,
    layerWords: masks[0].layout.rowWords[1] * outputs,
    rowWords: masks[0].layout.rowWords[1],
    inputBlocks: layout.rowStride[1] / 4,
    weightOffset: layout.weightOffset[1] / 4,
    maskOffset: masks[0].layout.wordOffset[1],
    networkParameters: layout.length / 4,
    networkMask: masks[0].words.length,
    criterion: 0,
    seed: 0,
    level: 0,
  };
  const { device, twin } = await runSides(
    [call(withWorkgroup(radixHistogram, shape.workgroup ?? radixHistogram.workgroup), uniform)],
    buffers,
  );
  const expected = buffers.histogram.slice();
  for (const candidate of settled ? [] : candidates) {
    if (byIndex && candidate.bits !== magnitude) continue;
    const key = byIndex ? candidate.index : candidate.bits;
    if (Math.floor(key / above) === Math.floor((byIndex ? index : magnitude) / above)) {
      expected[bins + ((key >>> shift) % 2 ** bits)] += 1;
    }
  }
  expectSameBits(twin.histogram, expected, `pass ${radixPass}, twin and definition`);
  expectSameBits(device.histogram, expected, `pass ${radixPass}, device and definition`);
  return candidates.length;
}

describe("radix_histogram", () => {
  for (const radixPass of passes.keys()) {
    it(`pass ${radixPass} counts kept candidates by digit, at every edge of a row`, async () => {
      for (const inputs of [1, 3, 4, 5, 31, 32, 33, 64, 65]) {
        for (const outputs of [1, 3, 5])
          await compare({ inputs, outputs, radixPass, workgroup: [4, 1], pivot: inputs });
      }
    });

    it(`pass ${radixPass} of equal magnitudes, both zeros and the smallest numbers`, async () => {
      const shape = { inputs: 70, outputs: 6, radixPass, pivot: 100 };
      await compare({ ...shape, values: (i) => (i % 2 ? 0.5 : -0.5) });
      await compare({ ...shape, values: (i) => (i % 2 ? 0 : -0) });
      await compare({ ...shape, values: (i) => (i % 3) * 2 ** -149 * (i % 2 ? 1 : -1) });
      await compare({ ...shape, values: (i) => 2 ** ((i % 250) - 125) });
    });
  }

  it.each([3, 4, 5, 63, 64, 65, 129])("splits %i rows of one and of two words among workgroups", async (outputs) => {
    for (const inputs of [2, 33]) {
      for (const workgroup of [radixHistogram.workgroup, [4, 1]] as const) {
        await compare({ inputs, outputs, radixPass: 0, workgroup, density: 1 });
        await compare({ inputs, outputs, radixPass: 3, workgroup });
      }
    }
  });

  it("adds nothing once the selection is settled", async () => {
    expect(await compare({ inputs: 20, outputs: 4, radixPass: 2, settled: 1 })).toBeGreaterThan(10);
  });

  it("counts nothing under an empty mask and everything under a full one", async () => {
    expect(await compare({ inputs: 40, outputs: 4, radixPass: 0, density: 0 })).toBe(0);
    expect(await compare({ inputs: 40, outputs: 4, radixPass: 0, density: 1 })).toBe(160);
  });
});
