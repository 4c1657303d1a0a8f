import { InternalError } from "../base/errors.ts";
import { clusteredInterval, oneClusterInterval } from "../report/cluster_interval.ts";
import { type MeanInterval, meanInterval } from "../report/mean_interval.ts";
import { byDataSet, meanScore, type ReportedRun, separationLevel } from "../report/reported_run.ts";
import { type ShareInterval, shareDifference } from "../report/wilson.ts";
import type { Published, PublishedOutcome, PublishedValue, Quantity } from "./published.ts";

/** One published value beside ours. */
export interface Comparison {
  readonly quantity: string;
  /** Which runs, such as `extension 9`. */
  readonly where: string;
  /** Ours with its 95 % interval; a mean of too few values has none. */
  readonly ours: ShareInterval | MeanInterval;
  /** Number of runs or tickets on which ours was measured. */
  readonly count: number;
  /** Number of data sets that they are of. */
  readonly dataSets: number;
  readonly published: { readonly low: number; readonly high: number; readonly share?: number };
  /** How the thesis states the value. */
  readonly source: string;
  /** Of two shares: the 95 % interval of the difference, ours minus the thesis'. */
  readonly difference?: { readonly low: number; readonly high: number };
  /**
   * Shares agree when the interval of their difference holds 0; other values when the interval of our mean meets the
   * published range; null where our mean has no interval.
   */
  readonly agrees: boolean | null;
}

/**
 * The thesis' letter for the outcome of a run. Its runs stop at the first degraded level, and its code counts a
 * fragmented level as degraded.
 */
export function outcomeInThesis({ levels }: ReportedRun): PublishedOutcome {
  let separated = false;
  for (const { state } of levels) {
    if (state === "degraded" || state === "fragmented") return separated ? "D" : "X";
    if (state === "separated") separated = true;
  }
  return separated ? "S" : "I";
}

/** The shares that are compared, with the outcomes that count. */
const shares = [
  { quantity: "share of runs that separated", counts: "SD" },
  { quantity: "share of runs that degraded", counts: "DX" },
] as const;

/**
 * Groups of extension levels, because four seeds per level are weak evidence; the groups are those of the thesis'
 * summary.
 */
const spans: readonly (readonly [number, number])[] = [
  [0, 6],
  [7, 8],
  [9, 16],
  [17, 25],
];

/**
 * Compares the outcomes of a network extension with published ones, by extension level and over spans of levels. Runs of one
 * data set are a cluster. The thesis' runs are of one data set: if ours tell how alike such runs are, its shares are as uncertain as
 * that makes them.
 * @param runs by extension level; levels without runs are left out, on both sides
 */
export function compareOutcomes(
  runs: ReadonlyMap<number, readonly ReportedRun[]>,
  { outcomes }: Pick<Published, "outcomes">,
): Comparison[] {
  const levels = [...runs.keys()].filter((level) => outcomes[level]).sort((a, b) => a - b);
  const groups = [
    ...levels.map((level) => ({ where: `extension ${level}`, members: [level] })),
    ...spans.flatMap(([first, last]) => {
      const members = levels.filter((level) => level >= first && level <= last);
      return members.length > 1
        ? [{ where: `extensions ${members[0]} to ${members[members.length - 1]} together`, members }]
        : [];
    }),
  ];
  return shares.flatMap(({ quantity, counts }) =>
    groups.map(({ where, members }): Comparison => {
      const counted = (ends: readonly PublishedOutcome[]) => ends.filter((end) => counts.includes(end)).length;
      const oursAll = members.flatMap((level) => runs.get(level) ?? []);
      const clusters = byDataSet(oursAll).map((cluster) => cluster.map(outcomeInThesis));
      const theirsAll = members.flatMap((level) => outcomes[level]);
      const { correlation, ...ours } = clusteredInterval(
        clusters.map((ends) => ({ successes: counted(ends), trials: ends.length })),
      );
      const theirs = oneClusterInterval(counted(theirsAll), theirsAll.length, correlation);
      const difference = shareDifference(ours, theirs);
      return {
        quantity,
        where,
        ours: { share: ours.share, low: ours.low, high: ours.high },
        count: oursAll.length,
        dataSets: clusters.length,
        published: theirs,
        source: `${Math.round(theirs.share * theirsAll.length)} of ${theirsAll.length}`,
        difference,
        agrees: difference.low <= 0 && difference.high >= 0,
      };
    }),
  );
}

/**
 * Compares published ranges with the means of ours, of several data sets with the mean over their means; quantities that no run of ours has are left out. If some separated
 * tickets have lost a task, the quantities at separation are also compared for the winning ones alone.
 */
export function compareValues(runs: readonly ReportedRun[], values: readonly PublishedValue[]): Comparison[] {
  return values.flatMap(({ quantity, low, high, source }) => {
    const having = runs.filter((run) => measure(run, quantity) !== undefined);
    const winning = having.filter((run) => separationLevel(run)?.winning);
    const isSplit = quantity.endsWith("at separation") && winning.length > 0 && winning.length < having.length;
    const groups = [
      { where: quantity.endsWith("at separation") ? "all that separated" : "all runs", members: having },
      ...(isSplit ? [{ where: "those with a winning ticket there", members: winning }] : []),
    ];
    return groups.flatMap(({ where, members }): Comparison[] => {
      if (members.length === 0) return [];
      const clusters = byDataSet(members).map((cluster) => cluster.flatMap((run) => measure(run, quantity) ?? []));
      const [values] = clusters;
      const ours = meanInterval(clusters.length === 1 ? values : clusters.map(meanOf));
      const agrees = ours.low === null ? null : ours.low <= high && ours.high >= low;
      const dataSets = clusters.length;
      return [{ quantity, where, ours, count: members.length, dataSets, published: { low, high }, source, agrees }];
    });
  });
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A quantity of one run; undefined if the run does not have it, such as at separation if it never separated. */
function measure(run: ReportedRun, quantity: Quantity): number | undefined {
  const separated = separationLevel(run);
  switch (quantity) {
    case "active weights at separation":
      return separated?.weights.active;
    case "unpruned weights at separation":
      return separated?.remaining;
    case "validation loss at separation":
      return separated?.valLoss;
    case "lowest accuracy of a task at separation":
      return separated && Math.min(...Object.values(separated.valAccuracy));
    case "mean accuracy at separation":
      return separated && meanScore(separated);
    case "mean accuracy of the dense network":
      return meanScore(run.levels[0]);
    case "best mean accuracy":
      return Math.max(...run.levels.map(meanScore));
    default:
      throw new InternalError(`quantity ${quantity satisfies never}`);
  }
}
