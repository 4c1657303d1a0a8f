import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { criteria } from "../pruning/criteria.ts";

/** How many samples the gradients of a criterion are taken over. */
export interface GradientBatches {
  readonly criterion: string;
  /** Mini-batch size in samples. */
  readonly batch: number;
  /** Number of mini-batches, the first of the level's first epoch; undefined: all samples. */
  readonly gradientBatches?: number | undefined;
}

/** Whether a criterion needs gradients of the loss. */
export function needsGradients(criterion: string): boolean {
  return criteria.get(criterion).needs.some((need) => need.endsWith("radients"));
}

/**
 * Checks what of the number needs no data.
 * @throws InputError when the criterion takes no gradients
 */
export function checkTakesGradients({ criterion, gradientBatches }: GradientBatches): void {
  if (gradientBatches === undefined || needsGradients(criterion)) return;
  const those = criteria.names.filter(needsGradients);
  throw new InputError(
    `gradientBatches ${gradientBatches} contradicts criterion=${criterion}, which takes no gradients: give criterion ${those.slice(0, -1).join(", ")} or ${those.at(-1)}, or leave gradientBatches out`,
  );
}

/** @throws InputError when an epoch has fewer whole mini-batches */
export function checkGradientBatches({ batch, gradientBatches }: GradientBatches, { name, train }: Dataset): void {
  const whole = Math.floor(train.samples / batch);
  if (gradientBatches === undefined || gradientBatches <= whole) return;
  const give = whole === 0 ? "leave it out" : `give up to ${whole}, or leave it out`;
  throw new InputError(
    `gradientBatches ${gradientBatches}: ${name} has ${plural(train.samples, "training sample")}, ${whole} whole mini-batches of ${batch}; ${give} for all samples`,
  );
}
