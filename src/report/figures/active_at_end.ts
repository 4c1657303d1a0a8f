import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { pointKey, ticketLegend } from "../legend.ts";
import { extensionOf, lastLevel, type ReportedRun, ticketOutcome } from "../reported_run.ts";
import { outcomeStyles, pointChannels } from "../theme.ts";

/**
 * The share of the weights left at a run's last level that is active, a point per run, by extension level.
 * @param runs of network extensions, at least one
 */
export function activeAtEnd(runs: readonly ReportedRun[], caption: string): Figure {
  const rows = runs.map((run) => {
    const { level, remaining, weights } = lastLevel(run);
    return {
      extension: extensionOf(run),
      seed: run.seed,
      outcome: ticketOutcome(run),
      level,
      remaining,
      active: weights.active,
      activeShare: weights.active / Math.max(1, remaining),
    };
  });
  const groups = rows.map((row) => row.extension);
  return composeFigure({
    id: "active-at-end",
    title: `Active weights at the end, by extension level`,
    caption,
    rows,
    legend: ticketLegend(
      outcomeStyles,
      rows.map(({ outcome }) => outcome),
      pointKey,
    ),
    panels: [
      plotPanel({
        height: 300,
        x: {
          label: "extension level",
          domain: [Math.min(...groups) - 0.5, Math.max(...groups) + 0.5],
          ticks: groups.length,
        },
        y: { label: "active, % of the weights left", percent: true, domain: [0, 100], grid: true },
        marks: [
          Plot.axisX([...new Set(groups)], { tickFormat: String }),
          Plot.dot(
            rows,
            // Runs of one group side by side, in the order of their seeds.
            {
              x: (row) => row.extension + besideEachOther(rows, row),
              y: "activeShare",
              ...pointChannels(({ outcome }: (typeof rows)[number]) => outcomeStyles[outcome]),
              strokeWidth: 1.2,
              r: 3.4,
            },
          ),
        ],
      }),
    ],
  });
}

/** Offset within -0.3 to 0.3 that puts the members of an extension side by side. */
function besideEachOther<Row extends { readonly extension: number }>(rows: readonly Row[], row: Row): number {
  const members = rows.filter((each) => each.extension === row.extension);
  return members.length === 1 ? 0 : (members.indexOf(row) / (members.length - 1) - 0.5) * 0.6;
}
