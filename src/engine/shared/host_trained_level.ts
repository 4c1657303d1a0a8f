import { invariant } from "../../base/errors.ts";
import { Parameters } from "../../network/parameters.ts";
import { selectMask } from "../../pruning/selector.ts";
import type { LevelJob, LevelTraining, TrainedLevel } from "../engine.ts";

/**
 * A trained level with parameters in main memory; `release` does nothing.
 * @param firstMoments where the job's settings ask for them
 */
export function hostTrainedLevel(
  job: LevelJob,
  training: LevelTraining,
  trained: Parameters,
  firstMoments?: Parameters,
): TrainedLevel {
  const copyOf = ({ shape, values }: Parameters) => new Parameters(shape, values.slice());
  return {
    training,
    weights: async () => copyOf(trained),
    firstMoments: async () => {
      invariant(firstMoments, `${job.label}, level ${job.level}: its settings do not ask for moments`);
      return copyOf(firstMoments);
    },
    select: async (selection) => selectMask({ ...job, trained, nextLevel: job.level + 1 }, selection),
    release: () => {},
  };
}
