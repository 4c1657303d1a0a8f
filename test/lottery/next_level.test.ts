import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activeWeights, countWeights, weightStates } from "../../src/analysis/states.ts";
import type { Engine, LevelJob } from "../../src/engine/engine.ts";
import { nextMask, type Pruning } from "../../src/lottery/next_level.ts";
import { Mask } from "../../src/mask/mask.ts";
import { reachability } from "../../src/mask/reachability.ts";
import { initialParameters } from "../../src/network/initial.ts";
import type { Parameters } from "../../src/network/parameters.ts";
import { selectMask } from "../../src/pruning/selector.ts";
import { openSmallCpuEngine } from "../engine/small_cpu_engine.ts";
import { dataset, jobOf, settings, shape } from "../engine/small_networks.ts";

let engine: Engine;
beforeAll(() => {
  engine = openSmallCpuEngine(1);
});
afterAll(() => engine.close());

const initial = initialParameters(shape, 3);
const plain: Pruning = { scope: "global", criterion: "magnitude", remaining: [187, 120] };
const active = (mask: Mask) => countWeights(mask, reachability(mask)).active;
const counts = (mask: Mask) => [0, 1, 2].map((layer) => mask.count(layer));

/** Trains a level of the small network and prunes it; gives its weights too. */
async function pruned(spec: Partial<Pruning>, change: Partial<LevelJob> = {}) {
  const job = jobOf(3, { settings: { ...settings, maxEpochs: 2 }, start: initial, ...change });
  const trained = await engine.train(job);
  try {
    const weights = await trained.weights();
    return { job, weights, next: await nextMask({ ...plain, ...spec }, { engine, job, dataset, trained, initial }) };
  } finally {
    trained.release();
  }
}

/** A mask in which a third of the weights is pruned, so that some lead nowhere. */
function thinned(): Mask {
  const mask = Mask.full(shape);
  for (let input = 0; input < 13; input++) mask.set(1, 4, input, false);
  for (let output = 0; output < 2; output++) mask.set(2, output, 7, false);
  for (let input = 0; input < 4; input++) mask.set(0, 2, input, false);
  return mask;
}

const ranked = (job: LevelJob, trained: Parameters) => ({ ...job, trained, initial, nextLevel: job.level + 1 });

describe("the mask of the next level", () => {
  it.each(["magnitude", "random", "lamp", "movement", "synflow"])(
    "is that of the selector, by %s",
    async (criterion) => {
      const { job, weights, next } = await pruned({ criterion });
      expect(next.count()).toBe(120);
      expect([...next.words]).toEqual([...selectMask(ranked(job, weights), { criterion, keep: 120 }).words]);
    },
  );

  it("has the counts of the scope in each layer: one rate, rates of the layers, Erdos-Renyi", async () => {
    // 52, 117 and 18 weights; widths sum to 17, 22 and 11.
    expect(counts((await pruned({ scope: "layer" })).next)).toEqual([33, 75, 12]);
    const rated = await pruned({ scope: "layer", layerRates: [1, 1, 0], remaining: [187, 120] });
    expect(counts(rated.next)).toEqual([31, 71, 18]);
    const erk = await pruned({ scope: "erk", criterion: "lamp", remaining: [187, 50] });
    expect(counts(erk.next)).toEqual([17, 22, 11]);
  });

  it.each([
    ["magnitude", {}],
    ["lamp", {}],
    ["synflow", {}],
    ["magnitude", { pruneFirst: "unused" }],
  ] as const)("keeps the layers of rate 0 out of a global ranking, by %s %o", async (criterion, keys) => {
    const { next } = await pruned({ criterion, layerRates: [1, 1, 0], remaining: [187, 60], ...keys });
    expect([next.count(), next.count(2)]).toEqual([60, 18]);
    const all = await pruned({ criterion, remaining: [187, 60], ...keys });
    expect(all.next.count(2)).toBeLessThan(18);
  });

  it("ranks the other layers together", async () => {
    const { weights, next } = await pruned({ layerRates: [1, 1, 0], remaining: [187, 60] });
    const sizes = (isKept: boolean) =>
      [0, 1].flatMap((layer) =>
        [...weights.weights(layer)].flatMap((weight, n) => {
          const [output, input] = [Math.floor(n / shape[layer]), n % shape[layer]];
          return next.has(layer, output, input) === isKept ? [Math.abs(weight)] : [];
        }),
      );
    expect(sizes(true)).toHaveLength(42);
    expect(Math.max(...sizes(false))).toBeLessThan(Math.min(...sizes(true)));
  });

  it("prunes inactive and zombie weights before any active one", async () => {
    const mask = thinned();
    const states = weightStates(mask);
    const unused = states.flat(2).filter((state) => state === "inactive" || state === "zombie").length;
    expect(unused).toBeGreaterThan(20);
    for (const criterion of ["magnitude", "lamp"]) {
      const most = await pruned({ criterion, pruneFirst: "unused", remaining: [0, mask.count() - unused] }, { mask });
      // Exactly the unused ones have gone.
      states.forEach((layer, l) => {
        layer.forEach((row, output) => {
          row.forEach((state, input) => {
            expect(most.next.has(l, output, input)).toBe(state === "active");
          });
        });
      });
      const some = await pruned({ criterion, pruneFirst: "unused", remaining: [0, mask.count() - 7] }, { mask });
      expect(active(some.next)).toBe(active(mask));
      const any = await pruned({ criterion, remaining: [0, mask.count() - unused] }, { mask });
      expect(active(any.next)).toBeLessThan(active(mask));
    }
  });

  it.each([
    ["magnitude", "global"],
    ["lamp", "layer"],
    ["movement", "erk"],
    ["synflow", "global"],
  ] as const)(
    "prunes the fewest weights that leave at most the target active, by %s, scope %s",
    async (criterion, scope) => {
      for (const target of [100, 30, 9, 1]) {
        const { job, weights, next } = await pruned({ criterion, scope, counts: "active", remaining: [187, target] });
        expect(active(next)).toBeLessThanOrEqual(target);
        expect(next.count()).toBeGreaterThanOrEqual(target);
        if (scope !== "global") continue;
        const more = selectMask(ranked(job, weights), { criterion, keep: next.count() + 1 });
        expect(active(more)).toBeGreaterThan(target);
      }
    },
  );

  it("counts weights and biases where both are prunable, in the network and in each layer", async () => {
    // 52 + 13, 117 + 9 and 18 + 2 weights and biases.
    const both = (mask: Mask) => [0, 1, 2].map((layer) => mask.count(layer) + mask.biasCount(layer));
    const prunable = "parameters";
    const { next } = await pruned({ prunable, remaining: [211, 100] });
    expect([next.count() + next.biasCount(), next.biasCount() < 24]).toEqual([100, true]);
    expect(both((await pruned({ prunable, scope: "layer", remaining: [211, 110] })).next)).toEqual([34, 66, 10]);
    const fixed = { prunable, scope: "layer", layerRates: [1, 1, 0] } as const;
    expect(both((await pruned({ ...fixed, remaining: [211, 111] })).next)).toEqual([31, 60, 20]);
    const kept = await pruned({ ...fixed, counts: "active", remaining: [211, 1] });
    expect([kept.next.count(2), kept.next.biasCount(2)]).toEqual([18, 2]);
    const whole = { prunable, layerRates: [1, 1, 0] } as const;
    for (const criterion of ["magnitude", "lamp"]) {
      const { next: global } = await pruned({ ...whole, criterion, remaining: [211, 100] });
      expect([global.count() + global.biasCount(), global.count(2), global.biasCount(2)]).toEqual([100, 18, 2]);
    }
  });

  it("prunes inactive and zombie biases with such weights, and counts active ones of both", async () => {
    const mask = thinned();
    // A neuron that leads nowhere, and one without inputs: with its bias it is a zombie, without it inactive.
    expect([mask.hasBias(0, 2), mask.hasBias(1, 7)]).toEqual([true, true]);
    mask.setBias(0, 5, false);
    const own = activeWeights(mask);
    const used = own.count() + own.biasCount();
    const spec = { prunable: "parameters", pruneFirst: "unused" } as const;
    const { next } = await pruned({ ...spec, remaining: [0, used] }, { mask });
    expect(next.equals(own)).toBe(true);
    expect(own.biasCount()).toBeLessThan(mask.biasCount());
    for (const target of [used - 1, 40]) {
      const counted = { prunable: "parameters", counts: "active", remaining: [0, target] } as const;
      const { job, weights, next: few } = await pruned(counted, { mask });
      const activeOf = (of: Mask) => activeWeights(of).count() + activeWeights(of).biasCount();
      expect(activeOf(few)).toBeLessThanOrEqual(target);
      const keep = few.count() + few.biasCount() + 1;
      const more = selectMask(ranked(job, weights), { criterion: "magnitude", keep, withBiases: true });
      expect(activeOf(more)).toBeGreaterThan(target);
    }
  });

  it("prunes nothing where no more than the target is active already", async () => {
    const mask = thinned();
    const { next } = await pruned({ counts: "active", remaining: [187, active(mask)] }, { mask });
    expect([...next.words]).toEqual([...mask.words]);
  });

  it("keeps a layer that is not pruned, whatever the target of active weights", async () => {
    for (const scope of ["layer", "global"] as const) {
      const { next } = await pruned({ scope, layerRates: [1, 1, 0], counts: "active", remaining: [187, 1] });
      expect(next.count(2)).toBe(18);
      expect(active(next)).toBeLessThanOrEqual(1);
    }
  });
});
