import type { LevelRecord } from "../../src/store/level_record.ts";

/** A valid level record with some fields changed. */
export function levelRecord(changes: Partial<LevelRecord> = {}): LevelRecord {
  return {
    level: 0,
    engine: "cpu",
    remaining: 112,
    epochs: 310,
    steps: 4960,
    trainLoss: 0.0125,
    valLoss: 0.01,
    valAccuracy: { moons: 0.998, circles: 1 },
    winning: true,
    weights: { active: 112, inactive: 0, zombie: 0, pruned: 0 },
    neurons: { active: 22, inactive: 0, zombie: 0 },
    subnetworks: 1,
    foreignInputs: 0,
    coverage: { input: [[1, 1]], output: [[1, 1]], total: [[1, 1]] },
    state: "interconnected",
    degree: { fromOutputs: [0, 0, 0, 1], fromInputs: [1, 0, null, 0] },
    ...changes,
  };
}
