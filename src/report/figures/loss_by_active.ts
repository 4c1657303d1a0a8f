import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { pointKey, ticketLegend } from "../legend.ts";
import { type ReportedRun, type TicketState, ticketState } from "../reported_run.ts";
import { logAxis, pointChannels, stateStyles, weightsAxis } from "../theme.ts";
import { type PublishedRange, publishedBands, publishedLabels, publishedRows } from "./published_bands.ts";

/**
 * Validation loss against active weights, a point per level of every run, coloured by state; both axes are logarithmic.
 * @param runs at least one
 * @param published ranges of the loss
 */
export function lossByActive(
  runs: readonly ReportedRun[],
  published: readonly PublishedRange[],
  caption: string,
): Figure {
  const rows = runs.flatMap((run) =>
    run.levels.map((record) => ({
      run: run.path.split("/").slice(-2).join("/"),
      seed: run.seed,
      level: record.level,
      active: record.weights.active,
      valLoss: record.valLoss,
      state: ticketState(record),
    })),
  );
  // A logarithmic axis has no place for a network without active weights.
  const drawn = rows.filter(({ active, valLoss }) => active > 0 && valLoss > 0);
  const kinds = Object.keys(stateStyles) as TicketState[];
  const late = (state: TicketState) => -kinds.indexOf(state);
  return composeFigure({
    id: "loss-by-active-weights",
    title: "Validation loss against active weights",
    caption,
    rows: [...drawn, ...publishedRows(published)],
    legend: ticketLegend(
      stateStyles,
      drawn.map(({ state }) => state),
      pointKey,
    ),
    panels: [
      plotPanel({
        height: 380,
        x: weightsAxis(
          drawn.map(({ active }) => active),
          "active weights",
        ),
        y: {
          ...logAxis([...drawn.map(({ valLoss }) => valLoss), ...published.flatMap(({ low, high }) => [low, high])]),
          label: "validation loss",
          grid: true,
        },
        marks: [
          ...publishedBands(published),
          // The usual states first, so that separated levels are drawn on top.
          Plot.dot(
            drawn.toSorted((a, b) => late(a.state) - late(b.state)),
            {
              x: "active",
              y: "valLoss",
              ...pointChannels(({ state }: (typeof rows)[number]) => stateStyles[state]),
              strokeWidth: 0.8,
              r: ({ state }: (typeof rows)[number]) => (state === "interconnected" ? 2 : 3.2),
            },
          ),
          publishedLabels(published),
        ],
        r: { type: "identity" },
      }),
    ],
  });
}
