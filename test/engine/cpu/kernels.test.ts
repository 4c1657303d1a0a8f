import { describe, expect, it } from "vitest";
import { epochOrder, feistelHalfBits, orderKeys } from "../../../src/base/random.ts";
import { SimdModule } from "../../../src/engine/cpu/module.ts";
import { activations } from "../../../src/network/activations/index.ts";
import { dirtyFloat, dirtyWord, expectClose, normals, sumBound, unitRoundoff } from "../../kernels/harness.ts";

/** Bytes of a row of `columns` f32 and 8 more columns that must not be read or written. */
const strideOf = (columns: number) => (columns + 8) * 4;

/** A matrix [row][column] with arbitrary values after every row. */
function matrix(rows: number, columns: number, seed: number): Float32Array {
  const values = new Float32Array((rows * strideOf(columns)) / 4).fill(dirtyFloat);
  const drawn = normals(rows * columns, seed);
  for (let row = 0; row < rows; row++) {
    values.set(drawn.subarray(row * columns, (row + 1) * columns), (row * strideOf(columns)) / 4);
  }
  return values;
}

/** Sizes around the tile limits: 4 x 8 tiles, 2 x 4 tiles, 32 columns at a time. */
const sizes = [
  { targets: 4, sources: 4, columns: 8 },
  { targets: 5, sources: 7, columns: 24 },
  { targets: 9, sources: 6, columns: 32 },
  { targets: 8, sources: 13, columns: 40 },
  { targets: 7, sources: 33, columns: 64 },
];

/**
 * The kept entries of a weight matrix: two thirds of them, with at least one empty row and one row with a single entry.
 */
const isKept = (target: number, source: number) =>
  target !== 2 && (target !== 3 || source === 1) && (target + source) % 3 !== 0;

interface Layer {
  targets: number;
  sources: number;
  columns: number;
  weights: Float32Array;
  biases: Float32Array;
  x: Float32Array;
  dz: Float32Array;
}

function layerOf({ targets, sources, columns }: (typeof sizes)[number]): Layer {
  const weights = normals(targets * sources, 1).map((w, k) => (isKept(Math.floor(k / sources), k % sources) ? w : 0));
  return {
    targets,
    sources,
    columns,
    weights,
    biases: normals(targets, 2),
    x: matrix(sources, columns, 3),
    dz: matrix(targets, columns, 4),
  };
}

interface LayerResults {
  z: Float32Array;
  dx: Float32Array;
  gradient: Float32Array;
  biasGradient: Float32Array;
}

/** A layer stored as a matrix with zeros. */
function asMatrix(layer: Layer, relu: number): LayerResults {
  const { targets, sources, columns } = layer;
  const module = new SimdModule();
  const { kernels } = module;
  const stride = strideOf(columns);
  const [weights, biases, x, dz] = [layer.weights, layer.biases, layer.x, layer.dz].map((data) => module.upload(data));
  const [z, dx] = [layer.dz, layer.x].map((like) => module.upload(like.map(() => dirtyFloat)));
  const gradient = module.upload(layer.weights.map(() => dirtyFloat));
  const biasGradient = module.upload(layer.biases.map(() => dirtyFloat));
  kernels.forwardDense(weights, biases, targets, sources, x, z, columns, stride, relu);
  kernels.backwardDense(weights, targets, sources, dz, x, dx, columns, stride, relu);
  kernels.gradientDense(dz, x, targets, sources, columns, stride, gradient);
  kernels.biasGradient(dz, targets, columns, stride, biasGradient);
  const holes = Uint32Array.from(
    [...layer.weights.keys()].filter((k) => !isKept(Math.floor(k / sources), k % sources)),
  );
  kernels.zeroEntries(gradient, module.upload(holes), holes.length);
  return {
    z: module.floats(z, layer.dz.length).slice(),
    dx: module.floats(dx, layer.x.length).slice(),
    gradient: module.floats(gradient, layer.weights.length).slice(),
    biasGradient: module.floats(biasGradient, targets).slice(),
  };
}

/** The same layer stored as edge lists. */
function asEdges(layer: Layer, relu: number): LayerResults {
  const { targets, sources, columns } = layer;
  const module = new SimdModule();
  const { kernels } = module;
  const stride = strideOf(columns);
  const edges = [...layer.weights.keys()]
    .map((k) => ({ k, target: Math.floor(k / sources), source: k % sources }))
    .filter(({ target, source }) => isKept(target, source))
    .map((edge, number) => ({ ...edge, number }));
  const bySource = edges.toSorted((a, b) => a.source - b.source || a.target - b.target);
  const starts = (count: number, key: "target" | "source") =>
    Uint32Array.from({ length: count + 1 }, (_, at) => edges.filter((edge) => edge[key] < at).length);
  const words = (values: number[]) => module.upload(Uint32Array.from(values));
  const [biases, x, dz] = [layer.biases, layer.x, layer.dz].map((data) => module.upload(data));
  const weights = module.upload(Float32Array.from(edges, ({ k }) => layer.weights[k]));
  const [z, dx] = [layer.dz, layer.x].map((like) => module.upload(like.map(() => dirtyFloat)));
  const gradient = module.upload(new Float32Array(edges.length).fill(dirtyFloat));
  const biasGradient = module.upload(layer.biases.map(() => dirtyFloat));
  const targetStarts = module.upload(starts(targets, "target"));
  const sourceStarts = module.upload(starts(sources, "source"));
  const edgeSources = words(edges.map(({ source }) => source * stride));
  const edgeTargets = words(bySource.map(({ target }) => target * stride));
  const edgeWeights = words(bySource.map(({ number }) => number * 4));
  kernels.forwardEdges(targetStarts, edgeSources, weights, biases, targets, x, z, columns, stride, relu);
  kernels.backwardEdges(sourceStarts, edgeTargets, edgeWeights, weights, sources, dz, x, dx, columns, stride, relu);
  kernels.gradientEdges(targetStarts, edgeSources, targets, dz, x, columns, stride, gradient);
  kernels.biasGradient(dz, targets, columns, stride, biasGradient);
  const gradients = new Float32Array(layer.weights.length);
  module.floats(gradient, edges.length).forEach((g, number) => {
    gradients[edges[number].k] = g;
  });
  return {
    z: module.floats(z, layer.dz.length).slice(),
    dx: module.floats(dx, layer.x.length).slice(),
    gradient: gradients,
    biasGradient: module.floats(biasGradient, targets).slice(),
  };
}

/** One entry of a result: its exact value and the error bound of an f32 sum of its terms. */
function expectSums(
  actual: Float32Array,
  terms: (k: number) => number[] | undefined,
  what: string,
  post = (v: number) => v,
): void {
  const all = Array.from(actual, (_, k) => terms(k));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  // Entries without terms must be unchanged.
  const expected = all.map((list) => (list ? post(sum(list)) : Math.fround(dirtyFloat)));
  expectClose(actual, expected, (k) => (all[k] ? sumBound(all[k].length, sum(all[k].map(Math.abs))) : 0), what);
}

describe.each(sizes)("a layer of $targets x $sources on $columns columns", (size) => {
  const layer = layerOf(size);
  const { targets, sources, columns, weights, biases, x, dz } = layer;
  const row = strideOf(columns) / 4;
  const inRow = (k: number) => k % row < columns;
  const list = (count: number) => [...Array(count).keys()];

  it("is the sums that it should be, and nothing else is written", () => {
    for (const relu of [0, 1]) {
      const { z, dx, gradient, biasGradient } = asMatrix(layer, relu);
      expectSums(
        z,
        (k) => {
          const [t, c] = [Math.floor(k / row), k % row];
          return inRow(k)
            ? [biases[t], ...list(sources).map((s) => weights[t * sources + s] * x[s * row + c])]
            : undefined;
        },
        "z",
        (sum) => (relu ? Math.max(0, sum) : sum),
      );
      expectSums(
        dx,
        (k) => {
          const [s, c] = [Math.floor(k / row), k % row];
          if (!inRow(k)) return undefined;
          return !relu || x[k] > 0 ? list(targets).map((t) => weights[t * sources + s] * dz[t * row + c]) : [0];
        },
        "dx",
      );
      expectSums(
        gradient,
        (k) => {
          const [t, s] = [Math.floor(k / sources), k % sources];
          return isKept(t, s) ? list(columns).map((c) => dz[t * row + c] * x[s * row + c]) : [0];
        },
        "gradient",
      );
      expectSums(biasGradient, (t) => list(columns).map((c) => dz[t * row + c]), "bias gradient");
    }
  });

  it("passes gradients back where an activation is NaN, as the kernels of an adapter do", () => {
    const at = [row + 3, 3 * row + columns - 1];
    const having = (value: number) => ({ ...layer, x: layer.x.map((one, k) => (at.includes(k) ? value : one)) });
    for (const run of [asMatrix, asEdges]) expect(run(having(Number.NaN), 1).dx).toEqual(run(having(1), 1).dx);
  });

  it("gives the same bits as a matrix and as edges", () => {
    for (const relu of [0, 1]) expect(asEdges(layer, relu)).toEqual(asMatrix(layer, relu));
  });
});

describe("the sample order", () => {
  it.each([1, 2, 3, 4, 5, 16, 17, 255, 1000, 1025])("of %i samples is the one of src/base/random.ts", (count) => {
    const module = new SimdModule();
    const [keys, order] = [module.reserve(32), module.reserve(Math.ceil(count / 4) * 16)];
    for (const [seed, level, epoch] of [
      [0, 0, 0],
      [7, 3, 11],
      [0xffffffff, 24, 2999],
    ]) {
      module.words(keys, 8).set(orderKeys(seed, level, epoch));
      module.kernels.sampleOrder(order, count, feistelHalfBits(count), keys);
      expect(module.words(order, count)).toEqual(epochOrder(seed, level, epoch, count));
    }
  });
});

describe("the gather", () => {
  it.each([
    ["bytes", Uint8Array.from({ length: 7 * 5 }, (_, k) => (k * 53) % 256)],
    ["floats", normals(7 * 5, 1)],
  ] as const)("standardises the used inputs of the samples, %s, and fills up with zeros", (_kind, features) => {
    const module = new SimdModule();
    const [mean, scale] = [normals(5, 2), normals(5, 3)];
    const samples = [6, 0, 3, 3, 5, 1];
    const used = [0, 3, 4];
    const columns = 16;
    const stride = strideOf(columns);
    const out = module.upload(new Float32Array((used.length * stride) / 4).fill(dirtyFloat));
    const from = module.upload(features);
    const constants = [module.upload(mean), module.upload(scale)] as const;
    const inputs = module.upload(Uint32Array.from(used));
    // The values after the samples are invalid and must not be used as indices.
    const at = module.upload(Uint32Array.of(...samples, dirtyWord, dirtyWord));
    const gather = features instanceof Uint8Array ? module.kernels.gatherBytes : module.kernels.gatherFloats;
    gather(from, 5, ...constants, inputs, used.length, at, samples.length, columns, out, stride);
    const result = module.floats(out, (used.length * stride) / 4);
    used.forEach((input, k) => {
      for (let c = 0; c < columns; c++) {
        const x = c < samples.length ? Math.fround(features[samples[c] * 5 + input] - mean[input]) * scale[input] : 0;
        expect(result[(k * stride) / 4 + c]).toBe(Math.fround(x));
      }
      expect(result[(k * stride) / 4 + columns]).toBe(Math.fround(dirtyFloat));
    });
  });
});

/** Distance between an f32 and the next one further from 0. */
const ulp = (value: number) => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(value)))) - 23);

describe.each(activations.names.filter((name) => name !== "relu"))("%s as a pass over rows", (name) => {
  const { activated, passedBack } = activations.get(name);
  const columns = 40;
  const row = strideOf(columns) / 4;
  const rows = 700;
  // Around the limit between the two formulas, and from values near 0 to saturation.
  const sums = Float32Array.from({ length: rows * row }, (_, k) => {
    if (k % row >= columns) return dirtyFloat;
    const size = k % 3 === 0 ? 0.6 + ((k * 7919) % 10007) / 1e5 : 10 ** (((k * 31) % 4513) / 240 - 16);
    return k % 2 ? size : -size;
  });

  it("is within 2 units in the last place, and writes nothing else", () => {
    const module = new SimdModule();
    const z = module.upload(sums);
    module.kernels[`${name}Activated`](z, rows, columns, row * 4);
    const exact = (k: number) => (k % row < columns ? activated(sums[k]) : sums[k]);
    expectClose(
      module.floats(z, sums.length),
      Array.from(sums, (_, k) => exact(k)),
      (k) => 2 * ulp(exact(k)),
      name,
    );
  });

  it("keeps zero, ends and NaN", () => {
    const module = new SimdModule();
    const given = [0, 1e30, -1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e-40, -1e-40];
    const z = module.upload(Float32Array.from(given));
    module.kernels[`${name}Activated`](z, 1, 8, 32);
    expect([...module.floats(z, 8)]).toEqual(given.map((sum) => Math.fround(activated(Math.fround(sum)))));
  });

  it("passes gradients back in place, exact to 3 roundings", () => {
    const module = new SimdModule();
    const [drawn, activation] = [matrix(rows, columns, 7), sums.map((sum) => activated(sum))];
    const [gradients, x] = [module.upload(drawn), module.upload(activation)];
    module.kernels[`${name}PassedBack`](gradients, x, rows, columns, row * 4);
    const exact = (k: number) => (k % row < columns ? passedBack(drawn[k], activation[k]) : drawn[k]);
    expectClose(
      module.floats(gradients, drawn.length),
      Array.from(drawn, (_, k) => exact(k)),
      (k) => (k % row < columns ? 3 * unitRoundoff * Math.abs(drawn[k]) : 0),
      name,
    );
  });
});

/** Logits from saturation to 0 with both signs. */
const logits = [-200, -88, -87, -20, -3, -1, -0.88, -0.5, -1e-3, -1e-20, 0, 1e-20, 1e-3, 0.25, 0.9, 2, 10, 50, 88, 300];
for (let k = 0; k < 400; k++) logits.push((k - 200) / 17 + 0.003);

/** Runs a loss on one column block per call. Returns the results of each sample. */
function binaryScores(label: number): { loss: number; gradient: number; wrong: number[] }[] {
  const module = new SimdModule();
  const [z, dz, labels, samples, wrong] = Array.from({ length: 5 }, () => module.reserve(64));
  module.words(labels, 1)[0] = label;
  return logits.map((logit) => {
    module.floats(z, 8).fill(Number.NaN);
    module.floats(z, 1)[0] = logit;
    module.words(wrong, 2).fill(7);
    const loss = module.kernels.binaryLoss(z, dz, 1, 32, labels, samples, 1, 8, 0.5, wrong);
    expect([...module.floats(dz, 8).subarray(1)]).toEqual(Array(7).fill(0));
    // Training does not count.
    expect([...module.words(wrong, 2)]).toEqual([7, 7]);
    expect(module.kernels.binaryLoss(z, 0, 1, 32, labels, samples, 1, 8, 0.5, wrong)).toBe(loss);
    return { loss, gradient: module.floats(dz, 1)[0], wrong: [...module.words(wrong, 2)] };
  });
}

describe("the binary loss", () => {
  it.each([0, 1])("of label %i is exact to 5 units of rounding, its gradient to 4", (label) => {
    const scores = binaryScores(label);
    const z = logits.map(Math.fround);
    expectClose(
      scores.map(({ loss }) => loss),
      z.map((v) => Math.max(v, 0) - v * label + Math.log1p(Math.exp(-Math.abs(v)))),
      (k) => 5 * unitRoundoff * Math.abs(scores[k].loss) + 2 ** -125,
      "loss",
    );
    expectClose(
      scores.map(({ gradient }) => gradient),
      z.map((v) => (1 / (1 + Math.exp(-v)) - label) / 2),
      () => 4 * unitRoundoff * 0.5,
      "gradient",
    );
    const counts = z.map((v) => [0, 1].map((own) => (own === label && v > 0 !== (label === 1) ? 8 : 7)));
    expect(scores.map(({ wrong }) => wrong)).toEqual(counts);
  });

  it("passes NaN on", () => {
    const module = new SimdModule();
    const [z, labels, samples, right] = Array.from({ length: 4 }, () => module.reserve(64));
    module.floats(z, 8)[1] = Number.NaN;
    expect(module.kernels.binaryLoss(z, 0, 1, 32, labels, samples, 1, 8, 1, right)).toBeCloseTo(Math.log(2), 6);
    expect(module.kernels.binaryLoss(z, 0, 1, 32, labels, samples, 2, 8, 1, right)).toBeNaN();
  });
});

describe("the multi-class loss", () => {
  it.each([2, 3, 10, 1000])("of %i classes is exact to a few units of rounding", (classes) => {
    const module = new SimdModule();
    const columns = 16;
    const stride = strideOf(columns);
    const filled = 13;
    const values = matrix(classes, columns, classes).map((v) => (v === Math.fround(dirtyFloat) ? v : v * 4));
    // One sample with two equal largest logits: the first class counts.
    values[0] = values[stride / 4] = 40;
    const z = module.upload(values);
    const dz = module.reserve(classes * stride);
    const sampleNumbers = Array.from({ length: filled }, (_, c) => (c * 5) % filled);
    const samples = module.upload(Uint32Array.from(sampleNumbers));
    const labelOf = Uint32Array.from({ length: filled }, (_, s) => (s * 7) % classes);
    const labels = module.upload(labelOf);
    const wrong = module.upload(Uint32Array.from({ length: classes }, (_, k) => 100 + k));
    const weight = 1 / 32;
    const loss = module.kernels.multiclassLoss(z, dz, classes, stride, labels, samples, filled, columns, weight, wrong);
    let expectedLoss = 0;
    const expectedWrong = Array.from({ length: classes }, (_, k) => 100 + k);
    for (let c = 0; c < columns; c++) {
      const column = Array.from({ length: classes }, (_, k) => values[(k * stride) / 4 + c]);
      const actual = column.map((_, k) => module.floats(dz, (classes * stride) / 4)[(k * stride) / 4 + c]);
      if (c >= filled) {
        expect(actual).toEqual(column.map(() => 0));
        continue;
      }
      const label = labelOf[sampleNumbers[c]];
      const largest = Math.max(...column);
      const total = column.reduce((sum, v) => sum + Math.exp(v - largest), 0);
      expectedLoss += Math.log(total) + largest - column[label];
      expectedWrong[label] += column.indexOf(largest) === label ? 0 : 1;
      expectClose(
        actual,
        column.map((v, k) => (Math.exp(v - largest) / total - (k === label ? 1 : 0)) * weight),
        () => (classes + 40) * unitRoundoff * weight,
        `gradients of column ${c}`,
      );
    }
    expectClose([loss], [expectedLoss], () => (classes + 40) * unitRoundoff * expectedLoss, "loss");
    const again = module.kernels.multiclassLoss(z, 0, classes, stride, labels, samples, filled, columns, weight, wrong);
    expect(again).toBe(loss);
    expect([...module.words(wrong, classes)]).toEqual(expectedWrong);
  });
});

describe("a multi-class loss with a logit that is NaN", () => {
  it.each([0, 1, 2])("is NaN, be it logit %i", (k) => {
    const module = new SimdModule();
    const stride = strideOf(8);
    const [z, labels, samples, right] = [3 * stride, 64, 64, 64].map((bytes) => module.reserve(bytes));
    module.floats(z + k * stride, 8)[5] = Number.NaN;
    const loss = (filled: number) =>
      module.kernels.multiclassLoss(z, 0, 3, stride, labels, samples, filled, 8, 1, right);
    expect(loss(5)).toBeCloseTo(5 * Math.log(3), 5);
    expect(loss(6)).toBeNaN();
  });
});

describe("the optimisers", () => {
  const count = 20;
  const state = () => {
    const module = new SimdModule();
    const data = [1, 2, 3, 4].map((seed) => normals(count, seed).map((v) => (seed === 3 ? v * v : v)));
    return { module, data, at: data.map((values) => module.upload(values)) };
  };

  it.each([1, 0.75])("move by Adam's formula, keeping the share %f", (kept) => {
    const { module, data, at } = state();
    const [w, m, v, g] = data;
    module.kernels.adam(at[0], at[1], at[2], at[3], count, kept, 0.01, 3, 0.9, 0.1, 0.999, 0.001, 1e-8);
    const first = Array.from(g, (value, k) => 0.9 * m[k] + 0.1 * value);
    const second = Array.from(g, (value, k) => 0.999 * v[k] + 0.001 * value * value);
    expectClose(module.floats(at[1], count), first, () => 8 * unitRoundoff, "first moment");
    expectClose(module.floats(at[2], count), second, () => 16 * unitRoundoff, "second moment");
    const moved = Array.from(w, (value, k) => kept * value - (0.01 * first[k]) / (Math.sqrt(second[k]) * 3 + 1e-8));
    expectClose(module.floats(at[0], count), moved, () => 16 * unitRoundoff, "values");
  });

  it.each([1, 0.75])("move by SGD with momentum, keeping the share %f", (kept) => {
    const { module, data, at } = state();
    const [w, m, , g] = data;
    module.kernels.momentum(at[0], at[1], at[3], count, kept, 0.01, 0.9);
    const first = Array.from(g, (value, k) => 0.9 * m[k] + value);
    expectClose(module.floats(at[1], count), first, () => 16 * unitRoundoff, "momentum");
    expectClose(
      module.floats(at[0], count),
      Array.from(w, (value, k) => kept * value - 0.01 * first[k]),
      () => 16 * unitRoundoff,
      "values",
    );
  });
});
