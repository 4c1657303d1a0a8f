import * as Plot from "@observablehq/plot";
import type { BranchRow } from "../branch_rows.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { bandKey, lineKey } from "../legend.ts";
import { capitalised } from "../score_names.ts";
import { seriesColours, weightsAxis } from "../theme.ts";

/** Dashes of the kinds after the first seven, whose colours come again. */
const dashesOf = ["", "6 4", "2 3"] as const;

/**
 * Mean score of the ticket and of its branches against unpruned weights, with the 95 % interval of the mean, or the range from
 * the lowest to the highest where there are too few runs for an interval.
 */
export function branchScores(rows: readonly BranchRow[], scoreName: string): Figure {
  const drawn = rows.map(({ level, kind, runs, wins, separated, weights, score }) => ({
    level,
    kind,
    runs,
    wins,
    separated,
    weights,
    mean: score.mean,
    low: score.low ?? score.lowest,
    high: score.high ?? score.highest,
    interval: score.low === null ? "lowest to highest" : "95 %",
  }));
  const kinds = [...new Set(drawn.map(({ kind }) => kind))];
  const style = (kind: string) => {
    const k = kinds.indexOf(kind);
    const round = Math.floor(k / seriesColours.length) % dashesOf.length;
    return { colour: seriesColours[k % seriesColours.length], dashes: dashesOf[round] };
  };
  return composeFigure({
    id: "branches",
    title: `${capitalised(scoreName)} of the ticket and its branches against unpruned weights`,
    caption: `${capitalised(scoreName)}, mean over tasks and runs. Bands: 95 % interval of the mean where there are enough runs, else the range from the lowest to the highest.`,
    rows: drawn,
    legend: [
      ...kinds.map((kind) => ({ label: kind, key: lineKey(style(kind).colour, style(kind).dashes) })),
      {
        label: drawn.some(({ interval }) => interval === "95 %") ? "95 % interval, or range" : "lowest to highest",
        key: bandKey(seriesColours[0]),
      },
    ],
    panels: [
      plotPanel({
        height: 340,
        x: weightsAxis(
          drawn.map(({ weights }) => weights),
          "unpruned weights",
        ),
        y: { label: `${scoreName}, mean over the tasks`, inset: 6, grid: true },
        marks: kinds.flatMap((kind) => {
          const own = drawn.filter((row) => row.kind === kind);
          const { colour, dashes } = style(kind);
          return [
            Plot.areaY(own, { x: "weights", y1: "low", y2: "high", fill: colour, fillOpacity: 0.14 }),
            Plot.line(own, { x: "weights", y: "mean", stroke: colour, strokeWidth: 1.8, strokeDasharray: dashes }),
            Plot.dot(own, { x: "weights", y: "mean", fill: colour, r: kind === "ticket" ? 3.4 : 2.4 }),
          ];
        }),
      }),
    ],
  });
}
