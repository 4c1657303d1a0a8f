import type { BranchLevel, KindAtLevel } from "../lottery/branch/branch_levels.ts";
import type { Worth } from "../lottery/branch/worth.ts";
import { countsSteps } from "../store/trained_length.ts";
import { mean } from "./mean.ts";
import { type MeanInterval, meanInterval } from "./mean_interval.ts";
import { meanScore } from "./reported_run.ts";

/** The runs of a kind of branch at a level, in numbers. */
export interface BranchRow {
  /** Of the runs that they branch from. */
  readonly level: number;
  readonly kind: string;
  /** What the ticket of the level is worth; null for the dense network. */
  readonly worth: Worth | null;
  readonly isControl: boolean;
  readonly keepsUp: boolean;
  readonly runs: number;
  readonly wins: number;
  readonly separated: number;
  /** Number of runs by the state of their masks. */
  readonly states: KindAtLevel["states"];
  /** Unpruned weights, mean over the runs. */
  readonly weights: number;
  /** Active weights, mean over the runs. */
  readonly active: number;
  /** Epochs and steps, mean over the runs. */
  readonly epochs: number;
  readonly steps: number;
  /** Whether the specs count steps. */
  readonly inSteps: boolean;
  /**
   * Score of the validation samples, mean over the tasks. Where there are several runs to branch from, each counts once, with
   * the mean of its branches, since branches of one run are alike; else each branch counts.
   */
  readonly score: MeanInterval & { readonly lowest: number; readonly highest: number };
  /** By task name: its score, mean over the runs. */
  readonly scoreByTask: Readonly<Record<string, number>>;
}

/** A row for each level and kind. */
export function branchRows(levels: readonly BranchLevel[]): BranchRow[] {
  const seeds = new Set(levels.flatMap(({ kinds }) => kinds.flatMap(({ runs }) => runs.map(({ seed }) => seed))));
  return levels.flatMap(({ level, worth, kinds }) =>
    kinds.map(({ kind, isControl, keepsUp, wins, states, runs }): BranchRow => {
      const records = runs.map(({ record }) => record);
      const scores = records.map(meanScore);
      const values =
        seeds.size > 1
          ? [...seeds].flatMap((seed) => {
              const own = runs.filter((run) => run.seed === seed).map(({ record }) => meanScore(record));
              return own.length > 0 ? [mean(own)] : [];
            })
          : scores;
      const tasks = Object.keys(records[0].valAccuracy);
      return {
        ...{
          level,
          kind,
          worth,
          isControl,
          keepsUp,
          runs: runs.length,
          wins,
          separated: states.separated ?? 0,
          states,
        },
        weights: mean(records.map(({ remaining }) => remaining)),
        active: mean(records.map(({ weights }) => weights.active)),
        epochs: mean(records.map(({ epochs }) => epochs)),
        steps: mean(records.map(({ steps }) => steps)),
        inSteps: records.some(countsSteps),
        score: { ...meanInterval(values), lowest: Math.min(...scores), highest: Math.max(...scores) },
        scoreByTask: Object.fromEntries(
          tasks.map((task) => [task, mean(records.map((each) => each.valAccuracy[task]))]),
        ),
      };
    }),
  );
}
