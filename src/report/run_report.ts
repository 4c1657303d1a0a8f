import { densityOf } from "../analysis/measures/density.ts";
import { effectiveDensityOf } from "../analysis/measures/effective_density.ts";
import type { Outcome } from "../analysis/outcome.ts";
import { extent } from "../base/extent.ts";
import { formatAccuracy, formatDuration, plural } from "../base/format.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { experimentFolder } from "../store/run_path.ts";
import { listBaselines, unbalancedTasks } from "./balanced_accuracy.ts";
import type { Figure } from "./figure.ts";
import { degreeOfSeparation } from "./figures/degree.ts";
import { epochCurves } from "./figures/epoch_curves.ts";
import { measureByLevel } from "./figures/measure_by_level.ts";
import { nullLevels } from "./figures/null_levels.ts";
import { groupOutcomes, longestName, outcomeShares } from "./figures/outcome_shares.ts";
import { predictionFigure } from "./figures/prediction.ts";
import { type LevelQuantity, runLines } from "./figures/run_lines.ts";
import type { ReportContent, TableSection } from "./html.ts";
import { measuredNames } from "./measure_columns.ts";
import { nullReport } from "./null_section.ts";
import {
  hasMeasures,
  meanOverHidden,
  notPredicted,
  predictionSection,
  predictionSummary,
  predictions,
} from "./prediction.ts";
import { type ReportedRun, type RunCurves, scoreNameOfRuns, separationLevel, taskNames } from "./reported_run.ts";
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
  ...balancedQuantity(runs),
  ...testQuantity(runs),
  {
    id: "weights-by-state",
    title: "Unpruned weights by state",
    caption:
      "Of the unpruned weights, those on a path from an input to an output (active), those that reach no output (inactive) and those that no input reaches (zombie).",
    label: "% of the unpruned weights",
    percent: true,
    values: ({ remaining, weights: { active, inactive, zombie } }) => {
      // A network that has no weights left has shares of 0.
      const all = Math.max(1, remaining);
      return { active: active / all, inactive: inactive / all, zombie: zombie / all };
    },
  },
  densityQuantity,
];

const densityQuantity: LevelQuantity = {
  id: "density",
  title: "Density by level, of unpruned and of active weights",
  caption:
    "Unpruned weights over the weights of the dense network (density), and active weights over the same number (effective density, Vysogorets and Kempe 2023).",
  label: "share of the dense network's weights",
  log: true,
  values: ({ weights }) => ({ density: densityOf(weights), "effective density": effectiveDensityOf(weights) }),
};

/** The tasks' validation scores; where tasks have different scores, each facet names its own. */
function scoreQuantity(runs: readonly ReportedRun[]): LevelQuantity {
  const name = scoreNameOfRuns(runs);
  const named = (task: string, { scoreNames }: ReportedRun) =>
    name === "score" ? `${task}: ${scoreNameOf(task, scoreNames)}` : task;
  const labels = new Map(
    runs.flatMap((run) => taskNames(run).map((task) => [named(task, run), scoreNameOf(task, run.scoreNames)] as const)),
  );
  const shared = sharedBaselines(runs);
  const references =
    shared && Object.fromEntries(Object.entries(shared).map(([task, score]) => [named(task, runs[0]), score]));
  return {
    id: name === "accuracy" ? "accuracy" : "score",
    title: `Validation ${name} by level`,
    caption: `${capitalised(name)} of every task, as weights are pruned from left to right.${references ? " A dashed line is the baseline of a task that comes near it; at or below it the task is lost." : ""}`,
    label: name,
    labelOf: (facet) => labels.get(facet) ?? name,
    ...(references && { references }),
    values: ({ valAccuracy }, run) =>
      Object.fromEntries(Object.entries(valAccuracy).map(([task, score]) => [named(task, run), score])),
  };
}

/** The baselines that all runs share; undefined where runs differ, or an older version did not store them. */
function sharedBaselines(runs: readonly ReportedRun[]): Readonly<Record<string, number>> | undefined {
  const known = new Set(runs.map(({ baselines }) => baselines && listBaselines(baselines)));
  const [{ baselines }] = runs;
  return known.size === 1 ? baselines : undefined;
}

/** Balanced accuracy, where it differs from accuracy. */
function balancedQuantity(runs: readonly ReportedRun[]): LevelQuantity[] {
  const tasks = new Set(runs.flatMap(({ levels }) => unbalancedTasks(levels)));
  if (tasks.size === 0) return [];
  return [
    {
      id: "balanced-accuracy",
      title: "Validation balanced accuracy by level",
      caption:
        "Mean recall over the classes of every task whose accuracy differs from it, as weights are pruned from left to right.",
      label: "balanced accuracy",
      values: ({ valBalancedAccuracy = {} }) =>
        Object.fromEntries(Object.entries(valBalancedAccuracy).filter(([task]) => tasks.has(task))),
    },
  ];
}

/** Scores on the test split, where levels are validated on other samples. */
function testQuantity(runs: readonly ReportedRun[]): LevelQuantity[] {
  if (!runs.some(({ levels }) => levels.some(({ testAccuracy }) => testAccuracy))) return [];
  const name = scoreNameOfRuns(runs);
  return [
    {
      id: "test-score",
      title: `Test ${name} by level`,
      caption: `${capitalised(name)} of every task on the test split, which takes part neither in training nor in validation.`,
      label: name,
      values: ({ testAccuracy = {} }) => testAccuracy,
    },
  ];
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

/** Most groups of runs that are named below a figure; if there are more, each experiment is a group. */
const mostNamedGroups = 24;

/** The figures of a report on any runs, of one experiment or of several, and on the curves of some of them. */
export function runFigures(runs: readonly ReportedRun[], curves: readonly RunCurves[] = []): Figure[] {
  const varied = variedKeys(runs);
  const names = new Set(runs.map(({ name }) => name));
  const valuesOf = (run: ReportedRun) => {
    const values = varied.map((key) => specValue(run, key));
    if (varied.length === 1 && names.size === 1 && values[0] !== "" && Number.isFinite(Number(values[0]))) {
      return Number(values[0]);
    }
    return [...(names.size > 1 || varied.length === 0 ? [run.name] : []), ...values].join(" ");
  };
  // Names that would be shortened are those of the runs' folders instead: shortened ones may be alike.
  const isLong = varied.length > 0 && runs.some((run) => String(valuesOf(run)).length > longestName);
  const groupOf = isLong ? experimentFolder : valuesOf;
  const groups = new Set(runs.map(groupOf));
  const isLegible = groups.size <= mostNamedGroups || [...groups].every((group) => typeof group === "number");
  const groupName = varied.length > 0 && names.size === 1 && !isLong ? varied.join(", ") : "experiment";
  const chance = nullLevels(runs);
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
      "Of the runs of each group, the share of each outcome. The bars are 95 % intervals (Wilson's, of several data sets that of clusters) of the share that separated at some level. Hatched areas are tickets that separated and do not win; areas hatched both ways have lost a task.",
    ),
    ...lines,
    degree,
    ...(chance ? [chance] : []),
    ...measuredNames(runs.flatMap(({ levels }) => levels)).map((name) => measureByLevel(runs, name)),
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
  const chance = nullReport(runs);
  const unlike = hasMeasures(runs) && runs.length > 1 ? notPredicted(runs) : undefined;
  const predicted = hasMeasures(runs) && unlike === undefined ? predictions(runs) : [];
  return {
    title: `Runs of ${named(names)}`,
    summary: [...outcomeSummary(runs), ...(chance?.sentences ?? []), ...predictionSummary(predicted)],
    facts: runFacts(runs, version),
    ...(chance && { chance: chance.section }),
    ...(predicted.length > 0 && { prediction: predictionSection(runs, predicted) }),
    figures: [...runFigures(runs, curves), ...(predicted.length > 0 ? [predictionFigure(predicted)] : [])],
    notDrawn: unlike === undefined ? [] : [unlike],
    runs: runSection(runs),
    spec: specSection(runs, () => ""),
  };
}

/** Most experiments that the title of a report names. */
const mostTitled = 4;

function named(names: readonly string[]): string {
  const more = names.length - mostTitled + 1;
  return more > 1
    ? `${names.slice(0, mostTitled - 1).join(", ")} and ${plural(more, "other experiment")}`
    : names.join(", ");
}

/** The outcomes of the runs, in whole sentences. */
export function outcomeSummary(runs: readonly ReportedRun[]): string[] {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of runs) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const ends = [...counts].map(([outcome, count]) => `${count} ${outcome}`);
  const tickets = runs.flatMap((run) => separationLevel(run) ?? []);
  const winning = tickets.filter((ticket) => ticket.winning).length;
  const diverged = runs.filter((run) => !run.finished && run.diverged).length;
  const unfinished = runs.filter(({ finished }) => !finished).length - diverged;
  return [
    `Of ${plural(runs.length, "run")}: ${ends.join(", ")}.`,
    ...(tickets.length > 0
      ? [
          `${plural(tickets.length, "run")} separated at some level; ${plural(winning, "ticket")} of these ${winning === 1 ? "wins" : "win"} there: no task is lost, and each is within the tolerance of level 0.`,
        ]
      : []),
    ...lostSentences(runs, tickets),
    ...(diverged > 0
      ? [
          `The training of ${plural(diverged, "run")} diverged; ${diverged === 1 ? "its" : "their"} levels before count.`,
        ]
      : []),
    ...(unfinished > 0 ? [`${plural(unfinished, "run")} had not finished when this was written.`] : []),
  ];
}

/** Tasks that are lost where runs separated or never learnt, and what is not known of it. */
function lostSentences(runs: readonly ReportedRun[], tickets: readonly LevelRecord[]): string[] {
  const tasks = [...new Set(runs.flatMap(taskNames))];
  const lost = tasks.flatMap((task) => {
    const count = tickets.filter((ticket) => ticket.lost?.includes(task)).length;
    return count > 0 ? [`${task} in ${count}`] : [];
  });
  const never = tasks.flatMap((task) => {
    const count = runs.filter(({ levels }) => levels.every((level) => level.lost?.includes(task))).length;
    return count > 0 ? [`${task} by ${plural(count, "run")}`] : [];
  });
  const former = runs.filter(({ levels }) => levels.some((level) => level.lost === undefined)).length;
  return [
    ...(lost.length > 0 ? [`Lost where they separated, at or below the baseline: ${lost.join(", ")}.`] : []),
    ...(never.length > 0 ? [`Never learnt at any level: ${never.join(", ")}.`] : []),
    ...(former > 0
      ? [
          `${plural(former, "run")} of an older version ${former === 1 ? "has" : "have"} no balanced accuracy and no lost tasks stored; there, winning was judged by accuracy alone.`,
        ]
      : []),
    ...noticeSentences(runs),
  ];
}

/** What was said of data and initial weights before training, and of how many of the runs. */
function noticeSentences(runs: readonly ReportedRun[]): string[] {
  const counts = new Map<string, number>();
  for (const notice of runs.flatMap(({ notices = [] }) => [...new Set(notices)])) {
    counts.set(notice, (counts.get(notice) ?? 0) + 1);
  }
  return [...counts].map(([notice, count]) => {
    const which = count < runs.length ? ` of ${count} of the ${plural(runs.length, "run")}` : "";
    return `Said before training${which}: ${notice}.`;
  });
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
    ["baseline", baselineFact(runs)],
    ["kind of adapter", distinct("adapterKind")],
    ["processor", distinct("cpu")],
    ["Node", distinct("node")],
    ["Split Ticket", version],
    ["runs", `${runs.length} of ${plural(new Set(runs.map(({ specHash }) => specHash)).size, "spec")}`],
    ["time in training, summed over levels", formatDuration(ms)],
    [
      "levels finished",
      ended.length > 0 ? `${readable(ended[0])} to ${readable(ended[ended.length - 1])} UTC` : "not stored",
    ],
  ];
}

/** The baselines of the tasks; where runs have different ones, the lowest and the highest of each. */
function baselineFact(runs: readonly ReportedRun[]): string {
  const known = runs.flatMap(({ baselines }) => (baselines ? [baselines] : []));
  if (known.length === 0) return "not stored";
  const tasks = [...new Set(known.flatMap(Object.keys))];
  return tasks
    .map((task) => {
      const scores = known.flatMap((baselines) => (Object.hasOwn(baselines, task) ? [baselines[task]] : []));
      const [low, high] = extent(scores).map(formatAccuracy);
      return `${task} ${low}${low === high ? "" : ` to ${high}`}`;
    })
    .join(", ");
}

/** `2026-11-22 19:49` of a date as it is stored. */
const readable = (date: string) => date.slice(0, 16).replace("T", " ");

/** The table of runs, with an explanation. */
export function runSection(runs: readonly ReportedRun[]): TableSection {
  return {
    title: "Runs",
    text: "A row per run; press the head of a column to sort by it. “There” is the level of the first separated ticket, or the last level of a run that never separated; winning means that no task is lost and that accuracy and balanced accuracy of every task are within the tolerance of level 0. A task is lost at or below its baseline, the share of the most frequent class (R² 0 for a regression).",
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
