import * as Plot from "@observablehq/plot";
import type { Row } from "../figure.ts";
import { thesisColour } from "../theme.ts";

/** A published range of what a figure's y axis shows, drawn behind ours. */
export interface PublishedRange {
  /** Its quantity and source, such as `thesis: active, 80 to 120`. */
  readonly label: string;
  /** Above 0. */
  readonly low: number;
  readonly high: number;
  /** The colour of the marks that it belongs to; by default the thesis' colour. */
  readonly colour?: string;
}

/** The ranges as bands across the figure, to be drawn behind everything. */
export function publishedBands(published: readonly PublishedRange[]): Plot.Markish[] {
  return published.map(({ low, high, colour = thesisColour }) =>
    Plot.rect([{ low, high }], { y1: "low", y2: "high", fill: colour, fillOpacity: 0.16 }),
  );
}

/** The labels within the bands, to be drawn on top of everything. */
export function publishedLabels(published: readonly PublishedRange[]): Plot.Markish {
  return Plot.text(published, {
    y: ({ low, high }) => Math.sqrt(low * high),
    text: "label",
    frameAnchor: "left",
    textAnchor: "start",
    dx: 6,
    fontWeight: 600,
  });
}

/** The ranges as rows of the figure's data. */
export function publishedRows(published: readonly PublishedRange[]): Row[] {
  return published.map(({ label, low, high }) => ({ published: label, low, high }));
}
