import { type Outcome, runOutcome } from "../../src/analysis/outcome.ts";
import { extendedShape, extensionTrajectory } from "../../src/network/extension.ts";
import type { ReportedRun } from "../../src/report/reported_run.ts";
import type { LevelRecord, LevelState } from "../../src/store/level_record.ts";
import { levelRecord } from "../store/records.ts";

const base = [4, 8, 8, 2];
const rate = 0.32;

/** A run of a network extension: its last levels have the given states, those before are interconnected. */
export function extensionRun(
  extension: number,
  seed: number,
  lastStates: readonly LevelState[] = [],
  changes: Partial<LevelRecord> = {},
): ReportedRun {
  const remaining = extensionTrajectory(base, rate, extension);
  const levels = remaining.map((weights, level) => {
    const state = lastStates[level - (remaining.length - lastStates.length)] ?? "interconnected";
    const inactive = Math.round(weights * 0.05 * level);
    const zombie = level;
    return levelRecord({
      level,
      remaining: weights,
      valLoss: 0.01 / (level + 1),
      weights: { active: weights - inactive - zombie, inactive, zombie, pruned: remaining[0] - weights },
      degree: { fromOutputs: [0, level / 10, 0.5, 1], fromInputs: [1, null, 0.25, 0] },
      state,
      ...(state === "separated" && changes),
    });
  });
  return {
    path: `runs/extension-${extension}/seed-${seed}`,
    name: "extension",
    specHash: `hash${extension}`,
    seed,
    executor: "cpu, WebAssembly SIMD",
    spec: {
      dataset: { dataset: "moons-circles" },
      shape: extendedShape(base, rate, extension),
      extension: { base, level: extension, rate },
      remaining,
      patience: 30,
    },
    scoreNames: {},
    levels,
    outcome: runOutcome(levels.map(({ state }) => state)) satisfies Outcome,
    finished: true,
    timings: levels.map(({ level }) => ({
      level,
      elapsedMs: 1500,
      cpu: "a processor",
      node: "v20",
      adapterKind: "cpu",
      finishedAt: `2026-01-0${level + 1}T10:00:00.000Z`,
    })),
  };
}

/** Runs of a grid over ten keys, with four tasks and long names: the widest table that a report has to show. */
export function gridRuns(count: number): ReportedRun[] {
  const tasks = ["circles", "moons", "a_task_with_a_long_name", "spirals"];
  const scores = Object.fromEntries(tasks.map((task, i) => [task, 0.9 + i / 100]));
  return Array.from({ length: count }, (_, k) => {
    const run = extensionRun(3, k, k % 2 === 0 ? ["separated"] : []);
    return {
      ...run,
      path: `runs/a-name-of-a-grid-that-is-as-long-as-a-path-of-a-dataset-4f0c2d6a91b${k}/seed-${k}`,
      name: k % 3 === 0 ? "moons-circles" : "a-name-of-a-grid-that-is-as-long-as-a-path-of-a-dataset",
      specHash: `hash${k}`,
      spec: {
        ...run.spec,
        lr: (k + 1) / 1000,
        batch: 64 * (k + 1),
        optimizer: k % 2 === 0 ? "adam" : "sgd",
        schedule: k % 2 === 0 ? "constant" : `warmup:${1000 * k}`,
        initializer: k % 2 === 0 ? "kaiming-normal" : "xavier-normal",
        criterion: k % 2 === 0 ? "magnitude" : "scaled-magnitude",
        scope: k % 2 === 0 ? "global" : "layer",
        weightDecay: k / 100,
        maxEpochs: 3000 - k,
        tolerance: (k + 1) / 100,
      },
      levels: run.levels.map((level) => ({ ...level, valAccuracy: scores })),
    };
  });
}
