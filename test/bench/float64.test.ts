import { expect, it } from "vitest";
import { Float64Engine } from "../../bench/float64/engine.ts";
import { Float64Network } from "../../bench/float64/network.ts";
import { runLottery } from "../../src/lottery/lottery.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { openSmallCpuEngine } from "../engine/small_cpu_engine.ts";
import { batch, dataset, settings, shape, start } from "../engine/small_networks.ts";

it("goes the CPU engine's way through a short run, each level stopped by its own patience", async () => {
  const keys = { dataset: "moons-circles", shape: [...shape], levels: 4, target: 60, batch, seeds: [3] };
  const { spec } = resolveSpec({ ...keys, lr: 0.05, maxEpochs: 30, patience: 2 }, "test");
  const cpu = openSmallCpuEngine(1);
  try {
    const expected = await runLottery({ spec, dataset, engine: cpu }, 3);
    const run = await runLottery({ spec, dataset, engine: new Float64Engine(dataset, batch) }, 3);
    const structure = ({ levels }: typeof run) => levels.map(({ trainLoss: _, valLoss: __, ...level }) => level);
    expect(structure(run)).toEqual(structure(expected));
    expect(run.levels.some(({ epochs }) => epochs < 30)).toBe(true);
  } finally {
    cpu.close();
  }
});

it("prunes the lower index first where magnitudes are equal", async () => {
  const one = start(0);
  const equal = {
    ...one,
    initial: new Parameters(
      shape,
      one.initial.values.map((value) => Math.sign(value)),
    ),
  };
  const network = new Float64Network(equal, dataset, batch);
  // So small a rate that no weight moves: only the rewinding is left of the level.
  await network.train(0, { ...settings, lr: 1e-300, maxEpochs: 1 });
  const mask = await network.prune({ remaining: one.mask.size - 5, scope: "global", criterion: "magnitude" });
  expect(mask.count()).toBe(one.mask.size - 5);
  expect([0, 1, 2, 3].map((input) => mask.has(0, 0, input))).toEqual([false, false, false, false]);
  expect([0, 1, 2, 3].map((input) => mask.has(0, 1, input))).toEqual([false, true, true, true]);
});

it("refuses what it does not know", async () => {
  const network = new Float64Network(start(0), dataset, batch);
  await expect(network.train(0, { ...settings, keep: "best" })).rejects.toThrow(
    "float64 does not know adam, keep best",
  );
  await expect(network.prune({ remaining: 1, scope: "layer", criterion: "magnitude" })).rejects.toThrow(
    "float64 does not know layer, magnitude",
  );
});
