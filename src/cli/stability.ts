import type { Command } from "commander";
import type { Shell } from "./shell.ts";
import type { StabilityCommandOptions } from "./stability_lines.ts";
import { addTrainingOptions } from "./training.ts";

/** Adds `split-ticket stability`. */
export function addStability(program: Command, shell: Shell): void {
  const command = program
    .command("stability")
    .description("tell whether copies of a ticket, trained in other orders of the samples, are linearly connected")
    .argument("<folders...>", "runs' folders (seed-<n>) of one spec, or those above them with all seeds")
    .option("--levels <levels>", "levels of the runs, such as 3..9 (default: all that each has finished)")
    .option("--copies <copies>", "copies of each ticket; every two of them have a line", "2")
    .option("--points <points>", "points of a line, both ends among them", "30");
  addTrainingOptions(command, "beside")
    .option("--json", "print one JSON document")
    .option("--table <file>", "write a row for each point of each line, .csv, .jsonl or .parquet")
    .option("--svg <file>", "draw instability against unpruned weights, and error and losses along the lines")
    .addHelpText(
      "after",
      `
The copies are branches of the kind order, stored with their trained weights beside the
run. Instability is the highest error on the line between two copies minus the mean of
the errors of its two ends, in percent of the samples (Frankle et al. 2020, who call a
network stable below 2 %).

Examples:
  split-ticket stability runs/moons-circles-<hash>/seed-0
  split-ticket stability runs/moons-circles-<hash> --levels 0..9 --copies 3 --svg stability.svg`,
    )
    .action(async (folders: readonly string[], options: StabilityCommandOptions) => {
      // The plotting library takes 0.2 s to load, so it is loaded only to draw.
      const { runStability } = await import("./stability_lines.ts");
      await runStability(folders, options, shell);
    });
}
