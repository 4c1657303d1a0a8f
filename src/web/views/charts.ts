import * as Plot from "@observablehq/plot";
import { inThousands } from "../../base/format.ts";
import { layerCount } from "../../base/shape.ts";
import { losses } from "../../loss/index.ts";
import { ticketNote } from "../../report/reported_run.ts";
import { scoreNames, sharedScoreName } from "../../report/score_names.ts";
import type { LevelRecord } from "../../store/level_record.ts";
import { themeColour } from "../page/dom.ts";
import { type RunView, separatedAt } from "../page/model.ts";
import { kindColour } from "./colours.ts";
import { scoreDomain } from "./score_axis.ts";

/** Input of a chart: all runs, the chosen one, and the chosen level. */
export interface ChartInput {
  readonly runs: readonly RunView[];
  readonly run: RunView;
  readonly level: number;
  /** Width in pixels. */
  readonly width: number;
}

type Chart = (input: ChartInput) => SVGSVGElement;

/** Most other runs that are drawn behind the chosen one: more lines would be illegible. */
const mostBehind = 40;
const height = 220;

/** Options of charts with lines. `names` stand at the ends of the lines, and decide the right margin. */
const common = (input: ChartInput, names: readonly string[]) => ({
  width: input.width,
  height,
  marginLeft: 48,
  marginRight: 16 + 7 * Math.max(0, ...names.map((name) => name.length)),
  style: { background: "transparent", fontSize: "12px", fontFamily: "inherit", overflow: "visible" },
});

/** The end of a line, with its name. */
interface LineEnd {
  readonly level: number;
  readonly name: string;
  readonly value: number;
}

/** Names at the ends of lines; names that would overlap are moved apart. */
function endNames(ends: readonly LineEnd[], [low, high]: readonly [number, number], isLog: boolean): Plot.Markish {
  const place = isLog ? Math.log : (value: number) => value;
  const value = isLog ? Math.exp : (at: number) => at;
  // The height of a line of text, in the axis' unit.
  const gap = ((place(high) - place(low)) * 14) / (height - 50);
  let above = Number.POSITIVE_INFINITY;
  const placed = [...ends]
    .sort((a, b) => b.value - a.value)
    .map((end) => {
      above = Math.min(place(end.value), above - gap);
      return { ...end, value: value(above) };
    });
  const text = { text: "name", textAnchor: "start", dx: 6, fill: themeColour("--text") } as const;
  return Plot.text(placed, { x: "level", y: "value", ...text });
}

const levelScale = ({ run }: ChartInput): Plot.ScaleOptions => ({
  label: "level",
  domain: [0, Math.max(1, run.remaining.length - 1)],
  ticks: Math.min(10, run.remaining.length - 1),
  tickFormat: (level: number) => (Number.isInteger(level) ? String(level) : ""),
});

/** Marks at the chosen level and at the level where the run separated. */
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
            text: () => `★ separated${ticketNote(separated)}`,
            dy: -12,
            textAnchor: separated.level > run.remaining.length * 0.6 ? "end" : "middle",
            fill: themeColour("--separated-text"),
          }),
        ]
      : []),
  ];
}

/** Cross-entropies are measured in nats; the squared error of a number is not. */
function isInNats({ tasks }: RunView): boolean {
  return tasks.every(({ kind }) => losses.get(kind).labels === "class");
}

/** Training and validation loss by level; the other runs behind. */
export const lossChart: Chart = (input) => {
  const { run, runs } = input;
  const behind = othersOf(run, runs);
  const lines = [
    { name: "validation", of: "valLoss", dashes: "none" },
    { name: "training", of: "trainLoss", dashes: "4 3" },
  ] as const;
  const all = [run, ...behind].flatMap(({ levels }) =>
    levels.flatMap(({ trainLoss, valLoss }) => [trainLoss, valLoss]),
  );
  const axis = logTicks(all);
  const ends = run.levels
    .slice(-1)
    .flatMap((last) => lines.map(({ name, of }) => ({ level: last.level, name, value: last[of] })));
  return Plot.plot({
    ...common(
      input,
      lines.map(({ name }) => name),
    ),
    x: levelScale(input),
    y: { type: "log", label: isInNats(run) ? "loss (nats)" : "loss", ...axis, tickFormat: logTick, grid: true },
    marks: [
      ...behind.map((other) => Plot.line(other.levels, { x: "level", y: "valLoss", ...faint() })),
      ...marks(input),
      ...lines.map(({ of, dashes }) =>
        Plot.line(run.levels, {
          x: "level",
          y: of,
          stroke: themeColour("--accent"),
          strokeWidth: 2,
          strokeDasharray: dashes,
        }),
      ),
      Plot.dot(run.levels, { x: "level", y: "valLoss", r: 2.5, fill: themeColour("--accent") }),
      endNames(ends, axis.domain, true),
    ],
  }) as SVGSVGElement;
};

/** The runs behind the chosen one. */
function othersOf(run: RunView, runs: readonly RunView[]): RunView[] {
  return runs.filter((other) => other !== run).slice(0, mostBehind);
}

const faint = () => ({ stroke: themeColour("--line"), strokeWidth: 1 });

/**
 * Ticks of a logarithmic axis at 1, 2 and 5 times the powers of ten, or at the powers only if there are many, and a
 * domain around all values.
 */
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

/** What the scores of a run's tasks are called: their own name where they share one, else `score`. */
export function scoreNameOfRun({ tasks }: RunView): string {
  return sharedScoreName(Object.values(scoreNames(tasks)));
}

/** Validation score by level and task; the other runs behind. */
export const scoreChart: Chart = (input) => {
  const { run, runs } = input;
  const [score, scores] = [scoreNameOfRun(run), scoreNames(run.tasks)];
  const tasks = run.tasks.map(({ name }, number) => ({
    name,
    label: score === "score" ? `${name}: ${scores[name]}` : name,
    colour: kindColour(number, run.tasks.length),
  }));
  const behind = othersOf(run, runs);
  const all = [run, ...behind].flatMap(({ levels }) => levels.flatMap(({ valAccuracy }) => Object.values(valAccuracy)));
  const domain = scoreDomain(all);
  const baselines = tasks.flatMap(({ name, colour }) => {
    const at = run.baselines?.[name];
    return at !== undefined && at >= domain[0] ? [{ at, colour }] : [];
  });
  const ends = run.levels
    .slice(-1)
    .flatMap(({ level, valAccuracy }) =>
      tasks.map(({ name, label }) => ({ level, name: label, value: valAccuracy[name] })),
    );
  const scoreOf = (name: string) => ({ x: "level", y: (record: LevelRecord) => record.valAccuracy[name] });
  return Plot.plot({
    ...common(
      input,
      tasks.map(({ label }) => label),
    ),
    x: levelScale(input),
    y: { label: `validation ${score}`, domain, ticks: 5, grid: true },
    marks: [
      Plot.ruleY(baselines, { y: "at", stroke: "colour", strokeDasharray: "5 4" }),
      ...behind.flatMap(({ levels }) => tasks.map(({ name }) => Plot.line(levels, { ...scoreOf(name), ...faint() }))),
      ...marks(input),
      ...tasks.flatMap(({ name, colour }) => [
        Plot.line(run.levels, { ...scoreOf(name), stroke: colour, strokeWidth: 2 }),
        Plot.dot(run.levels, { ...scoreOf(name), fill: colour, r: 2.5 }),
      ]),
      endNames(ends, domain, false),
    ],
  }) as SVGSVGElement;
};

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
  const axis = logTicks(points.map(({ count }) => count));
  const ends = states.flatMap(({ name }) => points.filter((point) => point.name === name).slice(-1));
  return Plot.plot({
    ...common(
      input,
      states.map(({ name }) => name),
    ),
    x: levelScale(input),
    y: { type: "log", label: "weights", ...axis, tickFormat: inThousands, grid: true },
    marks: [
      ...marks(input),
      ...states.map(({ name, colour }) =>
        Plot.line(
          points.filter((point) => point.name === name),
          { x: "level", y: "count", stroke: colour, strokeWidth: 2 },
        ),
      ),
      Plot.dot(points, { x: "level", y: "count", fill: "colour", r: 2.5 }),
      endNames(
        ends.map(({ level, name, count }) => ({ level, name, value: count })),
        axis.domain,
        true,
      ),
    ],
  }) as SVGSVGElement;
};

/**
 * Degree of separation of every layer and level, from both sides: one cell each, darker if more neurons serve one task
 * only.
 */
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
    ...common(input, []),
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
