import type { Dataset, Split } from "../dataset/dataset.ts";
import { takeSamples } from "../dataset/split.ts";
import type { Engine, LevelJob, LevelSettings } from "../engine/engine.ts";
import { type LevelScores, levelScores } from "./scores.ts";

/** An engine that evaluates networks on the samples of {@link evaluationData}. */
export interface Evaluator {
  readonly engine: Engine;
  /** The engine's dataset. */
  readonly dataset: Dataset;
}

/** How a network answers some samples. */
export interface Evaluation {
  /** Mean over samples and tasks; in nats for cross-entropy. */
  readonly loss: number;
  readonly scores: LevelScores;
}

/** What is evaluated. */
export type Evaluated = Pick<LevelJob, "label" | "seed" | "level" | "start" | "mask"> & Pick<LevelSettings, "batch">;

/**
 * The dataset on which an epoch at learning rate 0 evaluates a split: its validation samples are those of the split, and it
 * trains on one batch only, which changes nothing.
 * @param batch largest mini-batch of the networks, in samples
 */
export function evaluationData(dataset: Dataset, split: Split, batch: number): Dataset {
  const { train, tasks } = dataset;
  const rows = Uint32Array.from({ length: Math.min(batch, train.samples) }, (_, row) => row);
  return { ...dataset, train: takeSamples(train, rows, tasks.length), validation: split, test: undefined };
}

/**
 * Evaluates a network by an epoch at learning rate 0.
 * @throws RunError when the loss is not finite; DeviceError when the device fails
 */
export async function evaluate({ engine, dataset }: Evaluator, { batch, ...network }: Evaluated): Promise<Evaluation> {
  const settings: LevelSettings = {
    ...{ optimizer: "sgd", lr: 0, batch, maxEpochs: 1, patience: 1, keep: "last" },
  };
  const trained = await engine.train({ ...network, settings });
  try {
    const { valLoss, scoreSums } = trained.training;
    return { loss: valLoss, scores: levelScores(dataset, scoreSums) };
  } finally {
    trained.release();
  }
}
