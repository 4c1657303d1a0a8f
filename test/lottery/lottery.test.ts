import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";
import type { Device } from "../../src/device/device.ts";
import { AdapterEngine } from "../../src/engine/adapter/adapter_engine.ts";
import { planAdapterEngine } from "../../src/engine/adapter/plan.ts";
import { openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import { TiledEngine } from "../../src/engine/tiled/tiled_engine.ts";
import { openDataset } from "../../src/lottery/dataset.ts";
import { type Lottery, runLottery } from "../../src/lottery/lottery.ts";
import type { RunEvent } from "../../src/lottery/messages.ts";
import { runPopulation } from "../../src/lottery/population.ts";
import { resolveSpec, type Spec } from "../../src/lottery/spec.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { maskedParameters } from "../../src/pruning/masked.ts";
import { nodeFiles } from "../../src/store/node.ts";
import { openRunFolder } from "../../src/store/open_run.ts";
import type { RunFolder } from "../../src/store/run_folder.ts";
import { specHash } from "../../src/store/spec_hash.ts";
import { readTicket } from "../../src/store/ticket_file.ts";
import { expectSameBits, isOnGpu, sharedDevice } from "../kernels/harness.ts";

let device: Device;
let root: string;
beforeAll(async () => {
  device = await sharedDevice();
  root = await mkdtemp(join(tmpdir(), "split-ticket-lottery-"));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const access = {
  idxFile: () => Promise.reject(new Error("no image set here")),
  readFile: () => Promise.reject(new Error("no file here")),
  openFile: () => Promise.reject(new Error("no file here")),
};

const experiment = { dataset: "moons-circles", base: [4, 8, 8, 2], extension: 2, rate: 0.32, maxEpochs: 3, lr: 0.01 };

/** So low that the levels of the experiment use dense (247 weights), then sparse (160), then resident kernels (112). */
const crossover = { sparseUpTo: 0.7, residentMostWork: 12_000 };
const low = { software: crossover, gpu: crossover };

/** Calls `play` for seed 0 with a new engine, by default the adapter's, and closes the engine afterwards. */
async function withLottery<T>(
  keys: object,
  slots: number,
  play: (lottery: Lottery) => Promise<T>,
  engineName: "adapter" | "cpu" = "adapter",
): Promise<T> {
  const { spec } = resolveSpec({ ...experiment, ...keys }, "test");
  const dataset = await openDataset(spec, access);
  const networks = Array.from({ length: slots }, () => spec);
  const limits = { networks: slots, cores: 2, memoryBytes: 2 ** 30 };
  const engine =
    engineName === "cpu"
      ? openCpuEngine(planCpuEngine({ networks, dataset }, limits, "test"), startNodeThread)
      : new AdapterEngine(new DeviceExecutor(device), planAdapterEngine({ networks, dataset }, "auto", low), device, 2);
  try {
    return await play({ experiment: 0, seed: 0, spec, dataset, engine });
  } finally {
    engine.close();
  }
}

const program = { version: "1.0.0", numeric: 1, kernels: "0123456789abcdef" };
const outline = { tasks: moonsCircles(0).tasks, coverage: "total", program } as const;

async function folderOf(name: string, spec: Spec, seed: number): Promise<RunFolder> {
  const json = JSON.parse(JSON.stringify(spec));
  return openRunFolder(nodeFiles, root, {
    ...{ name, specHash: specHash(json), seed, executor: "test", spec: json },
    ...outline,
  });
}

/** Content of every file of a run folder that is a function of spec and adapter. */
async function content(folder: RunFolder): Promise<Record<string, string>> {
  const names = (await readdir(folder.path)).filter((name) => name !== "timings.jsonl");
  const entries = names.map(async (name) => [name, (await readFile(join(folder.path, name))).toString("base64")]);
  return Object.fromEntries(await Promise.all(entries));
}

describe("a lottery of three levels on the adapter", () => {
  it("has nested masks of exact counts, start weights that are the masked initial ones, and records that match its files", async () => {
    await withLottery({ keepTrained: true, keepCurves: true }, 1, async (lottery) => {
      const folder = await folderOf("whole", lottery.spec, 5);
      const { levels, outcome } = await runLottery({ ...lottery, seed: 5 }, folder);
      expect(levels.map((level) => level.remaining)).toEqual([247, 160, 112]);
      expect(levels.map((level) => level.engine)).toEqual(["dense", "sparse", "resident"]);
      expect(folder.record.outcome).toEqual({ outcome, levels: 3 });

      // Of each kind of kernel: the last epoch of the curves is the record.
      const curves = await folder.readCurves();
      expect(curves.map(({ trainLoss, valLoss }) => [trainLoss.length, valLoss.length])).toEqual(
        levels.map(({ epochs }) => [epochs, epochs]),
      );
      const lastOf = (byTask: Readonly<Record<string, readonly number[]>>) =>
        Object.fromEntries(Object.entries(byTask).map(([task, values]) => [task, values.at(-1)]));
      for (const [level, { trainLoss, valLoss, valAccuracy, valBalancedAccuracy }] of curves.entries()) {
        expect(levels[level]).toMatchObject({
          trainLoss: trainLoss.at(-1),
          valLoss: valLoss.at(-1),
          valAccuracy: lastOf(valAccuracy),
          valBalancedAccuracy: lastOf(valBalancedAccuracy),
        });
        expect(new Set(trainLoss).size).toBe(3);
      }

      const init = readTicket(await readFile(join(folder.path, "init.safetensors")), "init").parameters;
      expect(init?.values).toEqual(initialParameters(lottery.spec.shape, 5).values);
      let previous: ReturnType<typeof readTicket> | undefined;
      for (const record of levels) {
        const ticket = readTicket(await readFile(join(folder.path, `level-0${record.level}.safetensors`)), "level");
        expect(ticket.mask.count()).toBe(record.remaining);
        if (previous) expect(ticket.mask.isSubsetOf(previous.mask)).toBe(true);
        const analysis = analyze(ticket.mask, lottery.dataset.tasks, "total");
        expect(record).toMatchObject({ weights: analysis.weights, state: analysis.state, coverage: analysis.coverage });
        // The smallest trained weights of the level before are the pruned ones.
        if (previous?.parameters) {
          const gone: number[] = [];
          const stayed: number[] = [];
          for (let l = 0; l < lottery.spec.shape.length - 1; l++) {
            previous.parameters.weights(l).forEach((w, at) => {
              const place = [l, Math.floor(at / lottery.spec.shape[l]), at % lottery.spec.shape[l]] as const;
              if (ticket.mask.has(...place)) stayed.push(Math.abs(w));
              else if (previous?.mask.has(...place)) gone.push(Math.abs(w));
            });
          }
          expect(Math.max(...gone)).toBeLessThanOrEqual(Math.min(...stayed));
        }
        previous = ticket;
      }
    });
  });

  it("writes the same bytes twice, alone or beside other seeds", async () => {
    const alone = await withLottery({}, 1, async (lottery) => {
      const folder = await folderOf("alone", lottery.spec, 1);
      await runLottery({ ...lottery, seed: 1 }, folder);
      return content(folder);
    });
    const beside = await withLottery({}, 2, async (lottery) => {
      // The name is part of run.json, so the second folder is in another root.
      const folders = new Map<number, RunFolder>();
      for (const seed of [0, 1, 2]) {
        const json = JSON.parse(JSON.stringify(lottery.spec));
        const run = { name: "alone", specHash: specHash(json), seed, executor: "test", spec: json, ...outline };
        folders.set(seed, await openRunFolder(nodeFiles, `${root}/b`, run));
      }
      const runs = [0, 1, 2].map((seed) => {
        return { lottery: { ...lottery, seed }, openFolder: async () => folders.get(seed) as RunFolder };
      });
      const results = await runPopulation(runs);
      expect(results.map((result) => "seed" in result && result.seed)).toEqual([0, 1, 2]);
      return content(folders.get(1) as RunFolder);
    });
    expect(Object.keys(alone).sort()).toEqual([
      "init.safetensors",
      "level-00.safetensors",
      "level-01.safetensors",
      "level-02.safetensors",
      "levels.jsonl",
      "run.json",
    ]);
    expect(beside).toEqual(alone);
  });

  it("goes on after an interruption and ends at the same bytes", async () => {
    const whole = await withLottery({ lr: 0.02, keepCurves: true }, 1, async (lottery) => {
      const folder = await folderOf("stopped", lottery.spec, 3);
      await runLottery({ ...lottery, seed: 3 }, folder);
      const bytes = await content(folder);
      await rm(folder.path, { recursive: true });
      return bytes;
    });
    const stop = new AbortController();
    await withLottery({ lr: 0.02, keepCurves: true }, 1, async (lottery) => {
      const folder = await folderOf("stopped", lottery.spec, 3);
      const observe = (event: RunEvent) => {
        if (event.kind === "level" && event.record.level === 1) stop.abort(new Error("stopped"));
      };
      const stopped = runLottery({ ...lottery, seed: 3, observe, signal: stop.signal }, folder);
      await expect(stopped).rejects.toThrow("stopped");
      expect(await folder.finishedLevels()).toHaveLength(2);
    });
    await withLottery({ lr: 0.02, keepCurves: true }, 1, async (lottery) => {
      const folder = await folderOf("stopped", lottery.spec, 3);
      const heard: string[] = [];
      const observe = (event: RunEvent) => {
        if (event.kind !== "progress") heard.push(event.kind);
      };
      await runLottery({ ...lottery, seed: 3, observe }, folder);
      expect(heard).toEqual(["found", "found", "start", "training", "trained", "level", "outcome"]);
      expect(await content(folder)).toEqual(whole);
      // A second call trains nothing and reads the result.
      heard.length = 0;
      const again = await runLottery({ ...lottery, seed: 3, observe }, await folderOf("stopped", lottery.spec, 3));
      expect(heard).toEqual(["found", "found", "found", "outcome"]);
      expect(again.levels).toHaveLength(3);
    });
  });

  it.each([
    ["adapter", "last"],
    ["adapter", "best"],
    ["cpu", "last"],
    ["cpu", "best"],
  ] as const)(
    "offers the weights of every level while it trains and as it leaves them: %s, keep %s",
    async (name, keep) => {
      // Long enough for some submissions of an adapter, and for a second of the CPU.
      const maxEpochs = name === "cpu" ? 3000 : isOnGpu ? 6000 : 60;
      const keys = { keep, keepTrained: true, maxEpochs, patience: maxEpochs };
      const play = async (lottery: Lottery) => {
        const folder = await folderOf(`offers-${name}`, lottery.spec, 2);
        const told: string[] = [];
        const of = new Set<string>();
        const trained: Promise<Parameters>[] = [];
        const begun: Promise<Parameters>[] = [];
        /** By level, what was read whenever there was progress. */
        const training: Promise<Parameters>[][] = [];
        let readNow: (() => Promise<Parameters>) | undefined;
        const observe = (event: RunEvent) => {
          of.add(`${event.experiment} ${event.seed}`);
          if (event.kind === "progress") {
            if (readNow) training[event.level].push(readNow());
            return;
          }
          told.push("level" in event ? `${event.kind} ${event.level}` : event.kind);
          if (event.kind === "training") {
            readNow = event.weights;
            begun.push(event.weights());
            training.push([]);
          }
          if (event.kind === "trained") {
            readNow = undefined;
            trained.push(event.weights());
          }
        };
        const { levels } = await runLottery({ ...lottery, experiment: 6, seed: 2, observe }, folder);
        expect([...of]).toEqual(["6 2"]);
        expect(told).toEqual([
          ...[0, 1, 2].flatMap((level) => [`start ${level}`, `training ${level}`, `trained ${level}`, "level"]),
          "outcome",
        ]);
        const initial = initialParameters(lottery.spec.shape, 2);
        for (const { level } of levels) {
          const stored = readTicket(await readFile(join(folder.path, `level-0${level}.safetensors`)), "level");
          const { mask, parameters } = stored;
          expectSameBits((await trained[level]).values, parameters?.values ?? new Float32Array(), `trained ${level}`);
          const start = maskedParameters(initial, mask).values;
          const seen = await Promise.all([begun[level], ...training[level]]);
          expect(seen.length, `weights read in level ${level}`).toBeGreaterThan(1);
          for (const { values, shape } of seen) {
            expect(shape).toEqual(lottery.spec.shape);
            expect(values.every(Number.isFinite)).toBe(true);
            const masked = maskedParameters(new Parameters(shape, values), mask);
            expectSameBits(values, masked.values, `weights under the mask of level ${level}`);
          }
          // They move on as the level does.
          const ways = new Set(seen.map(({ values }) => values.join()));
          expect(ways.size, `different weights of level ${level}`).toBeGreaterThan(1);
          expect(seen.at(-1)?.values.join()).not.toBe(start.join());
        }
      };
      await withLottery(keys, 1, play, name);
    },
  );

  it("ends the same whether or not somebody reads the weights that it offers", async () => {
    const read = (event: RunEvent) => {
      if (event.kind === "training" || event.kind === "trained") void event.weights();
    };
    for (const name of ["adapter", "cpu"] as const) {
      const run = (observe?: (event: RunEvent) => void) =>
        withLottery({}, 1, (lottery) => runLottery({ ...lottery, observe }), name);
      expect(await run(read)).toEqual(await run());
    }
  });

  it("stops at the first degraded level where asked", async () => {
    const keys = { base: undefined, extension: undefined, shape: [4, 6, 2], rate: 0.6, levels: 5, maxEpochs: 1 };
    const all = await withLottery(keys, 1, (lottery) => runLottery(lottery));
    const first = all.levels.findIndex((level) => level.state === "degraded");
    expect(first).toBeGreaterThan(0);
    expect(all.levels).toHaveLength(6);
    const stopped = await withLottery({ ...keys, stopAt: "degraded" }, 1, (lottery) => runLottery(lottery));
    expect(stopped.levels).toEqual(all.levels.slice(0, first + 1));
    expect(stopped.outcome).toMatch(/degraded$/);
  });

  it("starts from given weights, and holds out part of the training set", async () => {
    const [given, drawn] = await withLottery(
      { extension: 1, validation: 0.25, base: [4, 10, 10, 2] },
      1,
      async (lottery) => {
        expect([lottery.dataset.train.samples, lottery.dataset.validation.samples]).toEqual([750, 250]);
        const other = initialParameters(lottery.spec.shape, 99);
        return [await runLottery({ ...lottery, seed: 7, initial: other }), await runLottery({ ...lottery, seed: 7 })];
      },
    );
    expect(given.levels[0].trainLoss).not.toBe(drawn.levels[0].trainLoss);
  });

  it("runs a single task of real images: nothing to separate, so interconnected", async () => {
    const keys = {
      dataset: "mnist",
      shape: [784, 6, 3],
      rate: 0.9,
      levels: 1,
      samplesPerClass: 20,
      classes: [0, 1, 7],
    };
    const { spec } = resolveSpec({ ...keys, maxEpochs: 20, lr: 0.01 }, "test");
    const dataset = await openDataset(spec, nodeDatasetAccess());
    expect([dataset.train.samples, dataset.validation.samples]).toEqual([60, 6]);
    const plan = { shapes: [spec.shape], dataset, batch: spec.batch, slots: 1 };
    const engine = await TiledEngine.open(new DeviceExecutor(device), plan);
    try {
      const { levels, outcome } = await runLottery({ experiment: 0, seed: 0, spec, dataset, engine });
      expect(outcome).toBe("interconnected");
      expect(levels.map((level) => level.remaining)).toEqual([4722, 472]);
      expect(levels[0].trainLoss).toBeLessThan(0.2);
      expect(levels[0].valAccuracy.mnist).toBeGreaterThan(0.6);
    } finally {
      engine.close();
    }
  });

  it("names both sides when a shape does not fit its dataset", async () => {
    const { spec } = resolveSpec({ dataset: "moons-circles", shape: [5, 8, 2], rate: 0.5, levels: 1 }, "test");
    await expect(openDataset(spec, access)).rejects.toThrow(
      "shape (5,8,2) does not fit dataset moons-circles: it has 4 inputs and 2 outputs; give a shape that starts with 4 and ends with 2",
    );
  });
});
