import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { streamBlock } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { uploadDataset } from "../../src/engine/shared/dataset_memory.ts";
import type { Executor } from "../../src/engine/shared/executor.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { Population, PopulationSizes } from "../../src/engine/tiled/population.ts";
import { prune, pruningKernels } from "../../src/engine/tiled/ranking.ts";
import { pruneMask } from "../../src/kernels/prune_mask.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { layerTargets } from "../../src/pruning/layer_budgets.ts";
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

const device = useDeviceExecutor();
const slots = 2;
const slot = 1;

/** The least that a population can hold beside its weights. */
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

/** The whole selection and the next mask of slot 1, beside a slot full of garbage. */
async function pruneOn(
  executor: Executor,
  weights: Parameters,
  mask: Mask,
  selection: Selection,
  seed: number,
  level: number,
) {
  await executor.load(pruningKernels);
  const { shape } = weights;
  const sizes = new PopulationSizes({ shape, dataset: datasetOf(shape), batch: 1, slots });
  const population = new Population(executor, sizes, uploadDataset(executor, sizes.plan.dataset));
  const parameters = population.buffer("parameters");
  const masks = population.buffer("mask");
  executor.write(parameters, new Float32Array(sizes.parameters.length).fill(dirtyFloat));
  executor.write(parameters, weights.values, slot * sizes.parameters.length * 4);
  executor.write(masks, new Uint32Array(mask.words.length).fill(dirtyWord));
  executor.write(masks, mask.words, slot * mask.words.length * 4);
  prune(population, slot, mask, selection, seed, level);
  const words = new Uint32Array(await executor.read(masks, 0, masks.sizeBytes));
  expectSameBits(
    words.slice(0, mask.words.length),
    new Uint32Array(mask.words.length).fill(dirtyWord),
    "the other slot's mask",
  );
  return new Mask(shape, words.slice(mask.words.length));
}

/** Third witness: sort by (rank, flat index), the lowest go. The flat index is layer, then output, then input. */
function sorted(
  weights: Parameters,
  mask: Mask,
  { remaining, scope, criterion }: Selection,
  seed: number,
  level: number,
): Mask {
  const { shape } = weights;
  const next = mask.clone();
  const layers = Array.from({ length: layerCount(shape) }, (_, l) => l);
  const kept = layers.flatMap((l) => {
    const dense = weights.weights(l);
    return Array.from(dense, (w, flat) => ({ l, o: Math.floor(flat / shape[l]), i: flat % shape[l], w }))
      .filter(({ o, i }) => mask.has(l, o, i))
      .map((weight) => {
        const word = mask.layout.wordOffset[l] + weight.o * mask.layout.rowWords[l] + (weight.i >>> 5);
        const random = () => streamBlock(seed, "randomPruning", word * 32 + (weight.i & 31), level)[0] >>> 1;
        return { ...weight, rank: criterion === "random" ? random() : Math.abs(weight.w) };
      });
  });
  const goes = (some: typeof kept, count: number) => {
    // A stable sort leaves equal ranks in flat order.
    for (const { l, o, i } of [...some].sort((a, b) => a.rank - b.rank).slice(0, count)) next.set(l, o, i, false);
  };
  if (scope === "global") goes(kept, kept.length - remaining);
  else {
    const counts = layers.map((l) => mask.count(l));
    const targets = layerTargets(counts, remaining);
    for (const l of layers)
      goes(
        kept.filter((weight) => weight.l === l),
        counts[l] - targets[l],
      );
  }
  return next;
}

async function compare(
  weights: Parameters,
  mask: Mask,
  selection: Selection,
  { seed = 1, level = 1, executors = [device(), new TwinExecutor()] as readonly Executor[] } = {},
): Promise<Mask> {
  const expected = sorted(weights, mask, selection, seed, level);
  for (const executor of executors) {
    const next = await pruneOn(executor, weights, mask, selection, seed, level);
    expect(next.count(), `${executor.name}: weights kept`).toBe(selection.remaining);
    expect(next.isSubsetOf(mask), `${executor.name}: nested`).toBe(true);
    expectSameBits(next.words, expected.words, `${executor.name} and sort`);
  }
  return expected;
}

/** Parameters whose weight number n (flat, over all layers) is `value(n)`; biases and padding are garbage that nothing ranks. */
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
  const count = 5 * 33 + 33 * 7 + 7 * 3;
  const byScope = (["global", "layer"] as const).flatMap((scope) =>
    [1, 2, 100, count - 1].map((goes) => [goes, scope] as const),
  );
  const magnitude = (remaining: number, scope: Selection["scope"] = "global"): Selection => ({
    remaining,
    scope,
    criterion: "magnitude",
  });

  it.each(byScope)("sends %i away, scope %s", async (goes, scope) => {
    const weights = weightsOf(shape, (n) => scatter(n) - 0.5);
    await compare(weights, Mask.full(shape), magnitude(count - goes, scope));
    const half = maskOf(shape, (n) => scatter(n * 7) < 0.5);
    const most = Math.min(goes, half.count());
    await compare(weights, half, magnitude(half.count() - most, scope));
  });

  it("sends none away, and all", async () => {
    const weights = weightsOf(shape, (n) => scatter(n) - 0.5);
    for (const scope of ["global", "layer"] as const) {
      await compare(weights, Mask.full(shape), magnitude(count, scope));
      await compare(weights, Mask.full(shape), magnitude(0, scope));
      await compare(
        weights,
        maskOf(shape, () => false),
        magnitude(0, scope),
      );
    }
  });

  it("settles equal magnitudes by the flat index, the lower first", async () => {
    const equal = weightsOf(shape, (n) => (n % 2 ? 0.25 : -0.25));
    for (const goes of [1, 31, 32, 33, 165, 166, 200, count - 1])
      await compare(equal, Mask.full(shape), magnitude(count - goes));
    const few = weightsOf(shape, (n) => (scatter(n) < 0.5 ? 1 : -1) * (1 + (n % 3)));
    for (const goes of [1, 100, 139, 140, 300])
      await compare(
        few,
        maskOf(shape, (n) => n % 5 > 0),
        magnitude(333 - goes),
      );
    const first = await compare(equal, Mask.full(shape), magnitude(count - 6));
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
    for (const goes of [1, 70, 139, 140, 208, 209, 210, 280, 350])
      await compare(tiny, Mask.full(shape), magnitude(count - goes));
  });

  it("ranks over the whole range of f32", async () => {
    const wide = weightsOf(shape, (n) => (n % 2 ? 1 : -1) * 2 ** (((n * 37) % 253) - 126) * (1 + scatter(n)));
    for (const goes of [1, 50, 200, 400]) await compare(wide, Mask.full(shape), magnitude(count - goes));
  });

  it("tells neighbours in f32 apart", async () => {
    const bits = new Uint32Array(1);
    const close = weightsOf(shape, (n) => {
      bits[0] = 0x3f800000 + ((n * 101) % 419);
      return new Float32Array(bits.buffer)[0];
    });
    for (const goes of [1, 100, 300, 416]) await compare(close, Mask.full(shape), magnitude(count - goes));
  });

  it("selects at random by seed and level, scope global and layer", async () => {
    const weights = weightsOf(shape, () => 1);
    const seen = new Set<string>();
    for (const scope of ["global", "layer"] as const) {
      for (const [seed, level] of [
        [0, 1],
        [1, 1],
        [0, 2],
        [0xffffffff, 1],
      ]) {
        const next = await compare(
          weights,
          Mask.full(shape),
          { remaining: 200, scope, criterion: "random" },
          { seed, level },
        );
        seen.add(next.words.join());
      }
    }
    expect(seen.size).toBe(8);
  });

  it("is exact for any shape, weights with ties, mask and count", async () => {
    const executors = [device()];
    const width = fc.integer({ min: 1, max: 40 });
    const values = fc.constantFrom(0, -0, 1, -1, 2 ** -149, 0.5, 0.50000006, -3e38);
    await fc.assert(
      fc.asyncProperty(
        fc.array(width, { minLength: 2, maxLength: 4 }),
        fc.array(values, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (widths, palette, density, share, isGlobal) => {
          const mask = maskOf(widths, (n) => scatter(n * 3) < density);
          const weights = weightsOf(widths, (n) => palette[Math.floor(scatter(n) * palette.length)]);
          const remaining = Math.round(mask.count() * share);
          await compare(weights, mask, magnitude(remaining, isGlobal ? "global" : "layer"), { executors });
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });
});

describe("prune_mask", () => {
  it.each([1, 3, 4, 5, 7, 8, 9, 63, 64, 65])(
    "clears bits of %i mask words, up to the last that goes and no further",
    async (outputs) => {
      for (const inputs of [1, 31, 32, 33]) {
        const shape = [2, inputs, outputs];
        const weights = weightsOf(shape, (n) => (n % 3) - 1);
        const mask = maskOf(shape, (n) => n % 4 > 0);
        const { layout } = weights;
        const rowWords = mask.layout.rowWords[1];
        // Every 0 goes, and of the ones those up to the middle row.
        const index = (mask.layout.wordOffset[1] + rowWords * Math.floor(outputs / 2)) * 32;
        const buffers = {
          parameters: weights.values,
          selections: structs(pruneMask, "selections", [{}, { rank: 1, magnitude: 0x3f800000, index, settled: 1 }]),
          mask: mask.words,
        };
        const uniform = {
          network: 0,
          selection: 1,
          layerWords: rowWords * outputs,
          rowWords,
          inputBlocks: layout.rowStride[1] / 4,
          weightOffset: layout.weightOffset[1] / 4,
          maskOffset: mask.layout.wordOffset[1],
          networkParameters: layout.length / 4,
          networkMask: mask.words.length,
          criterion: 0,
          seed: 0,
          level: 0,
        };
        const expected = mask.clone();
        for (let o = 0; o < outputs; o++) {
          for (let i = 0; i < inputs; i++) {
            const flat = (mask.layout.wordOffset[1] + o * rowWords) * 32 + i;
            const isZero = weights.weights(1)[o * inputs + i] === 0;
            if (isZero || flat <= index) expected.set(1, o, i, false);
          }
        }
        for (const executor of [device(), new TwinExecutor()]) {
          for (const workgroup of [pruneMask.workgroup, [4, 1]] as const) {
            const result = await runOn(executor, [call(withWorkgroup(pruneMask, workgroup), uniform)], buffers);
            expectSameBits(result.mask, expected.words, `${executor.name}, ${inputs} inputs`);
          }
        }
      }
    },
  );
});
