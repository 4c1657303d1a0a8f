import * as Plot from "@observablehq/plot";
import { extent } from "../../base/extent.ts";
import { nullModels } from "../../nulls/models.ts";
import { statistics } from "../../nulls/statistics.ts";
import { experimentFolder, runPath } from "../../store/run_path.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { lineKey, pointKey, ticketLegend } from "../legend.ts";
import { type ReportedRun, ticketState } from "../reported_run.ts";
import { okabeIto, pointChannels, stateStyles, weightsAxis } from "../theme.ts";

/**
 * Every level's ticket among its nulls: its value as a point, and the range of 95 % of the nulls as a line, for each statistic and null
 * model, against unpruned weights; undefined where no level has nulls.
 */
export function nullLevels(runs: readonly ReportedRun[]): Figure | undefined {
  const rows = runs.flatMap((run) =>
    run.levels.flatMap((record) =>
      Object.entries(record.nulls?.models ?? {}).flatMap(([model, { statistics: found }]) =>
        Object.entries(found).map(([statistic, { observed, mean, quantiles, p, low, high }]) => ({
          run: runPath(experimentFolder(run), run.seed),
          level: record.level,
          remaining: record.remaining,
          state: ticketState(record),
          model,
          statistic,
          observed,
          "null mean": mean,
          "null 2.5 %": quantiles[1] ?? null,
          "null 97.5 %": quantiles[5] ?? null,
          ...{ p, "p low": low, "p high": high },
        })),
      ),
    ),
  );
  if (rows.length === 0) return undefined;
  const models = nullModels.names.filter((name) => rows.some(({ model }) => model === name));
  const drawn = statistics.names.filter((name) => rows.some(({ statistic }) => statistic === name));
  const x = weightsAxis(
    rows.map(({ remaining }) => remaining),
    "unpruned weights",
    models.length,
  );
  return composeFigure({
    id: "null-levels",
    title: "Tickets among masks by chance",
    caption:
      "The structure of every level's ticket (points, by state), and of 95 % of the masks of each null model (lines, one a level), as weights are pruned from left to right. Columns are null models, rows are statistics.",
    rows,
    legend: [
      ...ticketLegend(
        stateStyles,
        rows.map(({ state }) => state),
        pointKey,
      ),
      { label: "95 % of the nulls", key: lineKey(okabeIto.grey) },
    ],
    panels: drawn.map((name, row) => {
      const own = rows.filter(({ statistic }) => statistic === name);
      const isLast = row === drawn.length - 1;
      return plotPanel({
        height: (row === 0 ? 132 : 116) + (isLast ? 26 : 0),
        marginTop: row === 0 ? 38 : 22,
        marginBottom: isLast ? 40 : 14,
        x: isLast ? x : { ...x, label: null, ticks: [] },
        y: { label: name, domain: rangeOf(own), grid: true, ticks: 4, tickFormat: "~g", inset: 5 },
        fx: { label: null, domain: models, padding: 0.08, ...(row > 0 && { axis: null }) },
        marks: [
          Plot.frame({ strokeOpacity: 0.25 }),
          Plot.ruleX(
            own.filter((each) => each["null 2.5 %"] !== null),
            {
              x: "remaining",
              y1: "null 2.5 %",
              y2: "null 97.5 %",
              fx: "model",
              stroke: okabeIto.grey,
              strokeOpacity: 0.55,
              strokeWidth: 3,
              // Where all nulls have one value.
              strokeLinecap: "round",
            },
          ),
          Plot.dot(
            own.filter(({ observed }) => observed !== null),
            {
              x: "remaining",
              y: "observed",
              fx: "model",
              ...pointChannels(({ state }: (typeof rows)[number]) => stateStyles[state]),
              r: 3,
            },
          ),
        ],
      });
    }),
  });
}

/** The range of all that is drawn of a statistic; where that is one value, some room around it. */
function rangeOf(rows: readonly Readonly<Record<string, unknown>>[]): [number, number] {
  const drawn = ["observed", "null 2.5 %", "null 97.5 %"];
  const values = rows.flatMap((row) => drawn.flatMap((key) => (typeof row[key] === "number" ? [row[key]] : [])));
  const [low, high] = values.length > 0 ? extent(values) : [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}
