import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { mean } from "../mean.ts";
import { extensionOf, type ReportedRun } from "../reported_run.ts";
import { orderedColours, weightsAxis } from "../theme.ts";
import { rampPanel } from "./ramp_panel.ts";

const kinds = ["inactive", "zombie"] as const;

/**
 * Inactive and zombie weights against available weights, as counts and as shares of what is available: a line per
 * extension level, the mean over its runs.
 * @param runs of network extensions, at least one
 */
export function unusedWeights(runs: readonly ReportedRun[], caption: string): Figure {
  const groups = [...new Set(runs.map(extensionOf))].sort((a, b) => a - b);
  const rows = groups.flatMap((group) => {
    const members = runs.filter((run) => extensionOf(run) === group);
    const deepest = Math.max(...members.map(({ levels }) => levels.length));
    return Array.from({ length: deepest }, (_, level) =>
      members.flatMap(({ levels }) => (levels[level] ? [levels[level]] : [])),
    ).flatMap((records, level) =>
      kinds.map((kind) => {
        // Runs whose targets count active weights differ in their unpruned ones.
        const available = mean(records.map(({ remaining }) => remaining));
        const weights = mean(records.map((record) => record.weights[kind]));
        const shared = { extension: group, level, runs: records.length, kind, available };
        return { ...shared, weights, share: weights / available };
      }),
    );
  });
  const panel = (y: "weights" | "share", label: string, percent: boolean, top: boolean) =>
    plotPanel({
      height: top ? 250 : 240,
      marginRight: 30,
      x: weightsAxis(
        rows.map(({ available }) => available),
        "available weights",
        2,
      ),
      y: { label, percent, grid: true, ...(!percent && { tickFormat: "~s" }) },
      fx: { label: null, ...(!top && { axis: null }), padding: 0.08 },
      color: orderedColours(groups),
      marks: [
        Plot.line(rows, {
          x: "available",
          y,
          fx: "kind",
          z: "extension",
          stroke: "extension",
          strokeWidth: 1.6,
        }),
        Plot.dot(rows, { x: "available", y, fx: "kind", fill: "extension", r: 1.6 }),
      ],
    });
  return composeFigure({
    id: "inactive-and-zombie-weights",
    title: "Inactive and zombie weights, against available weights",
    caption,
    rows,
    panels: [
      rampPanel("extension level", groups),
      panel("weights", "weights", false, true),
      panel("share", "% of the available weights", true, false),
    ],
  });
}
