import type { LevelRecord } from "../store/level_record.ts";
import { clusteredInterval } from "./cluster_interval.ts";
import { byDataSet, lastLevel, type ReportedRun, separationLevel } from "./reported_run.ts";
import { specValue } from "./run_specs.ts";
import type { ShareInterval } from "./wilson.ts";

/** Runs whose specs have the same values of some keys. */
export interface RunGroup {
  /** Their values, such as `lamp` or `lamp, 9`. */
  readonly label: string;
  /** At least one. */
  readonly runs: readonly ReportedRun[];
}

/** Groups runs by their values of some keys, in the order of the runs. */
export function groupsByValues(runs: readonly ReportedRun[], keys: readonly string[]): RunGroup[] {
  const groups = new Map<string, ReportedRun[]>();
  for (const run of runs) {
    const label = keys.map((key) => specValue(run, key)).join(", ");
    groups.set(label, [...(groups.get(label) ?? []), run]);
  }
  return [...groups].map(([label, members]) => ({ label, runs: members }));
}

/** Shares of the runs of a group, each with its 95 % interval: Wilson's, of runs of several data sets that of clusters. */
export interface GroupShares {
  /** Separated at some level. */
  readonly separated: ShareInterval;
  /** Of all runs, those whose first separated ticket wins. */
  readonly separatedAndWinning: ShareInterval;
  /** Reached the last level of the spec, and its ticket wins. */
  readonly winsAtEnd: ShareInterval;
}

export function groupShares({ runs }: RunGroup): GroupShares {
  const share = (has: (run: ReportedRun) => boolean) =>
    clusteredInterval(byDataSet(runs).map((own) => ({ successes: own.filter(has).length, trials: own.length })));
  return {
    separated: share((run) => separationLevel(run) !== undefined),
    separatedAndWinning: share((run) => separationLevel(run)?.winning ?? false),
    winsAtEnd: share((run) => reachedEnd(run) && lastLevel(run).winning),
  };
}

/** Whether a run has the last level that its spec plans: it was not ended before, such as by degradation. */
export function reachedEnd(run: ReportedRun): boolean {
  return run.levels.length === plannedWeights(run).length;
}

/** Weights of each level by the spec: unpruned ones, or with a target of active weights the most that may be active. */
export function plannedWeights({ spec }: ReportedRun): readonly number[] {
  return spec.remaining as readonly number[];
}

/**
 * The record of a level; where a run has ended before, because of the state of its last level, that one: further pruning
 * does not undo it. Undefined where the run has not come so far.
 */
export function recordAt(run: ReportedRun, level: number): LevelRecord | undefined {
  return run.levels[level] ?? (run.finished && lastLevel(run).state === run.spec.stopAt ? lastLevel(run) : undefined);
}
