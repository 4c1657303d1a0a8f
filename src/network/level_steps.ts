/** What decides how many steps a level has, and after which of them it is evaluated. */
export interface LengthKeys {
  /** Mini-batch size in samples, from 1. */
  readonly batch: number;
  /** Maximum number of epochs, from 1; undefined where `maxSteps` is given. */
  readonly maxEpochs?: number | undefined;
  /** Maximum number of steps, a multiple of the steps between two evaluations. */
  readonly maxSteps?: number | undefined;
  /** Steps between two evaluations, from 1; default those of an epoch. */
  readonly evaluateEvery?: number | undefined;
}

/** The steps of a level on some training samples. */
export interface LevelSteps {
  /** Steps of an epoch, a pass over the training samples; from 1. */
  readonly perEpoch: number;
  /** Steps between two evaluations: an interval. */
  readonly evaluateEvery: number;
  /** Most steps of the level. */
  readonly most: number;
  /** Most evaluations of the level; the last one after the last step. */
  readonly evaluations: number;
}

/** @param samples number of training samples, from 1 */
export function levelSteps({ batch, maxEpochs = 0, maxSteps, evaluateEvery }: LengthKeys, samples: number): LevelSteps {
  const perEpoch = Math.ceil(samples / batch);
  const every = evaluateEvery ?? perEpoch;
  const most = maxSteps ?? maxEpochs * perEpoch;
  return { perEpoch, evaluateEvery: every, most, evaluations: Math.floor(most / every) };
}

/**
 * Number of samples in the first steps of a level: the last batch of each epoch may be smaller.
 * @param samples number of training samples, from 1
 */
export function samplesOfSteps(steps: number, { batch }: Pick<LengthKeys, "batch">, samples: number): number {
  const perEpoch = Math.ceil(samples / batch);
  return Math.floor(steps / perEpoch) * samples + (steps % perEpoch) * batch;
}

/** Counts of a level that has just been evaluated. */
export interface EvaluatedCounts {
  readonly evaluations: number;
  /** Evaluations since the lowest validation loss. */
  readonly evaluationsSinceBest: number;
  /** Number of the kept evaluation, from 1. */
  readonly keptEvaluation: number;
}

/** How far a level has come with its last evaluation, and after which steps its best and its kept evaluation were. */
export function evaluatedSteps(counts: EvaluatedCounts, { perEpoch, evaluateEvery }: LevelSteps) {
  const { evaluations, evaluationsSinceBest, keptEvaluation } = counts;
  const steps = evaluations * evaluateEvery;
  return {
    epochs: Math.floor(steps / perEpoch),
    steps,
    evaluations,
    keptStep: keptEvaluation * evaluateEvery,
    bestStep: (evaluations - evaluationsSinceBest) * evaluateEvery,
  };
}
