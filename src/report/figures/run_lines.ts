import * as Plot from "@observablehq/plot";
import { extent } from "../../base/extent.ts";
import type { LevelRecord } from "../../store/level_record.ts";
import { experimentFolder, runPath } from "../../store/run_path.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { lineKey, pointKey, ticketLegend } from "../legend.ts";
import { type ReportedRun, separationLevel, type TicketNote, type TicketOutcome, ticketNote } from "../reported_run.ts";
import { logAxis, outcomeStyles, pointChannels, weightsAxis } from "../theme.ts";

/** A quantity of a level, one value per facet. */
export interface LevelQuantity {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  /** Of the y axis. */
  readonly label: string;
  readonly log?: boolean;
  readonly percent?: boolean;
  /** What the values of a facet are, where facets differ in it, such as accuracy and R²: each has its own y axis, and this is its label. */
  readonly labelOf?: (facet: string) => string;
  /** Dashed lines by facet, such as baselines; drawn where values come near them. */
  readonly references?: Readonly<Record<string, number>>;
  /** The values of a level by facet, such as by task; null where there is none. */
  readonly values: (record: LevelRecord, run: ReportedRun) => Readonly<Record<string, number | null>>;
}

/** Styles of the ticket at separation. */
const separationStyles = {
  "where it separated": outcomeStyles.separated,
  "where it separated, not winning": outcomeStyles["separated, not winning"],
  "where it separated, task lost": outcomeStyles["separated, task lost"],
};
const styleName = ({ note }: { readonly note: TicketNote }) => `where it separated${note}` as const;

/** Most facets in a row; more are drawn in further rows. */
const mostPerRow = 3;

/**
 * A quantity against unpruned weights: a line per run in the colour of its outcome, with a star at its separation
 * (hollow if that ticket does not win, a cross if it has lost a task).
 * @param runs at least one
 */
export function runLines(runs: readonly ReportedRun[], quantity: LevelQuantity): Figure {
  const { id, title, caption, label, log = false, percent = false } = quantity;
  const rows = runs.flatMap((run, number) =>
    run.levels.flatMap((record) =>
      Object.entries(quantity.values(record, run)).flatMap(([facet, value]) =>
        value === null || (log && value <= 0)
          ? []
          : [
              {
                run: runPath(experimentFolder(run), run.seed),
                number,
                outcome: run.outcome,
                facet,
                level: record.level,
                remaining: record.remaining,
                value,
                separation: record === separationLevel(run),
                winning: record.winning,
                note: ticketNote(record),
              },
            ],
      ),
    ),
  );
  const lines = (Object.keys(outcomeStyles) as TicketOutcome[]).filter(
    (kind) => outcomeStyles[kind].hatch === "none" && runs.some(({ outcome }) => outcome === kind),
  );
  const stars = rows.filter(({ separation }) => separation);
  const references = Object.fromEntries(
    Object.entries(quantity.references ?? {}).filter(([facet, at]) => isNear(at, rows, facet)),
  );
  const facets = [...new Set(rows.map(({ facet }) => facet))];
  const labelOf = quantity.labelOf ?? (() => label);
  const labels = [...new Set(facets.map(labelOf))];
  const panelRows = labels.flatMap((name) => {
    const own = facets.filter((facet) => labelOf(facet) === name);
    const values = [
      ...rows.flatMap(({ facet, value }) => (labelOf(facet) === name ? [value] : [])),
      ...own.flatMap((facet) => references[facet] ?? []),
    ];
    return Array.from({ length: Math.ceil(own.length / mostPerRow) }, (_, line) => ({
      ...{ name, values },
      shown: own.slice(line * mostPerRow, (line + 1) * mostPerRow),
    }));
  });
  const panels = panelRows.map(({ name, values, shown }) => {
    const drawn = rows.filter(({ facet }) => shown.includes(facet));
    const rules = shown.flatMap((facet) => (facet in references ? [{ facet, at: references[facet] }] : []));
    return plotPanel({
      height: 290,
      marginTop: 36,
      x: weightsAxis(
        rows.map(({ remaining }) => remaining),
        "unpruned weights",
        shown.length,
      ),
      y: {
        ...(log ? logAxis(values) : { inset: 6, domain: rangeOf(values, percent ? 100 : 1) }),
        label: name,
        percent,
        grid: true,
      },
      fx: { label: null, domain: shown, padding: 0.08 },
      marks: [
        Plot.ruleY(rules, { y: "at", fx: "facet", strokeDasharray: "5 4" }),
        Plot.line(drawn, {
          x: "remaining",
          y: "value",
          z: "number",
          fx: "facet",
          stroke: ({ outcome }: (typeof rows)[number]) => outcomeStyles[outcome].colour,
          strokeOpacity: runs.length > 12 ? 0.35 : 0.8,
          strokeWidth: 1.3,
        }),
        Plot.dot(
          stars.filter(({ facet }) => shown.includes(facet)),
          {
            x: "remaining",
            y: "value",
            fx: "facet",
            ...pointChannels((row: (typeof rows)[number]) => separationStyles[styleName(row)]),
            r: 4.5,
          },
        ),
      ],
    });
  });
  return composeFigure({
    id,
    title,
    caption,
    rows: rows.map(({ number: _, note: _note, value, ...row }) => ({ ...row, [id]: value })),
    legend: [
      ...lines.map((kind) => ({ label: kind, key: lineKey(outcomeStyles[kind].colour) })),
      ...ticketLegend(separationStyles, stars.map(styleName), pointKey),
      ...(Object.keys(references).length > 0 ? [{ label: "baseline", key: lineKey("currentColor", "5 4") }] : []),
    ],
    panels,
  });
}

/** Whether a reference lies within the values of its facet, or not far below: a far one would flatten all lines. */
function isNear(
  at: number,
  rows: readonly { readonly facet: string; readonly value: number }[],
  facet: string,
): boolean {
  const values = rows.filter((row) => row.facet === facet).map(({ value }) => value);
  const [low, high] = extent(values);
  return at >= low - (high - low) / 2 - 0.01 && at <= high + 0.01;
}

/** The range of the axis, the same in every row of facets of one label, in the axis' unit: `unit` is 100 for per cent. */
function rangeOf(values: readonly number[], unit: number): [number, number] {
  const [low, high] = extent(values).map((value) => value * unit);
  return low === high ? [low - 0.01 * unit, high + 0.01 * unit] : [low, high];
}
