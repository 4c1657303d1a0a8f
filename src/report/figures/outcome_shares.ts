import * as Plot from "@observablehq/plot";
import { clusteredInterval } from "../cluster_interval.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { areaKey, ticketLegend } from "../legend.ts";
import { byDataSet, type ReportedRun, type TicketOutcome, ticketOutcome } from "../reported_run.ts";
import { areaFill, figureWidth, fontSize, outcomeStyles } from "../theme.ts";

/** Outcomes of one group of runs, such as an extension level. */
export interface OutcomeGroup {
  readonly source: string;
  readonly group: number | string;
  readonly outcomes: readonly TicketOutcome[];
  /** The same outcomes by data set; default one. */
  readonly clusters?: readonly (readonly TicketOutcome[])[];
}

/** Groups runs by their value of `groupOf`. */
export function groupOutcomes(
  runs: readonly ReportedRun[],
  source: string,
  groupOf: (run: ReportedRun) => number | string,
): OutcomeGroup[] {
  const groups = new Map<number | string, ReportedRun[]>();
  for (const run of runs) groups.set(groupOf(run), [...(groups.get(groupOf(run)) ?? []), run]);
  return [...groups].map(([group, members]) => ({
    source,
    group,
    outcomes: members.map(ticketOutcome),
    clusters: byDataSet(members).map((cluster) => cluster.map(ticketOutcome)),
  }));
}

const kinds = Object.keys(outcomeStyles) as TicketOutcome[];
const isSeparated = (outcome: TicketOutcome) => outcome.startsWith("separated");
const panelHeight = 210;
/** Extra room below the axis for group names that are rotated because they are longer than a bar is wide. */
const rotatedRoom = 70;

/**
 * Stacked shares of outcomes by group, a row per source (ours above, published ones below), with the 95 %
 * interval of the share of runs that separated at some level: Wilson's, of runs of several data sets the one of clusters.
 * @param groups at least one; every source may have other groups
 * @param groupName what the groups are called, such as `extension`
 */
export function outcomeShares(groups: readonly OutcomeGroup[], groupName: string, caption: string): Figure {
  const rows = groups.flatMap(({ source, group, outcomes }) => {
    let below = 0;
    return kinds.flatMap((outcome) => {
      const runs = outcomes.filter((each) => each === outcome).length;
      if (runs === 0) return [];
      const from = below / outcomes.length;
      below += runs;
      const to = below / outcomes.length;
      return [{ source, [groupName]: group, outcome, runs, of: outcomes.length, share: to - from, from, to }];
    });
  });
  const intervals = groups.map(({ source, group, outcomes, clusters = [outcomes] }) => {
    const separated = outcomes.filter(isSeparated).length;
    const { share, low, high } = clusteredInterval(
      clusters.map((cluster) => ({ successes: cluster.filter(isSeparated).length, trials: cluster.length })),
    );
    const of = outcomes.length;
    return { source, [groupName]: group, outcome: "ever separated", runs: separated, of, share, low, high };
  });
  const sources = [...new Set(groups.map(({ source }) => source))];
  const groupNames = ascending(groups.map(({ group }) => group));
  const areaWidth = figureWidth / groupNames.length;
  const isRotated = groupNames.some((group) => String(group).length * fontSize > areaWidth);
  return composeFigure({
    id: "outcome-shares",
    title: `Outcomes of the runs, by ${groupName}`,
    caption,
    rows: [...rows, ...intervals],
    legend: [
      ...ticketLegend(
        outcomeStyles,
        rows.map(({ outcome }) => outcome),
        areaKey,
      ),
      {
        label: "ever separated, 95 % interval",
        key: '<path d="M8,-1V13M4,-1H12M4,13H12" stroke="currentColor" stroke-width="1.4"/>',
      },
    ],
    panels: [
      plotPanel({
        height: (isRotated ? 50 + rotatedRoom : 50) + panelHeight * sources.length,
        marginRight: 60,
        ...(isRotated && { marginBottom: 40 + rotatedRoom, marginLeft: 110 }),
        x: {
          label: groupName,
          type: "band",
          domain: groupNames,
          ...(isRotated && { tickRotate: -30, tickFormat: shortNames(groupNames) }),
        },
        y: { label: "% of runs", percent: true, domain: [0, 100], ticks: 5 },
        fy: { label: null, domain: sources, padding: 0.1 },
        marks: [
          Plot.barY(rows, {
            x: groupName,
            y1: "from",
            y2: "to",
            fy: "source",
            fill: ({ outcome }) => areaFill(outcomeStyles[outcome as TicketOutcome]),
          }),
          Plot.ruleX(intervals, { x: groupName, y1: "low", y2: "high", fy: "source", strokeWidth: 1.4 }),
          ...(["low", "high"] as const).map((end) =>
            Plot.tickY(intervals, {
              x: groupName,
              y: end,
              fy: "source",
              insetLeft: 4,
              insetRight: 4,
              strokeWidth: 1.4,
            }),
          ),
          Plot.ruleY([0]),
        ],
      }),
    ],
  });
}

/** Most characters of a group's name below a bar. */
export const longestName = 24;

/**
 * Short forms of long names, since what is longer leaves the figure at its left: without the first words that all names share,
 * as the folders of a run and of its branches do, else start and end. The data have the whole names.
 */
function shortNames(groups: readonly (number | string)[]): (group: number | string) => string {
  const names = groups.map(String);
  const isLong = names.some((name) => name.length > longestName);
  let shared = names[0] ?? "";
  for (const name of names) while (!name.startsWith(shared)) shared = shared.slice(0, -1);
  const cut = isLong && names.length > 1 ? shared.lastIndexOf("-") + 1 : 0;
  return (group) => {
    const name = `${cut > 0 ? "…" : ""}${String(group).slice(cut)}`;
    return name.length > longestName ? `${name.slice(0, 12)}…${name.slice(-11)}` : name;
  };
}

/** Distinct values, in ascending order. */
function ascending(values: readonly (number | string)[]): (number | string)[] {
  return [...new Set(values)].sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
}
