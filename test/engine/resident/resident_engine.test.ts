import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shape, weightCount } from "../../../src/base/shape.ts";
import type { Device } from "../../../src/device/device.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { graphCapacity, graphSize, residentGraph } from "../../../src/engine/resident/graph.ts";
import type { ResidentPlan } from "../../../src/engine/resident/population.ts";
import { ResidentEngine } from "../../../src/engine/resident/resident_engine.ts";
import { DeviceExecutor } from "../../../src/engine/shared/device_executor.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { selectMask } from "../../../src/pruning/selector.ts";
import { sharedDevice } from "../../kernels/harness.ts";
import { play, type Run } from "../play.ts";
import { dataset, jobOf, settings } from "../small_networks.ts";

let device: Device;
const engines: Engine[] = [];
beforeAll(async () => {
  device = await sharedDevice();
});
afterAll(() => {
  for (const engine of engines) engine.close();
});

async function open(shapes: readonly Shape[], slots: number, options: Partial<ResidentPlan> = {}): Promise<Engine> {
  const plan: ResidentPlan = { shapes, dataset, batch: 300, slots, ...options };
  const engine = await ResidentEngine.open(new DeviceExecutor(device), plan);
  engines.push(engine);
  return engine;
}

describe("the resident engine's population", () => {
  it("mixes shapes, batches and settings, and gives each network the bytes that it has alone", async () => {
    const runs: Run[] = [
      { shape: [4, 13, 9, 2], seed: 1, remaining: [90, 40], settings: { ...settings, batch: 64 } },
      { shape: [4, 30, 2], seed: 2, remaining: [100, 20, 7], settings: { ...settings, batch: 300, maxEpochs: 3 } },
      { shape: [4, 2], seed: 3, remaining: [4], settings: { ...settings, batch: 7, lr: 0.1, keep: "best" } },
      {
        shape: [4, 8, 8, 8, 2],
        seed: 4,
        remaining: [60, 30],
        settings: { ...settings, optimizer: "sgd", patience: 1 },
      },
      { shape: [4, 13, 9, 2], seed: 5, remaining: [50, 20, 10], settings: { ...settings, batch: 33, maxEpochs: 9 } },
    ];
    const shapes = runs.map(({ shape }) => shape);
    // Fewer slots than runs: a run that ends is replaced while the others train.
    const together = await open(shapes, 3);
    const all = await Promise.all(runs.map((run) => play(together, run)));
    for (const [index, run] of runs.entries()) {
      expect(await play(await open([run.shape], 1), run), `run ${index}`).toEqual(all[index]);
    }
  });

  it("trains the level with most remaining work first where not all can train, to the bytes of each alone", async () => {
    const shape = [4, 5, 2];
    const one = await open([shape], 3, { sideBySide: 1 });
    const ended: number[] = [];
    const remainingWork = [2, 5, 5];
    const train = async (engine: Engine, seed: number) => {
      // If all trained at the same time, those with few epochs would end first.
      const maxEpochs = 50 * remainingWork[seed];
      const own = { ...settings, maxEpochs, patience: maxEpochs };
      const start = initialParameters(shape, seed);
      const trained = await engine.train(jobOf(seed, { start, settings: own, remainingWork: remainingWork[seed] }));
      ended.push(seed);
      return { training: trained.training, values: (await trained.weights()).values };
    };
    const queued = await Promise.all([...remainingWork.keys()].map((seed) => train(one, seed)));
    expect(ended).toEqual([1, 2, 0]);
    for (const seed of remainingWork.keys()) {
      expect(await train(await open([shape], 1), seed), `seed ${seed}`).toEqual(queued[seed]);
    }
  });

  it("trains many networks in several waves, to the bytes of each alone", async () => {
    const shape = [4, 5, 2];
    const slots = 150;
    const train = async (engine: Engine, seed: number) => {
      const own = { ...settings, maxEpochs: 1 + (seed % 3) };
      const trained = await engine.train(jobOf(seed, { start: initialParameters(shape, seed), settings: own }));
      const { values } = await trained.weights();
      trained.release();
      return { training: trained.training, values };
    };
    const engine = await open([shape], slots);
    const seeds = [...Array(400).keys()];
    const all = await Promise.all(seeds.map((seed) => train(engine, seed)));
    const alone = await open([shape], 1);
    for (const seed of [0, 1, slots - 1, slots, 257, 399]) {
      expect(all[seed], `seed ${seed}`).toEqual(await train(alone, seed));
    }
    expect(new Set(all.map(({ values }) => values.join())).size).toBe(seeds.length);
  });

  it("computes the same with and without what cannot matter, over a whole run", async () => {
    const shape = [4, 13, 9, 2];
    const run = { shape, seed: 7, remaining: [80, 40, 24, 14, 8], settings: { ...settings, batch: 64 } };
    const [compacted, whole] = [await open([shape], 1), await open([shape], 1, { compact: false })];
    const levels = await play(compacted, run);
    expect(await play(whole, run)).toEqual(levels);
    // The test is meaningful: the last mask keeps many weights without a path to an output.
    const last = new Mask(shape, levels[3].words);
    expect(residentGraph(shape, last).elements.length).toBeLessThan(residentGraph(shape, last, false).elements.length);
  });
});

describe("the resident graph", () => {
  const shape = [4, 13, 9, 2];
  const sparse = () => {
    const mask = new Mask(shape, Mask.full(shape).words.fill(0));
    // 0 -> 5 -> 2 -> 1 is a path. Neuron 8 of layer 2 has no path from an input but an edge to output 0. 3 -> 6 reaches
    // no output.
    for (const [layer, output, input] of [
      [0, 5, 0],
      [1, 2, 5],
      [2, 1, 2],
      [2, 0, 8],
      [0, 6, 3],
    ]) {
      mask.set(layer, output, input, true);
    }
    return mask;
  };

  it("leaves out what reaches no output and keeps what only a bias feeds", () => {
    const graph = residentGraph(shape, sparse());
    expect([...graph.inputs]).toEqual([0]);
    // One block per layer: neuron 5; neurons 2 and 8; two outputs. The four weights with a path to an output, and biases.
    expect([...graph.layers]).toEqual([0, 1, 0, 1, 1, 2, 1, 2, 2, 3, 2, 3]);
    expect([...graph.blocks]).toEqual([0, 0, 1, 1, 4, 1, 2, 3, 8, 2, 3, 3]);
    expect([...graph.sources]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 5, 5]);
    expect([...graph.targets]).toEqual([4, 4, 4, 4, 8, 9, 9, 9]);
    expect(graph.elements.filter((element) => element >= 0)).toHaveLength(1 + 2 + 2 + 4);
  });

  it("names every kept weight and bias once when it leaves out nothing", () => {
    for (const mask of [Mask.full(shape), sparse()]) {
      const { elements, copies } = residentGraph(shape, mask, false);
      const named = elements.filter((element) => element >= 0);
      expect(new Set(named).size).toBe(named.length);
      expect(named).toHaveLength(mask.count() + 13 + 9 + 2);
      // The backward lists copy every weight after the first layer once.
      const copied = copies.filter((number) => number >= 0);
      expect(new Set(copied).size).toBe(copied.length);
      expect(copied).toHaveLength(mask.count() - mask.count(0));
    }
  });

  it("fits the capacity of so many edges, however they lie", () => {
    for (const wide of [shape, [30, 5, 40, 6], [3, 2]]) {
      for (const edges of [1, 2, 7, 20, weightCount(wide)]) {
        const capacity = graphCapacity(wide, edges);
        for (let seed = 0; seed < 40; seed++) {
          const initial = initialParameters(wide, seed);
          const level = { trained: initial, start: initial, mask: Mask.full(wide), seed, nextLevel: 1 };
          const criterion = seed % 2 === 0 ? "random" : "magnitude";
          const mask = selectMask(level, { criterion, keep: Math.min(edges, weightCount(wide)) });
          const graph = residentGraph(wide, mask);
          for (const [part, count] of Object.entries(graphSize(graph))) {
            expect(count, part).toBeLessThanOrEqual(capacity[part as keyof typeof capacity]);
          }
        }
      }
    }
  });
});
