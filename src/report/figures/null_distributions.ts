import * as Plot from "@observablehq/plot";
import { threeDigits } from "../../base/format.ts";
import type { NullTest } from "../../nulls/null_test.ts";
import { statistics } from "../../nulls/statistics.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { areaKey, lineKey } from "../legend.ts";
import { okabeIto, outcomeStyles } from "../theme.ts";

/** Bins of a statistic with many values. */
const bins = 30;
/** Most values that are drawn one by one. */
const mostBars = 12;

/** Values of all nulls of a model, `[statistic][null]`. */
export type NullValues = ReadonlyMap<string, Float64Array>;

/**
 * The nulls of a ticket, statistic by statistic and model by model, with the ticket's own value and its p.
 * @param values of the models that have nulls, at least one
 */
export function nullDistributions(test: NullTest, values: NullValues, title: string): Figure {
  const models = [...values.keys()];
  const panels = statistics.entries.map(({ name, tail }, at) => {
    const found = models.map((model) => {
      const all = values.get(model) as Float64Array;
      return {
        model,
        own: all.subarray(at * test.masks, (at + 1) * test.masks),
        of: test.models[model].statistics[name],
      };
    });
    const drawn = found.flatMap(({ own, of }) =>
      [...own].filter((value) => !Number.isNaN(value)).concat(of.observed ?? []),
    );
    const edges = edgesOf(drawn);
    const bars = found.flatMap(({ model, own, of }) =>
      edges.map(({ from, to }) => {
        const count = own.filter((value) => value >= from && value < to).length;
        return {
          statistic: name,
          model,
          from,
          to,
          share: of.of > 0 ? count / of.of : 0,
          observed: of.observed,
          p: of.p,
        };
      }),
    );
    return { name, tail, found, bars, edges };
  });
  return composeFigure({
    id: "null-distributions",
    title,
    caption:
      "Each column is a null model, each row a statistic: how the nulls are distributed, and where the ticket is. The ticket's p-value counts the nulls at its value and to the right of it, to the left of it for mixing.",
    rows: panels.flatMap(({ bars }) => bars),
    legend: [
      { label: "% of the nulls", key: areaKey(outcomeStyles.interconnected) },
      { label: "the ticket", key: lineKey(okabeIto.vermillion) },
    ],
    panels: panels.map(({ name, found, bars, edges }, row) =>
      plotPanel({
        height: 132,
        marginTop: 22,
        marginBottom: 38,
        x: {
          label: name,
          inset: 6,
          domain: [edges[0]?.from ?? 0, edges[edges.length - 1]?.to ?? 1],
          ticks: ticksOf(edges),
          tickFormat: "~g",
        },
        y: { label: null, percent: true, domain: [0, 100], ticks: 3, grid: true },
        fx: { label: null, axis: null, domain: models, padding: 0.08 },
        marks: [
          Plot.frame({ strokeOpacity: 0.25 }),
          Plot.rect(
            bars.filter(({ share }) => share > 0),
            {
              x1: "from",
              x2: "to",
              y1: 0,
              y2: "share",
              fx: "model",
              fill: okabeIto.grey,
              insetLeft: 0.5,
              insetRight: 0.5,
            },
          ),
          Plot.ruleX(
            found.flatMap(({ model, of }) => (of.observed === null ? [] : [{ model, observed: of.observed }])),
            { x: "observed", fx: "model", stroke: okabeIto.vermillion, strokeWidth: 2.2 },
          ),
          Plot.text(
            found.map(({ model, of }) => ({
              model,
              text: `${row === 0 ? `${model}: ` : ""}${of.p === null ? "no p" : `p ${threeDigits(of.p)}`}`,
            })),
            { fx: "model", text: "text", frameAnchor: "top", lineAnchor: "bottom", dy: -4 },
          ),
        ],
      }),
    ),
  });
}

/** Ticks at the values where each has a bar of its own. */
function ticksOf(edges: ReturnType<typeof edgesOf>): number | number[] {
  const middles = edges.map(({ from, to }) => (from + to) / 2);
  return middles.length <= 2 * mostBars && middles.every(Number.isInteger) ? middles : 4;
}

/** A bar for each value where there are few, around it; else bins of one width. */
function edgesOf(values: readonly number[]): { readonly from: number; readonly to: number }[] {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length === 0) return [];
  if (distinct.length <= mostBars && distinct.every(Number.isInteger)) {
    const [low, high] = [distinct[0], distinct[distinct.length - 1]];
    if (high - low < 2 * mostBars) {
      return Array.from({ length: high - low + 1 }, (_, at) => ({ from: low + at - 0.5, to: low + at + 0.5 }));
    }
  }
  const [low, high] = [distinct[0], distinct[distinct.length - 1]];
  const width = (high - low || 1) / bins;
  return Array.from({ length: bins + 1 }, (_, at) => ({
    from: low + (at - 0.5) * width,
    to: low + (at + 0.5) * width,
  }));
}
