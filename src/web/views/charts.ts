import * as Plot from "@observablehq/plot";
import { layerCount } from "../../base/shape.ts";
import { themeColour } from "../page/dom.ts";
import { inThousands } from "../page/format.ts";
import { type RunView, separatedAt } from "../page/model.ts";
import { kindColour } from "./colours.ts";

/** What a chart is drawn from: the runs, the one that is looked at, and its level. */
export interface ChartInput {
  readonly runs: readonly RunView[];
  readonly run: RunView;
  readonly level: number;
  /** Width in pixels. */
  readonly width: number;
}

type Chart = (input: ChartInput) => SVGSVGElement;

/** Other runs are drawn behind the chosen one up to this many: beyond, lines become a carpet that says nothing. */
const mostBehind = 40;
const height = 220;

const common = (input: ChartInput) => ({
  width: input.width,
  height,
  marginLeft: 48,
  marginRight: 64,
  style: { background: "transparent", fontSize: "12px", fontFamily: "inherit", overflow: "visible" },
});

const levelScale = ({ run }: ChartInput): Plot.ScaleOptions => ({
  label: "level",
  domain: [0, Math.max(1, run.remaining.length - 1)],
  ticks: Math.min(10, run.remaining.length - 1),
  tickFormat: (level: number) => (Number.isInteger(level) ? String(level) : ""),
});

/** The level that is looked at, and the one where the run separated. */
function marks({ run, level }: ChartInput): Plot.Markish[] {
  const separated = separatedAt(run);
  return [
    Plot.ruleX([level], { stroke: themeColour("--quiet"), strokeDasharray: "2 3" }),
    ...(separated
      ? [
          Plot.ruleX([separated.level], { stroke: themeColour("--separated"), strokeOpacity: 0.6 }),
          Plot.text([separated.level], {
            x: (at: number) => at,
            frameAnchor: "top",
            text: () => "★ separated",
            dy: -12,
            fill: themeColour("--separated-text"),
          }),
        ]
      : []),
  ];
}

/** Training and validation loss by level; the other runs behind. */
export const lossChart: Chart = (input) => {
  const { run, runs } = input;
  const behind = runs.filter((other) => other !== run).slice(0, mostBehind);
  const last = run.levels.at(-1);
  const lines = [
    { name: "validation", of: "valLoss", dashes: "none" },
    { name: "training", of: "trainLoss", dashes: "4 3" },
  ] as const;
  return Plot.plot({
    ...common(input),
    x: levelScale(input),
    y: {
      type: "log",
      label: "loss (nats)",
      ...logTicks(
        [run, ...behind].flatMap(({ levels }) => levels.flatMap(({ trainLoss, valLoss }) => [trainLoss, valLoss])),
      ),
      tickFormat: (value: number) => logTick(value),
      grid: true,
    },
    marks: [
      ...behind.map((other) =>
        Plot.line(other.levels, { x: "level", y: "valLoss", stroke: themeColour("--line"), strokeWidth: 1 }),
      ),
      ...marks(input),
      ...lines.flatMap(({ name, of, dashes }) => [
        Plot.line(run.levels, {
          x: "level",
          y: of,
          stroke: themeColour("--accent"),
          strokeWidth: 2,
          strokeDasharray: dashes,
        }),
        ...(last
          ? [
              Plot.text([last], {
                x: "level",
                y: of,
                text: () => name,
                textAnchor: "start",
                dx: 6,
                fill: themeColour("--text"),
              }),
            ]
          : []),
      ]),
      Plot.dot(run.levels, { x: "level", y: "valLoss", r: 2.5, fill: themeColour("--accent") }),
    ],
  }) as SVGSVGElement;
};

/** Ticks of a logarithmic axis at 1, 2 and 5 times the powers of ten, or at the powers alone where there are many, and a domain around all values. */
function logTicks(values: readonly number[]): { ticks: number[]; domain: [number, number] } {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const [least, most] = positive.length > 0 ? [Math.min(...positive), Math.max(...positive)] : [1, 10];
  const domain: [number, number] = [least / 1.25, most * 1.25];
  const powers = Array.from(
    { length: Math.ceil(Math.log10(domain[1])) - Math.floor(Math.log10(domain[0])) + 1 },
    (_, power) => Math.floor(Math.log10(domain[0])) + power,
  );
  const within = (factors: readonly number[]) =>
    powers
      .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
      .filter((tick) => tick >= domain[0] && tick <= domain[1]);
  const fine = within([1, 2, 5]);
  return { ticks: fine.length <= 7 ? fine : within([1]), domain };
}

function logTick(value: number): string {
  return value >= 0.01 ? String(Number(value.toPrecision(2))) : value.toExponential(0);
}

/** Validation accuracy by level and task. */
export const accuracyChart: Chart = (input) => {
  const { run, runs } = input;
  const tasks = run.tasks.map(({ name }, number) => ({ name, colour: kindColour(number, run.tasks.length) }));
  const points = run.levels.flatMap(({ level, valAccuracy }) =>
    tasks.map(({ name, colour }) => ({ level, name, colour, accuracy: valAccuracy[name] })),
  );
  const behind = runs.filter((other) => other !== run).slice(0, mostBehind);
  const all = [run, ...behind].flatMap(({ levels }) => levels.flatMap(({ valAccuracy }) => Object.values(valAccuracy)));
  const least = Math.min(0.95, ...all);
  const ends = spread(
    tasks.flatMap(({ name }) => {
      const last = run.levels.at(-1);
      return last ? [{ level: last.level, name, accuracy: last.valAccuracy[name] }] : [];
    }),
    (1 - least) * 0.08,
  );
  return Plot.plot({
    ...common(input),
    x: levelScale(input),
    y: { label: "validation accuracy", domain: [Math.max(0, least - 0.01), 1], ticks: 5, grid: true },
    marks: [
      ...behind.flatMap((other) =>
        tasks.map(({ name }) =>
          Plot.line(other.levels, {
            x: "level",
            y: ({ valAccuracy }) => valAccuracy[name],
            stroke: themeColour("--line"),
            strokeWidth: 1,
          }),
        ),
      ),
      ...marks(input),
      ...tasks.map(({ name, colour }) =>
        Plot.line(
          points.filter((point) => point.name === name),
          { x: "level", y: "accuracy", stroke: colour, strokeWidth: 2 },
        ),
      ),
      Plot.dot(points, { x: "level", y: "accuracy", fill: "colour", r: 2.5 }),
      Plot.text(ends, {
        x: "level",
        y: "accuracy",
        text: "name",
        textAnchor: "start",
        dx: 6,
        fill: themeColour("--text"),
      }),
    ],
  }) as SVGSVGElement;
};

/** Moves the labels of lines that end at the same height apart. */
function spread<Label extends { accuracy: number }>(labels: Label[], gap: number): Label[] {
  const sorted = [...labels].sort((a, b) => b.accuracy - a.accuracy);
  for (let i = 1; i < sorted.length; i++) {
    sorted[i] = { ...sorted[i], accuracy: Math.min(sorted[i].accuracy, sorted[i - 1].accuracy - gap) };
  }
  return sorted;
}

/** Unpruned weights by state and level. */
export const statesChart: Chart = (input) => {
  const { run } = input;
  const states = [
    { name: "active", colour: themeColour("--accent") },
    { name: "inactive", colour: themeColour("--inactive") },
    { name: "zombie", colour: themeColour("--zombie") },
  ] as const;
  const points = run.levels.flatMap(({ level, weights }) =>
    // A logarithmic axis has no 0.
    states.flatMap(({ name, colour }) => (weights[name] > 0 ? [{ level, name, colour, count: weights[name] }] : [])),
  );
  return Plot.plot({
    ...common(input),
    x: levelScale(input),
    y: {
      type: "log",
      label: "weights",
      ...logTicks(points.map(({ count }) => count)),
      tickFormat: (count: number) => inThousands(count),
      grid: true,
    },
    marks: [
      ...marks(input),
      ...states.map(({ name, colour }) =>
        Plot.line(
          points.filter((point) => point.name === name),
          { x: "level", y: "count", stroke: colour, strokeWidth: 2 },
        ),
      ),
      Plot.dot(points, { x: "level", y: "count", fill: "colour", r: 2.5 }),
      ...states.flatMap(({ name }) => {
        const own = points.filter((point) => point.name === name);
        return own.length > 0
          ? [
              Plot.text(own.slice(-1), {
                x: "level",
                y: "count",
                text: "name",
                textAnchor: "start",
                dx: 6,
                fill: themeColour("--text"),
              }),
            ]
          : [];
      }),
    ],
  }) as SVGSVGElement;
};

/** Degree of separation of every layer and level, from both sides: a cell each, darker the more neurons serve one task only. */
export const degreeChart: Chart = (input) => {
  const { run, level } = input;
  const last = layerCount(run.shape);
  const layerName = (layer: number) => (layer === 0 ? "inputs" : layer === last ? "outputs" : `hidden ${layer}`);
  const sides = [
    { side: "seen from the outputs", of: "fromOutputs" },
    { side: "seen from the inputs", of: "fromInputs" },
  ] as const;
  const cells = run.levels.flatMap((record) =>
    sides.flatMap(({ side, of }) =>
      record.degree[of].flatMap((degree, layer) =>
        degree === null ? [] : [{ level: record.level, layer: layerName(layer), side, degree }],
      ),
    ),
  );
  const layers = run.shape.map((_, layer) => layerName(last - layer));
  const levels = run.remaining.map((_, each) => each);
  return Plot.plot({
    ...common(input),
    height: 90 + 2 * layers.length * 22,
    marginLeft: 64,
    marginRight: 12,
    marginTop: 34,
    x: {
      label: "level",
      domain: levels,
      ticks: levels.filter((each) => each % Math.ceil(levels.length / 12) === 0),
    },
    y: { label: null, domain: layers },
    fy: { label: null, domain: sides.map(({ side }) => side), axis: null, padding: 0.25 },
    color: { type: "linear", domain: [0, 1], range: [themeColour("--degree-0"), themeColour("--degree-1")] },
    marks: [
      Plot.cell(cells, { x: "level", y: "layer", fy: "side", fill: "degree", inset: 0.5, rx: 2 }),
      Plot.text(sides, { fy: "side", text: "side", frameAnchor: "top-left", dy: -14, fill: themeColour("--quiet") }),
      Plot.cell(
        sides.flatMap(({ side }) => layers.map((layer) => ({ level, layer, side }))),
        { x: "level", y: "layer", fy: "side", stroke: themeColour("--text"), strokeWidth: 1, inset: 0 },
      ),
    ],
  }) as SVGSVGElement;
};
