import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import Papa from "papaparse";
import { csvText, visibleLines } from "../base/visible.ts";
import { allowedInXml, escapeXml } from "./escape.ts";
import { type LegendEntry, layOutLegend } from "./legend.ts";
import { figureWidth, fontFamily, fontSize, formatTick, hatchOf, okabeIto, titleSize } from "./theme.ts";

/** A cell of the data behind a figure. */
export type Cell = string | number | boolean | null;

/** A row of the data behind a figure, by column. */
export type Row = Readonly<Record<string, Cell>>;

/** A figure with the data that it was drawn from. */
export interface Figure {
  /** Stem of its files: lower case and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What is drawn, in whole sentences. */
  readonly caption: string;
  /** One SVG document, {@link figureWidth} wide, on a white background that a page can replace. */
  readonly svg: string;
  /** The data of the marks, after a line of column names. */
  readonly csv: string;
}

/** A part of a figure: SVG elements relative to their own origin, and their height. */
export interface Panel {
  readonly elements: string;
  readonly height: number;
}

const margin = 12;
const titleRoom = 28;

/** The parts of a figure. */
export interface FigureParts {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  /** The data drawn: all of it, and nothing else. */
  readonly rows: readonly Row[];
  readonly legend?: readonly LegendEntry[];
  /** From top to bottom. */
  readonly panels: readonly Panel[];
}

/** Puts title, legend and panels together. Equal parts give equal text. */
export function composeFigure({ id, title, caption, rows, legend = [], panels }: FigureParts): Figure {
  const entries = layOutLegend(legend, margin, titleRoom + margin, figureWidth - 2 * margin);
  let y = entries.bottom;
  const placed = panels.map(({ elements, height }) => {
    const group = `<g transform="translate(0,${round(y)})">${elements}</g>`;
    y += height;
    return group;
  });
  const height = Math.round(y + margin / 2);
  const drawn = [...entries.parts, ...placed].join("\n");
  const usedHatches = Object.values(okabeIto).flatMap((colour) =>
    (["hatched", "crossed"] as const).flatMap((kind) =>
      drawn.includes(hatchOf(colour, kind)) ? [hatchPattern(colour, kind)] : [],
    ),
  );
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${figureWidth} ${height}" width="${figureWidth}" height="${height}" role="img" font-family="${fontFamily}" font-size="${fontSize}" color="#222222" fill="currentColor">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect class="paper" width="${figureWidth}" height="${height}" fill="#ffffff"/>`,
    ...(usedHatches.length > 0 ? [`<defs>${usedHatches.join("")}</defs>`] : []),
    `<text x="${margin}" y="${margin + 10}" font-size="${titleSize}" font-weight="600">${escapeXml(title)}</text>`,
    drawn,
    "</svg>",
  ];
  // Names of patterns must be unique in a page, which may hold many figures.
  const own = svg.join("\n").replaceAll(/(<pattern id="|url\(#)(?=hatch-[a-z-]*[0-9A-Fa-f]{6}[")])/g, `$1${id}-`);
  return { id, title, caption, svg: `${own}\n`, csv: toCsv(rows) };
}

/** Draws with Observable Plot, in the style of all figures. */
export function plotPanel(options: Plot.PlotOptions & { readonly height: number }): Panel {
  const { document } = parseHTML("<html><body></body></html>");
  const { x, y, marks = [], ...rest } = options;
  const element = Plot.plot({
    width: figureWidth,
    marginTop: 28,
    marginLeft: 56,
    marginBottom: 40,
    ...rest,
    ...(x && { x }),
    ...(y && { y }),
    marks: [...logTicks(Plot.axisX, x), ...logTicks(Plot.axisY, y), ...marks],
    document,
    className: "plot",
  });
  // The text anchor of Plot's root element; the figure sets its other attributes.
  return {
    elements: `<g text-anchor="middle">${tidied(allowedInXml(visibleLines(element.innerHTML)))}</g>`,
    height: options.height,
  };
}

/** Labels for all ticks of a logarithmic axis: by default Plot leaves some out. */
function logTicks(axis: typeof Plot.axisX, scale: Plot.ScaleOptions | undefined): Plot.Markish[] {
  if (scale?.type !== "log" || !Array.isArray(scale.ticks)) return [];
  return [axis(scale.ticks, { text: formatTick })];
}

/**
 * Removes Plot's style sheet, which is meant for a page, and the invisible digits of coordinates (numbers in the text
 * of a figure are kept). To a screen reader a figure is one image, so the labels of its parts become plain attributes.
 */
function tidied(svg: string): string {
  return svg
    .replaceAll(" aria-label=", " data-mark=")
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<[^>]+>/g, (tag) => tag.replaceAll(/\d+\.\d{3,}(?:e-?\d+)?/g, (digits) => `${round(Number(digits))}`));
}

const round = (value: number) => Math.round(value * 100) / 100;

/** A pattern of stripes in a colour, in one direction or in two. */
function hatchPattern(colour: string, kind: "hatched" | "crossed"): string {
  const across = kind === "crossed" ? `<rect width="6" height="2.4" fill="${colour}"/>` : "";
  return `<pattern id="${hatchOf(colour, kind)}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="${colour}" fill-opacity="0.18"/><rect width="2.4" height="6" fill="${colour}"/>${across}</pattern>`;
}

/** Rows as CSV (RFC 4180), columns in the order of their first appearance. */
export function toCsv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: Row[string] | undefined) => (typeof value === "string" ? csvText(value) : (value ?? null));
  const data = rows.map((row) => columns.map((column) => cell(row[column])));
  // UTF-8 has no halves of characters.
  return `${Papa.unparse({ fields: columns.map(csvText), data }, { newline: "\n" })}\n`.replace(/\p{Cs}/gu, "\ufffd");
}
