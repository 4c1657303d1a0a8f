import * as Plot from "@observablehq/plot";
import { inThousands } from "../../base/format.ts";
import { escapeXml } from "../escape.ts";
import { composeFigure, type Figure, type Panel } from "../figure.ts";
import { figureWidth } from "../theme.ts";

/** One image of numbers. */
export interface HeatMap {
  readonly label: string;
  /** `[row][column]`, row-major, at least 0. */
  readonly values: ArrayLike<number>;
}

/** Steps of the colour scale: as many as are visible, so that equal neighbours make one shape. */
const steps = 24;
const margin = 12;
const gap = 14;
/** Most images side by side. */
const mostPerRow = 5;
const labelRoom = 20;
const scaleRoom = 34;

/**
 * Images of equal size side by side, each with its own colour scale from 0 to its largest value, which is written below
 * it.
 * @param columns pixels of a row
 * @param quantity what a pixel's value is called in the data
 */
export function heatMaps(
  id: string,
  title: string,
  maps: readonly HeatMap[],
  columns: number,
  quantity: string,
  caption: string,
): Figure {
  const rows = maps.flatMap(({ label, values }) =>
    Array.from(values, (value, i) => ({
      image: label,
      row: Math.floor(i / columns),
      column: i % columns,
      [quantity]: value,
    })),
  );
  const lines = Array.from({ length: Math.ceil(maps.length / mostPerRow) }, (_, line) =>
    maps.slice(line * mostPerRow, (line + 1) * mostPerRow),
  );
  return composeFigure({ id, title, caption, rows, panels: lines.map((line) => mapsPanel(line, columns)) });
}

function mapsPanel(maps: readonly HeatMap[], columns: number): Panel {
  // Five images fit in a row; fewer images have the same width.
  const width = (figureWidth - 2 * margin - gap * (mostPerRow - 1)) / mostPerRow;
  const pixel = Math.min(width / columns, 10);
  const rows = Math.ceil(maps[0].values.length / columns);
  const imageHeight = rows * pixel;
  const parts = maps.map(({ label, values }, i) => {
    const x = margin + i * (columns * pixel + gap);
    const most = Math.max(...Array.from(values));
    return [
      `<g transform="translate(${x.toFixed(1)},0)"><text y="13">${escapeXml(label)}</text>`,
      `<g transform="translate(0,${labelRoom})" data-mark="image">${image(values, columns, pixel, most)}`,
      `<rect width="${(columns * pixel).toFixed(1)}" height="${imageHeight.toFixed(1)}" fill="none" stroke="currentColor" stroke-opacity="0.35"/></g>`,
      `<g transform="translate(0,${(labelRoom + imageHeight + 6).toFixed(1)})">${colourScale(most, columns * pixel)}</g></g>`,
    ].join("");
  });
  const height = labelRoom + imageHeight + scaleRoom;
  return { elements: parts.join(""), height };
}

/** The colour of a step, from light (0) to dark (the largest value): paper stays white. */
function colourOf(step: number): string {
  const scale = Plot.scale({ color: { type: "linear", scheme: "blues", domain: [0, steps - 1] } });
  return String(scale.apply(step));
}

const palette = Array.from({ length: steps }, (_, step) => colourOf(step));

/** One path per colour: runs of equal pixels of a row are one rectangle. */
function image(values: ArrayLike<number>, columns: number, pixel: number, most: number): string {
  const paths = new Map<number, string>();
  const stepOf = (i: number) => (most > 0 ? Math.round((values[i] / most) * (steps - 1)) : 0);
  const short = (value: number) => String(Math.round(value * 100) / 100);
  for (let first = 0; first < values.length; ) {
    const step = stepOf(first);
    const rowEnd = first - (first % columns) + columns;
    let end = first + 1;
    while (end < rowEnd && stepOf(end) === step) end++;
    const [x, y, width] = [(first % columns) * pixel, Math.floor(first / columns) * pixel, (end - first) * pixel];
    const box = `M${short(x)},${short(y)}h${short(width)}v${short(pixel)}h${short(-width)}z`;
    paths.set(step, (paths.get(step) ?? "") + box);
    first = end;
  }
  return [...paths]
    .sort(([a], [b]) => a - b)
    .map(([step, path]) => `<path fill="${palette[step]}" shape-rendering="crispEdges" d="${path}"/>`)
    .join("");
}

/** The colours from 0 to the largest value. */
function colourScale(most: number, width: number): string {
  const boxWidth = (width * 0.5) / steps;
  const boxes = palette.map(
    (colour, step) =>
      `<rect x="${(12 + step * boxWidth).toFixed(1)}" width="${(boxWidth + 0.3).toFixed(1)}" height="9" fill="${colour}"/>`,
  );
  const largest = most >= 100 ? inThousands(Math.round(most)) : String(Math.round(most * 100) / 100);
  return `<text y="9" font-size="11">0</text>${boxes.join("")}<text x="${(12 + width * 0.5 + 5).toFixed(1)}" y="9" font-size="11">${largest}</text>`;
}
