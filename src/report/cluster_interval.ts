import { invariant } from "../base/errors.ts";
import { normalQuantile, studentQuantile } from "./student.ts";
import { type ShareInterval, wilsonInterval } from "./wilson.ts";

/** Runs that have a cluster in common, such as one data set. */
export interface Cluster {
  /** Runs that have the property, 0 to `trials`. */
  readonly successes: number;
  /** At least one. */
  readonly trials: number;
}

/** A share with its interval, and what clusters do to it. */
export interface ClusteredShare extends ShareInterval {
  readonly clusters: number;
  /**
   * Variance of the share over clusters, as a multiple of what independent runs have: at least 1; 1 where all runs agree or
   * there is one cluster.
   */
  readonly designEffect: number;
  /** Correlation of two runs of a cluster that gives this design effect, from 0. */
  readonly correlation: number;
}

/**
 * The 95 % interval of a share of runs that come in clusters: Wilson's, of as many independent runs as tell as much, n / d (z / t)^2
 * with the design effect d of the share, z of the normal and t of Student's distribution with one degree of freedom
 * less than clusters (E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of positive counts estimated
 * from survey data", Survey Methodology 24, 1998). Chosen over a bootstrap of clusters, whose interval is too narrow for few
 * clusters and a point where all runs agree. Runs of one cluster have Wilson's interval, which holds for that cluster alone.
 * @param clusters at least one
 */
export function clusteredInterval(clusters: readonly Cluster[]): ClusteredShare {
  const trials = clusters.reduce((sum, cluster) => sum + cluster.trials, 0);
  const successes = clusters.reduce((sum, cluster) => sum + cluster.successes, 0);
  invariant(clusters.every((cluster) => cluster.trials >= 1) && trials >= 1, "a cluster without runs");
  const number = clusters.length;
  if (number === 1) return { ...wilsonInterval(successes, trials), clusters: 1, designEffect: 1, correlation: 0 };
  const share = successes / trials;
  const squares = clusters.reduce((sum, cluster) => sum + (cluster.successes - share * cluster.trials) ** 2, 0);
  const independent = trials * share * (1 - share);
  const designEffect = independent > 0 ? Math.max(1, ((number / (number - 1)) * squares) / independent) : 1;
  const size = clusters.reduce((sum, cluster) => sum + cluster.trials ** 2, 0) / trials;
  const correlation = size > 1 ? Math.min((designEffect - 1) / (size - 1), 1) : 0;
  const effective = effectiveRuns(trials, designEffect) * (normalQuantile / studentQuantile(number - 1)) ** 2;
  const { low, high } = wilsonInterval(
    Math.min(share * Math.max(effective, 1), Math.max(effective, 1)),
    Math.max(effective, 1),
  );
  return {
    share,
    low: successes === 0 ? 0 : low,
    high: successes === trials ? 1 : high,
    clusters: number,
    designEffect,
    correlation,
  };
}

/** Wilson's interval of the runs of one cluster, in which two runs have a correlation that is known from elsewhere. */
export function oneClusterInterval(successes: number, trials: number, correlation: number): ShareInterval {
  const effective = effectiveRuns(trials, 1 + (trials - 1) * correlation);
  const share = successes / trials;
  return { ...wilsonInterval(share * effective, effective), share };
}

/** Independent runs that tell as much as some runs with a design effect. */
function effectiveRuns(trials: number, designEffect: number): number {
  return trials / designEffect;
}
