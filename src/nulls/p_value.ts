import { invariant } from "../base/errors.ts";
import { incompleteBeta } from "./incomplete_beta.ts";

/** A p-value by simulation. */
export interface SimulatedP {
  /** (extreme + 1) / (of + 1). */
  readonly p: number;
  /** 95 % interval of the probability that a null is at least as extreme as the ticket. */
  readonly low: number;
  readonly high: number;
}

/**
 * The p-value of a ticket by nulls: the ticket counts as one of them, so that p is never 0 and is below a level at most as often as the
 * level says (Phipson and Smyth 2010, "Permutation p-values should never be zero"). Its interval is that of Clopper and Pearson (1934) for
 * the share of nulls.
 * @param extreme nulls at least as extreme as the ticket, of `of` nulls, at least 1
 */
export function simulatedP(extreme: number, of: number): SimulatedP {
  const [low, high] = clopperPearson(extreme, of);
  return { p: (extreme + 1) / (of + 1), low, high };
}

/** The exact 95 % interval of a binomial probability (Clopper and Pearson 1934): quantiles of beta distributions. */
export function clopperPearson(successes: number, trials: number): [low: number, high: number] {
  invariant(trials >= 1 && successes >= 0 && successes <= trials, `${successes} of ${trials} as a share`);
  return [
    successes === 0 ? 0 : betaQuantile(0.025, successes, trials - successes + 1),
    successes === trials ? 1 : betaQuantile(0.975, successes + 1, trials - successes),
  ];
}

/** The x with I_x(a, b) = share, by halving: to the last digits also of small x, as halves are of the logarithm near 0. */
function betaQuantile(share: number, a: number, b: number): number {
  let [low, high] = [1e-300, 1];
  for (let step = 0; step < 200; step++) {
    const middle = high / low > 4 ? Math.sqrt(low * high) : (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (incompleteBeta(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * p-values of many tickets corrected to q-values: at most a share q of the tickets whose q-value is at most q are false discoveries, on
 * average (Benjamini and Hochberg 1995).
 * @returns in the order of the p-values, each at least its p
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => ps[b] - ps[a]);
  const qs = new Array<number>(ps.length);
  let least = 1;
  order.forEach((place, above) => {
    least = Math.min(least, (ps[place] * ps.length) / (ps.length - above));
    qs[place] = least;
  });
  return qs;
}
