import * as Plot from "@observablehq/plot";
import { composeFigure, type Figure, plotPanel } from "../figure.ts";
import { pointKey } from "../legend.ts";
import { type GroupShares, groupShares, type RunGroup } from "../run_groups.ts";
import { fontSize, outcomeStyles, pointChannels, type TicketStyle } from "../theme.ts";

/** The shares of a group, with their distance from the middle of its row. */
const marks: readonly {
  readonly of: keyof GroupShares;
  readonly label: string;
  readonly style: TicketStyle;
  readonly dy: number;
}[] = [
  { of: "separated", label: "separated at some level", style: outcomeStyles["separated, not winning"], dy: -8 },
  { of: "separatedAndWinning", label: "separated, and the ticket wins there", style: outcomeStyles.separated, dy: 0 },
  {
    of: "winsAtEnd",
    label: "the last level's ticket wins, separated or not",
    style: outcomeStyles.interconnected,
    dy: 8,
  },
];

/**
 * For each group of runs, the share that separated at some level, the share whose ticket also wins there, and the share whose
 * ticket of the last level wins, with 95 % intervals; groups with the largest share of winning tickets come first.
 * @param groups at least one
 * @param groupName what the groups are called, such as `criterion`
 */
export function separatedByValue(groups: readonly RunGroup[], groupName: string, caption: string): Figure {
  const shares = groups.map((group) => ({ group, ...groupShares(group) }));
  const ordered = shares.toSorted(
    (a, b) =>
      b.separatedAndWinning.share - a.separatedAndWinning.share ||
      b.separated.share - a.separated.share ||
      b.winsAtEnd.share - a.winsAtEnd.share,
  );
  const rows = ordered.flatMap(({ group, ...shares }) =>
    marks.map(({ of, label }) => {
      const { share, low, high } = shares[of];
      return { [groupName]: group.label, quantity: label, of: group.runs.length, share, low, high };
    }),
  );
  const longest = Math.max(...groups.map(({ label }) => label.length));
  return composeFigure({
    id: "separated-by-value",
    title: `Runs that separated, by ${groupName}`,
    caption,
    rows,
    legend: marks.map(({ label, style }) => ({ label: `${label}, 95 % interval`, key: pointKey(style) })),
    panels: [
      plotPanel({
        height: 70 + 34 * groups.length,
        marginLeft: 24 + longest * fontSize * 0.56,
        marginRight: 24,
        x: { label: "% of runs", percent: true, domain: [0, 100], grid: true },
        y: { label: null, type: "band", domain: ordered.map(({ group }) => group.label), tickSize: 0 },
        marks: marks.flatMap(({ label, style, dy }) => {
          const own = rows.filter(({ quantity }) => quantity === label);
          const point = pointChannels(() => style);
          return [
            Plot.ruleY(own, { x1: "low", x2: "high", y: groupName, dy, stroke: style.colour, strokeWidth: 1.4 }),
            // Paper under hollow points, so that the interval does not show through.
            Plot.dot(own, {
              x: "share",
              y: groupName,
              dy,
              ...point,
              ...(style.hatch !== "none" && { fill: "white" }),
              r: 4.5,
            }),
          ];
        }),
      }),
    ],
  });
}
