import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { lineKey, pointKey, ticketLegend } from "../legend.ts";
import { lastLevel, type ReportedRun, shapeOf, ticketOutcome } from "../reported_run.ts";
import { logAxis, okabeIto, outcomeStyles, pointChannels } from "../theme.ts";

const gridRow = (run: ReportedRun) => {
  const planned = run.spec.remaining as readonly number[];
  const { remaining, weights } = lastLevel(run);
  return {
    width: shapeOf(run)[1],
    // The planned levels: a run that stopped at degradation has fewer.
    levels: planned.length - 1,
    rate: effectiveRate(planned),
    seed: run.seed,
    outcome: ticketOutcome(run),
    remaining,
    active: weights.active,
  };
};

/** The outcome of every run of a grid of widths and levels: hidden width against active weights at the last level. */
export function gridOutcomes(runs: readonly ReportedRun[], caption: string): Figure {
  const rows = runs.map(gridRow);
  const seeds = [...new Set(rows.map(({ seed }) => seed))].sort((a, b) => b - a);
  const widths = [...new Set(rows.map(({ width }) => width))].sort((a, b) => a - b);
  return composeFigure({
    id: "grid-outcomes",
    title: "Outcome by hidden width and active weights",
    caption,
    rows,
    legend: ticketLegend(
      outcomeStyles,
      rows.map(({ outcome }) => outcome),
      pointKey,
    ),
    panels: [
      plotPanel({
        height: 90 + 70 * widths.length,
        x: {
          ...logAxis(rows.map(({ active }) => Math.max(1, active))),
          label: "active weights at the end",
          grid: true,
        },
        y: { label: null, axis: null, domain: [-0.55, 0.55] },
        fy: { label: "hidden width", domain: widths, padding: 0.12, tickFormat: String },
        marks: [
          Plot.frame({ strokeOpacity: 0.25 }),
          Plot.dot(rows, {
            x: "active",
            fy: "width",
            // Seeds of one point stand above each other.
            y: ({ seed }) => (seeds.indexOf(seed) + 0.5) / seeds.length - 0.5,
            ...pointChannels(({ outcome }: (typeof rows)[number]) => outcomeStyles[outcome]),
            r: 3.4,
          }),
        ],
      }),
    ],
  });
}

/** Active weights at the end by number of levels, for one width; the effective pruning rate on a second axis. */
export function gridRates(runs: readonly ReportedRun[], width: number, caption: string): Figure {
  const rows = runs.map(gridRow).filter((row) => row.width === width);
  // The unpruned networks are in the data only: they have far more weights than the axis shows.
  const pruned = rows.filter(({ levels }) => levels > 0);
  const top = Math.max(...pruned.map(({ active }) => active)) * 1.05;
  const rates = [...new Map(pruned.map((row) => [row.levels, row])).values()].sort((a, b) => a.levels - b.levels);
  return composeFigure({
    id: "grid-rates",
    title: `Active weights by number of levels, hidden width ${width}`,
    caption,
    rows,
    legend: [
      ...ticketLegend(
        outcomeStyles,
        rows.map(({ outcome }) => outcome),
        pointKey,
      ),
      { label: "effective pruning rate (right axis)", key: lineKey(okabeIto.blue, "6 4") },
    ],
    panels: [
      plotPanel({
        height: 320,
        marginRight: 60,
        x: { label: "levels", ticks: rates.length, tickFormat: "d" },
        y: { label: "active weights at the end", domain: [0, top], grid: true },
        marks: [
          Plot.axisY({ anchor: "left" }),
          Plot.axisY({
            anchor: "right",
            label: "effective pruning rate",
            color: okabeIto.blue,
            ticks: [0, 0.25, 0.5, 0.75, 1].map((rate) => rate * top),
            tickFormat: (y: number) => (y / top).toFixed(2),
          }),
          Plot.line(rates, {
            x: "levels",
            y: ({ rate }) => rate * top,
            stroke: okabeIto.blue,
            strokeDasharray: "6 4",
            strokeWidth: 1.8,
          }),
          Plot.dot(pruned, {
            x: "levels",
            y: "active",
            ...pointChannels(({ outcome }: (typeof rows)[number]) => outcomeStyles[outcome]),
            r: 3.6,
          }),
        ],
      }),
    ],
  });
}

/** The share that every round prunes: `1 - (T / N)^(1 / L)`; 0 without rounds. */
function effectiveRate(remaining: readonly number[]): number {
  const rounds = remaining.length - 1;
  return rounds === 0 ? 0 : 1 - (remaining[rounds] / remaining[0]) ** (1 / rounds);
}
