import { formatAccuracy, inThousands } from "../base/format.ts";
import type { BranchRow } from "./branch_rows.ts";
import { fewestValues } from "./mean_interval.ts";
import { type Column, fittingTable } from "./plain_table.ts";

/**
 * The branches of some runs as a text table, a line for each level and kind, and below it what the ticket of each level is
 * worth.
 * @param rows at least one, those of a level together
 * @param scoreName of all tasks, such as accuracy
 * @returns lines without a line end after the last
 */
export function branchTable(rows: readonly BranchRow[], scoreName: string): string {
  const right = (head: string, spare?: number): Column => ({ head, align: "right", ...(spare && { spare }) });
  const inSteps = rows.some((row) => row.inSteps);
  const columns: Column[] = [
    right("level"),
    right("weights\nleft"),
    { head: "branch", align: "left" },
    right("runs"),
    right(`mean\n${scoreName}`),
    right("95 %\ninterval", 2),
    right("lowest to\nhighest", 1),
    right("wins"),
    right("sepa-\nrated"),
    right("active", 3),
    right(inSteps ? "steps" : "epochs", 4),
  ];
  const cells = rows.map((row, i) => {
    const { level, weights, kind, runs, score, wins, separated, active, epochs } = row;
    const isFirst = rows[i - 1]?.level !== level;
    const interval = score.low === null ? "-" : `${formatAccuracy(score.low)}..${formatAccuracy(score.high)}`;
    return [
      isFirst ? level : "",
      inThousands(Math.round(weights)),
      kind,
      runs,
      formatAccuracy(score.mean),
      interval,
      `${formatAccuracy(score.lowest)}..${formatAccuracy(score.highest)}`,
      wins,
      separated,
      inThousands(Math.round(active)),
      inThousands(Math.round(inSteps ? row.steps : epochs)),
    ];
  });
  const lines = [...new Set(rows.map(({ level }) => level))].flatMap((level) => {
    const line = worthLine(rows.filter((row) => row.level === level));
    return line === undefined ? [] : [line];
  });
  // The dense network wins against itself unless it has lost a task.
  const dense = rows.find(({ kind }) => kind === "dense");
  const hasIntervals = rows.some(({ score }) => score.low !== null);
  return [
    fittingTable(columns, cells),
    ...(hasIntervals ? [] : [`no interval: it takes ${fewestValues} runs, or ${fewestValues} branches of one run`]),
    ...lines,
    ...(dense && dense.wins < dense.runs
      ? [
          `the dense network has lost a task in ${dense.runs - dense.wins} of ${dense.runs} runs, where no ticket can win`,
        ]
      : []),
  ].join("\n");
}

/** `level 5, 160 weights: only by IMP (ticket wins 2 of 2; reinit 0 of 4, shuffled 0 of 4)`. */
export function worthLine(rows: readonly BranchRow[]): string | undefined {
  const ticket = rows.find(({ kind }) => kind === "ticket");
  if (!ticket || ticket.worth === null) return undefined;
  const wins = ({ kind, wins, runs }: BranchRow) => `${kind} ${wins} of ${runs}`;
  const controls = rows.filter(({ isControl }) => isControl).map(wins);
  const won = `the ticket wins ${ticket.wins} of ${ticket.runs}`;
  const compared = controls.length > 0 ? `; ${controls.join(", ")}` : "";
  return `level ${ticket.level}, ${inThousands(Math.round(ticket.weights))} weights: ${ticket.worth} (${won}${compared})`;
}
