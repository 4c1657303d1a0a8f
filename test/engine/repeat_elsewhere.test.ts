import { describe, expect, it } from "vitest";
import { Float64Level } from "../../bench/float64/level.ts";
import { Mask } from "../../src/mask/mask.ts";
import { engineNames, useEngines } from "./small_experiment.ts";
import { dataset, jobOf, settings, shape } from "./small_networks.ts";

const engines = useEngines();

/** All weights except one in every row. */
function someMask(): Mask {
  const mask = Mask.full(shape);
  for (let layer = 0; layer < shape.length - 1; layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) mask.set(layer, output, output % shape[layer], false);
  }
  return mask;
}

describe.each(engineNames)(
  "a level repeated elsewhere than on the %s engine, in float64 and by public pieces",
  (name) => {
    it.each([
      ["dense", Mask.full(shape)],
      ["pruned", someMask()],
    ])("ends at the same weights, %s", async (_, mask) => {
      const job = jobOf(11, { level: 2, mask, settings: { ...settings, maxEpochs: 3 } });
      const here = await (await engines[name](1)).train(job);
      const elsewhere = new Float64Level(job, dataset);
      const [trained, repeated] = [here.training, elsewhere.train()];
      const [ours, theirs] = [await here.weights(), elsewhere.weights()];
      const worst = ours.values.reduce((most, value, k) => Math.max(most, Math.abs(value - theirs.values[k])), 0);
      // 9 steps of at most 0.01 each; another sample order changes weights by 0.02 or more.
      expect(worst).toBeLessThan(1e-4);
      expect(trained).toMatchObject({ epochs: 3, steps: repeated.steps, keptStep: 9, scoreSums: repeated.scoreSums });
      expect(trained.trainLoss).toBeCloseTo(repeated.trainLoss, 4);
      expect(trained.valLoss).toBeCloseTo(repeated.valLoss, 4);
    });
  },
);
