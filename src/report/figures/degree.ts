import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { lineKey } from "../legend.ts";
import type { ReportedRun } from "../reported_run.ts";
import { separationLevel, ticketState } from "../reported_run.ts";
import { seriesColours } from "../theme.ts";

const ends = [
  { key: "fromOutputs", label: "seen from the outputs" },
  { key: "fromInputs", label: "seen from the inputs" },
] as const;

/**
 * Degree of separation of every layer of one run, level by level, with a mark at the level of
 * separation.
 */
export function degreeOfSeparation(run: ReportedRun, caption: string): Figure {
  const layers = run.levels[0].degree.fromOutputs.length;
  const nameOf = (layer: number) =>
    layer === 0 ? "inputs" : layer === layers - 1 ? "outputs" : `hidden layer ${layer}`;
  const rows = run.levels.flatMap(({ level, remaining, degree }) =>
    ends.flatMap(({ key, label }) =>
      degree[key].map((value, layer) => ({ level, remaining, end: label, layer: nameOf(layer), degree: value })),
    ),
  );
  const names = Array.from({ length: layers }, (_, layer) => nameOf(layer));
  const colour = (layer: string) => seriesColours[names.indexOf(layer) % seriesColours.length];
  const separated = separationLevel(run);
  return composeFigure({
    id: "degree-of-separation",
    title: `Degree of separation by layer, ${run.name}, seed ${run.seed}`,
    caption,
    rows,
    legend: names.map((name, layer) => ({ label: name, key: lineKey(colour(name), dashes(layer)) })),
    panels: [
      plotPanel({
        height: 290,
        marginTop: 40,
        x: { label: "level", ticks: Math.min(run.levels.length, 12), tickFormat: "d" },
        y: { label: "share of active neurons that serve one task, %", percent: true, domain: [0, 100], grid: true },
        fx: { label: null, domain: ends.map(({ label }) => label), padding: 0.08 },
        marks: [
          ...(separated
            ? [
                Plot.ruleX([separated.level], { stroke: "currentColor", strokeDasharray: "2 3" }),
                Plot.text([separated], {
                  x: "level",
                  frameAnchor: "bottom",
                  text: (record) => ticketState(record),
                  textAnchor: "end",
                  dx: -4,
                  dy: -4,
                }),
              ]
            : []),
          ...names.map((name, layer) =>
            Plot.lineY(
              rows.filter((row) => row.layer === name && row.degree !== null),
              {
                x: "level",
                y: "degree",
                fx: "end",
                stroke: colour(name),
                strokeWidth: 2.2,
                strokeDasharray: dashes(layer),
              },
            ),
          ),
        ],
      }),
    ],
  });
}

/** Every other line is dashed, so that overlapping lines stay visible. */
function dashes(layer: number): string {
  return layer % 2 === 0 ? "" : "6 4";
}
