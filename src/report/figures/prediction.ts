import * as Plot from "@observablehq/plot";
import { measures } from "../../analysis/measures/measures.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { pointKey } from "../legend.ts";
import type { Prediction } from "../prediction.ts";
import { okabeIto, type TicketStyle } from "../theme.ts";

const holding: TicketStyle = { colour: okabeIto.blue, symbol: "circle", hatch: "none" };
const notHolding: TicketStyle = { colour: okabeIto.blue, symbol: "circle", hatch: "hatched" };

/** Facets in a row. */
const perRow = 4;

/**
 * The area under the ROC curve of each quantity by level, with its 95 % interval: filled where it differs from chance after correction for the number of comparisons.
 * @param found at least one
 */
export function predictionFigure(found: readonly Prediction[]): Figure {
  // Measures first, whichever level is the first with a comparison of each.
  const place = (name: string) => (measures.has(name) ? measures.names.indexOf(name) : measures.names.length);
  const names = [...new Set(found.map(({ quantity }) => quantity))].sort((a, b) => place(a) - place(b));
  const rows = found.map((each) => ({ ...each, holds: each.corrected < 0.05 }));
  const levels = [...new Set(found.map(({ level }) => level))].sort((a, b) => a - b);
  const panels = Array.from({ length: Math.ceil(names.length / perRow) }, (_, line) => {
    const domain = names.slice(line * perRow, (line + 1) * perRow);
    const own = rows.filter(({ quantity }) => domain.includes(quantity));
    // Rows of fewer facets keep the width of a facet.
    while (names.length > perRow && domain.length < perRow) domain.push(" ".repeat(domain.length));
    return plotPanel({
      height: 190,
      marginTop: 34,
      x: {
        label: "level",
        domain: [levels[0] - 0.5, levels[levels.length - 1] + 0.5],
        ticks: levels,
        tickFormat: String,
      },
      y: { label: "AUC", domain: [0, 1], grid: true, ticks: 5 },
      fx: { label: null, domain, padding: 0.1 },
      marks: [
        Plot.ruleY([0.5], { strokeDasharray: "4 3" }),
        Plot.ruleX(
          own.filter(({ low }) => low !== null),
          {
            x: "level",
            y1: "low",
            y2: "high",
            fx: "quantity",
            stroke: okabeIto.blue,
            strokeWidth: 1.3,
          },
        ),
        Plot.dot(own, {
          x: "level",
          y: "area",
          fx: "quantity",
          stroke: okabeIto.blue,
          fill: ({ holds }) => (holds ? okabeIto.blue : "white"),
          r: 3.2,
        }),
      ],
    });
  });
  return composeFigure({
    id: "what-predicts-separation",
    title: "What predicts separation at a later level",
    caption:
      "The area under the ROC curve of each quantity of a level for whether a run that has been interconnected so far separates later, with its 95 % interval. 0.5 is chance; below it, low values tell separation. Filled: p below 0.05 after correction for the number of comparisons.",
    rows,
    legend: [
      { label: "p below 0.05, corrected", key: pointKey(holding) },
      { label: "not", key: pointKey(notHolding) },
    ],
    panels,
  });
}
