import { type Command, Option } from "commander";
import { measuresOption } from "./measured_runs.ts";
import type { Shell } from "./shell.ts";
import { type TableOptions, tableFormats } from "./table_options.ts";

/** Adds `split-ticket table`. */
export function addTable(program: Command, shell: Shell): void {
  program
    .command("table")
    .description("write the levels of any number of runs as one table")
    .argument("<folders...>", "runs' folders (seed-<n>), those above them with all seeds, or a folder of these")
    .option("-o, --output <file>", "the table, .csv, .jsonl or .parquet; - is standard output", "-")
    .addOption(
      new Option("--rows <rows>", "a row for each level or for each run").choices(["levels", "runs"]).default("levels"),
    )
    .addOption(
      new Option("--format <format>", "what to write (default: by the file's ending, else csv)").choices(tableFormats),
    )
    .option(measuresOption.flags, measuresOption.description)
    .option("--unfinished", "take the finished levels of runs that have not ended too")
    .addHelpText(
      "after",
      `
Columns: name, specHash, seed, outcome and folder of the run; spec.<key> for every spec
key in which the runs differ; run.<field> of run.json; and the fields of levels.jsonl,
with a dot between a field and the one in it (valAccuracy.moons, weights.active). Tasks
that only some runs have leave empty cells. Lists are JSON in CSV and lists elsewhere.
A row for each run has levels, epochs and steps in all, lastWinningLevel, and the fields
of two levels: separated.<field>, the first separated one, and last.<field>.

Examples:
  split-ticket table runs -o levels.parquet
  split-ticket table runs/moons-circles-*/ --rows runs -o runs.csv
  split-ticket table runs --measures cross-paths,task-cut -o measures.csv
  split-ticket table runs --format jsonl | head`,
    )
    .action(async (folders: readonly string[], options: TableOptions) => {
      // The library of Parquet is loaded only to write.
      const { writeTable } = await import("./write_table.ts");
      await writeTable(folders, options, shell);
    });
}
