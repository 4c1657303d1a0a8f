import { invariant } from "../base/errors.ts";
import { inThousands, plural, threeDigits } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { FunctionAnalysis } from "../function/analyze_function.ts";
import type { ScoreDrop } from "../function/task_terms.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { Row } from "./figure.ts";
import { type ReportedRun, separationLevel, taskNames } from "./reported_run.ts";
import { scoreNameOf } from "./score_names.ts";
import { standingLevel } from "./standing_level.ts";

/** Where the numbers of a statement are: the table of runs, that of masks by chance, or the argument's own data. */
export type Evidence = "runs" | "chance" | "data";

/** A part of an argument, with its evidence. */
export interface Statement {
  readonly text: string;
  readonly evidence: Evidence;
}

/** What the evidence on the ticket of one run comes to. */
export interface RunArgument {
  /** Name and seed. */
  readonly run: string;
  readonly statements: readonly Statement[];
}

/** What the evidence on the tickets of some runs comes to. */
export interface Argument {
  /** Of all runs together; none for a single one. */
  readonly summary: readonly string[];
  readonly runs: readonly RunArgument[];
  /** Runs past the first {@link mostArgued}, which are in the data alone. */
  readonly others: number;
  /** A row for each run, task and change: lesions, and inputs of each task. */
  readonly rows: readonly Row[];
}

/** Most runs that a report argues for in words. */
export const mostArgued = 12;

/** The level that a run is argued for by; a reported run has at least one. */
function arguedLevel({ levels, path }: ReportedRun): LevelRecord {
  const standing = standingLevel(levels);
  invariant(standing, `${path} has no finished level`);
  return standing;
}

/**
 * Says of each run in plain words how sure it is that its ticket is separated, and what that does: its state, p by rewiring, the tasks, lesions,
 * and gradients between tasks. What is not known is said, with the key that makes it known.
 * @param functions by path of a run: what its ticket of {@link standingLevel} computes
 */
export function argumentOf(runs: readonly ReportedRun[], functions: ReadonlyMap<string, FunctionAnalysis>): Argument {
  return {
    summary: runs.length > 1 ? populationSentences(runs, functions) : [],
    runs: runs.slice(0, mostArgued).map((run) => ({
      run: `${visible(run.name)}, seed ${run.seed}`,
      statements: statementsOf(run, functions.get(run.path)),
    })),
    others: Math.max(0, runs.length - mostArgued),
    rows: runs.flatMap((run) => dataRows(run, functions.get(run.path))),
  };
}

/** How many of the tickets are separated in structure, and how many of these in function. */
function populationSentences(
  runs: readonly ReportedRun[],
  functions: ReadonlyMap<string, FunctionAnalysis>,
): readonly string[] {
  const separated = runs.filter((run) => separationLevel(run));
  const intact = separated.filter((run) => arguedLevel(run).winning);
  const found = (of: readonly ReportedRun[]) => of.flatMap((run) => functions.get(run.path) ?? []);
  const split = found(separated);
  const withoutGradients = split.filter((one) => crossShares(one).every((share) => share === 0));
  const alone = split.filter(({ tasks, parts }) =>
    tasks.every((_, t) => parts.filter(({ lesion }) => lesion[t].drop !== 0).length <= 1),
  );
  const crossing = found(runs.filter((run) => !separationLevel(run)))
    .map((one) => Math.max(...crossShares(one)))
    .sort((a, b) => a - b);
  return [
    `Of ${plural(runs.length, "ticket")}, ${separated.length} ${separated.length === 1 ? "is" : "are"} separated, ${intact.length} of these with every task intact.`,
    ...(split.length > 0
      ? [
          `Of the ${split.length} separated with trained weights, ${withoutGradients.length} ${withoutGradients.length === 1 ? "has" : "have"} gradients of exactly 0 between tasks, and in ${alone.length} no task loses by more than one lesion.`,
        ]
      : []),
    ...(crossing.length > 0
      ? [
          `Of the ${crossing.length} not separated with trained weights, the largest share of a task's gradients from inputs of other tasks is ${percentWords(median(crossing))} in the median, and ${percentWords(crossing[0])} to ${percentWords(crossing[crossing.length - 1])} over all.`,
        ]
      : []),
  ];
}

/** @param sorted at least one value, ascending */
function median(sorted: readonly number[]): number {
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
}

/** By task: the share of the gradients of its outputs that falls on inputs of other tasks. */
function crossShares({ tasks, inputs }: FunctionAnalysis): number[] {
  return tasks.map((_, t) =>
    inputs.sensitivity[t].reduce<number>((sum, share, from) => sum + (from === t ? 0 : (share ?? 0)), 0),
  );
}

/** `1.4 %`; a plain 0 is exact. */
function percentWords(share: number): string {
  return `${share === 0 ? "0" : threeDigits(100 * share)} %`;
}

function statementsOf(run: ReportedRun, found: FunctionAnalysis | undefined): Statement[] {
  const record = arguedLevel(run);
  const { level, state, remaining, weights, subnetworks } = record;
  return [
    {
      text: `${state} at level ${level}, with ${plural(remaining, "weight")}, ${inThousands(weights.active)} of them active, in ${plural(subnetworks, "subnetwork")}`,
      evidence: "runs",
    },
    chanceStatement(record),
    tasksStatement(run, record),
    ...(found
      ? [lesionStatement(found), inputsStatement(found)]
      : [
          {
            text: "lesions and gradients are not known, since no trained weights are stored (keepTrained=true stores them)",
            evidence: "runs" as const,
          },
        ]),
  ];
}

/** p of being separated by degree-preserving rewiring, the strictest of the null models. */
function chanceStatement({ nulls, state }: LevelRecord): Statement {
  if (!nulls) {
    return { text: "not held against chance (nulls=1000 does)", evidence: "runs" };
  }
  const model = nulls.models.rewired;
  const found = model?.statistics.separated;
  if (state !== "separated" || !found || found.p === null) {
    const why =
      state === "separated" ? (model?.impossible ?? "no null by rewiring was drawn") : "nothing to hold against chance";
    return { text: state === "separated" ? `no p by rewiring: ${why}` : why, evidence: "chance" };
  }
  const interval = `${threeDigits(found.low ?? 0)} to ${threeDigits(found.high ?? 1)}`;
  return {
    text: `p = ${threeDigits(found.p)} by rewiring (${inThousands(found.extreme)} of ${inThousands(found.of)} masks of the same degrees are separated; ${interval})`,
    evidence: "chance",
  };
}

function tasksStatement(run: ReportedRun, record: LevelRecord): Statement {
  const [dense] = run.levels;
  const tasks = taskNames(run);
  const scores = tasks.map((task) => {
    const isLost = record.lost?.includes(task) ? ", lost" : "";
    return `${visible(task)} ${record.valAccuracy[task].toFixed(3)} (dense ${dense.valAccuracy[task].toFixed(3)}${isLost})`;
  });
  const lost = record.lost ?? [];
  const verdict =
    lost.length > 0
      ? `${plural(lost.length, "task")} lost`
      : record.winning
        ? `${tasks.length === 2 ? "both tasks" : tasks.length === 1 ? "the task" : "all tasks"} intact`
        : "no task lost, but not winning";
  const names = [...new Set(tasks.map((task) => scoreNameOf(task, run.scoreNames)))].join(" or ");
  return { text: `${verdict}: ${names} of ${scores.join(", ")}`, evidence: "runs" };
}

/** What each task loses by the lesion that costs it most, and by the worst of the others. */
function lesionStatement({ tasks, parts }: FunctionAnalysis): Statement {
  if (parts.length === 0) return { text: "no hidden neurons to silence", evidence: "data" };
  const words = tasks.map((task, t) => {
    const drops = parts.map(({ lesion }) => lesion[t]).sort((a, b) => b.drop - a.drop);
    const other = drops[1] ? ` and ${dropWords(drops[1])} by any other` : "";
    return `${visible(task)} ${dropWords(drops[0])} by one${other}`;
  });
  const what = parts[0].kind === "subnetwork" ? "subnetwork" : "half by task";
  return { text: `lesions of a ${what} cost ${words.join("; ")}`, evidence: "data" };
}

/** `0.489 (0.458 to 0.520)`; `0` where no answer changes. */
function dropWords({ drop, low, high }: ScoreDrop): string {
  if (drop === 0 && low === 0 && high === 0) return "0";
  return `${drop.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function inputsStatement(found: FunctionAnalysis): Statement {
  const { tasks } = found;
  if (tasks.length === 1) return { text: "one task, so no gradients between tasks", evidence: "data" };
  const cross = crossShares(found);
  if (cross.every((share) => share === 0)) return { text: "gradients between tasks are exactly 0", evidence: "data" };
  const words = tasks.map((task, t) => `${visible(task)} ${percentWords(cross[t])}`);
  return { text: `share of the gradients from inputs of other tasks: ${words.join(", ")}`, evidence: "data" };
}

function dataRows({ path, name, seed }: ReportedRun, found: FunctionAnalysis | undefined): Row[] {
  if (!found) return [];
  const { tasks, parts, inputs, scores } = found;
  const place = { run: path, name, seed };
  const row = (
    task: number,
    change: string,
    neurons: number | null,
    drop: ScoreDrop,
    gradients: number | null,
  ): Row => ({
    ...place,
    task: tasks[task],
    change,
    neurons,
    intact: scores[task],
    ...{ score: drop.score, drop: drop.drop, low: drop.low, high: drop.high, gradients },
  });
  return tasks.flatMap((_, task) => [
    ...parts.map(({ kind, number, neurons, lesion }) =>
      row(
        task,
        kind === "subnetwork" ? `without subnetwork ${number + 1}` : `without the neurons of ${tasks[number]}`,
        neurons.length,
        lesion[task],
        null,
      ),
    ),
    ...tasks.map((from, at) =>
      row(task, `inputs of ${from} shuffled`, null, inputs.shuffled[task][at], inputs.sensitivity[task][at]),
    ),
  ]);
}
