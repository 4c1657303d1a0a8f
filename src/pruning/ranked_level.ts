import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";

/**
 * Values that a criterion may need of a level: the parameters as trained, those at the start of the level, the initial
 * ones of the run, and the gradients of the mean training loss over all training samples, at the trained weights and at
 * the masked start weights; with the product of Hessian and gradient there.
 */
export type Need =
  | "trained weights"
  | "start weights"
  | "initial weights"
  | "gradients"
  | "start gradients"
  | "start Hessian gradients";

/** A trained level, for the selector. What the criterion does not need may be left out. */
export interface RankedLevel {
  /** Parameters as trained. */
  readonly trained: Parameters;
  /** Parameters that the level started from, not masked. */
  readonly start: Parameters;
  /** Initial parameters of the run, not masked: those of level 0. */
  readonly initial?: Parameters | undefined;
  /** Gradients of the mean training loss at the trained parameters. */
  readonly gradients?: Parameters | undefined;
  /** Gradients of the mean training loss at the start parameters, masked. */
  readonly startGradients?: Parameters | undefined;
  /** Product of the Hessian of the mean training loss with its gradient, both at the start parameters, masked. */
  readonly startHessianGradients?: Parameters | undefined;
  /** The mask that the level was trained with. */
  readonly mask: Mask;
  readonly seed: number;
  /** The level that the new mask will train. */
  readonly nextLevel: number;
}
