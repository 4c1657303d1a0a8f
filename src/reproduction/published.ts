/**
 * The values of the thesis (M. Burger, "Winning the Lottery Twice with Iterative Magnitude Pruning", master's thesis,
 * JKU Linz, 2024) that ours are compared with. Its seeds are not independent of each other: its code shuffles with the
 * same stream for every model seed.
 */

/** The thesis' letter for a run's outcome: separated, separated-degraded, degraded, interconnected. */
export type PublishedOutcome = "S" | "D" | "X" | "I";

/** The quantity of a published range, measured on one ticket of a run. */
export type Quantity =
  | "active weights at separation"
  | "unpruned weights at separation"
  | "validation loss at separation"
  | "lowest accuracy of a task at separation"
  | "mean accuracy at separation"
  | "mean accuracy of the dense network"
  | "best mean accuracy";

/** A published range; both bounds are included. */
export interface PublishedValue {
  readonly quantity: Quantity;
  readonly low: number;
  readonly high: number;
  /** How the thesis states the range. */
  readonly source: string;
}

/** Everything published on one experiment. */
export interface Published {
  /** The outcomes of the seeds of an extension level, from level 0. */
  readonly outcomes: readonly (readonly PublishedOutcome[])[];
  readonly values: readonly PublishedValue[];
}

const twoDigits = "given to two digits";

/** Extension levels 0 to 25 of (4,8,8,2), four seeds each. */
const twoHiddenLayers = `
  IIII IIII IIII IIII IIII IIII IIII SIII SIII SSSS SSIX SSSI SSSD
  SSSI SSSD SSSS SSSD SSDX SSSX SDDX SDDD SSSD SSDD SSSX DDXX SDDX`;

/** Published values by the name of the experiment; the other experiments have none. */
export const published: Readonly<Record<string, Published>> = {
  "extension-2": {
    outcomes: twoHiddenLayers
      .trim()
      .split(/\s+/)
      .map((seeds) => [...seeds] as PublishedOutcome[]),
    values: [
      { quantity: "active weights at separation", low: 80, high: 120, source: "80 to 120 active" },
      { quantity: "unpruned weights at separation", low: 120, high: 900, source: "120 to 900 unpruned" },
      { quantity: "validation loss at separation", low: 0.002, high: 0.005, source: "falls to 0.002 to 0.005" },
      { quantity: "lowest accuracy of a task at separation", low: 0.99, high: 1, source: "above 0.99 on both tasks" },
    ],
  },
  "mnist-fashion": {
    outcomes: [],
    values: [
      { quantity: "unpruned weights at separation", low: 880, high: 1330, source: "880 to 1,330 weights" },
      { quantity: "mean accuracy at separation", low: 0.83, high: 0.86, source: "0.83 to 0.86" },
      { quantity: "mean accuracy of the dense network", low: 0.875, high: 0.885, source: `0.88, ${twoDigits}` },
      { quantity: "best mean accuracy", low: 0.905, high: 0.915, source: `0.91 near 10^4 weights, ${twoDigits}` },
    ],
  },
};
