import { densityOf } from "../analysis/measures/density.ts";
import { effectiveDensityOf } from "../analysis/measures/effective_density.ts";
import { formatSeconds, inThousands, threeDigits } from "../base/format.ts";
import { biasesLeft } from "../store/level_record.ts";
import { countsSteps } from "../store/trained_length.ts";
import { biasesCell, someBiasesPruned } from "./biases_left.ts";
import type { Cell } from "./figure.ts";
import { lostTasks } from "./lost_tasks.ts";
import { lastLevel, type ReportedRun, scoreNameOfRuns, separationLevel } from "./reported_run.ts";
import { specValue, variedKeys } from "./run_specs.ts";
import { describeScores, listScores } from "./score_names.ts";
import { unusedInputsCell } from "./unused_inputs.ts";

/** A table that readers can sort by any column. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** The text of a cell, and the value that it is sorted by. */
export interface TableCell {
  readonly text: string;
  readonly value: Cell;
}

const textCell = (text: string): TableCell => ({ text, value: text });
const countCell = (count: number | undefined): TableCell =>
  count === undefined ? { text: "", value: null } : { text: inThousands(count), value: count };

const figureCell = (figure: number): TableCell => ({ text: threeDigits(figure), value: figure });

/**
 * One row per run: the keys in which runs differ, the outcome, and the weights, scores and winning of the ticket at
 * separation, or of the last ticket if the run never separated.
 * @param runs at least one
 */
export function runTable(runs: readonly ReportedRun[]): Table {
  const varied = variedKeys(runs);
  const scoreName = scoreNameOfRuns(runs);
  const names = new Set(runs.map(({ name }) => name)).size > 1 ? ["experiment"] : [];
  const tickets = runs.map((run) => separationLevel(run) ?? lastLevel(run));
  const hasBiases = someBiasesPruned(tickets);
  const inSteps = tickets.some(countsSteps);
  const hasLost = tickets.some(({ lost }) => lost !== undefined);
  const hasUnused = tickets.some(({ unusedInputs }) => unusedInputs !== undefined);
  const rows = runs.map((run) => {
    const separated = separationLevel(run);
    const ticket = separated ?? lastLevel(run);
    const epochs = run.levels.reduce((sum, level) => sum + level.epochs, 0);
    const ms = trainingMs(run);
    return [
      ...names.map(() => textCell(run.name)),
      ...varied.map((key) => specCell(specValue(run, key))),
      countCell(run.seed),
      textCell(run.finished ? run.outcome : `${run.outcome} (${run.diverged ? "diverged" : "unfinished"})`),
      countCell(separated?.level),
      textCell(ticket.winning ? "yes" : "no"),
      ...(hasLost ? [textCell(ticket.lost ? lostTasks(ticket, run.levels) || "none" : "not stored")] : []),
      countCell(ticket.remaining),
      ...(hasBiases ? [{ text: biasesCell(ticket), value: biasesLeft(ticket) ?? null }] : []),
      countCell(ticket.weights.active),
      figureCell(densityOf(ticket.weights)),
      figureCell(effectiveDensityOf(ticket.weights)),
      {
        text: scoreName === "score" ? describeScores(ticket, run.scoreNames) : listScores(ticket),
        value: Math.min(...Object.values(ticket.valAccuracy)),
      },
      ...(hasUnused ? [{ text: unusedInputsCell(ticket, run.inputNames), value: ticket.unusedInputs ?? null }] : []),
      countCell(run.levels.length),
      countCell(epochs),
      ...(inSteps ? [countCell(run.levels.reduce((sum, level) => sum + level.steps, 0))] : []),
      { text: formatSeconds(ms), value: ms },
      textCell(`${run.path.split("/").slice(-2).join("/")}`),
    ];
  });
  const columns = [
    ...names,
    ...varied,
    "seed",
    "outcome",
    "separated at level",
    "winning there",
    ...(hasLost ? ["lost there"] : []),
    "weights there",
    ...(hasBiases ? ["biases there"] : []),
    "active there",
    "density there",
    "effective density there",
    `${scoreName} there`,
    ...(hasUnused ? ["inputs no longer used there"] : []),
    "levels",
    "epochs",
    ...(inSteps ? ["steps"] : []),
    "training",
    "folder",
  ];
  return { columns, rows };
}

function specCell(text: string): TableCell {
  if (text === "") return { text, value: null };
  return { text, value: Number.isFinite(Number(text)) ? Number(text) : text };
}

/** Total training time of a run's levels, in milliseconds. */
export function trainingMs({ timings }: ReportedRun): number {
  return timings.reduce((sum, { elapsedMs }) => sum + (typeof elapsedMs === "number" ? elapsedMs : 0), 0);
}
