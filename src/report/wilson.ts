import { invariant } from "../base/errors.ts";
import { normalQuantile as z } from "./student.ts";

/** A share with the bounds of its interval, all from 0 to 1. */
export interface ShareInterval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's 95 % score interval of a binomial share (E. B. Wilson, "Probable inference, the law of succession, and
 * statistical inference", JASA 22, 1927): always within 0 to 1, and wider than 0 for four runs of four.
 * @param successes, trials integers, 0 <= successes <= trials, trials at least 1
 */
export function wilsonInterval(successes: number, trials: number): ShareInterval {
  invariant(trials >= 1 && successes >= 0 && successes <= trials, `${successes} of ${trials} as a share`);
  const share = successes / trials;
  const denominator = 1 + z ** 2 / trials;
  const centre = (share + z ** 2 / (2 * trials)) / denominator;
  const half = (z / denominator) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  // Exactly 0 and 1 at the ends, where rounding would leave a difference.
  return {
    share,
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
  };
}

/**
 * The 95 % interval of the difference of two independent shares, first minus second, from their Wilson intervals (R. G.
 * Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17, 1998,
 * method 10).
 */
export function shareDifference(first: ShareInterval, second: ShareInterval): { low: number; high: number } {
  const difference = first.share - second.share;
  return {
    low: difference - Math.hypot(first.share - first.low, second.high - second.share),
    high: difference + Math.hypot(first.high - first.share, second.share - second.low),
  };
}
