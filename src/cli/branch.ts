import type { Command } from "commander";
import { InputError } from "../base/errors.ts";
import { branchKinds } from "../node.ts";
import type { BranchCommandOptions } from "./branches.ts";
import type { Shell } from "./shell.ts";
import { addTrainingOptions } from "./training.ts";

/** Adds `split-ticket branch`. */
export function addBranch(program: Command, shell: Shell): void {
  const command = program
    .command("branch")
    .description("train levels of stored runs again with one thing changed, and tell what each level's ticket is worth")
    .argument(
      "<folders and kinds...>",
      "runs' folders (seed-<n>) of one spec, or those above them with all seeds; last, the kinds of branches, such as reinit,shuffled",
    )
    .option("--levels <levels>", "levels of the runs, such as 3..9 (default: all finished ones but the dense one)")
    .option("--seeds <seeds>", "branch seeds, such as 0..9 (default: 0..4)")
    .option("--data <data>", "other data of the kind data: a preset, a dataset's name, a spec (.json) or a data file")
    .option("--from <folder>", "run whose masks the kind transplant takes");
  addTrainingOptions(command, "beside")
    .option("--no-wait", "pass over runs that other processes train, instead of waiting for them at the end")
    .option("--json", "print one JSON document")
    .option("--table <file>", "write a row for each level and kind, .csv, .jsonl or .parquet")
    .option("--svg <file>", "draw the scores of ticket and branches against unpruned weights")
    .addHelpText(
      "after",
      `
Kinds of branches:
${kindHelp()}
Each branch is a run beside its run: show, table, report and verify read it, and the
same command goes on where it was stopped. Its levels are trained by the run's own
settings and, unless --device or --engine says otherwise, on the run's own engine.
A kind keeps up at a level if at least half of its runs win. The ticket of a level is
too sparse if it does not keep up; trivial if it does and a control does (those marked
with *); worth something only by IMP if it does and no control does.

Examples:
  split-ticket branch runs/moons-circles-<hash> --levels 3..9 reinit,shuffled,random-mask
  split-ticket branch runs/moons-circles-<hash>/seed-0 order --seeds 0..9 --svg order.svg
  split-ticket branch runs/moons-circles-<hash>/seed-0 transplant --from runs/moons-circles-<hash>/seed-1
  split-ticket branch runs/moons-circles-<hash> data --data other.json --json`,
    )
    .action(async (given: readonly string[], options: BranchCommandOptions) => {
      const kinds = given[given.length - 1].split(",").map((kind) => kind.trim());
      // Told before a folder is opened: a folder in its place is a command without kinds.
      for (const kind of kinds) branchKinds.get(kind);
      const folders = given.slice(0, -1);
      if (folders.length === 0)
        throw new InputError(`no run is given before ${kinds.join(",")}; give its folder first`);
      // The plotting library takes 0.2 s to load, so it is loaded only to draw.
      const { runBranches } = await import("./branches.ts");
      await runBranches(folders, kinds, options, shell);
    });
}

/** A line for each kind. */
function kindHelp(): string {
  const width = Math.max(...branchKinds.names.map((name) => name.length));
  return branchKinds.entries
    .map(({ name, summary, isControl, needs }) => {
      const option = needs ? ` (--${needs})` : "";
      return `  ${isControl ? "*" : " "} ${name.padEnd(width)}  ${summary}${option}`;
    })
    .join("\n");
}
