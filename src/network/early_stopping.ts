/** The rule that ends a level. */
export interface StoppingRule {
  /** Epochs without a better validation loss after which the level ends, from 1. */
  readonly patience: number;
  /** Largest number of epochs, from 1. */
  readonly maxEpochs: number;
}

/** Progress of a level. */
export interface EpochCount {
  readonly epochs: number;
  /** The lowest validation loss so far, in nats. */
  readonly bestLoss: number;
  /** Epochs since the lowest validation loss. */
  readonly epochsSinceBest: number;
}

/**
 * Closes an epoch: an equal validation loss is no improvement, and neither is NaN. `shaders/shared/close_epoch.wgsl`
 * computes the same on the device.
 * @returns the count with this epoch in it, whether it is the best so far, and whether the level ends with it
 */
export function closeEpoch(
  { epochs, bestLoss, epochsSinceBest }: EpochCount,
  validationLoss: number,
  { patience, maxEpochs }: StoppingRule,
): EpochCount & { readonly improved: boolean; readonly isLast: boolean } {
  const improved = validationLoss < bestLoss;
  const count = {
    epochs: epochs + 1,
    bestLoss: improved ? validationLoss : bestLoss,
    epochsSinceBest: improved ? 0 : epochsSinceBest + 1,
  };
  return { ...count, improved, isLast: count.epochsSinceBest >= patience || count.epochs >= maxEpochs };
}
