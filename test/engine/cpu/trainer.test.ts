import { expect, it } from "vitest";
import { LevelTrainer } from "../../../src/engine/cpu/trainer.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { batch, dataset, settings, shape } from "../small_networks.ts";

/** A level with steps too small to change any value, so that every epoch has the same validation loss. */
function standingLevel(keep: "last" | "best") {
  return new LevelTrainer({ networks: [{ shape, batch }], dataset }).train({
    seed: 3,
    level: 0,
    settings: { ...settings, lr: 1e-30, maxEpochs: 9, patience: 3, keep },
    shape,
    start: initialParameters(shape, 3).values,
    maskWords: Mask.full(shape).words,
  });
}

it("takes an equal validation loss for no improvement: patience runs out, and the first of equal epochs is the best", async () => {
  const last = (await standingLevel("last")).training;
  expect([last.epochs, last.keptStep, last.bestStep]).toEqual([4, 4 * 3, 3]);
  const best = (await standingLevel("best")).training;
  expect([best.epochs, best.keptStep, best.bestStep, best.valLoss]).toEqual([4, 3, 3, last.valLoss]);
});
