import { type Command, Option } from "commander";
import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { frankleCarbin } from "../reproduction/frankle_carbin/experiment.ts";
import { type ThesisExperiment, thesisExperiments } from "../reproduction/thesis_experiments.ts";
import { dryRunHelp } from "./dry_run.ts";
import type { ReproduceOptions } from "./reproduction.ts";
import type { Shell } from "./shell.ts";
import { addTrainingOptions } from "./training.ts";

interface ReproduceCommandOptions extends ReproduceOptions {
  readonly list?: true;
}

/** Adds `split-ticket reproduce`. */
export function addReproduce(program: Command, shell: Shell): void {
  const command = program
    .command("reproduce")
    .description(
      "run an experiment of the thesis, or that of Frankle and Carbin, and compare its figures and values with the published ones",
    )
    .argument("[experiment]", [...thesisExperiments, frankleCarbin].map(({ name }) => name).join(", "))
    .option("--list", "list the experiments and run none")
    .option("--seeds <seeds>", "model seeds, such as 0..99 (default: those of the experiment)")
    .option("--data-seeds <seeds>", "seeds of the data sets, such as 0..5, each with all model seeds (default 0)")
    .option("--extensions <levels>", "only these levels of a network extension, such as 0..16")
    .option("--set <key=value...>", "spec keys that replace the experiment's; the report lists them as departures")
    .addOption(
      new Option("--scale <scale>", "small: our reduced form of an experiment on images, for a machine without a GPU")
        .choices(["full", "small"])
        .default("full"),
    );
  addTrainingOptions(command)
    .option("-o, --report <file>", "the report, .html or .md (default: reproduction/<experiment>.html)")
    .option("--dry-run", dryRunHelp)
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
All runs of an experiment are one population (frankle-carbin: two, its runs and then
the branches of their levels). Finished runs are not run again: more
seeds cost only the new runs. The figures of the report as SVG and the data of each
as CSV are written to a folder beside it.

Examples:
  split-ticket reproduce --list
  split-ticket reproduce extension-2 --extensions 0..16
  split-ticket reproduce extension-2 --extensions 6..13 --seeds 0..19 -o more-seeds.html
  split-ticket reproduce extension-2 --extensions 9 --data-seeds 0..7 --seeds 0..19
  split-ticket reproduce half --scale small
  split-ticket reproduce frankle-carbin --scale small`,
    )
    .action((name: string | undefined, options: ReproduceCommandOptions) => runReproduce(name, options, shell));
}

async function runReproduce(name: string | undefined, options: ReproduceCommandOptions, shell: Shell): Promise<void> {
  if (options.list) {
    listExperiments(options, shell);
    return;
  }
  if (name === undefined) throw new InputError("no experiment given: name one; reproduce --list shows all");
  // The plotting library takes 0.2 s to load, so it is loaded only to draw.
  if (name === frankleCarbin.name) {
    const { reproduceFrankleCarbin } = await import("./frankle_carbin.ts");
    await reproduceFrankleCarbin(options, shell);
    return;
  }
  const { reproduce } = await import("./reproduction.ts");
  await reproduce(name, options, shell);
}

/** What is listed of every experiment. */
const listed: readonly Pick<ThesisExperiment, "name" | "title" | "grids" | "seeds" | "ours" | "small">[] = [
  ...thesisExperiments,
  frankleCarbin.listed,
];

function listExperiments({ json }: Pick<ReproduceOptions, "json">, shell: Shell): void {
  if (json) {
    shell.printJson(
      listed.map(({ name, title, grids, seeds, ours, small = null }) => ({ name, title, grids, seeds, ours, small })),
    );
    return;
  }
  const width = Math.max(...listed.map(({ name }) => name.length));
  shell.print(
    listed
      .map(({ name, title, seeds, small }) => {
        const scales = small ? "; also --scale small" : "";
        return `${name.padEnd(width)}  ${title} (${plural(seeds.length, "seed")}${scales})`;
      })
      .join("\n"),
  );
}
