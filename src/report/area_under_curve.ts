import { invariant } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import { studentQuantile } from "./student.ts";

/** A run with a score and whether it has what the score should tell. */
export interface Scored {
  readonly score: number;
  readonly positive: boolean;
  /** What runs have in common, such as a data set. */
  readonly cluster: number;
}

/** An area under the ROC curve with its 95 % interval; null where the estimate has no spread. */
export interface AreaInterval {
  readonly area: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The area under the ROC curve within clusters: of all pairs of a positive and another run of one cluster, the share in which the
 * positive has the higher score, ties half (D. Bamber 1975). 1/2 by chance; below it, lower scores tell the positives. Runs of two clusters are not
 * compared: what the data make likely, runs of one data set have in common.
 * The 95 % interval, on the logit scale, is that of a ratio of sums over clusters (won pairs to pairs), with Student's distribution of one degree of
 * freedom less than clusters (W. G. Cochran, "Sampling Techniques", 1977, 6.4); of one cluster that of E. R. DeLong, D. M. DeLong and
 * D. L. Clarke-Pearson (Biometrics 44, 1988), which holds for the cluster alone.
 * @param runs some cluster has a positive and another run
 */
export function areaUnderCurve(runs: readonly Scored[]): AreaInterval {
  const clusters = byCluster(runs);
  const pairs = clusters.reduce((sum, { positives, others }) => sum + positives.length * others.length, 0);
  invariant(pairs > 0, "an area under a curve without a pair of runs");
  const area = clusters.reduce((sum, cluster) => sum + wonPairs(cluster), 0) / pairs;
  const comparing = clusters.filter(({ positives, others }) => positives.length * others.length > 0);
  const variance = comparing.length > 1 ? ratioVariance(comparing, area, pairs) : delongVariance(comparing[0], area);
  if (!(variance > 1e-12) || area === 0 || area === 1) return { area, low: null, high: null };
  const degrees =
    comparing.length > 1 ? comparing.length - 1 : comparing[0].positives.length + comparing[0].others.length - 1;
  const logit = Math.log(area / (1 - area));
  const half = (studentQuantile(degrees) * Math.sqrt(variance)) / (area * (1 - area));
  const share = (value: number) => 1 / (1 + Math.exp(-value));
  return { area, low: share(logit - half), high: share(logit + half) };
}

/** The scores of the runs of a cluster. */
interface ClusterScores {
  readonly positives: number[];
  readonly others: number[];
}

function byCluster(runs: readonly Scored[]): ClusterScores[] {
  const clusters = new Map<number, ClusterScores>();
  for (const { score, positive, cluster } of runs) {
    const of = clusters.get(cluster) ?? { positives: [], others: [] };
    clusters.set(cluster, of);
    of[positive ? "positives" : "others"].push(score);
  }
  return [...clusters.values()];
}

/** 1 where the first score is higher, 1/2 where both are equal. */
const above = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);

/** Pairs in which the positive has the higher score, ties half. */
function wonPairs({ positives, others }: ClusterScores): number {
  return positives.reduce((sum, score) => sum + others.reduce((won, other) => won + above(score, other), 0), 0);
}

function ratioVariance(clusters: readonly ClusterScores[], area: number, pairs: number): number {
  const squares = clusters.reduce(
    (sum, cluster) => sum + (wonPairs(cluster) - area * cluster.positives.length * cluster.others.length) ** 2,
    0,
  );
  return ((clusters.length / (clusters.length - 1)) * squares) / pairs ** 2;
}

function delongVariance({ positives, others }: ClusterScores, area: number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = (shares: readonly number[]) =>
    shares.reduce((sum, share) => sum + (share - area) ** 2, 0) / Math.max(1, shares.length - 1) / shares.length;
  return (
    spread(positives.map((score) => mean(others.map((other) => above(score, other))))) +
    spread(others.map((other) => mean(positives.map((score) => above(score, other)))))
  );
}

/** Random orders of the outcomes. */
const orders = 9_999;

/**
 * The p-value of no relation between score and outcome within clusters, two-sided: the share of random orders of the outcomes
 * within each cluster whose number of won pairs lies at least as far from that expected, with the given order counted among them
 * (the statistic of Mann and Whitney, summed over clusters). Orders are the same every time.
 * @returns at least 1 / 10,000
 */
export function permutationP(runs: readonly Scored[]): number {
  const clusters = byCluster(runs).map(({ positives, others }) => ({
    ranks: midRanks([...positives, ...others]),
    positives: positives.length,
  }));
  const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const given = sumOf(clusters.map(({ ranks, positives }) => sumOf(ranks.slice(0, positives))));
  const expected = sumOf(clusters.map(({ ranks, positives }) => (positives * sumOf(ranks)) / ranks.length));
  const distance = Math.abs(given - expected) - 1e-9;
  const random = new RandomStream(0, "permutation");
  let atLeast = 0;
  for (let order = 0; order < orders; order++) {
    let sum = 0;
    for (const { ranks: own, positives } of clusters) {
      // The first places of a partial shuffle are a random choice.
      for (let i = 0; i < positives; i++) {
        const j = i + Math.floor((random.nextWord() / 2 ** 32) * (own.length - i));
        const kept = own[i];
        own[i] = own[j];
        own[j] = kept;
        sum += own[i];
      }
    }
    if (Math.abs(sum - expected) >= distance) atLeast++;
  }
  return (atLeast + 1) / (orders + 1);
}

/** Ranks from 1, ties with the mean of theirs. */
function midRanks(scores: readonly number[]): number[] {
  const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
  const ranks = new Array<number>(scores.length);
  for (let first = 0; first < order.length; ) {
    let end = first;
    while (end < order.length && scores[order[end]] === scores[order[first]]) end++;
    for (let i = first; i < end; i++) ranks[order[i]] = (first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}

/** P-values corrected for their number by S. Holm's method (Scand. J. Statist. 6, 1979), in the order given. */
export function holm(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const corrected = new Array<number>(values.length);
  let largest = 0;
  order.forEach((index, place) => {
    largest = Math.max(largest, Math.min(1, values[index] * (values.length - place)));
    corrected[index] = largest;
  });
  return corrected;
}
