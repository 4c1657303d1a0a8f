import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { streamBlock } from "../../src/base/random.ts";
import { layerCount, weightCount } from "../../src/base/shape.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { uploadDataset } from "../../src/engine/shared/dataset_memory.ts";
import type { Executor } from "../../src/engine/shared/executor.ts";
import { Memory } from "../../src/engine/shared/memory.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { Population, PopulationSizes } from "../../src/engine/tiled/population.ts";
import { selectionKernels, selectOnDevice } from "../../src/engine/tiled/ranking.ts";
import { pruneMask } from "../../src/kernels/prune_mask.ts";
import { withCriterion } from "../../src/kernels/ranked.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { criteria } from "../../src/pruning/criteria.ts";
import { layerBudgets } from "../../src/pruning/layer_budgets.ts";
import type { Selection } from "../../src/pruning/selection.ts";
import {
  call,
  dirtyFloat,
  dirtyWord,
  expectSameBits,
  runOn,
  structs,
  useDeviceExecutor,
  withWorkgroup,
} from "./harness.ts";
import { criterionNames, definedKey, deviceCriterion, everyBit, floatBits, useEveryBit } from "./selection_criteria.ts";

const device = useDeviceExecutor();
useEveryBit();
const slots = 2;
const slot = 1;

/** The smallest dataset for a population; a selection reads only the weights. */
function datasetOf(shape: readonly number[]): Dataset {
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  const split = { samples: 1, features: new Float32Array(inputs), labels: new Uint32Array(1) };
  const task = {
    name: "only",
    kind: "multiclass" as const,
    inputs: { start: 0, count: inputs },
    outputs: { start: 0, count: outputs },
  };
  return {
    name: "none",
    tasks: [task],
    coverage: "output",
    inputs,
    outputs,
    train: split,
    validation: split,
    mean: new Float32Array(inputs),
    scale: new Float32Array(inputs),
  };
}

/** Standard deviation about 0 of the start weights of layer l; repeats from layer 3 on. */
const deviations = [3, 0.25, 40];
const deviationOf = (layer: number) => deviations[layer % deviations.length];

/** Start weights with exactly these deviations, in any order of summation; biases and padding have no effect. */
function startOf(shape: readonly number[]): Parameters {
  const start = new Parameters(shape, new Float32Array(new Parameters(shape).values.length).fill(1000));
  for (let l = 0; l < layerCount(shape); l++) {
    const deviation = deviationOf(l);
    start.setWeights(
      l,
      Float32Array.from({ length: shape[l] * shape[l + 1] }, (_, n) => (n % 3 ? deviation : -deviation)),
    );
  }
  return start;
}

/** The whole selection and the next mask of slot 1, next to a slot full of garbage. */
async function selectOn(
  executor: Executor,
  weights: Parameters,
  mask: Mask,
  selection: Selection,
  seed: number,
  nextLevel: number,
) {
  const criterion = deviceCriterion(selection.criterion);
  await executor.load(selectionKernels(criterion));
  const { shape } = weights;
  const sizes = new PopulationSizes({ shapes: [shape], dataset: datasetOf(shape), batch: 1, slots });
  const population = new Population(executor, sizes, uploadDataset(executor, sizes.plan.dataset));
  const parameters = population.buffer("parameters");
  const masks = population.buffer("mask");
  const memory = new Memory(sizes.memory);
  for (let other = 0; other < slot; other++) await memory.take(sizes.capacity(shape), 0);
  const place = await memory.take(sizes.capacity(shape), 0);
  executor.write(parameters, new Float32Array(weights.values.length).fill(dirtyFloat));
  executor.write(parameters, weights.values, place.parameters * 16);
  // The job's mask is used, not the one that an earlier selection wrote into the slot.
  const [weightWords, allWords] = [mask.words.length, mask.allWords().length];
  executor.write(masks, new Uint32Array(2 * allWords).fill(dirtyWord));
  const job = { mask, start: startOf(shape), seed, level: nextLevel - 1 };
  selectOnDevice(population, { slot, shape, place }, job, criterion, selection);
  const words = new Uint32Array(await executor.read(masks, 0, masks.sizeBytes));
  const dirty = (count: number) => new Uint32Array(count).fill(dirtyWord);
  expectSameBits(words.slice(0, allWords), dirty(allWords), "the other slot's mask");
  expectSameBits(words.slice(allWords + weightWords), dirty(allWords - weightWords), "the masks of the biases");
  population.destroy();
  executor.free(population.data);
  return new Mask(shape, words.slice(allWords, allWords + weightWords));
}

/**
 * A third implementation: sorts by (rank, flat index) and prunes the lowest. The flat index is layer, output, input.
 */
function sorted(
  weights: Parameters,
  mask: Mask,
  { criterion, keep, wholeLayers = [] }: Selection,
  seed: number,
  nextLevel: number,
): Mask {
  const { shape } = weights;
  const next = mask.clone();
  const layers = Array.from({ length: layerCount(shape) }, (_, l) => l);
  const rankOf: Readonly<Record<string, (w: number, l: number, index: number) => number>> = {
    magnitude: (w) => Math.abs(w),
    random: (_w, _l, index) => streamBlock(seed, "randomPruning", index, nextLevel)[0] >>> 1,
    "scaled-magnitude": (w, l) => Math.fround(Math.abs(w) * Math.fround(1 / deviationOf(l))),
  };
  const kept = layers.flatMap((l) => {
    const dense = weights.weights(l);
    return Array.from(dense, (w, flat) => ({ l, o: Math.floor(flat / shape[l]), i: flat % shape[l], w }))
      .filter(({ o, i }) => mask.has(l, o, i))
      .map((weight) => {
        const word = mask.layout.wordOffset[l] + weight.o * mask.layout.rowWords[l] + (weight.i >>> 5);
        return { ...weight, rank: rankOf[criterion](weight.w, l, word * 32 + (weight.i & 31)) };
      });
  });
  const pruneLowest = (some: typeof kept, count: number) => {
    // A stable sort leaves equal ranks in flat order.
    for (const { l, o, i } of [...some].sort((a, b) => a.rank - b.rank).slice(0, count)) next.set(l, o, i, false);
  };
  if (typeof keep === "number") {
    pruneLowest(
      kept.filter(({ l }) => !wholeLayers.includes(l)),
      kept.length - keep,
    );
  } else {
    for (const l of layers) {
      const ofLayer = kept.filter((weight) => weight.l === l);
      pruneLowest(ofLayer, ofLayer.length - keep[l]);
    }
  }
  return next;
}

async function compare(
  weights: Parameters,
  mask: Mask,
  selection: Selection,
  { seed = 1, level = 1, executors = [device(), new TwinExecutor()] as readonly Executor[] } = {},
): Promise<Mask> {
  const { criterion, keep } = selection;
  const expected = sorted(weights, mask, selection, seed, level);
  for (const executor of executors) {
    const label = `${executor.name}, ${criterion}`;
    const next = await selectOn(executor, weights, mask, selection, seed, level);
    if (typeof keep === "number") expect(next.count(), `${label}: weights kept`).toBe(keep);
    else expect(countsOf(next), `${label}: weights kept by layer`).toEqual(keep);
    expect(next.isSubsetOf(mask), `${label}: nested`).toBe(true);
    expectSameBits(next.words, expected.words, `${label} and sort`);
  }
  return expected;
}

const countsOf = (mask: Mask) => Array.from({ length: layerCount(mask.shape) }, (_, layer) => mask.count(layer));

/** Number of weights to keep: in all, or in each layer so that each loses the same share. */
type Scope = "global" | "layer";
const keepOf = (scope: Scope, mask: Mask, remaining: number) =>
  scope === "global" ? remaining : layerBudgets(countsOf(mask), remaining);

/**
 * Parameters whose weight number n (flat, over all layers) is `value(n)`; biases and padding hold garbage that is not
 * ranked.
 */
function weightsOf(shape: readonly number[], value: (n: number) => number): Parameters {
  const parameters = new Parameters(shape);
  let n = 0;
  for (let l = 0; l < layerCount(shape); l++) {
    parameters.setWeights(
      l,
      Float32Array.from({ length: shape[l] * shape[l + 1] }, () => value(n++)),
    );
    parameters.biases(l).fill(1e-30);
  }
  return parameters;
}

function maskOf(shape: readonly number[], keeps: (n: number) => boolean): Mask {
  const mask = Mask.full(shape);
  let n = 0;
  for (let l = 0; l < layerCount(shape); l++) {
    for (let o = 0; o < shape[l + 1]; o++) for (let i = 0; i < shape[l]; i++) mask.set(l, o, i, keeps(n++));
  }
  return mask;
}

const scatter = (n: number) => (Math.imul(n + 1, 0x9e3779b1) >>> 0) / 2 ** 32;

describe("the exact selection", () => {
  const shape = [5, 33, 7, 3];
  const count = weightCount(shape);
  const full = Mask.full(shape);
  const scopes = ["global", "layer"] as const;
  const cases = criterionNames.flatMap((criterion) =>
    scopes.flatMap((scope) => [1, 2, 100, count - 1].map((pruneCount) => [pruneCount, criterion, scope] as const)),
  );
  const magnitude = (keep: Selection["keep"]): Selection => ({ keep, criterion: "magnitude" });
  const scattered = weightsOf(shape, (n) => scatter(n) - 0.5);

  it("knows every criterion that ranks on the device", () => {
    const ranking = criteria.entries.filter((one) => "key" in one && one.wgsl).map(({ name }) => name);
    expect(ranking.sort()).toEqual([...criterionNames].sort());
  });

  it.each(cases)("prunes %i by %s, scope %s", async (pruneCount, criterion, scope) => {
    await compare(scattered, full, { criterion, keep: keepOf(scope, full, count - pruneCount) });
    const half = maskOf(shape, (n) => scatter(n * 7) < 0.5);
    const most = Math.min(pruneCount, half.count());
    await compare(scattered, half, { criterion, keep: keepOf(scope, half, half.count() - most) });
  });

  it.each(criterionNames)("prunes none, and all, by %s", async (criterion) => {
    const empty = maskOf(shape, () => false);
    for (const scope of scopes) {
      await compare(scattered, full, { criterion, keep: keepOf(scope, full, count) });
      await compare(scattered, full, { criterion, keep: keepOf(scope, full, 0) });
      await compare(scattered, empty, { criterion, keep: keepOf(scope, empty, 0) });
    }
  });

  it.each(criterionNames)("keeps given numbers, however uneven, of the layers by %s", async (criterion) => {
    for (const keep of [
      [165, 3, 0],
      [0, 231, 21],
      [1, 230, 20],
      [164, 0, 1],
      [12, 231, 7],
    ]) {
      await compare(scattered, full, { criterion, keep });
    }
    const part = maskOf(shape, (n) => n % 4 > 0 && (n < 165 || n > 200));
    const counts = countsOf(part);
    await compare(scattered, part, { criterion, keep: [counts[0] - 1, 2, counts[2]] });
    await compare(scattered, part, { criterion, keep: [0, counts[1], counts[2] - 5] });
  });

  it.each(criterionNames)("keeps whole layers out of a ranking of all others, by %s", async (criterion) => {
    const part = maskOf(shape, (n) => n % 4 > 0);
    for (const [mask, wholeLayers] of [
      [full, [2]],
      [full, [0, 2]],
      [part, [1]],
      [part, []],
    ] as const) {
      const whole = wholeLayers.reduce<number>((sum, layer) => sum + mask.count(layer), 0);
      for (const keep of [whole, whole + 1, whole + 60, mask.count()]) {
        const next = await compare(scattered, mask, { criterion, keep, wholeLayers });
        for (const layer of wholeLayers) expect(next.count(layer)).toBe(mask.count(layer));
      }
    }
  });

  it("ranks by the scaled magnitude what the magnitude ranks otherwise, in the whole network and not in a layer", async () => {
    const selected = async (criterion: string, scope: Scope) =>
      compare(scattered, full, { criterion, keep: keepOf(scope, full, 200) });
    const [plain, scaled] = [await selected("magnitude", "global"), await selected("scaled-magnitude", "global")];
    expect(countsOf(scaled)).not.toEqual(countsOf(plain));
    // Layer 1 starts with the smallest deviation and layer 2 with the largest.
    expect(scaled.count(1)).toBeGreaterThan(plain.count(1));
    expect(scaled.count(2)).toBeLessThan(plain.count(2));
    const byLayer = [await selected("magnitude", "layer"), await selected("scaled-magnitude", "layer")];
    expectSameBits(byLayer[1].words, byLayer[0].words, "one scale changes no order");
  });

  it("rounds a scaled magnitude to f32, equal ones by the flat index", async () => {
    const layerOf = (n: number) => (n < 165 ? 0 : n < 396 ? 1 : 2);
    // Neighbours in f32 with products of about 0.53 in every layer; in layers 0 and 2 the products differ by less than
    // one step of f32.
    const close = weightsOf(shape, (n) => {
      const bits = floatBits(0.53333 * deviationOf(layerOf(n))) + ((n * 101) % 97);
      return new Float32Array(Uint32Array.of(bits).buffer)[0];
    });
    const products = (layer: number) =>
      Array.from(new Set(close.weights(layer)), (w) => Math.fround(w * Math.fround(1 / deviationOf(layer))));
    expect(new Set(products(0)).size).toBeLessThan(products(0).length);
    for (const pruneCount of [1, 50, 150, 300, 416]) {
      await compare(close, full, { criterion: "scaled-magnitude", keep: count - pruneCount });
    }
  });

  it("settles equal keys by the flat index, the lower first", async () => {
    const equal = weightsOf(shape, (n) => (n % 2 ? 0.25 : -0.25));
    for (const pruneCount of [1, 31, 32, 33, 165, 166, 200, count - 1]) {
      await compare(equal, full, magnitude(count - pruneCount));
      await compare(equal, full, { criterion: "scaled-magnitude", keep: count - pruneCount });
    }
    const few = weightsOf(shape, (n) => (scatter(n) < 0.5 ? 1 : -1) * (1 + (n % 3)));
    const mask = maskOf(shape, (n) => n % 5 > 0);
    for (const pruneCount of [1, 100, 139, 140, 300]) {
      await compare(few, mask, magnitude(333 - pruneCount));
      await compare(few, mask, { criterion: "scaled-magnitude", keep: 333 - pruneCount });
    }
    const first = await compare(equal, full, magnitude(count - 6));
    expect([0, 1, 2, 3, 4].map((i) => first.has(0, 0, i))).toEqual([false, false, false, false, false]);
    expect([0, 1].map((i) => first.has(0, 1, i))).toEqual([false, true]);
  });

  it("settles ties among more weights than one digit of the index can number", async () => {
    const large = [40, 1500, 2];
    const equal = weightsOf(large, () => -1);
    for (const remaining of [62_999, 40_000, 12_345, 1]) await compare(equal, Mask.full(large), magnitude(remaining));
  });

  it("ranks both zeros alike and denormals above them", async () => {
    const tiny = weightsOf(shape, (n) => [0, -0, 2 ** -149, -(2 ** -148), 2 ** -126, -(2 ** -127)][n % 6]);
    for (const pruneCount of [1, 70, 139, 140, 208, 209, 210, 280, 350])
      await compare(tiny, full, magnitude(count - pruneCount));
    // Adapters may round values below 2^-126 to 0, so only the twin distinguishes scaled denormals.
    const executors = [new TwinExecutor()];
    for (const pruneCount of [1, 140, 209, 280, 350]) {
      await compare(tiny, full, { criterion: "scaled-magnitude", keep: count - pruneCount }, { executors });
    }
    const zeros = weightsOf(shape, (n) => [0, -0, 2 ** -100, -(2 ** -100)][n % 4]);
    for (const pruneCount of [1, 104, 105, 208, 209, 210, 300]) {
      await compare(zeros, full, { criterion: "scaled-magnitude", keep: count - pruneCount });
    }
  });

  it("ranks over the whole range of f32", async () => {
    const wide = weightsOf(shape, (n) => (n % 2 ? 1 : -1) * 2 ** (((n * 37) % 253) - 126) * (1 + scatter(n)));
    for (const pruneCount of [1, 50, 200, 400]) await compare(wide, full, magnitude(count - pruneCount));
    // The widest range for these scales: no product is below 2^-126 or above the largest number.
    const scalable = weightsOf(shape, (n) => (n % 2 ? 1 : -1) * 2 ** (((n * 37) % 243) - 119) * (1 + scatter(n)));
    for (const pruneCount of [1, 50, 200, 400]) {
      await compare(scalable, full, { criterion: "scaled-magnitude", keep: count - pruneCount });
    }
  });

  it("distinguishes neighbours in f32", async () => {
    const bits = new Uint32Array(1);
    const close = weightsOf(shape, (n) => {
      bits[0] = 0x3f800000 + ((n * 101) % 419);
      return new Float32Array(bits.buffer)[0];
    });
    for (const pruneCount of [1, 100, 300, 416]) await compare(close, full, magnitude(count - pruneCount));
  });

  it("selects at random by seed and level, scope global and layer", async () => {
    const weights = weightsOf(shape, () => 1);
    const seen = new Set<string>();
    for (const scope of scopes) {
      for (const [seed, level] of [
        [0, 1],
        [1, 1],
        [0, 2],
        [0xffffffff, 1],
      ]) {
        const selection = { criterion: "random", keep: keepOf(scope, full, 200) };
        const next = await compare(weights, full, selection, { seed, level });
        seen.add(next.words.join());
      }
    }
    expect(seen.size).toBe(8);
  });

  it("is exact for any shape, weights with ties, mask, criterion and count", async () => {
    const executors = [device()];
    const width = fc.integer({ min: 1, max: 40 });
    const values = fc.constantFrom(0, -0, 1, -1, 2 ** -149, 0.5, 0.50000006, 0.16666667, -2, -3e38);
    // Scaled values below 2^-126 or above the largest number depend on the adapter, so they are not compared.
    const scalable = (value: number) => value === 0 || (Math.abs(value) > 1e-30 && Math.abs(value) < 1e30);
    await fc.assert(
      fc.asyncProperty(
        fc.array(width, { minLength: 2, maxLength: 4 }),
        fc.array(values, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...scopes),
        fc.constantFrom(...criterionNames),
        async (widths, palette, density, share, scope, criterion) => {
          const mask = maskOf(widths, (n) => scatter(n * 3) < density);
          const weights = weightsOf(widths, (n) => {
            const value = palette[Math.floor(scatter(n) * palette.length)];
            return criterion === "scaled-magnitude" && !scalable(value) ? 0.25 : value;
          });
          const remaining = Math.round(mask.count() * share);
          await compare(weights, mask, { criterion, keep: keepOf(scope, mask, remaining) }, { executors });
        },
      ),
      { numRuns: 80, seed: 1 },
    );
  });
});

describe("prune_mask", () => {
  const ranking = { scale: Math.fround(1 / 3), seed: 0xfedcba98, level: 2 };

  it.each([1, 3, 4, 5, 7, 8, 9, 63, 64, 65])(
    "clears bits of %i mask words, up to the last that is pruned and no further",
    async (outputs) => {
      for (const inputs of [1, 31, 32, 33]) {
        const shape = [2, inputs, outputs];
        const weights = weightsOf(shape, (n) => (n % 3) - 1);
        const mask = maskOf(shape, (n) => n % 4 > 0);
        const { layout } = weights;
        const rowWords = mask.layout.rowWords[1];
        // Every key below the last is pruned; of equal keys, those up to the middle row.
        const index = (mask.layout.wordOffset[1] + rowWords * Math.floor(outputs / 2)) * 32;
        const middle = weights.weights(1)[Math.floor(outputs / 2) * inputs];
        const last: Readonly<Record<string, number>> = {
          magnitude: 0x3f800000,
          "scaled-magnitude": definedKey("scaled-magnitude", 1, 0, ranking),
          random: definedKey("random", middle, index, ranking),
          // The bits of -1: weights of 0 and 1 have smaller keys.
          [everyBit.name]: 0xbf800000,
        };
        for (const criterion of [...criterionNames, everyBit.name]) {
          const kernel = withCriterion(pruneMask, criterion === everyBit.name ? everyBit : deviceCriterion(criterion));
          const selection = { rank: 1, key: last[criterion], index, settled: 1 };
          const buffers = {
            parameters: weights.values,
            selections: structs(kernel, "selections", [{}, selection]),
            mask: mask.words,
          };
          const uniform = {
            selection: 1,
            layerWords: rowWords * outputs,
            rowWords,
            inputBlocks: layout.rowStride[1] / 4,
            weightsAt: layout.weightOffset[1] / 4,
            maskOffset: mask.layout.wordOffset[1],
            maskAt: 0,
            ...ranking,
          };
          const expected = mask.clone();
          for (let o = 0; o < outputs; o++) {
            for (let i = 0; i < inputs; i++) {
              const flat = (mask.layout.wordOffset[1] + o * rowWords) * 32 + i;
              const key = definedKey(criterion, weights.weights(1)[o * inputs + i], flat, ranking);
              if (key < selection.key || (key === selection.key && flat <= index)) expected.set(1, o, i, false);
            }
          }
          for (const executor of [device(), new TwinExecutor()]) {
            for (const workgroup of [kernel.workgroup, [4, 1]] as const) {
              const result = await runOn(executor, [call(withWorkgroup(kernel, workgroup), uniform)], buffers);
              expectSameBits(result.mask, expected.words, `${executor.name}, ${criterion}, ${inputs} inputs`);
            }
          }
        }
      }
    },
  );
});
