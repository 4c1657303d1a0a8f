import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { bandKey, lineKey, pointKey, ticketLegend } from "../legend.ts";
import { mean } from "../mean.ts";
import {
  meanScore,
  type ReportedRun,
  scoreNameOfRuns,
  separationLevel,
  taskNames,
  ticketState,
} from "../reported_run.ts";
import { capitalised } from "../score_names.ts";
import { outcomeStyles, pointFill, seriesColours, stateStyles, weightsAxis } from "../theme.ts";
import { type PublishedRange, publishedBands, publishedLabels, publishedRows } from "./published_bands.ts";

/** Mean score over the tasks against unpruned weights: a line per seed, with a star at its separation. */
export function accuracyBySeed(
  runs: readonly ReportedRun[],
  published: readonly PublishedRange[],
  caption: string,
): Figure {
  const rows = runs.flatMap((run) =>
    run.levels.map((record) => ({
      seed: run.seed,
      level: record.level,
      remaining: record.remaining,
      accuracy: meanScore(record),
      separation: record === separationLevel(run),
      winning: record.winning,
      state: ticketState(record),
    })),
  );
  const name = scoreNameOfRuns(runs);
  const seeds = runs.map(({ seed }) => seed);
  // No line has the colour of the stars.
  const colours = seriesColours.filter((colour) => colour !== outcomeStyles.separated.colour);
  const colour = (seed: number) => colours[seeds.indexOf(seed) % colours.length];
  const style = (row: (typeof rows)[number]) => stateStyles[row.state];
  const stars = rows.filter(({ separation }) => separation);
  return composeFigure({
    id: "accuracy-by-seed",
    title: `Mean ${name} against unpruned weights, by seed`,
    caption,
    rows: [...rows, ...publishedRows(published)],
    legend: [
      // With many seeds, the legend does not name each.
      ...(seeds.length <= colours.length
        ? seeds.map((seed) => ({ label: `seed ${seed}`, key: lineKey(colour(seed)) }))
        : []),
      ...ticketLegend(
        stateStyles,
        stars.map(({ state }) => state),
        pointKey,
      ),
    ],
    panels: [
      plotPanel({
        height: 330,
        x: weightsAxis(
          rows.map(({ remaining }) => remaining),
          "unpruned weights",
        ),
        y: { label: `${name}, mean over the tasks`, inset: 6, grid: true },
        marks: [
          ...publishedBands(published),
          Plot.line(rows, {
            x: "remaining",
            y: "accuracy",
            z: "seed",
            stroke: ({ seed }) => colour(seed),
            strokeWidth: 1.8,
          }),
          Plot.dot(rows, {
            x: "remaining",
            y: "accuracy",
            fill: ({ seed }) => colour(seed),
            r: 1.8,
          }),
          Plot.dot(stars, {
            x: "remaining",
            y: "accuracy",
            symbol: (row: (typeof rows)[number]) => style(row).symbol,
            r: 7,
            fill: (row) => pointFill(style(row)),
            stroke: (row) => (row.winning ? "white" : style(row).colour),
          }),
          publishedLabels(published),
        ],
      }),
    ],
  });
}

/** Score of each task against unpruned weights: mean over the runs, and the range from the lowest to the highest. */
export function accuracyByTask(runs: readonly ReportedRun[], caption: string): Figure {
  const name = scoreNameOfRuns(runs);
  const tasks = taskNames(runs[0]);
  const deepest = Math.max(...runs.map(({ levels }) => levels.length));
  const rows = Array.from({ length: deepest }, (_, level) =>
    runs.flatMap(({ levels }) => (levels[level] ? [levels[level]] : [])),
  ).flatMap((records, level) =>
    tasks.map((task) => {
      const accuracies = records.map(({ valAccuracy }) => valAccuracy[task]);
      return {
        task,
        level,
        // Runs whose targets count active weights differ in their unpruned ones.
        remaining: mean(records.map(({ remaining }) => remaining)),
        runs: records.length,
        mean: mean(accuracies),
        lowest: Math.min(...accuracies),
        highest: Math.max(...accuracies),
      };
    }),
  );
  const colour = (task: string) => seriesColours[tasks.indexOf(task) % seriesColours.length];
  return composeFigure({
    id: "accuracy-by-task",
    title: `${capitalised(name)} against unpruned weights, by task`,
    caption,
    rows,
    legend: [
      ...tasks.map((task) => ({ label: `${task}: mean`, key: lineKey(colour(task)) })),
      ...tasks.map((task) => ({ label: `${task}: lowest to highest`, key: bandKey(colour(task)) })),
    ],
    panels: [
      plotPanel({
        height: 310,
        x: weightsAxis(
          rows.map(({ remaining }) => remaining),
          "unpruned weights",
        ),
        y: { label: name, inset: 6, grid: true },
        marks: [
          Plot.areaY(rows, {
            x: "remaining",
            y1: "lowest",
            y2: "highest",
            z: "task",
            fill: ({ task }) => colour(task),
            fillOpacity: 0.22,
          }),
          Plot.line(rows, {
            x: "remaining",
            y: "mean",
            z: "task",
            stroke: ({ task }) => colour(task),
            strokeWidth: 2,
          }),
          Plot.dot(rows, { x: "remaining", y: "mean", fill: ({ task }) => colour(task), r: 2 }),
        ],
      }),
    ],
  });
}
