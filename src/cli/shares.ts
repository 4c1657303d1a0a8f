import type { Command } from "commander";
import type { SharesOptions } from "./share_chance.ts";
import type { Shell } from "./shell.ts";

/** Adds `split-ticket shares`. */
export function addShares(program: Command, shell: Shell): void {
  program
    .command("shares")
    .description("how much of the variance of a run's outcome data set, initial weights and order of samples explain")
    .argument("<folders...>", "runs' folders (seed-<n>), those above them with all seeds, or folders of such folders")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
The runs are a grid of seeds: dataSeed, and the model seed or initSeed and orderSeed.
Runs whose specs differ in other keys have tables of their own. docs/chance.md tells
how variances, intervals and p-values are computed.

Examples:
  split-ticket run moons-circles --set dataSeed=0..7 --seeds 0..19 --out chance
  split-ticket shares chance
  split-ticket run moons-circles --set dataSeed=0..4 initSeed=0..4 orderSeed=0..4 --out three
  split-ticket shares three --json`,
    )
    .action(async (folders: readonly string[], options: SharesOptions) => {
      const { shareChance } = await import("./share_chance.ts");
      await shareChance(folders, options, shell);
    });
}
