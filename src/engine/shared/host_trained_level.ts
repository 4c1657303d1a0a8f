import { Parameters } from "../../network/parameters.ts";
import { selectMask } from "../../pruning/selector.ts";
import type { LevelJob, LevelTraining, TrainedLevel } from "../engine.ts";

/** A trained level with parameters in main memory; `release` does nothing. */
export function hostTrainedLevel(job: LevelJob, training: LevelTraining, trained: Parameters): TrainedLevel {
  return {
    training,
    weights: async () => new Parameters(trained.shape, trained.values.slice()),
    select: async (selection) => selectMask({ ...job, trained, nextLevel: job.level + 1 }, selection),
    release: () => {},
  };
}
