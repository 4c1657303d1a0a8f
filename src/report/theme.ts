import { extent } from "../base/extent.ts";
import { inThousands } from "../base/format.ts";
import type { TicketOutcome, TicketState } from "./reported_run.ts";

/** The style of all figures: legible in print, on light and dark pages, and to colour-blind readers. */

/** Width of every figure, in user units of its SVG. */
export const figureWidth = 760;
export const fontFamily = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif";
export const fontSize = 12;
export const titleSize = 15;

/** Colours that colour-blind readers can distinguish (Okabe and Ito, "Color universal design", 2008). */
export const okabeIto = {
  blue: "#0072B2",
  vermillion: "#D55E00",
  green: "#009E73",
  orange: "#E69F00",
  sky: "#56B4E9",
  purple: "#CC79A7",
  grey: "#8c8c8c",
} as const;

/** Colours of series without an order: tasks, seeds, layers. */
export const seriesColours: readonly string[] = [
  okabeIto.blue,
  okabeIto.vermillion,
  okabeIto.green,
  okabeIto.orange,
  okabeIto.purple,
  okabeIto.sky,
  okabeIto.grey,
];

/** Colour of the thesis' values beside ours. */
export const thesisColour = okabeIto.purple;

/**
 * Colours of ordered quantities such as extension levels: cividis, made for colour-blind readers (Nuñez et al. 2018),
 * without its ends, of which one is invisible on a light page and one on a dark page.
 */
export function orderedColours(values: readonly number[]) {
  const [first, last] = extent(values);
  // A domain of one value would give no colour.
  const domain = [first, first === last ? first + 1 : last];
  return { type: "linear", scheme: "cividis", range: [0.2, 0.88], domain } as const;
}

export type PointSymbol = "circle" | "star" | "square" | "triangle" | "diamond2" | "times";

/**
 * How a kind of ticket is drawn. A ticket that does not win keeps its colour: areas are hatched, points are hollow. If
 * it has lost a task, areas are hatched both ways and points are crosses.
 */
export interface TicketStyle {
  readonly colour: string;
  readonly hatch: "none" | "hatched" | "crossed";
  readonly symbol: PointSymbol;
}

const style = (colour: string, symbol: PointSymbol, hatch: TicketStyle["hatch"] = "none"): TicketStyle => ({
  colour,
  symbol,
  hatch,
});

/** Every outcome, from the bottom of a stack to its top: the separated ones are adjacent. */
export const outcomeStyles: Readonly<Record<TicketOutcome, TicketStyle>> = {
  separated: style(okabeIto.green, "star"),
  "separated, not winning": style(okabeIto.green, "star", "hatched"),
  "separated, task lost": style(okabeIto.green, "times", "crossed"),
  "separated-degraded": style(okabeIto.sky, "diamond2"),
  "separated-degraded, not winning": style(okabeIto.sky, "diamond2", "hatched"),
  "separated-degraded, task lost": style(okabeIto.sky, "times", "crossed"),
  degraded: style(okabeIto.vermillion, "triangle"),
  fragmented: style(okabeIto.orange, "square"),
  interconnected: style(okabeIto.grey, "circle"),
};

/** Every state of a level. */
export const stateStyles: Readonly<Record<TicketState, TicketStyle>> = {
  separated: outcomeStyles.separated,
  "separated, not winning": outcomeStyles["separated, not winning"],
  "separated, task lost": outcomeStyles["separated, task lost"],
  degraded: outcomeStyles.degraded,
  fragmented: outcomeStyles.fragmented,
  interconnected: outcomeStyles.interconnected,
};

/** Room between a point at the end of an axis and the frame. */
const axisInset = 6;

/**
 * A logarithmic axis, with ticks at the powers of ten and, where these are few, at multiples of them.
 * @param values all that are drawn; those that a logarithm lacks, such as the weights of a network that has none left, have
 * no place on the axis
 * @param facets that stand side by side and share the width
 */
export function logAxis(values: readonly number[], facets = 1) {
  const drawn = values.filter((value) => value > 0 && value < Number.POSITIVE_INFINITY);
  const [low, high] = drawn.length > 0 ? extent(drawn) : [1, 1];
  const decades = Math.log10(high / low);
  const steps = decades * facets > 3.5 ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
    // Parsed from text: 2 * 10 ** -3 is not exactly 0.002.
    for (const step of steps) ticks.push(Number(`${step}e${exponent}`));
  }
  return {
    type: "log",
    ticks: ticks.filter((tick) => tick >= low && tick <= high),

    inset: axisInset,
  } as const;
}

/** The x axis of figures that follow pruning: from the dense network at the left to the sparsest at the right. */
export function weightsAxis(values: readonly number[], label: string, facets = 1) {
  return { ...logAxis(values, facets), reverse: true, label } as const;
}

/** `10,000`, `0.002`, `1e-4`. */
export const formatTick = (tick: number) => (tick < 0.001 ? tick.toExponential() : inThousands(tick));

/** Name of the pattern that fills areas of a colour whose tickets do not win. */
export const hatchOf = (colour: string, hatch: "hatched" | "crossed"): string => `hatch-${hatch}-${colour.slice(1)}`;

/** Fill of an area of a kind of ticket. */
export function areaFill({ colour, hatch }: TicketStyle): string {
  return hatch === "none" ? colour : `url(#${hatchOf(colour, hatch)})`;
}

/** Fill of a point of a kind of ticket. */
export function pointFill({ colour, hatch }: TicketStyle): string {
  return hatch === "none" ? colour : "none";
}

/** Channels of Plot's dot mark that draw every row as its kind of ticket. */
export function pointChannels<Row>(styleOf: (row: Row) => TicketStyle) {
  return {
    symbol: (row: Row) => styleOf(row).symbol,
    fill: (row: Row) => pointFill(styleOf(row)),
    stroke: (row: Row) => styleOf(row).colour,
  };
}
