/** The rule that ends a level. */
export interface StoppingRule {
  /** Evaluations without a better validation loss after which the level ends, from 1. */
  readonly patience: number;
  /** Largest number of evaluations, from 1. */
  readonly mostEvaluations: number;
}

/** Progress of a level. */
export interface EvaluationCount {
  readonly evaluations: number;
  /** The lowest validation loss so far, in nats. */
  readonly bestLoss: number;
  /** Evaluations since the lowest validation loss. */
  readonly evaluationsSinceBest: number;
}

/**
 * Closes the interval before an evaluation: an equal validation loss is no improvement, and neither is NaN.
 * `shaders/shared/close_interval.wgsl` computes the same on the device.
 * @returns the count with this evaluation in it, whether it is the best so far, and whether the level ends with it
 */
export function closeInterval(
  { evaluations, bestLoss, evaluationsSinceBest }: EvaluationCount,
  validationLoss: number,
  { patience, mostEvaluations }: StoppingRule,
): EvaluationCount & { readonly improved: boolean; readonly isLast: boolean } {
  const improved = validationLoss < bestLoss;
  const count = {
    evaluations: evaluations + 1,
    bestLoss: improved ? validationLoss : bestLoss,
    evaluationsSinceBest: improved ? 0 : evaluationsSinceBest + 1,
  };
  const isLast = count.evaluationsSinceBest >= patience || count.evaluations >= mostEvaluations;
  return { ...count, improved, isLast };
}
