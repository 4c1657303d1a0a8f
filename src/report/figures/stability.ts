import * as Plot from "@observablehq/plot";
import { visible } from "../../base/visible.ts";
import type { StabilityLine } from "../../lottery/branch/stability_line.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { lineKey } from "../legend.ts";
import { orderedColours, seriesColours, weightsAxis } from "../theme.ts";
import { rampPanel } from "./ramp_panel.ts";

const splits = ["training", "validation"] as const;

/**
 * Instability of tickets against unpruned weights, below it the error along the lines, and below that the loss of each task, all
 * of training and validation.
 * @param lines at least one
 */
export function stabilityFigure(lines: readonly StabilityLine[]): Figure {
  const rows = lines.flatMap(({ seed, level, weights, copies, instability, points }) =>
    points.flatMap(({ alpha, train, validation }) =>
      splits.map((split) => ({
        seed,
        level,
        weights,
        copies: copies.join("-"),
        split,
        alpha,
        error: (split === "training" ? train : validation).error,
        loss: (split === "training" ? train : validation).loss,
        instability: (split === "training" ? instability.train : instability.validation).error,
      })),
    ),
  );
  const tasks = Object.keys(lines[0].instability.validation.lossByTask);
  const taskRows = lines.flatMap(({ seed, level, weights, copies, points }) =>
    points.flatMap(({ alpha, train, validation }) =>
      splits.flatMap((split) =>
        tasks.map((task) => {
          const of = split === "training" ? train : validation;
          const place = { seed, level, weights, copies: copies.join("-"), split, alpha };
          return { ...place, task, error: of.errorByTask[task], loss: of.lossByTask[task] };
        }),
      ),
    ),
  );
  const ends = rows.filter(({ alpha }) => alpha === 0);
  const means = splits.flatMap((split) =>
    [...new Set(ends.map(({ level }) => level))].map((level) => {
      const own = ends.filter((row) => row.split === split && row.level === level);
      const mean = (of: (row: (typeof ends)[number]) => number) =>
        own.reduce((sum, row) => sum + of(row), 0) / own.length;
      return { split, weights: mean((row) => row.weights), instability: mean((row) => row.instability) };
    }),
  );
  const colour = (split: string) => seriesColours[splits.indexOf(split as (typeof splits)[number])];
  const levels = [...new Set(rows.map(({ level }) => level))].sort((a, b) => a - b);
  return composeFigure({
    id: "stability",
    title: "Instability of tickets to the order of samples",
    caption:
      "Above: how far the error rises on the line between two copies of a ticket above the mean of its ends; a point a line, and the mean of the lines of a level. Below: the error along the lines, by level, and the loss of each task.",
    rows: [...rows, ...taskRows],
    legend: splits.map((split) => ({ label: `${split}: mean of the lines`, key: lineKey(colour(split)) })),
    panels: [
      plotPanel({
        height: 260,
        x: weightsAxis(
          ends.map(({ weights }) => weights),
          "unpruned weights",
        ),
        y: { label: "instability of the error, %", percent: true, zero: true, inset: 6, grid: true },
        marks: [
          Plot.line(means, {
            x: "weights",
            y: "instability",
            z: "split",
            stroke: ({ split }) => colour(split),
            strokeWidth: 2,
          }),
          Plot.dot(ends, { x: "weights", y: "instability", fill: ({ split }) => colour(split), r: 2.6 }),
        ],
      }),
      rampPanel("level", levels),
      plotPanel({
        height: 280,
        marginTop: 36,
        x: { label: "place on the line between the copies", inset: 6 },
        y: { label: "error, %", percent: true, zero: true, grid: true },
        fx: { label: null, domain: [...splits], padding: 0.08 },
        marks: [
          Plot.line(rows, {
            x: "alpha",
            y: "error",
            z: (row: (typeof rows)[number]) => `${row.seed} ${row.level} ${row.copies}`,
            fx: "split",
            stroke: "level",
            strokeWidth: 1.3,
          }),
        ],
        color: orderedColours(levels),
      }),
      plotPanel({
        height: 90 + 190 * splits.length,
        marginTop: 36,
        marginRight: 70,
        x: { label: "place on the line between the copies", inset: 6 },
        y: { label: "loss", zero: true, grid: true, inset: 4 },
        fx: { label: null, domain: tasks.map(visible), padding: 0.08 },
        fy: { label: null, domain: [...splits], padding: 0.12 },
        marks: [
          Plot.line(taskRows, {
            x: "alpha",
            y: "loss",
            z: (row: (typeof taskRows)[number]) => `${row.seed} ${row.level} ${row.copies}`,
            fx: ({ task }: (typeof taskRows)[number]) => visible(task),
            fy: "split",
            stroke: "level",
            strokeWidth: 1.3,
          }),
        ],
        color: orderedColours(levels),
      }),
    ],
  });
}
