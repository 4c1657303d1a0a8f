import { afterAll, describe, expect, it } from "vitest";
import { DeviceError, InputError, RunError, StorageError } from "../../src/base/errors.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";
import { type CpuEngine, openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runCost } from "../../src/lottery/cost.ts";
import { openDataset } from "../../src/lottery/dataset.ts";
import type { Lottery } from "../../src/lottery/lottery.ts";
import type { RunEvent, RunMessage } from "../../src/lottery/messages.ts";
import { type PopulationRun, readyRuns, runPopulation } from "../../src/lottery/population.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import type { RunFolder } from "../../src/store/run_folder.ts";

const engines: CpuEngine[] = [];
afterAll(() => {
  for (const engine of engines) engine.close();
});

const keys = { dataset: "moons-circles", base: [4, 8, 8, 2], rate: 0.32, maxEpochs: 2 };

/** A lottery for each size, experiment and seed, in that order, all on one engine with one thread. */
async function lotteries(extensions: readonly number[], observe?: (event: RunEvent) => void) {
  const specs = extensions.map((extension) => resolveSpec({ ...keys, extension }, "test").spec);
  const dataset = await openDataset(specs[0], nodeDatasetAccess());
  const limits = { networks: 2, cores: 1, memoryBytes: 2 ** 30 };
  const engine = openCpuEngine(planCpuEngine({ networks: specs, dataset }, limits, "test"), startNodeThread);
  engines.push(engine);
  return specs.map((spec, k): Lottery => ({ experiment: k, seed: k, spec, dataset, engine, observe }));
}

describe("a population", () => {
  it("begins with the largest runs, no more at a time than the engine holds and a few that are ready, and tells in the order given", async () => {
    const extensions = [0, 3, 1, 2, 0, 1, 0, 1, 0, 1, 0, 1];
    const opened: number[] = [];
    const ended: number[] = [];
    let mostOpen = 0;
    const all = await lotteries(extensions, ({ kind, experiment }) => {
      if (kind === "outcome") ended.push(extensions[experiment]);
    });
    const runs = all.map((lottery, k): PopulationRun => {
      const openFolder = async () => {
        opened.push(extensions[k]);
        mostOpen = Math.max(mostOpen, opened.length - ended.length);
        return undefined as unknown as RunFolder;
      };
      return { lottery, openFolder };
    });
    const results = await runPopulation(runs);
    expect(opened).toEqual([...extensions].sort((a, b) => b - a));
    expect(mostOpen).toBe(all[0].engine.slots + readyRuns);
    expect(results.map((result) => "levels" in result && [result.seed, result.levels.length])).toEqual(
      extensions.map((extension, k) => [k, extension + 1]),
    );
  });

  it("starts to train the largest run before the weights of the next are drawn, one run after the other", async () => {
    const all = await lotteries([0, 3, 1, 2]);
    let turn = 0;
    let isOver = false;
    const countTurns = () => {
      turn++;
      if (!isOver) setImmediate(countTurns);
    };
    setImmediate(countTurns);
    const starts: { turn: number; weights: number }[] = [];
    const { engine } = all[0];
    const train: Engine["train"] = (job, observer) => {
      if (job.level === 0) starts.push({ turn, weights: job.mask.size });
      return engine.train(job, observer);
    };
    const listening = { name: engine.name, executor: engine.executor, slots: 4, memoryBytes: 0, train, close() {} };
    await runPopulation(all.map((lottery) => ({ lottery: { ...lottery, engine: listening } })));
    isOver = true;
    expect(starts.map(({ weights }) => weights)).toEqual([352, 247, 160, 112]);
    expect(new Set(starts.map((start) => start.turn)).size).toBe(4);
  });

  it("fails a run whose training diverges alone, and says so", async () => {
    const heard: RunMessage[] = [];
    const [sound, other] = await lotteries([1, 0], (event) => {
      if (event.kind === "failed") heard.push(event);
    });
    const diverging = { ...sound, experiment: 4, seed: 7, spec: { ...sound.spec, lr: 1e38 } };
    const results = await runPopulation([sound, diverging, other].map((lottery) => ({ lottery })));
    expect(results[1]).toBeInstanceOf(RunError);
    expect(results.map((result) => "outcome" in result)).toEqual([true, false, true]);
    expect(heard).toEqual([{ kind: "failed", experiment: 4, seed: 7, error: results[1] }]);
  });

  it("fails a run whose folder cannot be used, or whose storage fails, alone", async () => {
    const [lottery] = await lotteries([1]);
    const errors = [new InputError("another spec's run"), new StorageError("no space left")];
    const heard: RunMessage[] = [];
    const observe = (event: RunEvent) => event.kind === "failed" && heard.push(event);
    const results = await runPopulation([
      ...errors.map((error, seed) => ({
        lottery: { ...lottery, seed, observe },
        openFolder: (): Promise<RunFolder> => Promise.reject(error),
      })),
      { lottery: { ...lottery, seed: 2 } },
    ]);
    expect(results.slice(0, 2)).toEqual(errors);
    expect("outcome" in results[2]).toBe(true);
    expect(heard.map((event) => event.kind === "failed" && event.error)).toEqual(errors);
  });

  it("stops all runs when something else goes wrong, and begins no more", async () => {
    const [lottery] = await lotteries([1]);
    const long = { ...lottery, spec: { ...lottery.spec, maxEpochs: 1e9, patience: 1e9 } };
    let opened = 0;
    const lostDevice = async (): Promise<RunFolder> => {
      opened++;
      throw new DeviceError("lost");
    };
    const runs = Array.from({ length: 20 }, (_, seed): PopulationRun => {
      const one = { ...long, seed };
      return seed < 2 ? { lottery: one } : { lottery: one, openFolder: lostDevice };
    });
    await expect(runPopulation(runs)).rejects.toThrow(new DeviceError("lost"));
    expect(opened).toBeLessThanOrEqual(readyRuns);
  });

  it("stops when it is told to", async () => {
    const [lottery] = await lotteries([1]);
    const stop = new AbortController();
    const endless = { ...lottery, spec: { ...lottery.spec, maxEpochs: 1e9, patience: 1e9 } };
    const stopped = runPopulation(
      [0, 1, 2].map((seed) => ({ lottery: { ...endless, seed } })),
      stop.signal,
    );
    setTimeout(() => stop.abort(new Error("enough")), 50);
    await expect(stopped).rejects.toThrow("enough");
    await expect(runPopulation([{ lottery }], stop.signal)).rejects.toThrow("enough");
  });

  it("is reckoned by weights and levels", () => {
    const cost = (extension: number) => runCost(resolveSpec({ ...keys, extension }, "test").spec);
    expect(cost(0)).toBe(112 + 200);
    expect(cost(2)).toBe(247 + 160 + 112 + 3 * 200);
  });
});
