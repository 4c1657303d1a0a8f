import { describe, expect, it } from "vitest";
import { radixHistogram } from "../../src/kernels/radix_histogram.ts";
import { withCriterion } from "../../src/kernels/ranked.ts";
import { Mask } from "../../src/mask/mask.ts";
import { parameterLayout } from "../../src/network/parameters.ts";
import type { Ranking } from "../../src/pruning/criterion.ts";
import { call, dirtyFloats, expectSameBits, normals, structs, useSides, withWorkgroup } from "./harness.ts";
import { criterionNames, definedKey, deviceCriterion, everyBit, useEveryBit } from "./selection_criteria.ts";

const runSides = useSides();
useEveryBit();
const bins = 65536;
/** Lowest bit of each pass's digit of 16 bits. */
const shifts = [16, 0, 16, 0];
const names = [...criterionNames, everyBit.name];
/** Arguments for random keys, and a scale; magnitude and every-bit use none of them. */
const ranking: Ranking = { scale: Math.fround(0.3), seed: 0xfedcba98, level: 2 };

interface Case {
  inputs: number;
  outputs: number;
  radixPass: number;
  criterion?: string;
  workgroup?: readonly [number, number];
  density?: number;
  values?: (i: number) => number;
  settled?: number;
  /** Kept weight, by its position; its digits above this pass are fixed. */
  pivot?: number;
}

async function compare(shape: Case) {
  const { inputs, outputs, radixPass, density = 0.7, settled = 0, pivot = 0 } = shape;
  const criterion = shape.criterion ?? "magnitude";
  const kernel = withCriterion(radixHistogram, criterion === everyBit.name ? everyBit : deviceCriterion(criterion));
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
  const candidates: { key: number; index: number }[] = [];
  for (let n = 0; n < 2; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        const from = o * inputs + i;
        const w = shape.values?.(from) ?? random[n * inputs * outputs + from];
        parameters[n * layout.length + layout.weightOffset[1] + o * layout.rowStride[1] + i] = w;
        if (n === 0 || !masks[1].has(1, o, i)) continue;
        const word = masks[1].layout.wordOffset[1] + o * masks[1].layout.rowWords[1] + (i >>> 5);
        const index = word * 32 + (i & 31);
        candidates.push({ key: definedKey(criterion, Math.fround(w), index, ranking), index });
      }
    }
  }
  // The state after earlier passes: the digits of the pivot above this one.
  const shift = shifts[radixPass];
  const above = 2 ** (shift + 16);
  const chosen = candidates[Math.min(pivot, candidates.length - 1)] ?? { key: 0, index: 0 };
  const byIndex = radixPass > 1;
  const key = byIndex ? chosen.key : Math.floor(chosen.key / above) * above;
  const index = byIndex ? Math.floor(chosen.index / above) * above : 0;
  const buffers = {
    parameters,
    mask: Uint32Array.from(masks.flatMap((mask) => [...mask.words])),
    selections: structs(kernel, "selections", [{}, { rank: 1, key, index, settled }]),
    histogram: Uint32Array.from({ length: 2 * bins }, (_, i) => i % 7),
  };
  const uniform = {
    selection: 1,
    radixPass,
    layerWords: masks[0].layout.rowWords[1] * outputs,
    rowWords: masks[0].layout.rowWords[1],
    inputBlocks: layout.rowStride[1] / 4,
    weightsAt: (layout.length + layout.weightOffset[1]) / 4,
    maskOffset: masks[0].layout.wordOffset[1],
    maskAt: masks[0].words.length,
    ...ranking,
  };
  const { device, twin } = await runSides(
    [call(withWorkgroup(kernel, shape.workgroup ?? kernel.workgroup), uniform)],
    buffers,
  );
  const expected = buffers.histogram.slice();
  for (const candidate of settled ? [] : candidates) {
    if (byIndex && candidate.key !== key) continue;
    const ranked = byIndex ? candidate.index : candidate.key;
    if (Math.floor(ranked / above) === Math.floor((byIndex ? index : key) / above)) {
      expected[bins + (Math.floor(ranked / 2 ** shift) % bins)] += 1;
    }
  }
  expectSameBits(twin.histogram, expected, `${criterion}, pass ${radixPass}, twin and definition`);
  expectSameBits(device.histogram, expected, `${criterion}, pass ${radixPass}, device and definition`);
  return { candidates: candidates.length, upperHalf: candidates.filter((each) => each.key >= 2 ** 31).length };
}

describe("radix_histogram", () => {
  for (const radixPass of shifts.keys()) {
    it(`pass ${radixPass} counts kept candidates by digit, at every edge of a row`, async () => {
      for (const inputs of [1, 3, 4, 5, 31, 32, 33, 64, 65]) {
        for (const outputs of [1, 3, 5])
          await compare({ inputs, outputs, radixPass, workgroup: [4, 1], pivot: inputs });
      }
    });

    it.each(names)(`pass ${radixPass} ranks by %s`, async (criterion) => {
      for (const inputs of [1, 4, 5, 33, 65]) {
        for (const outputs of [1, 5]) await compare({ inputs, outputs, radixPass, criterion, pivot: inputs });
      }
      const shape = { inputs: 70, outputs: 6, radixPass, criterion, pivot: 100 };
      await compare({ ...shape, values: (i) => (i % 2 ? 0.5 : -0.5) });
      await compare({ ...shape, values: (i) => (i % 2 ? 0 : -0) });
      // No product with the scale is below 2^-126, where adapters may round to 0.
      await compare({ ...shape, values: (i) => (i % 3 ? 1 : -1) * 2 ** ((i % 240) - 120) });
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
      for (const workgroup of [
        [64, 1],
        [4, 1],
      ] as const) {
        await compare({ inputs, outputs, radixPass: 0, workgroup, density: 1 });
        await compare({ inputs, outputs, radixPass: 3, workgroup });
      }
    }
  });

  it("counts keys from 2^31 on, beside smaller ones that share their other bits", async () => {
    for (const radixPass of shifts.keys()) {
      const shape = { inputs: 40, outputs: 4, radixPass, criterion: everyBit.name, density: 1 };
      // Pairs that differ in the sign alone, so that a lost top bit shows in every pass that fixes it.
      const values = (i: number) => (i % 2 ? -1 : 1) * (1 + (i >> 1) * 2 ** -20);
      for (const pivot of [0, 1, 80, 81]) {
        const { candidates, upperHalf } = await compare({ ...shape, values, pivot });
        expect([candidates, upperHalf]).toEqual([160, 80]);
      }
    }
  });

  it("adds nothing once the selection is settled", async () => {
    const { candidates } = await compare({ inputs: 20, outputs: 4, radixPass: 2, settled: 1 });
    expect(candidates).toBeGreaterThan(10);
  });

  it("counts nothing under an empty mask and everything under a full one", async () => {
    expect((await compare({ inputs: 40, outputs: 4, radixPass: 0, density: 0 })).candidates).toBe(0);
    expect((await compare({ inputs: 40, outputs: 4, radixPass: 0, density: 1 })).candidates).toBe(160);
  });
});
