import type { Outcome } from "../analysis/outcome.ts";
import { formatDuration, plural } from "../base/format.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { Figure } from "./figure.ts";
import { degreeOfSeparation } from "./figures/degree.ts";
import { epochCurves } from "./figures/epoch_curves.ts";
import { groupOutcomes, outcomeShares } from "./figures/outcome_shares.ts";
import { type LevelQuantity, runLines } from "./figures/run_lines.ts";
import type { ReportContent, TableSection } from "./html.ts";
import { type ReportedRun, type RunCurves, scoreNameOfRuns, separationLevel } from "./reported_run.ts";
import { specEntries, specValue, variedKeys } from "./run_specs.ts";
import { runTable, trainingMs } from "./run_table.ts";
import { capitalised, scoreNameOf } from "./score_names.ts";

/** The quantities of a level that every report draws. */
const quantitiesOf = (runs: readonly ReportedRun[]): readonly LevelQuantity[] => [
  {
    id: "loss",
    title: "Loss by level",
    caption: "Training and validation loss at the end of every level, as weights are pruned from left to right.",
    label: "loss",
    log: true,
    values: ({ trainLoss, valLoss }) => ({ training: trainLoss, validation: valLoss }),
  },
  scoreQuantity(runs),
  {
    id: "weights-by-state",
    title: "Unpruned weights by state",
    caption:
      "Of the unpruned weights, those on a path from an input to an output (active), those that reach no output (inactive) and those that no input reaches (zombie).",
    label: "% of the unpruned weights",
    percent: true,
    values: ({ remaining, weights: { active, inactive, zombie } }) => ({
      active: active / remaining,
      inactive: inactive / remaining,
      zombie: zombie / remaining,
    }),
  },
];

/** The tasks' validation scores; where tasks have different scores, each facet names its own. */
function scoreQuantity(runs: readonly ReportedRun[]): LevelQuantity {
  const name = scoreNameOfRuns(runs);
  const named = (task: string, { scoreNames }: ReportedRun) =>
    name === "score" ? `${task}: ${scoreNameOf(task, scoreNames)}` : task;
  return {
    id: name === "accuracy" ? "accuracy" : "score",
    title: `Validation ${name} by level`,
    caption: `${capitalised(name)} of every task, as weights are pruned from left to right.`,
    label: name,
    values: ({ valAccuracy }, run) =>
      Object.fromEntries(Object.entries(valAccuracy).map(([task, score]) => [named(task, run), score])),
  };
}

const degreeQuantity: LevelQuantity = {
  id: "degree-of-separation",
  title: "Degree of separation by level",
  caption:
    "Of the active hidden neurons, the share whose active descendants among the outputs, or ancestors among the inputs, belong to one task only: mean over the hidden layers.",
  label: "% of the active hidden neurons",
  percent: true,
  values: ({ degree }) => ({
    "seen from the outputs": meanOverHidden(degree.fromOutputs),
    "seen from the inputs": meanOverHidden(degree.fromInputs),
  }),
};

function meanOverHidden(degrees: LevelRecord["degree"]["fromInputs"]): number | null {
  const hidden = degrees.slice(1, -1).filter((degree) => degree !== null);
  return hidden.length === 0 ? null : hidden.reduce((sum, degree) => sum + degree, 0) / hidden.length;
}

/** Most groups of runs that are named below a figure; if there are more, each experiment is a group. */
const mostNamedGroups = 24;

/** The figures of a report on any runs, of one experiment or of several, and on the curves of some of them. */
export function runFigures(runs: readonly ReportedRun[], curves: readonly RunCurves[] = []): Figure[] {
  const varied = variedKeys(runs);
  const names = new Set(runs.map(({ name }) => name));
  const groupOf = (run: ReportedRun) => {
    const values = varied.map((key) => specValue(run, key));
    if (varied.length === 1 && names.size === 1 && values[0] !== "" && Number.isFinite(Number(values[0]))) {
      return Number(values[0]);
    }
    return [...(names.size > 1 || varied.length === 0 ? [run.name] : []), ...values].join(" ");
  };
  const groups = new Set(runs.map(groupOf));
  const isLegible = groups.size <= mostNamedGroups || [...groups].every((group) => typeof group === "number");
  const groupName = varied.length > 0 && names.size === 1 ? varied.join(", ") : "experiment";
  const lines = quantitiesOf(runs).map((quantity) => runLines(runs, quantity));
  const degree =
    runs.length === 1
      ? degreeOfSeparation(
          runs[0],
          "Of the active neurons of a layer, the share whose active descendants among the outputs, or ancestors among the inputs, belong to one task only.",
        )
      : runLines(runs, degreeQuantity);
  return [
    outcomeShares(
      groupOutcomes(runs, "", isLegible ? groupOf : ({ name }) => name),
      isLegible ? groupName : "experiment",
      "Of the runs of each group, the share of each outcome. The bars are Wilson's 95 % intervals of the share that separated at some level. Hatched areas are tickets that separated but lost a task.",
    ),
    ...lines,
    degree,
    ...curves.map((each, k) => epochCurves(each, `loss-by-epoch${curves.length > 1 ? `-${k + 1}` : ""}`)),
  ];
}

/** Most runs whose curves a report draws. */
export const mostDrawnCurves = 4;

/**
 * A report on any runs, of one experiment or of several.
 * @param curves of at most {@link mostDrawnCurves} of them
 */
export function runReport(
  runs: readonly ReportedRun[],
  version: string,
  curves: readonly RunCurves[] = [],
): ReportContent {
  const names = [...new Set(runs.map(({ name }) => name))];
  return {
    title: `Runs of ${names.join(", ")}`,
    summary: outcomeSummary(runs),
    facts: runFacts(runs, version),
    figures: runFigures(runs, curves),
    notDrawn: [],
    runs: runSection(runs),
    spec: specSection(runs, () => ""),
  };
}

/** The outcomes of the runs, in whole sentences. */
export function outcomeSummary(runs: readonly ReportedRun[]): string[] {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of runs) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const ends = [...counts].map(([outcome, count]) => `${count} ${outcome}`);
  const tickets = runs.flatMap((run) => separationLevel(run) ?? []);
  const winning = tickets.filter((ticket) => ticket.winning).length;
  const unfinished = runs.filter(({ finished }) => !finished).length;
  return [
    `Of ${plural(runs.length, "run")}: ${ends.join(", ")}.`,
    ...(tickets.length > 0
      ? [
          `${plural(tickets.length, "run")} separated at some level; ${winning} of these tickets still solved every task there (winning), ${tickets.length - winning} had lost one.`,
        ]
      : []),
    ...(unfinished > 0 ? [`${plural(unfinished, "run")} had not finished when this was written.`] : []),
  ];
}

/** Engine, adapter, machine and times of the runs. */
export function runFacts(runs: readonly ReportedRun[], version: string): (readonly [string, string])[] {
  const timings = runs.flatMap((run) => run.timings);
  const distinct = (key: string) => {
    const values = new Set(timings.flatMap((timing) => (typeof timing[key] === "string" ? [timing[key]] : [])));
    return [...values].join(", ") || "not stored";
  };
  const ended = timings.flatMap(({ finishedAt }) => (typeof finishedAt === "string" ? [finishedAt] : [])).sort();
  const ms = runs.reduce((sum, run) => sum + trainingMs(run), 0);
  return [
    ["engine and adapter", [...new Set(runs.map(({ executor }) => executor))].join("; ")],
    ["kind of adapter", distinct("adapterKind")],
    ["processor", distinct("cpu")],
    ["Node", distinct("node")],
    ["Split Ticket", version],
    ["runs", `${runs.length} of ${plural(new Set(runs.map(({ specHash }) => specHash)).size, "spec")}`],
    ["training, summed over runs", formatDuration(ms)],
    [
      "levels finished",
      ended.length > 0 ? `${readable(ended[0])} to ${readable(ended[ended.length - 1])} UTC` : "not stored",
    ],
  ];
}

/** `2026-11-22 19:49` of a date as it is stored. */
const readable = (date: string) => date.slice(0, 16).replace("T", " ");

/** The table of runs, with an explanation. */
export function runSection(runs: readonly ReportedRun[]): TableSection {
  return {
    title: "Runs",
    text: "A row per run; press the head of a column to sort by it. “There” is the level of the first separated ticket, or the last level of a run that never separated; winning means that no task has lost more than the tolerance against level 0.",
    table: runTable(runs),
  };
}

/**
 * The table of what was run.
 * @param choiceOf names who chose the value of a key; the column is left out if it is empty for all keys
 */
export function specSection(runs: readonly ReportedRun[], choiceOf: (key: string) => string): TableSection {
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const entries = [...specEntries(runs), { key: "seeds", value: seeds.join(",") }];
  const choices = entries.map(({ key }) => choiceOf(key));
  const hasChoices = choices.some((choice) => choice !== "");
  const cell = (text: string) => ({ text, value: text });
  return {
    title: "Spec",
    text: "What was run, key by key; where runs differ, all values.",
    table: {
      columns: ["key", "value", ...(hasChoices ? ["chosen by"] : [])],
      rows: entries.map(({ key, value }, i) => [cell(key), cell(value), ...(hasChoices ? [cell(choices[i])] : [])]),
    },
  };
}
