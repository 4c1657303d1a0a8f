import { escapeXml } from "./escape.ts";
import { areaFill, fontSize, type PointSymbol, pointFill, type TicketStyle } from "./theme.ts";

/** A legend's entry for one kind of mark. */
export interface LegendEntry {
  readonly label: string;
  /** A small SVG drawing within 16 x 12, its origin in the upper left corner. */
  readonly key: string;
}

const keyWidth = 22;
const entryGap = 18;
const rowHeight = 19;
/**
 * Mean advance of a letter in the sans-serif faces that readers have, as a share of the size; DejaVu Sans, the widest,
 * has 0.6.
 */
const letterWidth = 0.6;

/** Places the entries in rows. Returns the SVG parts and the y below them. */
export function layOutLegend(
  entries: readonly LegendEntry[],
  left: number,
  top: number,
  width: number,
): { readonly parts: string[]; readonly bottom: number } {
  let [x, y] = [left, top];
  const parts = entries.map(({ label, key }) => {
    const entryWidth = keyWidth + label.length * fontSize * letterWidth + entryGap;
    if (x > left && x + entryWidth > left + width) [x, y] = [left, y + rowHeight];
    const part = `<g transform="translate(${Math.round(x)},${y})">${key}<text x="${keyWidth}" y="10">${escapeXml(label)}</text></g>`;
    x += entryWidth;
    return part;
  });
  return { parts, bottom: entries.length > 0 ? y + rowHeight + 6 : top };
}

/** A filled box. */
export function areaKey(style: TicketStyle): string {
  return `<rect width="16" height="12" fill="${areaFill(style)}" stroke="${style.colour}"/>`;
}

/** A point as it is drawn for a kind of ticket. */
export function pointKey(style: TicketStyle): string {
  return `<path d="${symbolPath(style.symbol)}" transform="translate(8,6)" fill="${pointFill(style)}" stroke="${style.colour}" stroke-width="1.4"/>`;
}

/** The entries of the kinds of ticket in `seen`, in the order of the styles. */
export function ticketLegend<Kind extends string>(
  styles: Readonly<Record<Kind, TicketStyle>>,
  seen: readonly Kind[],
  key: (style: TicketStyle) => string,
): LegendEntry[] {
  const kinds = (Object.keys(styles) as Kind[]).filter((kind) => seen.includes(kind));
  return kinds.map((kind) => ({ label: kind, key: key(styles[kind]) }));
}

/** A stroke, dashed if `dashes` is given. */
export function lineKey(colour: string, dashes = ""): string {
  return `<path d="M0,6H16" stroke="${colour}" stroke-width="2.5"${dashes && ` stroke-dasharray="${dashes}"`}/>`;
}

/** A translucent band, as published ranges are drawn. */
export function bandKey(colour: string): string {
  return `<rect width="16" height="12" fill="${colour}" fill-opacity="0.22"/>`;
}

/** A mean with its range. */
export function rangeKey(colour: string): string {
  return `<path d="M8,-1V13" stroke="${colour}" stroke-width="1.6"/><circle cx="8" cy="6" r="3.4" fill="${colour}"/>`;
}

/** The outline of a symbol around the origin, about as large as Plot draws it at radius 4.5. */
function symbolPath(symbol: PointSymbol): string {
  switch (symbol) {
    case "circle":
      return "M4,0A4,4,0,1,1,-4,0A4,4,0,1,1,4,0";
    case "square":
      return "M-4,-4H4V4H-4Z";
    case "triangle":
      return "M0,-5.5L5,3.5H-5Z";
    case "diamond2":
      return "M0,-5.5L5.5,0L0,5.5L-5.5,0Z";
    case "times":
      return "M-4,-4L4,4M4,-4L-4,4";
    case "star": {
      const point = (corner: number) => {
        const radius = corner % 2 === 0 ? 6.5 : 2.5;
        const angle = (corner * Math.PI) / 5;
        return `${(radius * Math.sin(angle)).toFixed(2)},${(-radius * Math.cos(angle)).toFixed(2)}`;
      };
      return `M${Array.from({ length: 10 }, (_, corner) => point(corner)).join("L")}Z`;
    }
    default:
      throw symbol satisfies never;
  }
}
