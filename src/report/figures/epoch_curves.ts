import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import type { RunCurves } from "../reported_run.ts";
import { logAxis, orderedColours } from "../theme.ts";
import { rampPanel } from "./ramp_panel.ts";

/** Most evaluations of a level that are drawn: a line of more points looks the same. */
const mostPoints = 150;

/** Training and validation loss of a run by epoch, or by step where its spec counts steps: a line per level, from the dense network to the sparsest. */
export function epochCurves({ run: { levels, name, seed }, curves }: RunCurves, id: string): Figure {
  const unit = curves.some(({ steps }) => steps) ? "step" : "epoch";
  const rows = curves.flatMap(({ level, steps, trainLoss, valLoss }) =>
    spread(trainLoss.length).flatMap((evaluation) => {
      const { remaining } = levels[level];
      const at = { level, remaining, [unit]: steps?.[evaluation - 1] ?? evaluation };
      return [
        { ...at, of: "training", loss: trainLoss[evaluation - 1] },
        { ...at, of: "validation", loss: valLoss[evaluation - 1] },
      ].filter(({ loss }) => loss > 0);
    }),
  );
  const numbers = curves.map(({ level }) => level);
  return composeFigure({
    id,
    title: `Loss by ${unit}, ${name}, seed ${seed}`,
    caption: `Training and validation loss ${unit === "epoch" ? "after every epoch" : "at every evaluation"}, a line per level: level 0 is the dense network. Of a level with more than ${mostPoints} ${unit === "epoch" ? "epochs" : "evaluations"}, as many of them are drawn; all are in curves.jsonl.`,
    rows,
    panels: [
      rampPanel("level", numbers),
      plotPanel({
        height: 300,
        marginTop: 36,
        x: { label: unit, inset: 6, tickFormat: "d", ticks: 5 },
        y: { ...logAxis(rows.map(({ loss }) => loss)), label: "loss", grid: true },
        fx: { label: null, domain: ["training", "validation"], padding: 0.08 },
        marks: [
          Plot.line(rows, {
            x: unit,
            y: "loss",
            z: "level",
            fx: "of",
            stroke: "level",
            strokeWidth: 1.3,
          }),
        ],
        color: orderedColours(numbers),
      }),
    ],
  });
}

/** Evaluations from 1 to the last, both included, evenly spread if there are more than {@link mostPoints}. */
function spread(evaluations: number): number[] {
  const points = Math.min(evaluations, mostPoints);
  return Array.from({ length: points }, (_, k) =>
    points === 1 ? evaluations : 1 + Math.round((k * (evaluations - 1)) / (points - 1)),
  );
}
