import { inThousands } from "../../base/format.ts";
import { denseKind } from "../../lottery/branch/branch_levels.ts";
import { branchKinds } from "../../lottery/branch/kinds.ts";
import type { Worth } from "../../lottery/branch/worth.ts";
import type { BranchRow } from "../../report/branch_rows.ts";
import { element } from "../page/dom.ts";
import type { BranchReport } from "../protocol.ts";
import { failedBranches } from "./failed_branches.ts";
import { reportFigure } from "./report_figure.ts";
import { reportTable, type ShownTable } from "./report_table.ts";
import { saveButton } from "./save_table.ts";

/**
 * What the tickets of some levels are worth, by their branches.
 * @param of names the runs
 */
export function branchReport({ rows, table, notes, csv, figure, failed }: BranchReport, of: string): HTMLElement[] {
  return [
    ...failedBranches(failed),
    reportTable(`What the tickets of ${of} are worth`, worthTable(rows), [0]),
    element(
      "p",
      { class: "caption" },
      "Runs that win, by kind; a kind keeps up where at least half of them do. Too sparse: the ticket does not keep up. Trivial: it does, and so does a control (*). Only by IMP: it does, and no control does.",
    ),
    reportFigure("Ticket and branches", figure),
    element(
      "details",
      {},
      element("summary", {}, "Branches in numbers"),
      reportTable(`Branches of ${of}`, table, [0, 2]),
      ...notes.map((note) => element("p", { class: "caption" }, note)),
    ),
    saveButton("Save table of branches", "branches.csv", csv),
  ];
}

/** Colours of a ticket's worth, by the class of the mark that names it. */
const markOf: Readonly<Record<Worth, string>> = {
  "only by IMP": "separated",
  trivial: "",
  "too sparse": "degraded",
  "no control": "fragmented",
};

/** Wins of each kind at the levels of the branches, with the worth of the ticket. */
function worthTable(rows: readonly BranchRow[]): ShownTable {
  const order = ({ kind }: BranchRow) => branchKinds.names.indexOf(kind);
  const trained = rows.filter(({ kind }) => kind !== denseKind).sort((a, b) => order(a) - order(b));
  const kinds = new Map(trained.map(({ kind, isControl }) => [kind, isControl]));
  const levels = [...new Set(trained.map(({ level }) => level))].sort((a, b) => a - b);
  const cells = levels.map((level) => {
    const here = trained.filter((row) => row.level === level);
    const { weights, worth } = here[0];
    return [
      level,
      inThousands(Math.round(weights)),
      worth ? element("span", { class: `chip ${markOf[worth]}` }, worth) : "-",
      ...[...kinds.keys()].map((kind) => {
        const row = here.find((each) => each.kind === kind);
        return row ? `${row.wins} of ${row.runs}` : "";
      }),
    ];
  });
  const names = [...kinds].map(([kind, isControl]) => `${kind}${isControl ? "\u00a0*" : ""}`);
  return { heads: ["level", "weights left", "worth", ...names], cells };
}
