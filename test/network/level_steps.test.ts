import { expect, it } from "vitest";
import { evaluatedSteps, levelSteps, samplesOfSteps } from "../../src/network/level_steps.ts";

it("counts the steps of a level", () => {
  const inEpochs = { perEpoch: 3, evaluateEvery: 3, most: 18, evaluations: 6 };
  expect(levelSteps({ batch: 64, maxEpochs: 6 }, 150)).toEqual(inEpochs);
  const inSteps = { perEpoch: 1, evaluateEvery: 4, most: 12, evaluations: 3 };
  expect(levelSteps({ batch: 640, maxSteps: 12, evaluateEvery: 4 }, 150)).toEqual(inSteps);
  expect(levelSteps({ batch: 64, maxEpochs: 6, evaluateEvery: 2 }, 150)).toEqual({
    ...inEpochs,
    evaluateEvery: 2,
    evaluations: 9,
  });
});

it("counts the samples of steps: the last batch of an epoch may be smaller", () => {
  const counts = [0, 1, 2, 3, 4, 7].map((steps) => samplesOfSteps(steps, { batch: 64 }, 150));
  expect(counts).toEqual([0, 64, 128, 150, 214, 364]);
  expect(samplesOfSteps(5, { batch: 640 }, 150)).toBe(750);
});

it("tells after which steps the best and the kept evaluation were", () => {
  const counts = { evaluations: 5, evaluationsSinceBest: 2, keptEvaluation: 5 };
  const length = levelSteps({ batch: 64, maxSteps: 40, evaluateEvery: 2 }, 150);
  expect(evaluatedSteps(counts, length)).toEqual({ epochs: 3, steps: 10, evaluations: 5, keptStep: 10, bestStep: 6 });
});
