import { expect, it } from "vitest";
import { LevelsInTraining } from "../../src/cli/levels_in_training.ts";

it("tells which levels in training have a checkpoint", () => {
  const levels = new LevelsInTraining();
  const begin = (seed: number) => levels.hear({ kind: "start", experiment: 0, seed, level: 0, remaining: 9 });
  const store = (seed: number) => levels.hear({ kind: "stored", experiment: 0, seed, level: 0 });
  begin(0);
  expect(levels.stored()).toBe("");
  store(0);
  store(0);
  expect(levels.stored()).toBe(" and the level in training");
  begin(1);
  expect(levels.stored()).toBe(" and 1 of 2 levels in training");
  store(1);
  expect(levels.stored()).toBe(" and the 2 levels in training");
  levels.hear({ kind: "outcome", experiment: 0, seed: 1, outcome: "separated" });
  expect(levels.stored()).toBe(" and the level in training");
  // The next level has none yet.
  begin(0);
  expect(levels.stored()).toBe("");
});
