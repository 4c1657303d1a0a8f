import { expect, it } from "vitest";
import { timeThroughput } from "../../src/benchmark/throughput.ts";
import type { Engine, LevelJob } from "../../src/engine/engine.ts";
import { Slots } from "../../src/engine/shared/slots.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { batch, dataset, shape } from "../engine/small_networks.ts";

const mask = Mask.full(shape);
const epochMs = 25;

/** The trained values of every network in this test. */
const trained = ({ start }: Pick<LevelJob, "start">) => ({
  weights: new Parameters(
    shape,
    start.values.map((value) => value * 1.1),
  ),
  valLoss: 0.5,
});

/** An engine with a given number of slots; its networks train concurrently and take 25 ms per epoch. */
function sleepyEngine(count: number, log: string[]): Engine & { readonly held: () => number } {
  const slots = new Slots(count);
  let held = 0;
  return {
    name: "cpu",
    executor: "sleep",
    slots: count,
    memoryBytes: 0,
    held: () => held,
    train: async (job) => {
      const { maxEpochs = 0 } = job.settings;
      const slot = await slots.take(0);
      held++;
      log.push(`${job.label} ${maxEpochs}`);
      await new Promise((resolve) => setTimeout(resolve, epochMs * maxEpochs));
      return {
        training: {
          kernels: "cpu",
          epochs: maxEpochs,
          steps: 1,
          ...{ evaluations: 1, keptStep: 1, bestStep: 1 },
          trainLoss: 0.5,
          valLoss: 0.5,
          scoreSums: [
            [1, 0],
            [0, 1],
          ],
        },
        weights: async () => trained(job).weights,
        firstMoments: async () => trained(job).weights,
        select: async () => mask,
        release: () => {
          held--;
          slots.leave(slot);
        },
      };
    },
    close: () => {},
  };
}

it.each([
  ["all at once", 4, epochMs / 4],
  ["two at a time", 2, epochMs / 2],
])("divides the time of a population by its networks, %s", async (_, slots, expectedMs) => {
  const log: string[] = [];
  const twins: number[] = [];
  const engine = sleepyEngine(slots, log);
  const { networkEpochMs, population, check, gflops, arithmeticShare } = await timeThroughput(
    engine,
    { shape, dataset, batch, population: 4, weights: mask.count() },
    mask,
    {
      pace: { trialMs: 45, caseMs: 1, leastTrials: 2 },
      twin: async (job) => {
        twins.push(job.seed);
        return trained(job);
      },
      ceilings: undefined,
      threads: 1,
      signal: undefined,
    },
  );
  expect(networkEpochMs.lowest).toBeGreaterThan(0.9 * expectedMs);
  expect(networkEpochMs.lowest).toBeLessThan(3 * expectedMs);
  expect({ population, check, arithmeticShare }).toEqual({
    population: 4,
    check: { moveError: 0, lossError: 0 },
    arithmeticShare: null,
  });
  expect(gflops).toBeGreaterThan(0);
  // The first and the last network are compared with the twins; every trial trains all networks.
  expect(twins).toEqual([0, 3]);
  const trainings = (seed: number) => log.filter((line) => line.startsWith(`seed ${seed} `)).length;
  expect([0, 1, 2, 3].map(trainings)).toEqual(Array(4).fill(log.length / 4));
  // Every trained level is released.
  expect(engine.held()).toBe(0);
});
