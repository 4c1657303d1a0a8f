import { RunError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { readNumber, readNumbers } from "../lottery/numbers.ts";
import { stability } from "../node.ts";
import { stabilityFigure } from "../report/figures/stability.ts";
import { stabilityRows } from "../report/stability_rows.ts";
import { stabilityTable } from "../report/stability_table.ts";
import { writeOutput } from "../store/node.ts";
import { checkOutputs, trainOnOwnEngine } from "./own_engine.ts";
import type { Shell } from "./shell.ts";
import { writeRecords } from "./table_file.ts";
import { type TrainingOptions, throwFailures } from "./training.ts";

/** Options of `split-ticket stability`. */
export interface StabilityCommandOptions extends Omit<TrainingOptions, "out"> {
  readonly out?: string;
  readonly levels?: string;
  readonly copies: string;
  readonly points: string;
  readonly json?: true;
  readonly table?: string;
  readonly svg?: string;
}

/** Measures the stability of tickets and shows it. */
export async function runStability(
  folders: readonly string[],
  options: StabilityCommandOptions,
  shell: Shell,
): Promise<void> {
  const { levels, copies, points, json, table, svg } = options;
  const choice = {
    ...(levels !== undefined && { levels: readNumbers("--levels", levels) }),
    copies: readNumber("--copies", copies),
    points: readNumber("--points", points),
  };
  await checkOutputs({ table, svg }, folders);
  const result = await trainOnOwnEngine(folders, options, shell, ({ out, ...training }) =>
    stability(folders, { ...choice, ...training, ...(typeof out === "string" && { out }) }),
  );
  const { executor, lines } = result;
  if (lines.length > 0) {
    if (json) shell.printJson({ executor, lines });
    else shell.print(stabilityTable(lines));
    if (table !== undefined) {
      const rows = stabilityRows(lines);
      await writeRecords(table, rows);
      shell.note(`table: ${table}, ${plural(rows.length, "row")}`);
    }
    if (svg !== undefined) {
      await writeOutput(svg, stabilityFigure(lines).svg);
      shell.note(`figure: ${svg}`);
    }
  }
  throwFailures(result);
  if (lines.length === 0) throw new RunError("no two copies of a ticket are trained, so there is no line");
}
