import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { rangeKey } from "../legend.ts";
import { extensionOf, type ReportedRun, separationLevel } from "../reported_run.ts";
import { logAxis, okabeIto } from "../theme.ts";
import { type PublishedRange, publishedBands, publishedLabels, publishedRows } from "./published_bands.ts";

/** The two counts of a ticket at separation. */
const separationCounts = [
  { key: "available", label: "available (unpruned)", colour: okabeIto.blue },
  { key: "active", label: "active", colour: okabeIto.vermillion },
] as const;

/**
 * Active and available weights of the tickets at separation, by extension level: mean and range over the runs, and
 * every run as a small point, hollow where the ticket does not win and a cross where it has lost a task.
 * @param runs at least one separated; those that never did are skipped
 */
export function separationWeights(
  runs: readonly ReportedRun[],
  published: readonly PublishedRange[],
  caption: string,
): Figure {
  const rows = runs.flatMap((run) => {
    const record = separationLevel(run);
    if (!record) return [];
    const shared = {
      extension: extensionOf(run),
      seed: run.seed,
      level: record.level,
      winning: record.winning,
      lost: record.lost?.join(", ") ?? null,
    };
    return [
      { ...shared, count: "available", weights: record.remaining },
      { ...shared, count: "active", weights: record.weights.active },
    ];
  });
  const means = [...new Set(rows.map((row) => row.extension))].flatMap((group) =>
    separationCounts.map(({ key, colour }, i) => {
      const weights = rows.filter((row) => row.extension === group && row.count === key).map((row) => row.weights);
      return {
        at: group + (i - 0.5) * 0.26,
        colour,
        mean: weights.reduce((sum, each) => sum + each, 0) / weights.length,
        low: Math.min(...weights),
        high: Math.max(...weights),
      };
    }),
  );
  // The axis also covers groups without a separated run, as gaps.
  const groups = [...new Set(runs.map(extensionOf))].sort((a, b) => a - b);
  const offset = (row: (typeof rows)[number]) => (row.count === "active" ? 0.3 : -0.3);
  return composeFigure({
    id: "weights-at-separation",
    title: `Weights at separation, by extension level`,
    caption,
    rows: [...rows, ...publishedRows(published)],
    legend: [
      ...separationCounts.map(({ label, colour }) => ({ label: `${label}: mean, range`, key: rangeKey(colour) })),
      { label: "one run", key: '<circle cx="8" cy="6" r="2.5" fill="currentColor"/>' },
      {
        label: "not winning",
        key: '<circle cx="8" cy="6" r="2.7" fill="none" stroke="currentColor" stroke-width="1.2"/>',
      },
      ...(rows.some(({ lost }) => lost)
        ? [{ label: "task lost", key: '<path d="M5,3L11,9M11,3L5,9" stroke="currentColor" stroke-width="1.2"/>' }]
        : []),
    ],
    panels: [
      plotPanel({
        height: 330,
        x: { label: "extension level", domain: [groups[0] - 0.5, groups[groups.length - 1] + 0.5] },
        y: {
          ...logAxis([...rows.map(({ weights }) => weights), ...published.flatMap(({ low, high }) => [low, high])]),
          label: "weights",
          grid: true,
        },
        marks: [
          Plot.axisX(groups, { tickFormat: String }),
          ...publishedBands(published),
          Plot.dot(rows, {
            x: (row) => row.extension + offset(row),
            y: "weights",
            r: 2,
            symbol: (row: (typeof rows)[number]) => (row.lost ? "times" : "circle"),
            fill: (row) => (row.winning ? colourOf(row.count) : "none"),
            stroke: (row) => colourOf(row.count),
          }),
          Plot.ruleX(means, { x: "at", y1: "low", y2: "high", stroke: "colour", strokeWidth: 1.6 }),
          Plot.dot(means, { x: "at", y: "mean", r: 4, fill: "colour" }),
          publishedLabels(published),
        ],
      }),
    ],
  });
}

function colourOf(count: string): string {
  return separationCounts.find(({ key }) => key === count)?.colour ?? okabeIto.grey;
}
