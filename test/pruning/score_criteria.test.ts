import { describe, expect, it } from "vitest";
import { RandomStream, streamBlock } from "../../src/base/random.ts";
import { layerCount, type Shape } from "../../src/base/shape.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { criteria } from "../../src/pruning/criteria.ts";
import { keptLayers } from "../../src/pruning/kept_layer.ts";
import type { RankedLevel } from "../../src/pruning/ranked_level.ts";
import { selectMask } from "../../src/pruning/selector.ts";

/** A kept weight, and its values as trained and as drawn. */
interface Weight {
  readonly layer: number;
  readonly output: number;
  readonly input: number;
  readonly w: number;
  readonly i: number;
}

const shape: Shape = [5, 34, 7, 3];

/** Weights of few digits, so that many are equal, of both signs and zero; a third of them is pruned. */
function levelOf(seed: number, of: Shape = shape): RankedLevel {
  const stream = new RandomStream(seed, "bootstrap");
  const draw = () => {
    const parameters = new Parameters(of);
    for (let layer = 0; layer < layerCount(of); layer++) {
      const count = of[layer] * of[layer + 1];
      parameters.setWeights(
        layer,
        Float32Array.from({ length: count }, () => Math.round(stream.nextNormal() * 8) / 16),
      );
    }
    return parameters;
  };
  const mask = Mask.full(of);
  const [trained, initial] = [draw(), draw()];
  for (let layer = 0; layer < layerCount(of); layer++) {
    for (let output = 0; output < of[layer + 1]; output++) {
      for (let input = 0; input < of[layer]; input++) {
        if (stream.nextUniform() < 1 / 3) mask.set(layer, output, input, false);
      }
    }
  }
  return { trained, start: initial, initial, mask, seed, nextLevel: 1 };
}

/** The kept weights in flat order, read by the mask's own accessors. */
function weightsOf({ trained, initial = trained, mask }: RankedLevel): Weight[] {
  return Array.from({ length: layerCount(mask.shape) }, (_, layer) => layer).flatMap((layer) => {
    const [after, before] = [trained.weights(layer), initial.weights(layer)];
    return Array.from(after, (w, at) => ({
      ...{ layer, output: Math.floor(at / mask.shape[layer]), input: at % mask.shape[layer] },
      ...{ w, i: before[at] },
    })).filter(({ output, input }) => mask.has(layer, output, input));
  });
}

/** The scores of the code under test, in the order of {@link weightsOf}. */
function scoresOf(name: string, level: RankedLevel): number[] {
  const criterion = criteria.get(name);
  if (!("scores" in criterion)) throw new Error(`${name} has no scores`);
  return criterion.scores(keptLayers(level, level.mask, criterion.needs)).flatMap((scores) => [...scores]);
}

/** Sum over all paths from an input to an output of the product of their magnitudes: R of Tanaka et al., by recursion. */
function flow(weights: readonly Weight[], layers: number): number {
  const from = (layer: number, neuron: number): number => {
    if (layer === layers) return 1;
    return weights
      .filter((weight) => weight.layer === layer && weight.input === neuron)
      .reduce((sum, { w, output }) => sum + (w < 0 ? -w : w) * from(layer + 1, output), 0);
  };
  const inputs = new Set(weights.filter(({ layer }) => layer === 0).map(({ input }) => input));
  return [...inputs].reduce((sum, input) => sum + from(0, input), 0);
}

const hasSign = (value: number, other: number) => (value > 0 && other > 0) || (value < 0 && other < 0);
const size = (value: number) => Math.sqrt(value * value);

/** The initial magnitude of the layer at the rank of a weight's trained magnitude: alpha |w| of Zhou et al. */
function aligned({ layer, w }: Weight, all: readonly Weight[]): number {
  const ofLayer = all.filter((one) => one.layer === layer);
  const smaller = ofLayer.filter((one) => size(one.w) < size(w)).length;
  return ofLayer.map((one) => size(one.i)).sort((a, b) => a - b)[smaller];
}

/** The scores by the papers' definitions: plain float64, a weight at a time. */
const defined: Readonly<Record<string, (weight: Weight, all: readonly Weight[]) => number>> = {
  lamp: ({ layer, ...weight }, all) => {
    // Of the layer's weights, those that come at or after this one when sorted by magnitude, then by position.
    const at = all.findIndex(
      (one) => one.layer === layer && one.output === weight.output && one.input === weight.input,
    );
    const notSmaller = all.filter(
      (one, n) => one.layer === layer && (one.w ** 2 > weight.w ** 2 || (one.w ** 2 === weight.w ** 2 && n >= at)),
    );
    return weight.w === 0 ? 0 : 1 / notSmaller.reduce((sum, { w }) => sum + (w / weight.w) ** 2, 0);
  },
  "magnitude-increase": ({ w, i }) => size(w) - size(i),
  movement: ({ w, i }) => (w > i ? w - i : i - w),
  "initial-magnitude": ({ i }) => size(i),
  "large-init-large-final": (weight, all) => Math.min(aligned(weight, all), size(weight.i)),
  "small-init-small-final": (weight, all) => -Math.max(aligned(weight, all), size(weight.i)),
  "small-final": ({ w }) => 0 - size(w),
  "small-init": ({ i }) => 0 - size(i),
  "large-final-same-sign": ({ w, i }) => (hasSign(w, i) ? size(w) : 0),
  "magnitude-increase-same-sign": ({ w, i }) => (hasSign(w, i) ? size(w) - size(i) : 0),
  // A weight that is 0 has another sign than one that is not.
  "large-final-diff-sign": ({ w, i }) => (hasSign(w, i) ? 0 : size(w)),
  "magnitude-increase-diff-sign": ({ w, i }) => (hasSign(w, i) ? 0 : size(w) - size(i)),
};

describe("the scores of whole layers", () => {
  it("are all held against a definition here", () => {
    const scored = criteria.entries.filter((one) => "scores" in one).map(({ name }) => name);
    // Those that need gradients are held against float64 in test/lottery/gradients.test.ts.
    const byGradients = ["gradient-saliency", "grasp", "snip"];
    expect(scored.sort()).toEqual([...Object.keys(defined), ...byGradients, "synflow"].sort());
  });

  it.each(Object.keys(defined))("%s is what its paper defines, of every kept weight", (name) => {
    for (const seed of [1, 2]) {
      const level = levelOf(seed);
      const weights = weightsOf(level);
      const scores = scoresOf(name, level);
      expect(scores.length).toBe(weights.length);
      weights.forEach((weight, n) => {
        expect(scores[n], `${name} of weight ${n}`).toBeCloseTo(defined[name](weight, weights), 12);
      });
    }
  });

  it("synflow is what R loses without the weight, up to one factor", () => {
    const level = levelOf(3, [3, 5, 4, 2]);
    const weights = weightsOf(level);
    const scores = scoresOf("synflow", level);
    const all = flow(weights, 3);
    const lost = weights.map(
      (_, n) =>
        all -
        flow(
          weights.filter((__, other) => other !== n),
          3,
        ),
    );
    const factor = Math.max(...scores) / Math.max(...lost);
    expect(factor).toBeGreaterThan(0);
    lost.forEach((expected, n) => {
      expect(scores[n] / factor).toBeCloseTo(expected, 10);
    });
  });

  it("synflow sums to the same in every layer, at 20 layers of weights of any size", () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const deep = Array.from({ length: 21 }, () => 6);
      const level = levelOf(4, deep);
      level.trained.values.set(level.trained.values.map((value) => value * scale));
      const criterion = criteria.get("synflow");
      if (!("scores" in criterion)) throw new Error("synflow has no scores");
      const sums = criterion
        .scores(keptLayers(level, level.mask, criterion.needs))
        .map((scores) => scores.reduce((sum, score) => sum + score, 0));
      expect(sums.length).toBe(20);
      expect(sums[0]).toBeGreaterThan(0);
      for (const sum of sums) expect(sum / sums[0]).toBeCloseTo(1, 10);
    }
  });

  it("large-init-large-final and its opposite keep what the program of Zhou et al. keeps in a layer: both above one percentile", () => {
    const [one] = [levelOf(11)];
    // Distinct magnitudes, the initial ones on another scale and partly alike.
    const stream = new RandomStream(12, "bootstrap");
    one.trained.values.forEach((_, n, values) => {
      values[n] = stream.nextNormal();
    });
    one.initial?.values.forEach((_, n, values) => {
      values[n] = 30 * (one.trained.values[n] + stream.nextNormal());
    });
    const weights = weightsOf(one).filter(({ layer }) => layer === 1);
    const rank = (of: (weight: Weight) => number, weight: Weight) =>
      weights.filter((other) => size(of(other)) < size(of(weight))).length;
    const counts = [0, 1, 2].map((layer) => one.mask.count(layer));
    const kept = (criterion: string, keep: number) => {
      const next = selectMask(one, { criterion, keep: [counts[0], keep, counts[2]] });
      return weights.filter(({ output, input }) => next.has(1, output, input));
    };
    for (const below of [5, 40, 90]) {
      const large = weights.filter((each) => rank(({ w }) => w, each) >= below && rank(({ i }) => i, each) >= below);
      expect(large.length).toBeGreaterThan(0);
      expect(kept("large-init-large-final", large.length)).toEqual(large);
      const upTo = weights.length - below;
      const small = weights.filter((each) => rank(({ w }) => w, each) < upTo && rank(({ i }) => i, each) < upTo);
      expect(kept("small-init-small-final", small.length)).toEqual(small);
    }
  });

  it("lamp scores the largest weight of each layer 1, and equal weights by position", () => {
    const trained = new Parameters([2, 2, 1]);
    trained.setWeights(0, Float32Array.of(3, -3, 3, 0));
    trained.setWeights(1, Float32Array.of(0, 0));
    const level = { trained, start: trained, mask: Mask.full([2, 2, 1]), seed: 0, nextLevel: 1 };
    expect(scoresOf("lamp", level)).toEqual([1 / 3, 1 / 2, 1, 0, 0, 0]);
  });

  it("say so where what they need was not given", () => {
    const { initial: _, ...level } = levelOf(1);
    expect(() => selectMask(level, { criterion: "movement", keep: 10 })).toThrow(
      "a criterion needs initial weights, which were not given",
    );
  });
});

describe("the selection of weights and biases", () => {
  /** A level whose biases have few digits too, of both signs and zero; every fourth is pruned. */
  function biasedLevel(seed: number): RankedLevel {
    const level = levelOf(seed);
    const stream = new RandomStream(seed, "sampleOrder");
    for (let layer = 0; layer < layerCount(shape); layer++) {
      level.trained.biases(layer).forEach((_, neuron, biases) => {
        biases[neuron] = Math.round(stream.nextNormal() * 8) / 16;
        if (neuron % 4 === 1) level.mask.setBias(layer, neuron, false);
      });
    }
    return { ...level, gradients: levelOf(seed + 1).trained };
  }

  interface Kept {
    readonly layer: number;
    readonly keeps: (mask: Mask) => boolean;
    readonly w: number;
    readonly i: number;
    readonly g: number;
    readonly bit: number;
  }

  /** The kept weights and then biases, layer by layer, read by the mask's own accessors. */
  function keptOf({ trained, initial = trained, gradients = trained, mask }: RankedLevel): Kept[] {
    const firstBias = mask.words.length * 32;
    return Array.from({ length: layerCount(mask.shape) }, (_, layer) => layer).flatMap((layer) => {
      const { rowWords, wordOffset, biasWordOffset } = mask.layout;
      const inputs = mask.shape[layer];
      const weights = Array.from(trained.weights(layer), (w, at): Kept => {
        const [output, input] = [Math.floor(at / inputs), at % inputs];
        const bit = (wordOffset[layer] + output * rowWords[layer]) * 32 + input;
        const [i, g] = [initial.weights(layer)[at], gradients.weights(layer)[at]];
        return { layer, keeps: (of) => of.has(layer, output, input), w, i, g, bit };
      });
      const biases = Array.from(trained.biases(layer), (w, output): Kept => {
        const [i, g] = [initial.biases(layer)[output], gradients.biases(layer)[output]];
        const bit = firstBias + biasWordOffset[layer] * 32 + output;
        return { layer, keeps: (of) => of.hasBias(layer, output), w, i, g, bit };
      });
      return [...weights, ...biases].filter(({ keeps }) => keeps(mask));
    });
  }

  const deviations = (level: RankedLevel) =>
    [0, 1, 2].map((layer) => {
      const weights = (level.initial ?? level.trained).weights(layer);
      return Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
    });
  const biasScores: Readonly<Record<string, (one: Kept, all: readonly Kept[], level: RankedLevel) => number>> = {
    magnitude: ({ w }) => size(w),
    random: ({ bit }, _, { seed }) => streamBlock(seed, "randomPruning", bit, 1)[0] >>> 1,
    "scaled-magnitude": ({ layer, w }, _, level) => Math.fround(size(w) * Math.fround(1 / deviations(level)[layer])),
    lamp: (one, all) => {
      const at = all.indexOf(one);
      const larger = all.filter(
        (other, n) =>
          other.layer === one.layer && (size(other.w) > size(one.w) || (size(other.w) === size(one.w) && n >= at)),
      );
      return one.w === 0 ? 0 : one.w ** 2 / larger.reduce((sum, { w }) => sum + w ** 2, 0);
    },
    "magnitude-increase": ({ w, i }) => size(w) - size(i),
    movement: ({ w, i }) => size(w - i),
    "gradient-saliency": ({ w, g }) => size(w * g),
  };

  it("is defined for these criteria, and refused for others", () => {
    const ranking = criteria.entries.filter(({ ofBias }) => ofBias !== undefined).map(({ name }) => name);
    expect(ranking.sort()).toEqual(Object.keys(biasScores).sort());
    expect(() => selectMask(levelOf(1), { criterion: "synflow", keep: 10, withBiases: true })).toThrow(
      "criterion synflow does not rank biases",
    );
  });

  it.each(Object.keys(biasScores))(
    "by %s keeps what a plain sort keeps, ties by position, biases after weights",
    (name) => {
      const level = biasedLevel(11);
      const all = keptOf(level);
      const scored = all.map((one, n) => ({ ...one, n, score: biasScores[name](one, all, level) }));
      const ranked = scored.toSorted((a, b) => a.score - b.score || a.n - b.n);
      for (const keep of [0, 1, 90, all.length - 1]) {
        const next = selectMask(level, { criterion: name, keep, withBiases: true });
        expect(next.count() + next.biasCount()).toBe(keep);
        ranked.forEach(({ keeps }, rank) => {
          expect(keeps(next)).toBe(rank >= ranked.length - keep);
        });
      }
      const budgets = [30, 40, 5];
      const layered = selectMask(level, { criterion: name, keep: budgets, withBiases: true });
      budgets.forEach((keep, layer) => {
        const ofLayer = ranked.filter((one) => one.layer === layer);
        expect(layered.count(layer) + layered.biasCount(layer)).toBe(keep);
        ofLayer.forEach(({ keeps }, rank) => {
          expect(keeps(layered)).toBe(rank >= ofLayer.length - keep);
        });
      });
      // Without biases, all that are kept stay.
      const alone = selectMask(level, { criterion: name, keep: 90 });
      expect([alone.count(), alone.biasCount()]).toEqual([90, level.mask.biasCount()]);
    },
  );

  it("prunes given weights and biases before all others", () => {
    const level = biasedLevel(12);
    const first = biasedLevel(14).mask;
    const all = keptOf(level);
    const many = all.filter(({ keeps }) => keeps(first)).length;
    for (const pruned of [5, many, many + 9]) {
      const next = selectMask(level, { criterion: "lamp", keep: all.length - pruned, first, withBiases: true });
      const left = all.filter(({ keeps }) => keeps(next));
      expect(left.length).toBe(all.length - pruned);
      expect(left.filter(({ keeps }) => keeps(first)).length).toBe(Math.max(0, many - pruned));
    }
  });
});

describe("the selection by scores", () => {
  it.each(Object.keys(defined))("by %s keeps what a plain sort keeps, ties by position", (name) => {
    const level = levelOf(5);
    const weights = weightsOf(level);
    const scores = scoresOf(name, level);
    const ranked = (within: (layer: number) => boolean) =>
      weights
        .flatMap((weight, n) => (within(weight.layer) ? [{ ...weight, n }] : []))
        .sort((a, b) => scores[a.n] - scores[b.n] || a.n - b.n);
    for (const keep of [0, 1, 77, weights.length - 1]) {
      const next = selectMask(level, { criterion: name, keep });
      const all = ranked(() => true);
      all.forEach(({ layer, output, input }, rank) => {
        expect(next.has(layer, output, input)).toBe(rank >= all.length - keep);
      });
      expect(next.count()).toBe(keep);
    }
    const budgets = [20, 30, 5];
    const layered = selectMask(level, { criterion: name, keep: budgets });
    budgets.forEach((keep, layer) => {
      const all = ranked((one) => one === layer);
      all.forEach(({ output, input }, rank) => {
        expect(layered.has(layer, output, input)).toBe(rank >= all.length - keep);
      });
    });
  });

  it("synflow scores anew in 100 rounds of an exponential schedule", () => {
    const level = levelOf(6);
    const criterion = criteria.get("synflow");
    expect("inRounds" in criterion && criterion.inRounds?.count).toBe(100);
    const kept = level.mask.count();
    let { mask } = level;
    for (let round = 1; round <= 100; round++) {
      const left = round === 100 ? 20 : Math.round(kept * (20 / kept) ** (round / 100));
      const weights = weightsOf({ ...level, mask });
      const scores = scoresOf("synflow", { ...level, mask });
      const order = weights.map((_, n) => n).sort((a, b) => scores[a] - scores[b] || a - b);
      mask = mask.clone();
      for (const n of order.slice(0, weights.length - left)) {
        mask.set(weights[n].layer, weights[n].output, weights[n].input, false);
      }
    }
    const next = selectMask(level, { criterion: "synflow", keep: 20 });
    expect([...next.words]).toEqual([...mask.words]);
    expect(selectMask(level, { criterion: "synflow", keep: [10, 8, 2] }).count()).toBe(20);
  });

  it("prunes given weights before all others in every round", () => {
    const level = levelOf(9);
    const first = levelOf(10).mask;
    const weights = weightsOf(level);
    const many = weights.filter(({ layer, output, input }) => first.has(layer, output, input)).length;
    const left = (mask: Mask) => weights.filter(({ layer, output, input }) => mask.has(layer, output, input));
    for (const pruned of [many - 4, many, many + 30]) {
      const next = selectMask(level, { criterion: "synflow", keep: weights.length - pruned, first });
      expect(next.count()).toBe(weights.length - pruned);
      const leftFirst = left(next).filter(({ layer, output, input }) => first.has(layer, output, input)).length;
      expect(leftFirst).toBe(Math.max(0, many - pruned));
    }
  });

  it("prunes given weights before all others, each part by the criterion", () => {
    const level = levelOf(7);
    const first = levelOf(8).mask;
    for (const criterion of ["magnitude", "lamp"]) {
      const weights = weightsOf(level);
      const scores = criterion === "lamp" ? scoresOf("lamp", level) : weights.map(({ w }) => size(w));
      const isFirst = weights.map(({ layer, output, input }) => first.has(layer, output, input));
      const order = weights
        .map((_, n) => n)
        .sort((a, b) => Number(isFirst[b]) - Number(isFirst[a]) || scores[a] - scores[b] || a - b);
      const many = isFirst.filter(Boolean).length;
      for (const pruned of [0, 5, many, many + 9, weights.length]) {
        const next = selectMask(level, { criterion, keep: weights.length - pruned, first });
        order.forEach((n, rank) => {
          const { layer, output, input } = weights[n];
          expect(next.has(layer, output, input)).toBe(rank >= pruned);
        });
      }
    }
  });
});
