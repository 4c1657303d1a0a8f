import { stableBelow } from "../../report/stability_columns.ts";
import { element } from "../page/dom.ts";
import type { StabilityReport } from "../protocol.ts";
import { failedBranches } from "./failed_branches.ts";
import { reportFigure } from "./report_figure.ts";
import { reportTable } from "./report_table.ts";
import { saveButton } from "./save_table.ts";

/**
 * Whether copies of the tickets of some levels are linearly connected.
 * @param of names the runs
 */
export function stabilityReport({ measured, failed }: StabilityReport, of: string): HTMLElement[] {
  if (!measured) {
    const none = "No two copies of a ticket are trained, so there is no line.";
    return [...failedBranches(failed), element("p", { class: "outlook bad" }, none)];
  }
  const { table, csv, figure } = measured;
  return [
    ...failedBranches(failed),
    reportTable(`Stability of the tickets of ${of}, a row for each line`, table, [0, 1, 3]),
    element(
      "p",
      { class: "caption" },
      `Instability: the highest error on the line between two copies minus the mean of the errors of its ends, in percent of the samples; stable below ${100 * stableBelow} % of the validation samples.`,
    ),
    reportFigure("Lines between copies", figure),
    saveButton("Save table of lines", "stability.csv", csv),
  ];
}
