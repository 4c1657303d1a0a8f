/**
 * What J. Frankle and M. Carbin ("The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks", ICLR 2019, section 2
 * and figure 4) state of LeNet-300-100 on MNIST: means of five trials, of fifteen with re-initialised weights.
 */

/** The networks of a curve. */
export type Kind = "ticket" | "reinit" | "one-shot";

/** A statement on tickets of one size against other networks. */
export interface Statement {
  /** `step`: relative change of the early-stopping step. `accuracy`: difference of test accuracy there, as a share. */
  readonly quantity: "step" | "accuracy";
  readonly kind: Kind;
  /** What they are compared with: the dense networks of their runs, or tickets of the same size. */
  readonly against: "dense" | "reinit";
  /** Share of the weights left. */
  readonly at: number;
  /**
   * A number, as exactly as it is given; that there is no difference, none as large as those that the paper reports; or that the
   * difference is above or below a bound.
   */
  readonly stated:
    | { readonly low: number; readonly high: number }
    | { readonly noneFrom: number; readonly noneTo: number }
    | { readonly above: number }
    | { readonly below: number };
  /** The paper's words in short. */
  readonly source: string;
}

/** One-shot tickets are said to do so over a range of sizes; these are in it. */
const oneShotSteps = [0.513, 0.211];
const oneShotAccuracies = [0.513, 0.211, 0.135, 0.07];

/**
 * Differences as large as those that the paper reports of tickets: 38 % earlier, or as much later, and 0.3 percentage points. An
 * interval that holds 0 and one of these too does not tell that there is none.
 */
const noChange = {
  step: { noneFrom: -0.38, noneTo: 1 / 0.62 - 1 },
  accuracy: { noneFrom: -0.003, noneTo: 0.003 },
} as const;

export const statements: readonly Statement[] = [
  {
    ...{ quantity: "step", kind: "ticket", against: "dense", at: 0.211 },
    stated: { low: -0.385, high: -0.375 },
    source: "early stopping 38 % earlier",
  },
  {
    ...{ quantity: "accuracy", kind: "ticket", against: "dense", at: 0.135 },
    stated: { above: 0.003 },
    source: "more than 0.3 points better",
  },
  {
    ...{ quantity: "step", kind: "ticket", against: "dense", at: 0.036 },
    stated: noChange.step,
    source: "back at the dense network's step",
  },
  {
    ...{ quantity: "accuracy", kind: "ticket", against: "dense", at: 0.036 },
    stated: noChange.accuracy,
    source: "back at the dense network's accuracy",
  },
  {
    ...{ quantity: "accuracy", kind: "ticket", against: "dense", at: 0.029 },
    stated: { below: 0 },
    source: "accuracy drops below the dense network's at 2.9 %",
  },
  {
    ...{ quantity: "step", kind: "reinit", against: "dense", at: 0.211 },
    stated: { above: 0 },
    source: "re-initialised, learns slower than the dense network",
  },
  {
    ...{ quantity: "accuracy", kind: "reinit", against: "dense", at: 0.211 },
    stated: { below: 0 },
    source: "re-initialised, accuracy drops below the dense network's at 21.1 %",
  },
  {
    ...{ quantity: "step", kind: "ticket", against: "reinit", at: 0.211 },
    stated: { low: 1 / 2.515 - 1, high: 1 / 2.505 - 1 },
    source: "2.51 times faster than when re-initialised",
  },
  {
    ...{ quantity: "accuracy", kind: "ticket", against: "reinit", at: 0.211 },
    stated: { low: 0.0045, high: 0.0055 },
    source: "half a point better than when re-initialised",
  },
  ...oneShotSteps.map(
    (at): Statement => ({
      ...{ quantity: "step", kind: "one-shot", against: "dense", at },
      stated: { below: 0 },
      source: "one-shot, earlier than the dense network from 67.5 to 17.6 %",
    }),
  ),
  ...oneShotAccuracies.map(
    (at): Statement => ({
      ...{ quantity: "accuracy", kind: "one-shot", against: "dense", at },
      stated: { above: 0 },
      source: "one-shot, better than the dense network from 95 to 5.17 %",
    }),
  ),
];

/** Sizes whose course of training figure 3 shows, as shares of the weights. */
export const shownSizes = [1, 0.513, 0.211, 0.07, 0.036, 0.019];
