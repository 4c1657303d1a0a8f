import { describe, expect, it } from "vitest";
import type { Engine, LevelTraining } from "../../src/engine/engine.ts";
import { Mask } from "../../src/mask/mask.ts";
import type { Parameters } from "../../src/network/parameters.ts";
import { rewoundParameters } from "../../src/pruning/masked.ts";
import { engineNames, useEngines } from "./small_experiment.ts";
import { batch, dataset, regression, settings, shape, start } from "./small_networks.ts";

const engines = useEngines();
const decaying = { keep: "best", weightDecay: 0.3 } as const;

interface Level {
  training: LevelTraining;
  weights: Parameters;
  next: Mask;
}

/** Two levels of one seed: train, read the weights, prune to `remaining`, train again. */
async function twoLevels(
  engine: Engine,
  seed: number,
  remaining = 80,
  first = settings,
  second = settings,
): Promise<Level[]> {
  const network = await engine.admit(start(seed));
  const levels: Level[] = [];
  for (const level of [0, 1]) {
    const training = await network.train(level, level === 0 ? first : second);
    const weights = await network.weights();
    const kept = level === 0 ? remaining : Math.round(remaining / 2);
    const next = await network.prune({ remaining: kept, scope: "global", criterion: "magnitude" }, level + 1);
    levels.push({ training, weights, next });
  }
  network.release();
  return levels;
}

function expectSameLevels(actual: readonly Level[], expected: readonly Level[]): void {
  actual.forEach((level, i) => {
    expect(level.training).toEqual(expected[i].training);
    expect(level.weights.values).toEqual(expected[i].weights.values);
    expect(level.next.words).toEqual(expected[i].next.words);
  });
}

describe.each(engineNames)("the %s engine", (name) => {
  it.each([
    ["as the thesis does", "relu", settings],
    ["by tanh", "tanh", settings],
    ["while weights decay", "relu", { ...settings, weightDecay: 0.5 }],
    ["while weights decay in the best epoch, by SGD", "tanh", { ...settings, ...decaying, optimizer: "sgd", lr: 0.05 }],
    ["while it warms up and weights decay", "relu", { ...settings, weightDecay: 0.5, schedule: "warmup:10" }],
  ] as const)("trains like the twins %s: within the rounding of f32, the same masks", async (_, activation, own) => {
    const [onDevice, onTwins] = [await engines[name](1, activation), await engines.twins(1, activation)];
    // Few weights are left at level 1: some reach no output.
    const [device, twin] = [await twoLevels(onDevice, 3, 40, own, own), await twoLevels(onTwins, 3, 40, own, own)];
    device.forEach((level, i) => {
      const other = twin[i];
      expect(level.training.epochs).toBe(6);
      expect(level.training.steps).toBe(6 * Math.ceil(dataset.train.samples / batch));
      expect(level.training.trainLoss).toBeCloseTo(other.training.trainLoss, 4);
      expect(level.training.valLoss).toBeCloseTo(other.training.valLoss, 4);
      expect(level.training.correct).toEqual(other.training.correct);
      // 18 Adam steps of 0.01: the optimiser's sign-like steps let rounding grow where a gradient is near 0.
      level.weights.values.forEach((w, k) => {
        expect(Math.abs(w - other.weights.values[k])).toBeLessThan(2e-3);
      });
      expect(level.next.words).toEqual(other.next.words);
    });
  });

  it("regresses like the twins, told by sums of squared errors", async () => {
    const [own, twins] = [await engines[name](1, "tanh", regression), await engines.twins(1, "tanh", regression)];
    const [device, twin] = [await twoLevels(own, 3), await twoLevels(twins, 3)];
    device.forEach(({ training, next }, i) => {
      const other = twin[i].training;
      expect(training.valLoss).toBeCloseTo(other.valLoss, 4);
      training.correct.forEach((sum, task) => {
        expect(sum / other.correct[task]).toBeCloseTo(1, 3);
      });
      // The loss is the mean of the same squares.
      const squares = training.correct.reduce((sum, own) => sum + own, 0);
      expect(squares / 2 / regression.validation.samples).toBeCloseTo(training.valLoss, 5);
      expect(next.words).toEqual(twin[i].next.words);
    });
  });

  it("learns", async () => {
    const network = await (await engines[name](1)).admit(start(1));
    const { valLoss, trainLoss, correct } = await network.train(0, { ...settings, maxEpochs: 60, patience: 60 });
    // Guessing costs ln 2 = 0.69 a task.
    expect(valLoss).toBeLessThan(0.3);
    expect(trainLoss).toBeLessThan(0.3);
    for (const right of correct) expect(right / dataset.validation.samples).toBeGreaterThan(0.8);
  });

  it("gives the same bytes twice, and the same alone as in a population", async () => {
    const alone = await twoLevels(await engines[name](1), 7);
    expectSameLevels(await twoLevels(await engines[name](1), 7), alone);
    const together = await engines[name](3);
    const runs = await Promise.all([
      // Its neighbours end their levels at other epochs, so the three march out of step.
      twoLevels(together, 5, 40, { ...settings, maxEpochs: 2 }),
      twoLevels(together, 7),
      twoLevels(together, 9, 100, { ...settings, maxEpochs: 9, lr: 0.03 }),
    ]);
    expectSameLevels(runs[1], alone);
    expect(runs[0][0].training.epochs).toBe(2);
    expect(runs[2][0].training.epochs).toBe(9);
  });

  it("tells the weights in the middle of a level, to whose end that changes no bit", async () => {
    const long = { ...settings, maxEpochs: name === "cpu" ? 30_000 : 60, patience: 30_000 };
    const trained = async (isWatched: boolean) => {
      const network = await (await engines[name](1)).admit(start(7));
      await network.train(0, { ...settings, maxEpochs: 1 });
      const mask = await network.prune({ remaining: 60, scope: "global", criterion: "magnitude" }, 1);
      let seen: Promise<Parameters> | undefined;
      const training = await network.train(1, long, () => {
        if (isWatched) seen ??= network.weights();
      });
      return { mask, training, seen: await seen, weights: await network.weights() };
    };
    const watched = await trained(true);
    const alone = await trained(false);
    expect(watched.training).toEqual(alone.training);
    expect(watched.weights.values).toEqual(alone.weights.values);
    const { mask, seen } = watched;
    if (!seen) throw new Error("the level ended before any word of it");
    expect(seen.values.every(Number.isFinite)).toBe(true);
    expect(seen.values).not.toEqual(rewoundParameters(start(7).initial, mask).values);
    expect(seen.values).not.toEqual(alone.weights.values);
    for (let layer = 0; layer < shape.length - 1; layer++) {
      seen.weights(layer).forEach((w, at) => {
        const isKept = mask.has(layer, Math.floor(at / shape[layer]), at % shape[layer]);
        if (!isKept) expect(w).toBe(0);
      });
    }
  });

  it("lets a network wait for a slot and serves it as well", async () => {
    const alone = await twoLevels(await engines[name](1), 2);
    const one = await engines[name](1);
    const [, second] = await Promise.all([twoLevels(one, 1), twoLevels(one, 2)]);
    expectSameLevels(second, alone);
  });

  it("starts every level from the masked initial weights, and pruned weights never move", async () => {
    const network = await (await engines[name](1)).admit(start(4));
    const { initial } = start(4);
    let mask = Mask.full(shape);
    for (const remaining of [90, 41, 17]) {
      // Trained twice, a level is the same level: it never goes on from what it has learnt.
      expect(await network.train(0, settings)).toEqual(await network.train(0, settings));
      const trained = await network.weights();
      const next = await network.prune({ remaining, scope: "global", criterion: "magnitude" }, 1);
      expect(next.count()).toBe(remaining);
      expect(next.isSubsetOf(mask)).toBe(true);
      const rewound = await network.weights();
      for (let layer = 0; layer < shape.length - 1; layer++) {
        expect(rewound.biases(layer)).toEqual(initial.biases(layer));
        const [before, after, kept] = [trained.weights(layer), rewound.weights(layer), initial.weights(layer)];
        for (let o = 0; o < shape[layer + 1]; o++) {
          for (let i = 0; i < shape[layer]; i++) {
            const at = o * shape[layer] + i;
            expect(after[at]).toBe(next.has(layer, o, i) ? kept[at] : 0);
            if (!mask.has(layer, o, i)) expect(before[at]).toBe(0);
          }
        }
      }
      mask = next;
    }
  });

  it("prunes the smallest magnitudes of the whole network, or of each layer, or at random", async () => {
    const engine = await engines[name](1);
    const total = Mask.full(shape).count();
    const network = await engine.admit(start(6));
    await network.train(0, settings);
    const trained = await network.weights();
    const magnitudes = [0, 1, 2].map((layer) => Array.from(trained.weights(layer), Math.abs));
    const global = await network.prune({ remaining: 100, scope: "global", criterion: "magnitude" }, 1);
    const threshold = magnitudes.flat().sort((a, b) => b - a)[99];
    for (const [layer, values] of magnitudes.entries()) {
      values.forEach((w, at) => {
        const kept = global.has(layer, Math.floor(at / shape[layer]), at % shape[layer]);
        expect(kept).toBe(w >= threshold);
      });
    }
    network.release();

    const byLayer = await engine.admit(start(6));
    await byLayer.train(0, settings);
    const layered = await byLayer.prune({ remaining: total / 2, scope: "layer", criterion: "magnitude" }, 1);
    expect([0, 1, 2].map((layer) => layered.count(layer))).toEqual([26, 59, 9]);
    byLayer.release();

    const masks: Mask[] = [];
    for (const level of [1, 1, 2]) {
      const control = await engine.admit(start(6));
      await control.train(0, settings);
      masks.push(await control.prune({ remaining: 100, scope: "global", criterion: "random" }, level));
      control.release();
    }
    expect(masks.map((mask) => mask.count())).toEqual([100, 100, 100]);
    expect(masks[0].words).toEqual(masks[1].words);
    expect(masks[0].words).not.toEqual(masks[2].words);
    expect(masks[0].words).not.toEqual(global.words);
  });

  it("keeps the best epoch's weights where asked, and stops when patience runs out", async () => {
    const engine = await engines[name](1);
    // A learning rate this high makes the validation loss rise again soon.
    const wild = { ...settings, lr: 0.3, maxEpochs: 40, patience: 3 };
    const results = [];
    for (const keep of ["last", "best"] as const) {
      const network = await engine.admit(start(2));
      const training = await network.train(0, { ...wild, keep });
      results.push({ training, weights: await network.weights() });
      network.release();
    }
    const [last, best] = results;
    expect(best.training.epochs).toBe(last.training.epochs);
    expect(best.training.epochs - best.training.keptEpoch).toBe(3);
    expect(last.training.keptEpoch).toBe(last.training.epochs);
    expect(best.training.valLoss).toBeLessThan(last.training.valLoss);
    // Training for just the kept epochs ends at the kept weights.
    const short = await engine.admit(start(2));
    await short.train(0, { ...wild, maxEpochs: best.training.keptEpoch });
    expect((await short.weights()).values).toEqual(best.weights.values);
    short.release();
  });

  it("names the tensor that diverges and leaves the others in peace", async () => {
    const engine = await engines[name](2);
    const [bad, good] = [await engine.admit(start(1)), await engine.admit(start(2))];
    const diverging = bad.train(2, { ...settings, lr: 1e38, optimizer: "sgd", maxEpochs: 50, patience: 50 });
    await expect(diverging).rejects.toThrow(
      /^seed 1, level 2: the loss became .+ in epoch \d+ \(layers\.0\.weight: \d+ values are not finite, the first at index \d+\); lower lr \(now 1e\+38\) or check the inputs$/,
    );
    expect((await good.train(0, settings)).valLoss).toBeLessThan(1);
  });
});
