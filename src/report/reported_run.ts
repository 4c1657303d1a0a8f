import { type Outcome, runOutcome } from "../analysis/outcome.ts";
import { invariant } from "../base/errors.ts";
import type { LevelCurvesRecord } from "../store/level_curves.ts";
import type { LevelRecord, LevelState } from "../store/level_record.ts";
import type { JsonObject } from "../store/run_record.ts";
import type { StoredRun } from "../store/stored_run.ts";
import { type ScoreNames, scoreNameOf, scoreNames, sharedScoreName } from "./score_names.ts";

/** A run, finished or not, with what figures and tables need of it. */
export interface ReportedRun {
  /** Its folder. */
  readonly path: string;
  readonly name: string;
  readonly specHash: string;
  readonly seed: number;
  readonly executor: string;
  /** The whole resolved spec. */
  readonly spec: JsonObject;
  /** The names of its tasks' scores. */
  readonly scoreNames: ScoreNames;
  /** Names of all inputs, where the data name them. */
  readonly inputNames?: readonly string[] | undefined;
  /** By task name: the score that needs no look at the inputs; undefined in runs of older versions. */
  readonly baselines?: Readonly<Record<string, number>> | undefined;
  /** What was said of data and initial weights before training. */
  readonly notices?: readonly string[] | undefined;
  /** At least one. */
  readonly levels: readonly LevelRecord[];
  readonly outcome: Outcome;
  /** False while levels are left to train; the outcome is then that of the finished levels. */
  readonly finished: boolean;
  /** Whether the training of the next level diverged, as it would again. */
  readonly diverged?: boolean | undefined;
  /** One entry a level: `elapsedMs`, engine, machine. */
  readonly timings: readonly JsonObject[];
}

/** A run with the curves of its finished levels, at least one. */
export interface RunCurves {
  readonly run: ReportedRun;
  readonly curves: readonly LevelCurvesRecord[];
}

/** Reads a stored run for a report; undefined if no level has finished. */
export async function reportedRun({ folder, levels, outcome }: StoredRun): Promise<ReportedRun | undefined> {
  if (levels.length === 0) return undefined;
  const { name, specHash, seed, executor, spec, tasks, inputNames, baselines, notices } = folder.record;
  return {
    path: folder.path,
    name,
    specHash,
    seed,
    executor,
    spec,
    scoreNames: scoreNames(tasks),
    ...{ inputNames, baselines, notices },
    levels,
    outcome: runOutcome(levels.map(({ state }) => state)),
    finished: outcome !== undefined,
    diverged: folder.record.diverged !== undefined,
    timings: (await folder.readTimings()).timings,
  };
}

/** The first level whose ticket is separated; undefined when none is. */
export function separationLevel({ levels }: ReportedRun): LevelRecord | undefined {
  return levels.find(({ state }) => state === "separated");
}

/** The last finished level. */
export function lastLevel({ levels }: ReportedRun): LevelRecord {
  return levels[levels.length - 1];
}

/** Mean over the tasks of the validation score, at most 1. */
export function meanScore({ valAccuracy }: LevelRecord): number {
  const scores = Object.values(valAccuracy);
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** The name that the scores of all tasks of some runs share; `score` where they have several names. */
export function scoreNameOfRuns(runs: readonly ReportedRun[]): string {
  return sharedScoreName(runs.flatMap((run) => taskNames(run).map((task) => scoreNameOf(task, run.scoreNames))));
}

/** Names of the tasks, in the dataset's order. */
export function taskNames({ levels }: ReportedRun): string[] {
  return Object.keys(levels[0].valAccuracy);
}

/** Extension level of a run's network, which must be an extension. */
export function extensionOf({ spec, path }: ReportedRun): number {
  const extension = spec.extension as { readonly level?: unknown } | undefined;
  invariant(typeof extension?.level === "number", `${path} is no run of a network extension`);
  return extension.level;
}

/** Seed of a run's data set. Runs of one data set are a cluster: what the data make likely, they have in common. */
export function dataSeedOf({ spec }: ReportedRun): number {
  return Number(spec.dataSeed ?? 0);
}

/** Some runs by their data set. */
export function byDataSet(runs: readonly ReportedRun[]): ReportedRun[][] {
  const clusters = new Map<number, ReportedRun[]>();
  for (const run of runs) clusters.set(dataSeedOf(run), [...(clusters.get(dataSeedOf(run)) ?? []), run]);
  return [...clusters.values()];
}

/** Layer widths of a run's network. */
export function shapeOf({ spec }: ReportedRun): readonly number[] {
  return spec.shape as readonly number[];
}

/**
 * What "separated" leaves open, because it describes the structure only: a ticket that does not win, or that has lost a
 * task (which an older version did not store).
 */
export type TicketNote = "" | ", not winning" | ", task lost";

export function ticketNote({ winning, lost = [] }: Pick<LevelRecord, "winning" | "lost">): TicketNote {
  if (lost.length > 0) return ", task lost";
  return winning ? "" : ", not winning";
}

/** The outcome, with a note on the ticket at separation. */
export type TicketOutcome =
  | Exclude<Outcome, "separated" | "separated-degraded">
  | `separated${"" | "-degraded"}${TicketNote}`;

export function ticketOutcome(run: ReportedRun): TicketOutcome {
  const { outcome } = run;
  const separated = separationLevel(run);
  if ((outcome !== "separated" && outcome !== "separated-degraded") || !separated) return outcome;
  return `${outcome}${ticketNote(separated)}`;
}

/** As {@link TicketOutcome}, of one level. */
export type TicketState = Exclude<LevelState, "separated"> | `separated${TicketNote}`;

export function ticketState(record: LevelRecord): TicketState {
  const { state } = record;
  return state === "separated" ? `${state}${ticketNote(record)}` : state;
}
