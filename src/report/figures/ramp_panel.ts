import * as Plot from "@observablehq/plot";
import type { Panel } from "../figure.ts";
import { orderedColours } from "../theme.ts";

/** The colours of an ordered quantity, with its name and both ends. */
export function rampPanel(label: string, values: readonly number[]): Panel {
  const [first, last] = [values[0], values[values.length - 1]];
  const colour = Plot.scale({ color: orderedColours(values) });
  const [left, width] = [12 + label.length * 7, 160];
  const boxes = values.map((value, i) => {
    const x = left + 24 + (i * width) / values.length;
    return `<rect x="${x.toFixed(1)}" y="4" width="${(width / values.length + 0.3).toFixed(1)}" height="11" fill="${colour.apply(value)}"/>`;
  });
  const elements = `<text x="12" y="14">${label}</text><text x="${left + 18}" y="14" text-anchor="end">${first}</text>${boxes.join("")}<text x="${left + width + 30}" y="14">${last}</text>`;
  return { elements, height: 24 };
}
