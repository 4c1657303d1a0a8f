import { describe, expect, it } from "vitest";
import { Float64Level } from "../../bench/float64/level.ts";
import type { Engine, LevelJob, LevelSettings } from "../../src/engine/engine.ts";
import { maskOf60 } from "./checkpoints.ts";
import type { engineNames, useEngines } from "./small_experiment.ts";
import { dataset, jobOf, settings } from "./small_networks.ts";

// Three steps an epoch, of 64, 64 and 22 samples.
const { maxEpochs: _, ...kept } = settings;
const base = { ...kept, patience: 99, keepCurves: true } as const;

async function trainAndRead(engine: Engine, own: LevelSettings, change: Partial<LevelJob> = {}) {
  const trained = await engine.train(jobOf(3, { mask: maskOf60(), settings: own, ...change }));
  const { values } = await trained.weights();
  trained.release();
  return { ...trained.training, values };
}

/** Tests of an engine's levels that are evaluated every few steps, for a file that has its kernels compiled. */
export function testIntervals(engines: ReturnType<typeof useEngines>, name: (typeof engineNames)[number] | "twins") {
  describe(`a level of the ${name} engine that is evaluated every few steps`, () => {
    it("has the same bytes as without the key where an interval is an epoch", async () => {
      const engine = await engines[name](1);
      const given = await trainAndRead(engine, { ...base, maxSteps: 12, evaluateEvery: 3 });
      expect(given).toEqual(await trainAndRead(engine, { ...base, maxEpochs: 4 }));
      expect(given).toMatchObject({ epochs: 4, steps: 12, evaluations: 4, keptStep: 12 });
    });

    it.each([
      [2, 6],
      [1, 6],
      [6, 12],
      [5, 15],
      [9, 9],
    ])("takes the steps of a level without the key, evaluated every %i of %i", async (evaluateEvery, maxSteps) => {
      const engine = await engines[name](1);
      const own = { ...base, maxSteps, evaluateEvery };
      const given = await trainAndRead(engine, own);
      const plain = await trainAndRead(engine, { ...base, maxEpochs: maxSteps / 3 });
      expect(given.values).toEqual(plain.values);
      expect([given.epochs, given.steps, given.evaluations]).toEqual([
        maxSteps / 3,
        maxSteps,
        maxSteps / evaluateEvery,
      ]);
      // The evaluations after whole epochs.
      for (let steps = 3; steps <= maxSteps; steps += 3) {
        if (steps % evaluateEvery !== 0) continue;
        const [at, epoch] = [steps / evaluateEvery - 1, steps / 3 - 1];
        expect(given.curves?.valLoss[at]).toBe(plain.curves?.valLoss[epoch]);
        expect(given.curves?.scoreSums[at]).toEqual(plain.curves?.scoreSums[epoch]);
      }
      const { curves } = new Float64Level(jobOf(3, { mask: maskOf60(), settings: own }), dataset).train();
      for (const of of ["trainLoss", "valLoss"] as const) {
        expect(given.curves?.[of].length).toBe(maxSteps / evaluateEvery);
        given.curves?.[of].forEach((loss, k) => {
          expect(Math.abs(loss - (curves?.[of][k] ?? Number.NaN)), `${of} ${k}`).toBeLessThan(2e-5);
        });
      }
    });

    it("has no fewer steps by a patience or a length beyond 32 bits", async () => {
      const engine = await engines[name](1);
      const three = await trainAndRead(engine, { ...base, maxEpochs: 3 });
      expect(await trainAndRead(engine, { ...base, maxEpochs: 3, patience: 2 ** 32 })).toEqual(three);
      // Ends by patience.
      const wild = { ...kept, lr: 0.3, patience: 2 };
      const short = await trainAndRead(engine, { ...wild, maxEpochs: 100 });
      expect(short.epochs).toBeLessThan(100);
      expect(await trainAndRead(engine, { ...wild, maxEpochs: 2 ** 32 + 1 })).toEqual(short);
    });

    it("counts patience in evaluations, and keeps and tells the best of them", async () => {
      const engine = await engines[name](1);
      // A learning rate this high makes the validation loss rise again soon.
      const wild = { ...base, lr: 0.3, maxSteps: 80, evaluateEvery: 2, patience: 3 };
      const last = await trainAndRead(engine, wild);
      const best = await trainAndRead(engine, { ...wild, keep: "best" });
      expect(last.steps).toBeLessThan(80);
      const losses = last.curves?.valLoss ?? [];
      const lowest = losses.indexOf(Math.min(...losses));
      expect([last.bestStep, best.bestStep, best.keptStep]).toEqual(Array(3).fill(2 * (lowest + 1)));
      expect([last.steps, best.steps, last.keptStep]).toEqual(Array(3).fill(last.bestStep + 3 * 2));
      expect(best.valLoss).toBe(losses[lowest]);
      const short = await trainAndRead(engine, { ...wild, maxSteps: best.keptStep });
      expect(short.values).toEqual(best.values);
      expect(short.scoreSums).toEqual(best.scoreSums);
      expect(short.values).not.toEqual(last.values);
    });

    it("has the same bytes beside levels with other intervals", async () => {
      const jobs: LevelSettings[] = [
        { ...base, keep: "best", lr: 0.1, maxSteps: 14, evaluateEvery: 2 },
        { ...base, keep: "best", lr: 0.1, maxEpochs: 4 },
        { ...base, keep: "best", lr: 0.1, maxSteps: 14, evaluateEvery: 7 },
        { ...base, keepCurves: undefined, optimizer: "sgd", lr: 0, maxEpochs: 1 },
        { ...base, keep: "best", lr: 0.1, maxSteps: 10, evaluateEvery: 2 },
      ];
      const alone = await engines[name](1);
      const together = await engines[name](3);
      const seeds = jobs.map((own, seed) => [own, { start: jobOf(seed).start, seed }] as const);
      const expected = [];
      for (const one of seeds) expected.push(await trainAndRead(alone, ...one));
      expect(await Promise.all(seeds.map((one) => trainAndRead(together, ...one)))).toEqual(expected);
    });
  });
}
