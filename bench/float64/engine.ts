import type { Dataset } from "../../src/dataset/dataset.ts";
import type { Engine, LevelJob, TrainedLevel } from "../../src/engine/engine.ts";
import { Float64Level } from "./level.ts";

/** An engine in float64, to compare whole runs with those of the float32 engines. */
export class Float64Engine implements Engine {
  readonly name = "cpu";
  readonly executor = "plain loops in float64";
  readonly slots = 1;
  /** Not used: no plan contains this engine. */
  readonly memoryBytes = 0;

  constructor(readonly dataset: Dataset) {}

  async train(job: LevelJob): Promise<TrainedLevel> {
    const level = new Float64Level(job, this.dataset);
    const training = level.train();
    return {
      training,
      weights: async () => level.weights(),
      firstMoments: async () => {
        throw new Error("float64 does not keep moments");
      },
      select: async (selection) => level.select(selection),
      release: () => {},
    };
  }

  close(): void {}
}
