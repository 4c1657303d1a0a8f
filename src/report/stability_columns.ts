import { inThousands, threeDigits } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { StabilityLine } from "../lottery/branch/stability_line.ts";
import type { Column } from "./plain_table.ts";

/** Instability of the error below which Frankle et al. 2020 call a network stable. */
export const stableBelow = 0.02;

/** A rise in the unit of the loss: four decimals, or three digits above 1. */
const loss = (rise: number) => (rise < 1 ? Math.max(0, rise).toFixed(4) : threeDigits(rise));

/** `3.20` for 3.2 %. */
const percent = (share: number) => (100 * share).toFixed(2);

/**
 * The stability of the tickets of some levels in columns, a row of cells for each line: instability of the error in percent, and
 * of each task's validation loss in its unit.
 * @param lines at least one
 */
export function stabilityColumns(lines: readonly StabilityLine[]): {
  readonly columns: readonly Column[];
  readonly cells: readonly (readonly (string | number)[])[];
} {
  const tasks = Object.keys(lines[0].instability.validation.errorByTask);
  const right = (head: string, spare?: number): Column => ({ head, align: "right", ...(spare && { spare }) });
  const columns: Column[] = [
    right("seed"),
    right("level"),
    right("weights\nleft"),
    right("copies"),
    right("% error\nat ends", 3),
    right("highest\non line", 2),
    right("% insta-\nbility,\ntrain."),
    right("% insta-\nbility,\nvalid."),
    ...(tasks.length > 1 ? tasks.map((task) => right(`% of\nvalid.,\n${visible(task)}`, 4)) : []),
    ...tasks.map((task) => right(`rise of\nloss,\n${visible(task)}`, 4)),
    { head: "stable", align: "left" },
    { head: "wins", align: "left" },
    { head: "state", align: "left", spare: 1 },
  ];
  const cells = lines.map(({ seed, level, weights, copies, records, instability, points }) => {
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
      ...tasks.map((task) => loss(validation.lossByTask[task])),
      validation.error < stableBelow ? "yes" : "no",
      records.every(({ winning }) => winning) ? "yes" : "no",
      records[0].state,
    ];
  });
  return { columns, cells };
}
