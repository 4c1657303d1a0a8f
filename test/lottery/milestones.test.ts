import { expect, it } from "vitest";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { datasetFor } from "../../src/lottery/dataset.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";

// 150 training samples: 3 steps an epoch, 30 in all.
const keys = { dataset: "moons-circles", samples: 300, shape: [4, 8, 8, 2], levels: 1, rate: 0.5, maxEpochs: 10 };

it("refuses milestones after which no step is left, and a warm-up longer than a level, naming schedule and epochs", () => {
  const opened = (schedule: string) =>
    datasetFor(resolveSpec({ ...keys, schedule }, "test").spec, moonsCircles(0, { samples: 300 }));
  expect(opened("warmup:30+milestones:10,29:0.1").train.samples).toBe(150);
  expect(() => opened("milestones:10,30:0.1")).toThrow(
    "schedule milestones:10,30:0.1 contradicts maxEpochs 10: after step 30 no step is left, since 10 epochs of moons-circles have 30 steps (3 each at batch 64); give milestones below 30 or more epochs",
  );
  expect(() => opened("warmup:31")).toThrow(
    "schedule warmup:31 contradicts maxEpochs 10: the learning rate would still grow at the end, since 10 epochs of moons-circles have 30 steps (3 each at batch 64); give a warm-up of at most 30 steps or more epochs",
  );
});
