import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../../report/figure.ts";
import { bandKey, lineKey } from "../../report/legend.ts";
import { meanInterval } from "../../report/mean_interval.ts";
import { logAxis, okabeIto, seriesColours, weightsAxis } from "../../report/theme.ts";
import { byRun, type Measured, mapped, meanOf } from "./measured.ts";
import type { Kind } from "./published.ts";

/** The training of a level at its evaluations: means over the runs. */
export interface Course {
  readonly kind: Kind;
  readonly share: number;
  /** [evaluation]: steps before it, and validation accuracy, mean over tasks and runs. */
  readonly steps: readonly number[];
  readonly accuracy: readonly number[];
}

const kindStyles: Readonly<Record<Kind, { readonly label: string; readonly colour: string; readonly dashes: string }>> =
  {
    ticket: { label: "tickets (iterative)", colour: okabeIto.blue, dashes: "" },
    "one-shot": { label: "one-shot tickets", colour: okabeIto.green, dashes: "7 3" },
    reinit: { label: "re-initialised tickets", colour: okabeIto.vermillion, dashes: "2 3" },
  };
const kinds = Object.keys(kindStyles) as Kind[];

const bandText =
  "Lines are means over the runs, of several re-initialisations of a ticket over their means; bands are 95 % intervals of the mean over runs (bootstrap), or from the lowest to the highest where there are fewer than six runs. The paper's bars are from the lowest to the highest.";

/** Early-stopping step against weights left: the first half of the paper's figure 4a. */
export function earlyStoppingFigure(measured: readonly Measured[]): Figure {
  return curves(measured, "step", {
    id: "early-stopping-step",
    title: "Early-stopping step against weights left",
    caption: `Steps before the evaluation of the lowest validation loss, on a logarithmic axis; means are geometric. ${bandText}`,
    label: "early-stopping step",
  });
}

/** Test accuracy at the early-stopping step against weights left: the second half of the paper's figure 4a. */
export function testAccuracyFigure(measured: readonly Measured[]): Figure {
  return curves(measured, "accuracy", {
    id: "test-accuracy",
    title: "Test accuracy at the early-stopping step against weights left",
    caption: `Accuracy on the test split, which takes part neither in training nor in early stopping. ${bandText}`,
    label: "test accuracy",
  });
}

interface Words {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly label: string;
}

function curves(measured: readonly Measured[], quantity: "step" | "accuracy", { label, ...words }: Words): Figure {
  const point = (kind: Kind, level: number) => {
    const runs = byRun(measured, kind, level);
    // Means of steps are geometric, as the axis and the comparisons are.
    const [unit, back] = quantity === "step" ? [Math.log, exponential] : [Number, Number];
    const values = runs.map((run) => meanOf(run.map((each) => unit(each[quantity]))));
    const { mean, low, high } = mapped(meanInterval(values), back);
    return {
      kind,
      level,
      "% of weights left": 100 * runs[0][0].share,
      runs: values.length,
      "at the last evaluation": runs.flat().filter(({ isLast }) => isLast).length,
      mean,
      low: low ?? back(Math.min(...values)),
      high: high ?? back(Math.max(...values)),
      interval: low === null ? "lowest to highest" : "95 %",
    };
  };
  const rows = kinds.flatMap((kind) => {
    const levels = new Set(measured.filter((each) => each.kind === kind).map(({ level }) => level));
    return [...levels].sort((a, b) => a - b).map((level) => point(kind, level));
  });
  const shown = kinds.filter((kind) => rows.some((row) => row.kind === kind));
  const dense = point("ticket", 0);
  // Controls begin at the dense network, as they would with all weights left.
  const lines = shown.flatMap((kind) => {
    const own = rows.filter((row) => row.kind === kind);
    return kind === "ticket" ? own : [{ ...dense, kind }, ...own];
  });
  const x = "% of weights left";
  return composeFigure({
    ...words,
    rows,
    legend: [
      ...shown.map((kind) => ({
        label: kindStyles[kind].label,
        key: lineKey(kindStyles[kind].colour, kindStyles[kind].dashes),
      })),
      { label: "dense networks, mean", key: lineKey(okabeIto.grey, "5 4") },
      {
        label: rows.every(({ interval }) => interval === "95 %") ? "95 % interval" : "interval",
        key: bandKey(okabeIto.blue),
      },
    ],
    panels: [
      plotPanel({
        height: 330,
        x: weightsAxis(
          rows.map((row) => row[x]),
          x,
        ),
        y:
          quantity === "step"
            ? { ...logAxis(rows.flatMap(({ low, high }) => [low, high])), label, grid: true }
            : { label, inset: 6, grid: true },
        marks: [
          Plot.ruleY([dense], { y: "mean", stroke: okabeIto.grey, strokeWidth: 1.4, strokeDasharray: "5 4" }),
          ...shown.flatMap((kind) => {
            const { colour, dashes } = kindStyles[kind];
            const own = lines.filter((row) => row.kind === kind);
            return [
              Plot.areaY(own, { x, y1: "low", y2: "high", fill: colour, fillOpacity: 0.15 }),
              Plot.line(own, { x, y: "mean", stroke: colour, strokeWidth: 2, strokeDasharray: dashes }),
              Plot.dot(own, { x, y: "mean", fill: colour, r: 2.4 }),
            ];
          }),
        ],
      }),
    ],
  });
}

/** The step of a logarithm, without the rounding that 100 steps would show as 100.00000000000013. */
const exponential = (logarithm: number) => Number(Math.exp(logarithm).toPrecision(12));

/** Lowest accuracy that is drawn, as that of the end of the worst course minus so much: the first steps would flatten all. */
const below = 0.04;

/** Validation accuracy along training, of tickets and of re-initialised ones: the paper's figure 3, of test accuracy there. */
export function courseFigure(courses: readonly Course[]): Figure {
  const panelOf = ({ kind }: Pick<Course, "kind">) => kindStyles[kind].label;
  const rows = courses.flatMap(({ kind, share, steps, accuracy }) =>
    steps.map((step, k) => ({ kind, "% of weights left": 100 * share, step, accuracy: accuracy[k] })),
  );
  const shares = [...new Set(rows.map((row) => row["% of weights left"]))].sort((a, b) => b - a);
  const colourOf = (share: number) => seriesColours[shares.indexOf(share) % seriesColours.length];
  const ends = courses.map(({ accuracy }) => accuracy[accuracy.length - 1]);
  const highest = Math.max(...rows.map(({ accuracy }) => accuracy));
  return composeFigure({
    id: "training",
    title: "Validation accuracy along training",
    caption: `Mean over the runs at each evaluation, a line per size of the tickets; the accuracy of the first steps lies below the axis. The paper's figure 3 shows test accuracy.`,
    rows,
    legend: shares.map((share) => ({ label: `${Number(share.toPrecision(3))} %`, key: lineKey(colourOf(share)) })),
    panels: [
      plotPanel({
        height: 330,
        x: { label: "step", inset: 6, ticks: 5 },
        y: { label: "validation accuracy", domain: [Math.min(...ends) - below, highest], grid: true },
        fx: { label: null, domain: [...new Set(courses.map(panelOf))], padding: 0.08 },
        marks: [
          Plot.line(rows, {
            x: "step",
            y: "accuracy",
            z: (row: (typeof rows)[number]) => `${row.kind} ${row["% of weights left"]}`,
            fx: panelOf,
            stroke: (row: (typeof rows)[number]) => colourOf(row["% of weights left"]),
            strokeWidth: 1.6,
            clip: true,
          }),
        ],
      }),
    ],
  });
}
