import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { DeviceError, InputError } from "../../../src/base/errors.ts";
import type { Shape } from "../../../src/base/shape.ts";
import type { Dataset } from "../../../src/dataset/dataset.ts";
import type { Compaction } from "../../../src/engine/cpu/compact_network.ts";
import { type CpuEngine, openCpuEngine } from "../../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../../src/engine/cpu/plan.ts";
import { moduleBytes } from "../../../src/engine/cpu/sizes.ts";
import { type ThreadEvents, ThreadWorker } from "../../../src/engine/cpu/thread.ts";
import { defaultCompaction, LevelTrainer } from "../../../src/engine/cpu/trainer.ts";
import { startNodeThread } from "../../../src/engine/cpu/worker/node.ts";
import type { Engine, LevelSettings } from "../../../src/engine/engine.ts";
import { TwinExecutor } from "../../../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../../../src/engine/tiled/tiled_engine.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { Parameters } from "../../../src/network/parameters.ts";
import type { Selection } from "../../../src/pruning/selection.ts";
import { selectMask } from "../../../src/pruning/selector.ts";
import { bundleScript } from "../../../tools/inline.mjs";
import { expectSameBits, normals } from "../../kernels/harness.ts";
import { play } from "../play.ts";
import { openSmallCpuEngine } from "../small_cpu_engine.ts";
import { batch, dataset, jobOf, settings, shape } from "../small_networks.ts";

const plan = { networks: [{ shape, batch }], dataset };

const opened: Engine[] = [];
const opens = (engine: CpuEngine) => {
  opened.push(engine);
  return engine;
};
afterAll(() => {
  for (const engine of opened) engine.close();
});

const threeLevels = (engine: Engine, seed: number) => play(engine, { shape, seed, settings, remaining: [90, 40, 20] });

/** A mask selected by the initial weights of a seed, or at random. */
function maskOf(own: Shape, seed: number, selection: Selection): Mask {
  const start = initialParameters(own, seed);
  return selectMask({ trained: start, start, mask: Mask.full(own), seed, nextLevel: 1 }, selection);
}

/** A level trained on the calling thread, in memory that an earlier level of another network has used. */
function trained(trainer: LevelTrainer, seed: number, level: number, mask: Mask, levelSettings = settings) {
  const { shape: ownShape, batch: ownBatch } = trainer.plan.networks[0];
  const start = initialParameters(ownShape, seed).values;
  const job = { seed, level, settings: { ...levelSettings, batch: ownBatch }, shape: ownShape, start };
  return trainer.train({ ...job, maskWords: mask.words });
}

describe("the threads of the CPU engine", () => {
  it("give the same bytes however many they are, in a queue or side by side", async () => {
    const seeds = [1, 2, 3, 4];
    const runs = [];
    for (const threads of [1, 2, 3]) {
      const engine = opens(openSmallCpuEngine(threads));
      expect(engine.slots).toBe(threads);
      runs.push(await Promise.all(seeds.map((seed) => threeLevels(engine, seed))));
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
    expect(runs[0][0]).not.toEqual(runs[0][1]);
  });

  it("train networks of several shapes and batches side by side, each as it does alone", async () => {
    const sizes = [
      { shape: [4, 30, 20, 2], batch: 10 },
      { shape: [4, 5, 2], batch: 150 },
      { shape, batch },
    ];
    const runs = async (networks: typeof sizes, cores: number) => {
      const limits = { networks: networks.length, cores, memoryBytes: 2 ** 30 };
      const engine = opens(openCpuEngine(planCpuEngine({ networks, dataset }, limits, "a test"), startNodeThread));
      return Promise.all(
        networks.map((size) =>
          play(engine, { ...size, seed: 7, settings: { ...settings, batch: size.batch }, remaining: [12, 6] }),
        ),
      );
    };
    const alone = [];
    for (const size of sizes) alone.push(...(await runs([size], 1)));
    expect(await runs(sizes, 1)).toEqual(alone);
    expect(await runs(sizes, 3)).toEqual(alone);
    expect(alone[0][0].training.steps).toBe(6 * 15);
  });

  it("refuse a shape or a batch that was not planned", async () => {
    const engine = opens(openSmallCpuEngine(1));
    const other = jobOf(1, { start: initialParameters([4, 5, 2], 1) });
    await expect(engine.train(other)).rejects.toThrow("internal: seed 1: shape (4,5,2) is not in the plan");
    await expect(engine.train(jobOf(1, { settings: { ...settings, batch: 65 } }))).rejects.toThrow(
      "internal: seed 1: batch 65, the plan has room for 64",
    );
  });

  it("are as many as networks, cores and memory allow, and at least one", () => {
    const limits = { networks: 3, cores: 4, memoryBytes: 2 ** 30 };
    const planned = (change: Partial<typeof limits>) => planCpuEngine(plan, { ...limits, ...change }, "a test");
    expect(planned({})).toMatchObject({ name: "cpu", reason: "a test", slots: 3, atOnce: 3, deviceBytes: 0 });
    expect(planned({ cores: 1 }).slots).toBe(1);
    expect(planned({ cores: 2, networks: 9 }).slots).toBe(2);
    const { hostBytes } = planned({ cores: 1 });
    expect(planned({ memoryBytes: 2 * hostBytes }).slots).toBe(2);
    expect(planned({ memoryBytes: 1 }).slots).toBe(1);
  });

  it("refuse a network that no module can hold", () => {
    const large = { networks: [...plan.networks, { shape: [4, 20_000, 20_000, 2], batch }], dataset };
    const limits = { networks: 1, cores: 1, memoryBytes: 2 ** 40 };
    const open = () => planCpuEngine(large, limits, "a test");
    expect(open).toThrow(InputError);
    expect(open).toThrow(
      /^shape \(4,20000,20000,2\) with dataset moons-circles takes \d+ bytes on the CPU, at most 4294967296: choose a smaller shape or fewer samples$/,
    );
  });

  it("tell of progress while they train", async () => {
    const heard: number[] = [];
    const long = { ...settings, maxEpochs: 30_000, patience: 30_000, lr: 0.001 };
    await opens(openSmallCpuEngine(1)).train(jobOf(1, { settings: long }), {
      progress: ({ epochs, valLoss }) => heard.push(epochs, valLoss),
    });
    expect(heard.length).toBeGreaterThan(0);
    expect(heard[0]).toBeLessThan(30_000);
  });

  it("answer with the weights of the end where a level ends before it hears the question, and not after", async () => {
    const engine = opens(openSmallCpuEngine(1));
    const asked: Promise<Parameters>[] = [];
    let late: (() => Promise<Parameters>) | undefined;
    const trained = await engine.train(jobOf(1), {
      begun: ({ weights }) => {
        // The level is too short for a progress report, so its result is the answer.
        asked.push(weights());
        late = weights;
      },
    });
    expect(await Promise.all(asked)).toEqual([await trained.weights()]);
    // The thread may already train another level.
    await expect(late?.()).rejects.toThrow("seed 1, level 0: weights requested after the end of the level");
  });

  it("fail the level of an observer that throws, with its error", async () => {
    const long = jobOf(1, { settings: { ...settings, maxEpochs: 100_000, patience: 100_000 } });
    const fails = opens(openSmallCpuEngine(1)).train(long, {
      progress: () => {
        throw new Error("disk full");
      },
    });
    await expect(fails).rejects.toThrow("disk full");
  });

  it("end with the engine, and their levels with them", async () => {
    const engine = openSmallCpuEngine(1);
    const endless = jobOf(1, { settings: { ...settings, maxEpochs: 1_000_000, patience: 1_000_000 } });
    const broken: Promise<unknown>[] = [];
    const begun = new Promise<void>((resolve) => {
      broken.push(
        engine.train(endless, {
          begun: ({ weights }) => {
            broken.push(weights());
            resolve();
          },
        }),
      );
    });
    await begun;
    setTimeout(() => engine.close(), 20);
    expect(broken).toHaveLength(2);
    await Promise.all(broken.map((each) => expect(each).rejects.toThrow(new DeviceError("CPU thread 0 was closed"))));
    await expect(engine.train(jobOf(1))).rejects.toThrow("CPU thread 0 was closed");
  });

  it("are terminated when they are closed, in the middle of a level", async () => {
    let worker: ThreadWorker | undefined;
    const ended = new Promise<string>((resolve) => {
      const startWatched = (events: ThreadEvents) => startNodeThread({ ...events, ended: resolve });
      worker = new ThreadWorker("CPU thread 3", startWatched, plan);
    });
    const endless = { ...settings, maxEpochs: 1e9, patience: 1e9 };
    const { values } = initialParameters(shape, 1);
    const heard = new Promise((resolve) => {
      const job = { seed: 1, level: 0, settings: endless, shape, start: values, maskWords: Mask.full(shape).words };
      worker?.train(job, resolve).catch(() => {});
    });
    await heard;
    worker?.close();
    expect(await ended).toBe("ended with exit code 1");
  });

  it("report an end of their own, to the level that trains and to the next", async () => {
    const events: ThreadEvents[] = [];
    const worker = new ThreadWorker(
      "CPU thread 7",
      (heard) => {
        events.push(heard);
        return startNodeThread(heard);
      },
      plan,
    );
    const { values } = initialParameters(shape, 1);
    const job = { seed: 1, level: 0, settings, shape, start: values };
    const wrong = { ...job, maskWords: new Uint32Array(1) };
    // A mask of another shape violates an invariant of the trainer, so the thread fails permanently.
    const failure = /^CPU thread 7 failed: internal: mask of 1 words, shape needs \d+$/;
    await expect(worker.train(wrong)).rejects.toThrow(failure);
    await expect(worker.train(wrong)).rejects.toThrow(failure);
    await expect(worker.train(wrong)).rejects.toBeInstanceOf(DeviceError);
  });

  it("let the process exit by itself, even while an engine stands open and idle", async () => {
    const script = await bundleScript(fileURLToPath(new URL("idle_process.ts", import.meta.url)));
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-"], {
      input: script,
      encoding: "utf8",
      timeout: 30_000,
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "trained 6 epochs\n", stderr: "" });
  });
});

describe("compaction", () => {
  /** Levels of a run whose late levels have many inactive and zombie neurons. */
  const counts = [187, 120, 70, 40, 22, 12, 6];

  it("changes no bit of a run: nothing, inactive neurons left out, matrices, edges", async () => {
    const ways: Compaction[] = [
      { dropInactive: false, denseFrom: 0 },
      { dropInactive: false, denseFrom: 2 },
      { dropInactive: true, denseFrom: 0 },
      { dropInactive: true, denseFrom: 2 },
      defaultCompaction,
    ];
    const runs = [];
    for (const way of ways) {
      const trainer = new LevelTrainer(plan, way);
      let mask = Mask.full(shape);
      const levels = [];
      for (const level of counts.keys()) {
        const keep: LevelSettings = {
          ...settings,
          optimizer: level % 2 ? "sgd" : "adam",
          keep: level % 3 ? "last" : "best",
        };
        const result = await trained(trainer, 3, level, mask, keep);
        const ended = new Parameters(shape, result.values);
        const ranked = { trained: ended, start: ended, mask, seed: 3, nextLevel: level + 1 };
        mask = selectMask(ranked, { criterion: "magnitude", keep: counts[level + 1] ?? 3 });
        levels.push({ ...result, words: mask.words });
      }
      runs.push(levels);
    }
    for (const run of runs.slice(1)) {
      for (const [level, result] of run.entries()) {
        expect(result.training).toEqual(runs[0][level].training);
        expectSameBits(result.values, runs[0][level].values, `weights of level ${level}`);
        expectSameBits(result.words, runs[0][level].words, `mask after level ${level}`);
      }
    }
  });

  it("leaves inactive weights at their initial values", async () => {
    const mask = Mask.full(shape);
    // Neuron 4 of layer 2 has no path to an output: its weights and those that lead only to it do not change.
    for (let output = 0; output < 2; output++) mask.set(2, output, 4, false);
    const { values } = await trained(new LevelTrainer(plan), 3, 0, mask);
    const [after, initial] = [new Parameters(shape, values), initialParameters(shape, 3)];
    const row = (parameters: Parameters, output: number) =>
      parameters.weights(1).subarray(output * 13, output * 13 + 13);
    expect(row(after, 4)).toEqual(row(initial, 4));
    expect(after.biases(1)[4]).toBe(0);
    expect(row(after, 3)).not.toEqual(row(initial, 3));
  });
});

/** Two multi-class tasks on bytes, a constant input, and an incomplete last batch and last validation chunk. */
function imageDataset(): Dataset {
  const [inputs, samples, validationSamples] = [11, 107, 83];
  const noise = normals((samples + validationSamples) * inputs, 9);
  const split = (count: number, first: number) => ({
    samples: count,
    features: Uint8Array.from({ length: count * inputs }, (_, k) =>
      k % inputs === 2 ? 7 : 128 + 40 * noise[first * inputs + k],
    ),
    labels: Uint32Array.from(
      { length: 2 * count },
      (_, k) => (noise[(first + (k % count)) * inputs + (k < count ? 0 : 5)] > 0 ? 1 : 0) + (k % 2),
    ),
  });
  const columns = (at: number, count: number) => ({ start: at, count });
  return {
    name: "images",
    tasks: [
      { name: "a", kind: "multiclass", inputs: columns(0, 5), outputs: columns(0, 3) },
      { name: "b", kind: "multiclass", inputs: columns(5, 6), outputs: columns(3, 4) },
    ],
    coverage: "output",
    inputs,
    outputs: 7,
    train: split(samples, 0),
    validation: split(validationSamples, samples),
    mean: new Float32Array(inputs).fill(128),
    scale: Float32Array.from({ length: inputs }, (_, i) => (i === 2 ? 0 : 1 / 40)),
  };
}

describe("training on the CPU", () => {
  it.each([
    { batchOf: 40, optimizer: "adam" },
    { batchOf: 1, optimizer: "adam" },
    { batchOf: 512, optimizer: "sgd" },
    { batchOf: 107, optimizer: "adam" },
  ] as const)(
    "is the twins' within rounding for classes on bytes: batch $batchOf, $optimizer",
    async ({ batchOf, optimizer }) => {
      const images = imageDataset();
      const wide = [11, 9, 6, 7];
      const sizes = { shape: wide, dataset: images, batch: batchOf };
      const levelSettings: LevelSettings = {
        optimizer,
        lr: 0.01,
        batch: batchOf,
        maxEpochs: batchOf === 1 ? 1 : 4,
        patience: 9,
        keep: "best",
      };
      const mask = maskOf(wide, 8, { criterion: "random", keep: 120 });
      const twins = await TiledEngine.open(new TwinExecutor(), { ...sizes, shapes: [wide], slots: 1 });
      const level = await twins.train(
        jobOf(8, { level: 1, settings: levelSettings, start: initialParameters(wide, 8), mask }),
      );
      const expected = level.training;
      const { training, values } = await trained(
        new LevelTrainer({ networks: [sizes], dataset: images }),
        8,
        1,
        mask,
        levelSettings,
      );
      expect({ ...training, trainLoss: 0, valLoss: 0 }).toEqual({
        ...expected,
        kernels: "cpu",
        trainLoss: 0,
        valLoss: 0,
      });
      expect(training.trainLoss).toBeCloseTo(expected.trainLoss, 5);
      expect(training.valLoss).toBeCloseTo(expected.valLoss, 5);
      const weights = (await level.weights()).values;
      // An Adam step has a size up to lr for any gradient, so rounding errors can grow where a gradient is near 0.
      values.forEach((w, k) => {
        expect(Math.abs(w - weights[k])).toBeLessThan(1e-3);
      });
    },
  );

  it("holds no more memory than is reckoned before the start, however many levels it trains", async () => {
    const wide = { networks: [{ shape: [4, 190, 170, 2], batch: 150 }], dataset };
    const mask = Mask.full(wide.networks[0].shape);
    const trainer = new LevelTrainer(wide, { dropInactive: true, denseFrom: 2 });
    const once = { ...settings, maxEpochs: 1 };
    await trained(trainer, 1, 0, mask, once);
    const { memoryBytes } = trainer;
    // The module's memory grows in pages of 64 KiB.
    expect(memoryBytes).toBeLessThan(moduleBytes(wide) + 65536);
    for (let level = 1; level < 4; level++) await trained(trainer, 1, level, mask, once);
    expect(trainer.memoryBytes).toBe(memoryBytes);
  });

  it("gives a network the same bytes whatever its trainer trained before", async () => {
    const trainer = new LevelTrainer(plan);
    const alone = await trained(trainer, 4, 0, Mask.full(shape));
    const thin = maskOf(shape, 2, { criterion: "random", keep: 30 });
    await trained(trainer, 2, 1, thin);
    expect(await trained(trainer, 4, 0, Mask.full(shape))).toEqual(alone);
  });
});
