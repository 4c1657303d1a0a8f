import type { TableSection } from "./html.ts";
import { lastLevel } from "./reported_run.ts";
import { groupShares, type RunGroup, reachedEnd } from "./run_groups.ts";
import { type ShareInterval, shareDifference } from "./wilson.ts";

const percent = (share: number) => (100 * share).toFixed(0).replace("-", "−");

/**
 * How groups of runs compare: the shares that separated, that won there and that win at the last level, with 95 % intervals, the
 * difference to the first group, and the weights of the last level.
 * @param groups at least one
 * @param groupName what the groups are called, such as `criterion`
 */
export function groupTable(groups: readonly RunGroup[], groupName: string): TableSection {
  const shares = groups.map(groupShares);
  const [first] = groups;
  const cell = (text: string, value: string | number | null = text) => ({ text, value });
  const interval = ({ low, high }: { low: number; high: number }) => `${percent(low)} to ${percent(high)}`;
  const shareCell = (share: ShareInterval, of: number) =>
    cell(`${Math.round(share.share * of)} of ${of} (${interval(share)} %)`, share.share);
  const meanCell = (values: readonly number[]) => {
    if (values.length === 0) return cell("", null);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return cell(mean.toFixed(0), mean);
  };
  return {
    title: `By ${groupName}`,
    text: `Shares of runs with 95 % intervals, in percent (Wilson's, of several data sets those of clusters); the difference is that of the shares that separated with a winning ticket, to those of ${first.label} (Newcombe 1998): where its interval holds 0, the runs do not tell the two apart. Of twenty equal values, one seems to differ by chance. Weights are means over the runs that reached the last level.`,
    table: {
      columns: [
        groupName,
        "separated",
        "separated, winning there",
        `difference to ${first.label}`,
        "wins at the last level",
        "reached the last level",
        "active weights there",
        "unpruned weights there",
      ],
      rows: groups.map(({ label, runs }, k) => {
        const { separated, separatedAndWinning, winsAtEnd } = shares[k];
        const ended = runs.filter(reachedEnd);
        const own = shareDifference(separatedAndWinning, shares[0].separatedAndWinning);
        return [
          cell(label),
          shareCell(separated, runs.length),
          shareCell(separatedAndWinning, runs.length),
          k === 0
            ? cell("", null)
            : cell(`${interval(own)} %`, separatedAndWinning.share - shares[0].separatedAndWinning.share),
          shareCell(winsAtEnd, runs.length),
          cell(`${ended.length} of ${runs.length}`, ended.length / runs.length),
          meanCell(ended.map((run) => lastLevel(run).weights.active)),
          meanCell(ended.map((run) => lastLevel(run).remaining)),
        ];
      }),
    },
  };
}
