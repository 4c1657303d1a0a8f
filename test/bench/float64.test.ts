import { expect, it } from "vitest";
import { Float64Engine } from "../../bench/float64/engine.ts";
import { Float64Level } from "../../bench/float64/level.ts";
import { openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { LevelJob, LevelSettings } from "../../src/engine/engine.ts";
import { runLottery } from "../../src/lottery/lottery.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { batch, dataset, shape } from "../engine/small_networks.ts";

const settings: LevelSettings = { optimizer: "adam", lr: 0.01, batch, maxEpochs: 1, patience: 1, keep: "last" };
const mask = Mask.full(shape);
const job: LevelJob = { label: "seed 0", seed: 0, level: 0, settings, start: initialParameters(shape, 0), mask };

it("agrees with the CPU engine over a short run in which early stopping ends each level", async () => {
  const keys = { dataset: "moons-circles", shape: [...shape], levels: 4, target: 60, batch, seeds: [3] };
  const { spec } = resolveSpec({ ...keys, lr: 0.05, maxEpochs: 30, patience: 2 }, "test");
  const limits = { networks: 1, cores: 1, memoryBytes: 2 ** 30 };
  const cpu = openCpuEngine(planCpuEngine({ networks: [{ shape, batch }], dataset }, limits, "test"), startNodeThread);
  const lottery = { experiment: 0, seed: 3, spec, dataset };
  try {
    const expected = await runLottery({ ...lottery, engine: cpu });
    const run = await runLottery({ ...lottery, engine: new Float64Engine(dataset) });
    const structure = ({ levels }: typeof run) => levels.map(({ trainLoss: _, valLoss: __, ...level }) => level);
    expect(structure(run)).toEqual(structure(expected));
    expect(run.levels.some(({ epochs }) => epochs < 30)).toBe(true);
  } finally {
    cpu.close();
  }
});

it("prunes the lower index first where magnitudes are equal", async () => {
  const signs = new Parameters(
    shape,
    job.start.values.map((value) => Math.sign(value)),
  );
  // The learning rate is so small that no weight changes: the trained weights equal the initial ones.
  const level = new Float64Level({ ...job, start: signs, settings: { ...settings, lr: 1e-300 } }, dataset);
  level.train();
  const next = level.select({ keep: mask.size - 5, criterion: "magnitude" });
  expect(next.count()).toBe(mask.size - 5);
  expect([0, 1, 2, 3].map((input) => next.has(0, 0, input))).toEqual([false, false, false, false]);
  expect([0, 1, 2, 3].map((input) => next.has(0, 1, input))).toEqual([false, true, true, true]);
});

it("refuses what it does not know", () => {
  const best = new Float64Level({ ...job, settings: { ...settings, keep: "best" } }, dataset);
  expect(() => best.train()).toThrow("float64 does not know adam, keep best");
  const level = new Float64Level(job, dataset);
  level.train();
  const unknown = "float64 does not know magnitude by layer";
  expect(() => level.select({ keep: [1, 1, 1], criterion: "magnitude" })).toThrow(unknown);
  expect(() => level.select({ keep: 1, criterion: "random" })).toThrow("float64 does not know random");
});
