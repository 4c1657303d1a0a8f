import { inThousands } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { StabilityLine } from "../lottery/branch/stability_line.ts";
import { type Column, fittingTable } from "./plain_table.ts";

/** Instability of the error below which Frankle et al. 2020 call a network stable. */
export const stableBelow = 0.02;

/** `3.20` for 3.2 %. */
const percent = (share: number) => (100 * share).toFixed(2);

/**
 * The stability of the tickets of some levels as a text table, a row for each line.
 * @param lines at least one
 * @returns lines without a line end after the last
 */
export function stabilityTable(lines: readonly StabilityLine[]): string {
  const tasks = Object.keys(lines[0].instability.validation.errorByTask);
  const right = (head: string, spare?: number): Column => ({ head, align: "right", ...(spare && { spare }) });
  const columns: Column[] = [
    right("seed"),
    right("level"),
    right("weights\nleft"),
    right("copies"),
    right("% error\nat ends", 3),
    right("highest\non line", 2),
    right("% insta-\nbility,\ntraining"),
    right("% insta-\nbility,\nvalidation"),
    ...(tasks.length > 1 ? tasks.map((task) => right(`valida-\ntion of\n${visible(task)}`, 4)) : []),
    { head: "stable", align: "left" },
    { head: "wins", align: "left" },
    { head: "state", align: "left", spare: 1 },
  ];
  const rows = lines.map(({ seed, level, weights, copies, records, instability, points }) => {
    const errors = points.map(({ validation }) => validation.error);
    const { train, validation } = instability;
    return [
      seed,
      level,
      inThousands(weights),
      copies.join("-"),
      percent((errors[0] + errors[errors.length - 1]) / 2),
      percent(Math.max(...errors)),
      percent(train.error),
      percent(validation.error),
      ...(tasks.length > 1 ? tasks.map((task) => percent(validation.errorByTask[task])) : []),
      validation.error < stableBelow ? "yes" : "no",
      records.every(({ winning }) => winning) ? "yes" : "no",
      records[0].state,
    ];
  });
  return fittingTable(columns, rows);
}
