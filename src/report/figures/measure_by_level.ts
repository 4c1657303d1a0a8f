import * as Plot from "@observablehq/plot";
import { extent } from "../../base/extent.ts";
import { experimentFolder, runPath } from "../../store/run_path.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { bandKey, lineKey } from "../legend.ts";
import { withinAndBetween } from "../measure_columns.ts";
import { measureSummary } from "../prediction.ts";
import { type ReportedRun, separationLevel } from "../reported_run.ts";
import { okabeIto, weightsAxis } from "../theme.ts";

/** The two kinds of run that are told apart. */
const kinds = {
  "never separates": okabeIto.blue,
  "separates at some level": okabeIto.green,
} as const;
type Kind = keyof typeof kinds;

/** Ticks of an axis of square roots. */
const rootTicks = [0, ...[0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 4].map((step) => step * 10 ** power))];

/** Bins of active weights for each factor of ten. */
const binsPerDecade = 6;

/**
 * A measure against the level and against active weights, runs that separate at some level told from those that never do: a thin line a run, the
 * median as a thick line, and between the quartiles a band, where there are at least four runs of a kind. Of active weights, median and quartiles are those of bins.
 * @param runs whose levels have the measure, at least one
 */
export function measureByLevel(runs: readonly ReportedRun[], name: string): Figure {
  const rows = runs.flatMap((run, number) =>
    run.levels.flatMap((record) =>
      facetsOf(record.measures?.[name]).map(({ facet, value }) => ({
        run: runPath(experimentFolder(run), run.seed),
        number,
        kind: (separationLevel(run) ? "separates at some level" : "never separates") satisfies Kind,
        facet,
        level: record.level,
        active: record.weights.active,
        state: record.state,
        value,
      })),
    ),
  );
  type Point = (typeof rows)[number];
  const facets = [...new Set(rows.map(({ facet }) => facet))];
  const shown = (Object.keys(kinds) as Kind[]).filter((kind) => rows.some((row) => row.kind === kind));
  /** Median and quartiles of the runs of a kind at each place: by level, or by bins of active weights at the mean of their logarithms. */
  const spread = (data: readonly Point[], binOf: (row: Point) => number, placeOf: (own: readonly Point[]) => number) =>
    shown.flatMap((kind) =>
      facets.flatMap((facet) => {
        const bins = new Map<number, Point[]>();
        for (const row of data) {
          if (row.kind !== kind || row.facet !== facet) continue;
          bins.set(binOf(row), [...(bins.get(binOf(row)) ?? []), row]);
        }
        return [...bins.values()]
          .filter((own) => own.length >= 4)
          .map((own) => ({ kind, facet, place: placeOf(own), ...quartiles(own.map(({ value }) => value)) }))
          .sort((a, b) => a.place - b.place);
      }),
    );
  const positive = rows.filter(({ active }) => active > 0);
  const byLevel = spread(
    rows,
    ({ level }) => level,
    ([{ level }]) => level,
  );
  const byActive = spread(
    positive,
    ({ active }) => Math.round(Math.log10(active) * binsPerDecade),
    (own) => Math.exp(own.reduce((sum, { active }) => sum + Math.log(active), 0) / own.length),
  );
  const colour = ({ kind }: { readonly kind: Kind }) => kinds[kind];
  const [low, high] = extent(rows.map(({ value }) => value));
  const y = {
    // Counts and conductances fall by factors of hundreds, to 0, which a logarithm lacks.
    ...(low >= 0 &&
      high > 1 && { type: "sqrt" as const, ticks: rootTicks.filter((tick) => tick >= low && tick <= high) }),
    label: name,
    grid: true,
    inset: 6,
    domain: low === high ? [low - 0.5, high + 0.5] : [low, high],
  };
  const fx = { label: null, domain: facets, padding: 0.08, ...(facets.length === 1 && { axis: null }) };
  const marks = (place: "level" | "active", data: readonly Point[], spreads: typeof byLevel) => [
    Plot.line(data, {
      x: place,
      y: "value",
      z: "number",
      fx: "facet",
      stroke: colour,
      strokeOpacity: runs.length > 60 ? 0.08 : runs.length > 12 ? 0.2 : 0.8,
      strokeWidth: 1,
    }),
    Plot.areaY(spreads, { x: "place", y1: "low", y2: "high", z: "kind", fx: "facet", fill: colour, fillOpacity: 0.35 }),
    Plot.line(spreads, { x: "place", y: "median", z: "kind", fx: "facet", stroke: colour, strokeWidth: 2.6 }),
  ];
  const weights = weightsAxis(
    positive.map(({ active }) => active),
    "active weights",
    facets.length,
  );
  return composeFigure({
    id: `measure-${name}`,
    title: `${name}, by level and by active weights`,
    caption: `${measureSummary(name)}. A thin line is a run; the thick line is the median of at least four runs, the band lies between their quartiles.`,
    rows: rows.map(({ number: _, ...row }) => row),
    legend: [
      ...shown.map((kind) => ({ label: kind, key: lineKey(kinds[kind]) })),
      { label: "median and quartiles", key: bandKey(okabeIto.grey) },
    ],
    panels: [
      plotPanel({
        height: 260,
        marginTop: 36,
        x: { label: "level", inset: 6 },
        y,
        fx,
        marks: marks("level", rows, byLevel),
      }),
      plotPanel({
        height: 260,
        marginTop: 36,
        x: weights,
        y,
        fx,
        marks: marks("active", positive, byActive),
      }),
    ],
  });
}

/** The values of a measure by facet: one, or the means within tasks and between two. */
function facetsOf(value: number | null | undefined | readonly (readonly (number | null)[])[]) {
  if (value === null || value === undefined) return [];
  if (typeof value === "number") return [{ facet: "", value }];
  const { within, between } = withinAndBetween(value);
  return [
    ...(within === null ? [] : [{ facet: "mean within a task", value: within }]),
    ...(between === null ? [] : [{ facet: "mean between two tasks", value: between }]),
  ];
}

/** Median and quartiles, by linear interpolation between the values. */
function quartiles(values: readonly number[]): { low: number; median: number; high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const next = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[next] - sorted[below]);
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
