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
