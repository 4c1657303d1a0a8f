import { expect, it } from "vitest";
import { timeThroughput } from "../../src/benchmark/throughput.ts";
import type { Engine, NetworkStart } from "../../src/engine/engine.ts";
import { Seats } from "../../src/engine/shared/slots.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { batch, dataset, shape } from "../engine/small_networks.ts";

const mask = Mask.full(shape);
const epochMs = 25;

/** What every network is after any training here. */
const trained = ({ initial }: NetworkStart) => ({
  weights: new Parameters(
    shape,
    initial.values.map((value) => value * 1.1),
  ),
  valLoss: 0.5,
});

/** An engine of so many slots whose networks take 25 ms an epoch, side by side. */
function sleepyEngine(slots: number, log: string[]): Engine {
  const seats = new Seats(slots);
  return {
    name: "cpu",
    executor: "sleep",
    slots,
    memoryBytes: 0,
    admit: async (start) => {
      const slot = await seats.take();
      return {
        train: async (_level, { maxEpochs }) => {
          log.push(`${start.label} ${maxEpochs}`);
          await new Promise((resolve) => setTimeout(resolve, epochMs * maxEpochs));
          return {
            kernels: "cpu",
            epochs: maxEpochs,
            steps: 1,
            keptEpoch: 1,
            trainLoss: 0.5,
            valLoss: 0.5,
            correct: [1, 1],
          };
        },
        weights: async () => trained(start).weights,
        prune: async () => mask,
        release: () => seats.leave(slot),
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
  const { networkEpochMs, population, check, gflops, arithmeticShare } = await timeThroughput(
    sleepyEngine(slots, log),
    { shape, dataset, batch, population: 4, weights: mask.count() },
    mask,
    {
      pace: { trialMs: 45, caseMs: 1, leastTrials: 2 },
      twin: async (start) => {
        twins.push(start.seed);
        return trained(start);
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
  // The first and the last network are held against the twins; every trial trains all of them.
  expect(twins).toEqual([0, 3]);
  const trainings = (seed: number) => log.filter((line) => line.startsWith(`seed ${seed} `)).length;
  expect([0, 1, 2, 3].map(trainings)).toEqual(Array(4).fill(log.length / 4));
});
