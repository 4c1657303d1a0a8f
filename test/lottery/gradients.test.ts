import { afterAll, describe, expect, it } from "vitest";
import { epochOrder } from "../../src/base/random.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { takeSamples } from "../../src/dataset/split.ts";
import type { Engine, LevelJob } from "../../src/engine/engine.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../../src/engine/tiled/tiled_engine.ts";
import { type GradientPass, gradientsOf } from "../../src/lottery/gradients.ts";
import { hessianGradientsOf } from "../../src/lottery/hessian_gradients.ts";
import { runLottery } from "../../src/lottery/lottery.ts";
import { nextMask } from "../../src/lottery/next_level.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { openSmallCpuEngine } from "../engine/small_cpu_engine.ts";
import { batch, dataset, jobOf, regression, settings, shape } from "../engine/small_networks.ts";
import { float64Derivatives } from "./float64_gradients.ts";

const opened: Engine[] = [];
function open(activation: string, data = dataset): Engine {
  const engine = openSmallCpuEngine(1, activation, data);
  opened.push(engine);
  return engine;
}
afterAll(() => {
  for (const engine of opened) engine.close();
});

/** A mask with gaps in every layer, and without a path from input 3. */
function gappedMask(): Mask {
  const mask = Mask.full(shape);
  for (const layer of [0, 1, 2]) {
    for (let k = 0; k < shape[layer] * shape[layer + 1]; k += 3) {
      mask.set(layer, Math.floor(k / shape[layer]), k % shape[layer], false);
    }
  }
  for (let output = 0; output < shape[1]; output++) mask.set(0, output, 3, false);
  return mask;
}

const passOf = (engine: Engine, data = dataset, change: Partial<LevelJob> = {}): GradientPass => ({
  engine,
  job: jobOf(2, { mask: gappedMask(), ...change }),
  dataset: data,
});

/** Length of the difference of two vectors over the length of the second. */
function relativeDifference(values: ArrayLike<number>, exact: ArrayLike<number>, count: number): number {
  const square = (of: (k: number) => number) =>
    Array.from({ length: count }, (_, k) => of(k) ** 2).reduce((a, b) => a + b);
  return Math.sqrt(square((k) => values[k] - exact[k]) / square((k) => exact[k]));
}

describe("gradientsOf", () => {
  it("agrees with central differences of the mean training loss in float64, for every kept weight and bias", async () => {
    const few = moonsCircles(0, { samples: 80 });
    const pass = passOf(open("tanh", few), few);
    const { start, mask } = pass.job;
    const { values } = await gradientsOf(pass, start);
    const h = 1e-5;
    const lossWith = (at: number, change: number) => {
      const moved = Float64Array.from(start.values);
      moved[at] += change;
      return float64Derivatives(few, mask, start, moved, "tanh").loss;
    };
    const differences = Array.from(values, (_, at) => (lossWith(at, h) - lossWith(at, -h)) / (2 * h));
    const largest = Math.max(...differences.map(Math.abs));
    values.forEach((value, at) => {
      expect(Math.abs(value - differences[at]), `parameter ${at}`).toBeLessThan(1e-6 * largest);
    });
  });

  // 150 training samples: batches of 64, 64 and 22; three of 50; one of 150, and one that is wider.
  it.each([64, 50, 150, 200])("is the mean over samples whatever the batch, of %i", async (size) => {
    const limits = { batch: size };
    const engine = await twinEngine(size);
    const pass = passOf(engine, dataset, { settings: { ...settings, ...limits } });
    const { gradients } = float64Derivatives(dataset, pass.job.mask, pass.job.start, pass.job.start.values, "relu");
    const { values } = await gradientsOf(pass, pass.job.start);
    expect(relativeDifference(values, gradients, values.length)).toBeLessThan(1e-6);
  });

  // 150 training samples: 1 or 2 of the whole batches of 64 from the start of the order, or all 15 of 10.
  it.each([
    [64, 1],
    [64, 2],
    [10, 15],
    [10, 4],
  ])(
    "is the mean over the first mini-batches where a number of them is given: batch %i, %i of them",
    async (size, batches) => {
      const pass = passOf(await twinEngine(size), dataset, { settings: { ...settings, batch: size } });
      const { start, mask, seed, level } = pass.job;
      const rows = epochOrder(seed, level, 0, dataset.train.samples).slice(0, batches * size);
      const some = { ...dataset, train: takeSamples(dataset.train, rows, dataset.tasks.length) };
      const { gradients } = float64Derivatives(some, mask, start, start.values, "relu");
      const { values } = await gradientsOf(pass, start, batches);
      expect(relativeDifference(values, gradients, values.length)).toBeLessThan(1e-6);
      const all = await gradientsOf(pass, start);
      expect(relativeDifference(all.values, gradients, values.length) < 1e-6).toBe(batches * size === 150);
    },
  );

  it("leaves the engine's only slot to the next level, and names level and layer where a gradient is not finite", async () => {
    const pass = passOf(open("relu", regression), regression);
    const huge = new Parameters(
      shape,
      pass.job.start.values.map((value) => value * 1e13),
    );
    await expect(gradientsOf(pass, huge)).rejects.toThrow(
      /^gradients of seed 2, level 0: the loss became (Infinity|NaN) by step 3 \(layers\.\d\.(weight|bias), first moment: \d+ values are not finite, the first at index \d+\); check the weights and the inputs$/,
    );
    const { values } = await gradientsOf(pass, pass.job.start);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it("ends the wait when the run is aborted", async () => {
    const reason = new Error("stopped");
    const pass = passOf(open("relu"));
    const waiting = new AbortController();
    const gradients = gradientsOf({ ...pass, signal: waiting.signal }, pass.job.start);
    waiting.abort(reason);
    await expect(gradients).rejects.toBe(reason);
  });
});

async function twinEngine(size = batch, slots = 1): Promise<Engine> {
  const engine = await TiledEngine.open(new TwinExecutor(), { shapes: [shape], dataset, batch: size, slots });
  opened.push(engine);
  return engine;
}

describe("hessianGradientsOf", () => {
  it.each(["relu", "tanh"] as const)("is the product of tangents in float64, with %s", async (activation) => {
    const { job } = passOf(open(activation));
    const { start, mask } = job;
    start.values.fill(0.1, start.layout.biasOffset[0]);
    // Pruned biases count as 0, whatever they are.
    for (let neuron = 0; neuron < shape[1]; neuron += 2) {
      mask.setBias(0, neuron, false);
      start.biases(0)[neuron] = 0;
    }
    const { gradients } = float64Derivatives(dataset, mask, start, start.values, activation);
    const direction = gradients.fill(0, start.layout.biasOffset[0]);
    const { product } = float64Derivatives(dataset, mask, start, start.values, activation, direction);
    for (let neuron = 0; neuron < shape[1]; neuron += 2) start.biases(0)[neuron] = 0.7;
    const { values } = await hessianGradientsOf({ job, dataset }, activation, start);
    const largest = Math.max(...product.subarray(0, start.layout.biasOffset[0]).map(Math.abs));
    values.subarray(0, start.layout.biasOffset[0]).forEach((value, k) => {
      expect(Math.abs(value - product[k]), `weight ${k}`).toBeLessThan(1e-7 * largest);
    });
  });

  it("is the central difference of an engine's gradients, where neurons do not switch", async () => {
    const pass = passOf(open("tanh", regression), regression);
    const { start } = pass.job;
    const weights = start.layout.biasOffset[0];
    const { values: direction } = await gradientsOf(pass, start);
    const h = 1e-3;
    const at = (factor: number) => {
      const moved = start.values.map((value, k) => (k < weights ? value + factor * direction[k] : value));
      return gradientsOf(pass, new Parameters(shape, moved));
    };
    const [ahead, behind] = [(await at(h)).values, (await at(-h)).values];
    const difference = ahead.map((value, k) => (value - behind[k]) / (2 * h));
    const { values } = await hessianGradientsOf(pass, "tanh", start);
    expect(relativeDifference(values, difference, weights)).toBeLessThan(1e-3);
  });

  it("is that of the first mini-batches where a number of them is given", async () => {
    const { job } = passOf(open("tanh"), dataset, { settings: { ...settings, batch: 64 } });
    const { start, seed, level } = job;
    const rows = epochOrder(seed, level, 0, dataset.train.samples).slice(0, 128);
    const some = { ...dataset, train: takeSamples(dataset.train, rows, dataset.tasks.length) };
    const [part, exact] = [
      await hessianGradientsOf({ job, dataset }, "tanh", start, 2),
      await hessianGradientsOf({ job, dataset: some }, "tanh", start),
    ];
    expect(relativeDifference(part.values, exact.values, part.values.length)).toBeLessThan(1e-9);
    const all = await hessianGradientsOf({ job, dataset }, "tanh", start);
    expect(relativeDifference(part.values, all.values, part.values.length)).toBeGreaterThan(1e-3);
  });

  it("is 0 where all weights are, and ends when the run is aborted", async () => {
    const { job } = passOf(open("relu"));
    const zeros = new Parameters(shape);
    expect((await hessianGradientsOf({ job, dataset }, "relu", zeros)).values.every((value) => value === 0)).toBe(true);
    const reason = new Error("stopped");
    const signal = AbortSignal.abort(reason);
    await expect(hessianGradientsOf({ job, dataset, signal }, "relu", job.start)).rejects.toBe(reason);
  });
});

describe("a run pruned by gradients", () => {
  const start = initialParameters(shape, 2);
  const pruning = { scope: "global", activation: "tanh" } as const;
  const kept = (mask: Mask) =>
    [0, 1, 2].flatMap((layer) =>
      Array.from({ length: shape[layer] * shape[layer + 1] }, (_, k) => ({
        layer,
        output: Math.floor(k / shape[layer]),
        input: k % shape[layer],
      })).filter(({ output, input }) => mask.has(layer, output, input)),
    );

  it.each(["gradient-saliency", "snip", "grasp"])(
    "keeps the weights that %s scores highest in float64",
    async (criterion) => {
      const engine = open("tanh");
      const job = jobOf(2, { mask: gappedMask(), start });
      const { mask } = job;
      const trained = await engine.train(job);
      const weights = await trained.weights();
      let isHeld = true;
      const release = () => {
        if (isHeld) trained.release();
        isHeld = false;
      };
      const level = { engine, job, dataset, initial: start, trained: { ...trained, release } };
      const remaining = [mask.count(), 60];
      const next = await nextMask({ ...pruning, criterion, remaining }, level);

      const at = criterion === "gradient-saliency" ? weights : start;
      const { gradients } = float64Derivatives(dataset, mask, start, at.values, "tanh");
      const direction = gradients.slice().fill(0, start.layout.biasOffset[0]);
      const { product } = float64Derivatives(dataset, mask, start, at.values, "tanh", direction);
      const { weightOffset, rowStride } = start.layout;
      const scored = kept(mask).map((weight) => {
        const k = weightOffset[weight.layer] + weight.output * rowStride[weight.layer] + weight.input;
        // GraSP prunes the largest -w (H g) first.
        const score = criterion === "grasp" ? at.values[k] * product[k] : Math.abs(at.values[k] * gradients[k]);
        return { weight, score };
      });
      // The sort is stable: of equal scores, as those of weights without a path to an output, the lower index goes first.
      scored.sort((a, b) => a.score - b.score);
      const expected = scored.slice(-60).map(({ weight }) => JSON.stringify(weight));
      expect(new Set(kept(next).map((weight) => JSON.stringify(weight)))).toEqual(new Set(expected));
    },
  );

  it("needs no slot beside that of its level, and has nested masks", async () => {
    const keys = { dataset: "moons-circles", samples: 300, shape: [...shape], target: 40, levels: 2, maxEpochs: 2 };
    const masks = new Set<string>();
    for (const criterion of ["gradient-saliency", "snip", "grasp", "magnitude"]) {
      const { spec } = resolveSpec({ ...keys, criterion }, "test");
      const data = moonsCircles(0, { samples: 300 });
      const engine = await twinEngine();
      const run = await runLottery({ experiment: 0, seed: 1, spec, dataset: data, engine });
      expect(run.levels.map(({ remaining }) => remaining)).toEqual(spec.remaining);
      masks.add(JSON.stringify(run.levels.map(({ valLoss }) => valLoss)));
    }
    expect(masks.size).toBe(4);
  });
});
