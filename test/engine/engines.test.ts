import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import type { Engine, LevelJob, TrainedLevel } from "../../src/engine/engine.ts";
import { gradientsOf } from "../../src/lottery/gradients.ts";
import { runLottery } from "../../src/lottery/lottery.ts";
import type { RunEvent } from "../../src/lottery/messages.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import type { Parameters } from "../../src/network/parameters.ts";
import { maskedParameters } from "../../src/pruning/masked.ts";
import { isOnGpu } from "../kernels/harness.ts";
import { float64Derivatives } from "../lottery/float64_gradients.ts";
import {
  chosen,
  copied,
  curved,
  epochsAt,
  isWithin,
  maskOf60,
  stepsPerEpoch,
  TakingEngine,
  trainings,
  withoutBiases,
} from "./checkpoints.ts";
import { testIntervals } from "./intervals.ts";
import { longEnough } from "./long_enough.ts";
import { play, type Run } from "./play.ts";
import { engineNames, useEngines } from "./small_experiment.ts";
import { batch, dataset, jobOf, mixed, regression, settings, shape } from "./small_networks.ts";

const engines = useEngines();
const decaying = { keep: "best", weightDecay: 0.3 } as const;

const runOf = (seed: number, remaining = [80, 40], own = settings): Run => ({ shape, seed, remaining, settings: own });

/** Initial parameters of a seed with biases that are not 0, so that zombie neurons pass gradients. */
function biased(seed: number): Parameters {
  const start = initialParameters(shape, seed);
  for (const layer of [0, 1, 2]) {
    const biases = start.biases(layer);
    biases.forEach((_, neuron) => {
      biases[neuron] = neuron % 3 === 0 ? -0.25 : 0.25;
    });
  }
  return start;
}

/** Trains a level and reads its result. */
async function trainAndRead(engine: Engine, job: LevelJob) {
  const trained = await engine.train(job);
  const weights = await trained.weights();
  trained.release();
  return { training: trained.training, weights };
}

/** Trains a level, does something with it, and releases it. */
async function withTrained<T>(engine: Engine, job: LevelJob, use: (trained: TrainedLevel) => Promise<T>): Promise<T> {
  const trained = await engine.train(job);
  try {
    return await use(trained);
  } finally {
    trained.release();
  }
}

const likeTwins = [
  ["as the thesis does", "relu", settings],
  ["by tanh", "tanh", settings],
  ["while weights decay", "relu", { ...settings, weightDecay: 0.5 }],
  ["while weights decay in the best epoch, by SGD", "tanh", { ...settings, ...decaying, optimizer: "sgd", lr: 0.05 }],
  ["while it warms up and weights decay", "relu", { ...settings, weightDecay: 0.5, schedule: "warmup:10" }],
  [
    "by SGD with momentum 0.5, warm-up and milestones while weights decay and L1 moves them to 0",
    "relu",
    {
      ...{ ...settings, optimizer: "sgd", lr: 0.3, momentum: 0.5, weightDecay: 0.3, l1: 0.05 },
      schedule: "warmup:3+milestones:5,9:0.3",
    },
  ],
] as const;

const biasDecays = [
  ["by Adam", {}],
  ["by Adam in the best epoch, while weights decay and L1 moves them to 0", { ...decaying, l1: 0.001 }],
  ["by SGD with momentum, while weights decay", { optimizer: "sgd", lr: 0.05, momentum: 0.9, weightDecay: 0.3 }],
] as const;

describe.each(engineNames)("the %s engine", (name) => {
  // The resident kernel computes the same at every workgroup size, and a software adapter compiles each variant for
  // seconds: the one of tanh and mse, which the tests below compile, stands for tanh.
  const own = likeTwins.filter(([, activation]) => name !== "resident-gpu" || activation === "relu");

  it("draws the order of samples from its own seed where it has one, and random pruning from the model seed", async () => {
    const selection = { criterion: "random", keep: 60 };
    const take = async (seed: number, orderSeed?: number) =>
      withTrained(
        await engines[name](1, "relu"),
        jobOf(seed, { orderSeed, start: jobOf(3).start }),
        async (trained) => ({
          values: (await trained.weights()).values.join(),
          words: (await trained.select(selection)).words.join(),
        }),
      );
    const [other, own, ordered] = [await take(9), await take(3), await take(3, 9)];
    expect(ordered.values).toBe(other.values);
    expect(ordered.values).not.toBe(own.values);
    expect(ordered.words).toBe(own.words);
    expect(ordered.words).not.toBe(other.words);
  });

  it.each(own)("trains like the twins %s: within the rounding of f32, the same masks", async (_, activation, keys) => {
    // Level 1 keeps few weights, some without a path to an output.
    const device = await play(await engines[name](1, activation), runOf(3, [40, 20], keys));
    const twins = await play(await engines.twins(1, activation), runOf(3, [40, 20], keys));
    device.forEach(({ training, values, words }, i) => {
      const twin = twins[i];
      expect(training.epochs).toBe(6);
      expect(training.steps).toBe(6 * Math.ceil(dataset.train.samples / batch));
      expect(training.trainLoss).toBeCloseTo(twin.training.trainLoss, 4);
      expect(training.valLoss).toBeCloseTo(twin.training.valLoss, 4);
      expect(training.scoreSums).toEqual(twin.training.scoreSums);
      // 18 Adam steps of 0.01: the size of an Adam step hardly depends on the gradient, so rounding can change steps
      // near 0.
      values.forEach((w, k) => {
        expect(Math.abs(w - twin.values[k])).toBeLessThan(2e-3);
      });
      expect(words).toEqual(twin.words);
    });
  });

  it.each(biasDecays)("keeps pruned biases at exactly 0, and trains the others like the twins: %s", async (_, keys) => {
    const job = jobOf(5, {
      start: biased(5),
      settings: { ...settings, ...keys, keepMoments: true },
      mask: withoutBiases(maskOf60()),
    });
    const read = async (engine: Engine) =>
      withTrained(engine, job, async (trained) => [await trained.weights(), await trained.firstMoments()] as const);
    const [device, twin] = [await read(await engines[name](1, "relu")), await read(await engines.twins(1, "relu"))];
    const selected = await withTrained(await engines[name](1, "relu"), job, (trained) =>
      trained.select({ criterion: "magnitude", keep: 40 }),
    );
    expect([selected.count(), [...selected.biasWords]]).toEqual([40, [...job.mask.biasWords]]);
    const { biasOffset } = device[0].layout;
    device.forEach(({ values }, kind) => {
      values.forEach((value, k) => {
        expect(Math.abs(value - twin[kind].values[k])).toBeLessThan(2e-3);
      });
      for (const layer of [0, 1, 2]) {
        device[kind].biases(layer).forEach((bias, neuron) => {
          const at = `bias ${neuron} of layer ${layer}, at ${biasOffset[layer] + neuron}`;
          // Of every neuron that reaches an output, a kept bias has moved and has a moment.
          if (!job.mask.hasBias(layer, neuron)) expect(bias, at).toBe(0);
          else if (layer === 2) expect(bias, at).not.toBe(0);
        });
      }
    });
  });

  it("regresses like the twins, measured by sums of squared errors", async () => {
    const device = await play(await engines[name](1, "tanh", regression), runOf(3));
    const twins = await play(await engines.twins(1, "tanh", regression), runOf(3));
    device.forEach(({ training, words }, i) => {
      const other = twins[i].training;
      expect(training.valLoss).toBeCloseTo(other.valLoss, 4);
      expect(training.scoreSums.map((sums) => sums.length)).toEqual([1, 1]);
      training.scoreSums.forEach(([sum], task) => {
        expect(sum / other.scoreSums[task][0]).toBeCloseTo(1, 3);
      });
      // The loss is the mean of the same squared errors.
      const squares = training.scoreSums.reduce((sum, [own]) => sum + own, 0);
      expect(squares / 2 / regression.validation.samples).toBeCloseTo(training.valLoss, 5);
      expect(words).toEqual(twins[i].words);
    });
  });

  it("sums the squared errors of one task and counts the right answers of another by class", async () => {
    const [{ training }] = await play(await engines[name](1, "tanh", mixed), runOf(3, [80]));
    const [twin] = await play(await engines.twins(1, "tanh", mixed), runOf(3, [80]));
    const [[squares], right] = training.scoreSums;
    expect(squares / twin.training.scoreSums[0][0]).toBeCloseTo(1, 3);
    expect(right).toEqual(twin.training.scoreSums[1]);
    const [absent, present] = right;
    expect(absent).toBe(0);
    expect(present).toBeGreaterThan(0);
    expect(present).toBeLessThan(mixed.validation.samples);
  });

  it("learns", async () => {
    const job = jobOf(1, { settings: { ...settings, maxEpochs: 60, patience: 60 } });
    const { valLoss, trainLoss, scoreSums } = (await trainAndRead(await engines[name](1), job)).training;
    // Random guessing has a loss of ln 2 = 0.69 per task.
    expect(valLoss).toBeLessThan(0.3);
    expect(trainLoss).toBeLessThan(0.3);
    // Each of the two classes has half of the samples.
    expect(scoreSums.map((right) => right.length)).toEqual([2, 2]);
    for (const right of scoreSums.flat()) expect(right / (dataset.validation.samples / 2)).toBeGreaterThan(0.8);
  });

  it("gives the same bytes twice, and the same alone as in a population", async () => {
    const run = runOf(7, undefined, { ...settings, keepCurves: true });
    const alone = await play(await engines[name](1), run);
    expect(await play(await engines[name](1), run)).toEqual(alone);
    const together = await engines[name](3);
    const runs = await Promise.all([
      // The other runs end their levels at other epochs, so the three runs are at different levels at the same time.
      play(together, runOf(5, [40, 20], { ...settings, maxEpochs: 2, keepCurves: true })),
      play(together, run),
      play(together, runOf(9, [100, 50], { ...settings, maxEpochs: 9, lr: 0.03 })),
    ]);
    expect(runs[1]).toEqual(alone);
    expect(runs.map(([{ training }]) => training.curves?.valLoss.length)).toEqual([2, 6, undefined]);
    expect(runs[0][0].training.epochs).toBe(2);
    expect(runs[2][0].training.epochs).toBe(9);
  });

  it("reads the weights in the middle of a level, which changes no bit of its end", async () => {
    const mask = maskOf60();
    const { job, seen } = await longEnough(name === "cpu" ? 30_000 : isOnGpu ? 6000 : 60, async (epochs) => {
      const job = jobOf(7, { level: 1, mask, settings: { ...settings, maxEpochs: epochs, patience: epochs } });
      const watch = async (isWatched: boolean) => {
        let seen: Promise<Parameters> | undefined;
        let read: (() => Promise<Parameters>) | undefined;
        const trained = await (await engines[name](1)).train(job, {
          begun: ({ weights }) => {
            read = weights;
          },
          progress: () => {
            if (isWatched) seen ??= read?.();
          },
        });
        return { training: trained.training, seen: await seen, weights: await trained.weights() };
      };
      const { seen, ...watched } = await watch(true);
      if (!seen || isDeepStrictEqual(seen.values, watched.weights.values)) return undefined;
      const alone = await watch(false);
      expect(watched.training).toEqual(alone.training);
      expect(watched.weights.values).toEqual(alone.weights.values);
      return { job, seen };
    });
    expect(seen.values.every(Number.isFinite)).toBe(true);
    expect(seen.values).not.toEqual(maskedParameters(job.start, mask).values);
    expectPrunedZero(seen, mask);
  });

  it("lets a level wait for a slot, the one with most remaining work first, to the bytes of each alone", async () => {
    const engine = await engines[name](1);
    const ended: number[] = [];
    const remainingWork = [1, 2, 9, 5, 9];
    const levels = await Promise.all(
      remainingWork.map(async (work, seed) => {
        const trained = await engine.train(jobOf(seed, { remainingWork: work }));
        ended.push(seed);
        const { values } = await trained.weights();
        trained.release();
        return values;
      }),
    );
    expect(ended).toEqual([0, 2, 4, 3, 1]);
    const alone = await engines[name](1);
    for (const [seed, values] of levels.entries()) {
      expect((await trainAndRead(alone, jobOf(seed))).weights.values, `seed ${seed}`).toEqual(values);
    }
  });

  it("trains a level as a function of its job: from masked start weights, pruned weights never move, nothing is left over", async () => {
    const engine = await engines[name](1);
    const start = jobOf(4).start;
    const given = start.values.slice();
    let mask = Mask.full(shape);
    for (const [level, keep] of [90, 41, 17].entries()) {
      const job = jobOf(4, { level, mask });
      const words = mask.words.slice();
      const next = await withTrained(engine, job, async (trained) => {
        expectPrunedZero(await trained.weights(), mask);
        const chosen = await trained.select({ criterion: "magnitude", keep });
        // Selection does not change the trained level.
        expect((await trained.select({ criterion: "magnitude", keep })).words).toEqual(chosen.words);
        return chosen;
      });
      expect(next.count()).toBe(keep);
      expect(next.isSubsetOf(mask)).toBe(true);
      expect(await trainAndRead(engine, job)).toEqual(await trainAndRead(engine, job));
      expect([start.values, mask.words]).toEqual([given, words]);
      mask = next;
    }
    // The learning rate is so low that no weight changes: the trained weights equal the initial ones.
    const still = jobOf(4, { mask, settings: { ...settings, lr: 1e-30, maxEpochs: 1 } });
    const { weights } = await trainAndRead(engine, still);
    const masked = maskedParameters(start, mask);
    for (const layer of [0, 1, 2]) expect(weights.weights(layer)).toEqual(masked.weights(layer));
  });

  it("keeps the highest scores of the whole network, or given numbers of each layer, by every criterion", async () => {
    const engine = await engines[name](1);
    await withTrained(engine, jobOf(6), async (trained) => {
      const weights = await trained.weights();
      const magnitudes = [0, 1, 2].map((layer) => Array.from(weights.weights(layer), Math.abs));
      const global = await trained.select({ criterion: "magnitude", keep: 100 });
      const threshold = magnitudes.flat().sort((a, b) => b - a)[99];
      for (const [layer, values] of magnitudes.entries()) {
        values.forEach((w, at) => {
          const kept = global.has(layer, Math.floor(at / shape[layer]), at % shape[layer]);
          expect(kept).toBe(w >= threshold);
        });
      }
      const layered = await trained.select({ criterion: "magnitude", keep: [26, 1, 18] });
      expect([0, 1, 2].map((layer) => layered.count(layer))).toEqual([26, 1, 18]);

      const scaled = await trained.select({ criterion: "scaled-magnitude", keep: 100 });
      const deviations = [0, 1, 2].map((layer) => {
        const start = jobOf(6).start.weights(layer);
        return Math.sqrt(start.reduce((sum, w) => sum + w * w, 0) / start.length);
      });
      const scores = magnitudes.map((values, layer) => values.map((w) => w / deviations[layer]));
      const least = scores.flat().sort((a, b) => b - a)[99];
      const byScore = scores.map((values) => values.filter((score) => score >= least).length);
      expect([0, 1, 2].map((layer) => scaled.count(layer))).toEqual(byScore);
      expect(scaled.words).not.toEqual(global.words);
    });
    const random = async (level: number) =>
      withTrained(engine, jobOf(6, { level }), (trained) => trained.select({ criterion: "random", keep: 100 }));
    const masks = [await random(0), await random(0), await random(1)];
    expect(masks.map((mask) => mask.count())).toEqual([100, 100, 100]);
    expect(masks[0].words).toEqual(masks[1].words);
    expect(masks[0].words).not.toEqual(masks[2].words);
  });

  // Of resident kernels, "resident" stands for all workgroups.
  it.skipIf(name === "resident-gpu")(
    "moves nothing at rate 0, and gives the gradients that float64 gives, of zombie and inactive neurons too",
    async () => {
      const engine = await engines[name](1);
      const mask = maskOf60();
      for (let k = 0; k < 13; k++) {
        // Nothing leads to neuron 4 of the first hidden layer, and nowhere leads neuron 2.
        if (k < 4) mask.set(0, 4, k, false);
        if (k < 9) mask.set(1, k, 2, false);
      }
      const { zombie, inactive } = analyze(mask, dataset.tasks, "total").weights;
      expect(Math.min(zombie, inactive)).toBeGreaterThan(0);
      const job = jobOf(3, { mask, start: biased(3) });
      const still = { ...settings, lr: 0, maxEpochs: 2, keepMoments: true };
      const weights = await withTrained(engine, { ...job, settings: still }, (trained) => trained.weights());
      expect(weights.values).toEqual(maskedParameters(job.start, mask).values);
      const { values } = await gradientsOf({ engine, job, dataset }, job.start);
      const exact = float64Derivatives(dataset, mask, job.start, job.start.values, "relu").gradients;
      const largest = Math.max(...exact.map(Math.abs));
      expect(largest).toBeGreaterThan(0.1);
      values.forEach((value, k) => {
        expect(Math.abs(value - exact[k]), `parameter ${k}`).toBeLessThan(1e-6 * largest);
      });
    },
  );

  it("trains the levels of a branch: given masks that are not nested, given start weights, the order of a level", async () => {
    const engine = await engines[name](1, "relu");
    const spec = {
      ...resolveSpec({ dataset: "moons-circles", shape, levels: 1, rate: 0.5 }, "test").spec,
      ...settings,
    };
    // The second has the weights that the first lacks.
    const masks = [maskOf60(), Mask.full(shape)];
    masks[1].words.forEach((word, i) => {
      masks[1].words[i] = word & ~masks[0].words[i];
    });
    const counts = [60, masks[1].count()];
    const start = biased(5);
    const taken: Parameters[] = [];
    const observe = (event: RunEvent) => {
      if (event.kind === "trained") event.weights().then((weights) => taken.push(weights));
    };
    const { levels } = await runLottery({
      ...{ experiment: 0, seed: 3, spec: { ...spec, remaining: counts }, dataset, engine, observe },
      prescribed: {
        sourceLevels: [4, 7],
        orderSeed: 9,
        dense: undefined,
        start: async () => start,
        mask: async (level) => masks[level],
      },
    });
    expect(levels.map(({ level, sourceLevel, remaining }) => [level, sourceLevel, remaining])).toEqual([
      [0, 4, counts[0]],
      [1, 7, counts[1]],
    ]);
    for (const [k, level] of [4, 7].entries()) {
      const job = jobOf(3, { orderSeed: 9, level, start, mask: masks[k] });
      const { training, weights } = await trainAndRead(engine, job);
      expect(levels[k].valLoss).toBe(training.valLoss);
      expect(taken[k].values).toEqual(weights.values);
    }
  });

  it("keeps the best epoch's weights where asked, and stops when patience runs out", async () => {
    const engine = await engines[name](1);
    // A learning rate this high makes the validation loss rise again soon.
    const wild = { ...settings, lr: 0.3, maxEpochs: 40, patience: 3 };
    const last = await trainAndRead(engine, jobOf(2, { settings: wild }));
    const best = await trainAndRead(engine, jobOf(2, { settings: { ...wild, keep: "best" } }));
    expect(best.training.epochs).toBe(last.training.epochs);
    expect(best.training.steps - best.training.keptStep).toBe(3 * stepsPerEpoch);
    expect(last.training.keptStep).toBe(last.training.steps);
    expect([last.training.bestStep, best.training.bestStep]).toEqual(Array(2).fill(best.training.keptStep));
    expect(best.training.valLoss).toBeLessThan(last.training.valLoss);
    // Training for exactly the kept epochs gives the kept weights.
    const short = { ...wild, maxEpochs: best.training.keptStep / stepsPerEpoch };
    // The curves of every epoch change neither the weights nor the record.
    const kept = await trainAndRead(engine, jobOf(2, { settings: { ...short, keepCurves: true } }));
    const { curves, ...record } = kept.training;
    if (!curves) throw new Error("no curves");
    expect(record).toEqual((await trainAndRead(engine, jobOf(2, { settings: short }))).training);
    expect([curves.trainLoss, curves.valLoss, curves.scoreSums].map(({ length }) => length)).toEqual(
      Array(3).fill(record.epochs),
    );
    expect([curves.trainLoss.at(-1), curves.valLoss.at(-1), curves.scoreSums.at(-1)]).toEqual([
      record.trainLoss,
      record.valLoss,
      record.scoreSums,
    ]);
    const first = (await trainAndRead(engine, jobOf(2, { settings: { ...wild, maxEpochs: 1 } }))).training;
    expect([curves.trainLoss[0], curves.valLoss[0], curves.scoreSums[0]]).toEqual([
      first.trainLoss,
      first.valLoss,
      first.scoreSums,
    ]);
    expect(kept.weights.values).toEqual(best.weights.values);
    expect(kept.training.scoreSums).toEqual(best.training.scoreSums);
    expect(best.training.scoreSums).not.toEqual(last.training.scoreSums);
  });

  it("names the tensor that diverges, leaves the other levels alone and its slot to the next", async () => {
    const engine = await engines[name](2);
    const diverges: LevelJob["settings"] = { ...settings, lr: 1e38, optimizer: "sgd", maxEpochs: 50, patience: 50 };
    const good = engine.train(jobOf(2));
    for (const level of [2, 3, 4]) {
      await expect(engine.train(jobOf(1, { level, settings: diverges }))).rejects.toThrow(
        new RegExp(
          `^seed 1, level ${level}: the loss became .+ in epoch \\d+ \\(layers\\.0\\.weight: \\d+ values are not finite, the first at index \\d+\\); lower lr \\(now 1e\\+38\\) or check the inputs$`,
        ),
      );
    }
    expect((await good).training.valLoss).toBeLessThan(1);
    expect((await trainAndRead(engine, jobOf(1))).training.valLoss).toBeLessThan(1);
  });
});

// "resident" stands for all workgroups.
for (const name of ["twins", "tiled", "sparse", "resident", "cpu"] as const) testIntervals(engines, name);

// The CPU engine's are in checkpoint.test.ts, where its trainer stops at every step. "resident" stands for all workgroups.
describe.each(["tiled", "sparse", "resident"] as const)("checkpoints of the %s engine", (name) => {
  let opened: TakingEngine | undefined;
  /** An engine of two slots; its first submissions are those of another level. */
  const open = async () => {
    if (opened) return opened;
    opened = new TakingEngine((afterStep) => engines[name](2, "relu", dataset, afterStep));
    const epochs = name === "resident" ? 30 : 2;
    await opened.train(jobOf(0, { settings: { ...settings, maxEpochs: epochs, patience: epochs } }), false);
    return opened;
  };

  it.each(trainings)("let a level go on to the same bytes: %s", async (_, own, mask) => {
    const engine = await open();
    const job = jobOf(3, { level: 2, settings: own, mask });
    const { checkpoints, ...whole } = await engine.train(job);
    // Taking them changes nothing.
    expect(await engine.train(job, false)).toEqual({ ...whole, checkpoints: [] });
    const every = own.evaluateEvery;
    const some = chosen(checkpoints, every);
    expect(some.map((one) => isWithin(one, every))).toEqual([true, true, false, false]);
    for (const one of some) {
      const resumed = await engine.train({ ...job, resume: copied(one) }, false);
      const expected = { ...whole, resumedEpochs: epochsAt(one, every), checkpoints: [] };
      expect(resumed, `from step ${one.counts.steps}`).toEqual(expected);
    }
    const ofOthers = { ...job, resume: { ...some[0], lossCells: new Uint32Array(3) } };
    expect((await engine.train(ofOthers, false)).resumedEpochs).toBeUndefined();
  });

  it("let levels go on from different steps side by side, beside new levels and in slots used before", async () => {
    const engine = await open();
    const jobs = [1, 2, 3, 4].map((seed) =>
      jobOf(seed, { settings: { ...curved, keep: "best", lr: 0.05, maxEpochs: 4 + seed } }),
    );
    const whole = await Promise.all(jobs.map((job) => engine.train(job)));
    const from = jobs.map((job, k): LevelJob => {
      // The last level is new; the others stand at both of the steps within an epoch.
      if (k === 3) return job;
      const resume = whole[k].checkpoints.find(({ counts }) => counts.steps % stepsPerEpoch === 1 + (k % 2));
      if (!resume) throw new Error(`no checkpoint of seed ${job.seed} within an epoch`);
      return { ...job, resume };
    });
    const resumed = await Promise.all(from.map((job) => engine.train(job, false)));
    for (const [k, { training, values }] of whole.entries()) {
      const resumedEpochs = from[k].resume?.counts.evaluations;
      expect(resumed[k]).toEqual({ training, values, resumedEpochs, checkpoints: [] });
    }
  });
});

function expectPrunedZero(parameters: Parameters, mask: Mask): void {
  for (let layer = 0; layer < shape.length - 1; layer++) {
    parameters.weights(layer).forEach((w, at) => {
      const isKept = mask.has(layer, Math.floor(at / shape[layer]), at % shape[layer]);
      if (!isKept) expect(w).toBe(0);
    });
  }
}
