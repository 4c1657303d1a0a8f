import * as Plot from "@observablehq/plot";
import { inThousands } from "../../base/format.ts";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { areaKey, bandKey, lineKey, ticketLegend } from "../legend.ts";
import { type TicketState, ticketState } from "../reported_run.ts";
import { plannedWeights, type RunGroup, recordAt } from "../run_groups.ts";
import { areaFill, stateStyles } from "../theme.ts";

const kinds = Object.keys(stateStyles) as TicketState[];
/** Most characters of a name above one of four facets side by side; with longer ones there are three. */
const longestOfFour = 20;
const facetHeight = 132;
const winningColour = "#222222";
/** The usual state is pale, so that the others and the line stand out. */
const opacityOf = (state: string) => (state === "interconnected" ? 0.35 : 1);

/**
 * For each group of runs, the shares of the states of its tickets level by level, and the share that wins. Levels are told by the
 * weights that the spec plans for them where these are the same in all runs, else by number.
 * @param groups at least one, all with the same number of levels or not
 * @param groupName what the groups are called, such as `criterion`
 */
export function statesByValue(groups: readonly RunGroup[], groupName: string, caption: string): Figure {
  const all = groups.flatMap(({ runs }) => runs);
  const planned = plannedWeights(all[0]);
  const isShared = all.every((run) => plannedWeights(run).join() === planned.join());
  const isActive = all.every(({ spec }) => spec.counts === "active");
  const levelName = !isShared ? "level" : isActive ? "active weights at most" : "unpruned weights";
  const levels = Array.from({ length: Math.max(...all.map((run) => plannedWeights(run).length)) }, (_, level) => level);
  const nameOf = (level: number) => (isShared ? planned[level] : level);
  const rows = groups.flatMap((group, facet) =>
    levels.flatMap((level) => {
      const records = group.runs.flatMap((run) => recordAt(run, level) ?? []);
      const states = records.map(ticketState);
      let below = 0;
      const place = { [groupName]: group.label, [levelName]: nameOf(level), level, facet, of: group.runs.length };
      const share = (count: number) => count / group.runs.length;
      return [
        ...kinds.flatMap((state) => {
          const runs = states.filter((each) => each === state).length;
          if (runs === 0) return [];
          const from = share(below);
          below += runs;
          return [{ ...place, state: state as string, runs, from, to: share(below) }];
        }),
        ...(records.length > 0 ? [winningRow(place, records.filter(({ winning }) => winning).length, share)] : []),
      ];
    }),
  );
  const stacked = rows.filter(({ state }) => state !== "wins");
  const winning = rows.filter(({ state }) => state === "wins");
  const across = groups.some(({ label }) => label.length > longestOfFour) ? 3 : 4;
  const facetRows = Math.ceil(groups.length / across);
  const columns = Math.min(across, groups.length);
  const place = {
    fx: ({ facet }: { facet: number }) => facet % across,
    fy: ({ facet }: { facet: number }) => Math.floor(facet / across),
  };
  const labels = groups.map(({ label }, facet) => ({ label, facet }));
  const ticks = [0, Math.floor((levels.length - 1) / 2), levels.length - 1].filter(
    (at, i, ats) => ats.indexOf(at) === i,
  );
  return composeFigure({
    id: "states-by-value",
    title: `Tickets by ${levelName === "level" ? "level" : "weights"}, for each ${groupName}`,
    caption,
    rows: rows.map(({ facet: _, ...row }) => row),
    legend: [
      ...ticketLegend(
        stateStyles,
        stacked.map(({ state }) => state as TicketState),
        (style) => (style === stateStyles.interconnected ? bandKey(style.colour) : areaKey(style)),
      ),
      { label: "wins, whatever its state", key: lineKey(winningColour) },
    ],
    panels: [
      plotPanel({
        height: 56 + facetHeight * facetRows,
        marginTop: 22,
        marginRight: 12,
        x: {
          type: "band",
          domain: levels,
          ticks,
          tickFormat: (level: number) => inThousands(nameOf(level)),
          label: levelName,
          padding: 0,
        },
        y: { label: "% of runs", labelAnchor: "center", percent: true, domain: [0, 100], ticks: 2 },
        fx: { label: null, domain: Array.from({ length: columns }, (_, k) => k), axis: null, padding: 0.12 },
        fy: { label: null, domain: Array.from({ length: facetRows }, (_, k) => k), axis: null, padding: 0.3 },
        marks: [
          Plot.barY(stacked, {
            ...place,
            x: "level",
            y1: "from",
            y2: "to",
            fill: ({ state }: { state: string }) => areaFill(stateStyles[state as TicketState]),
            fillOpacity: ({ state }: { state: string }) => opacityOf(state),
          }),
          Plot.line(winning, { ...place, x: "level", y: "to", stroke: winningColour, strokeWidth: 2, marker: "dot" }),
          Plot.text(labels, { ...place, text: "label", frameAnchor: "top-left", dy: -15, fontWeight: 600 }),
          Plot.frame({ strokeOpacity: 0.3 }),
        ],
      }),
    ],
  });
}

function winningRow<Place>(place: Place, runs: number, share: (count: number) => number) {
  return { ...place, state: "wins", runs, from: 0, to: share(runs) };
}
