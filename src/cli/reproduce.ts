import { type Command, Option } from "commander";
import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { thesisExperiments } from "../reproduction/thesis_experiments.ts";
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
    .description("run an experiment of the thesis and set its figures and values beside the published ones")
    .argument("[experiment]", thesisExperiments.map(({ name }) => name).join(", "))
    .option("--list", "tell what the experiments are, and run none")
    .option("--seeds <seeds>", "model seeds, such as 0..99 (default: as many as the thesis has)")
    .option("--extensions <levels>", "of a network extension only these levels, such as 0..16")
    .option("--set <key=value...>", "spec keys laid over the experiment's: departures, which the report names")
    .addOption(
      new Option("--scale <scale>", "small: our cut of an image experiment, for a machine without a GPU")
        .choices(["full", "small"])
        .default("full"),
    );
  addTrainingOptions(command)
    .option("-o, --report <file>", "the report, .html or .md (default: reproduction/<experiment>.html)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
All runs of an experiment are one population. Runs that are finished are not run
again: more seeds or another report cost what is new. Beside the report lie its
figures as SVG and the data behind each as CSV.

Examples:
  split-ticket reproduce --list
  split-ticket reproduce extension-2 --extensions 0..16
  split-ticket reproduce extension-2 --extensions 6..13 --seeds 0..19 -o more-seeds.html
  split-ticket reproduce half --scale small`,
    )
    .action((name: string | undefined, options: ReproduceCommandOptions) => runReproduce(name, options, shell));
}

async function runReproduce(name: string | undefined, options: ReproduceCommandOptions, shell: Shell): Promise<void> {
  if (options.list) {
    listExperiments(options, shell);
    return;
  }
  if (name === undefined) throw new InputError("no experiment given: name one; reproduce --list shows all");
  // What draws figures takes a fifth of a second to load: only where there is something to draw.
  const { reproduce } = await import("./reproduction.ts");
  await reproduce(name, options, shell);
}

function listExperiments({ json }: Pick<ReproduceOptions, "json">, shell: Shell): void {
  if (json) {
    shell.printJson(
      thesisExperiments.map(({ name, title, grids, seeds, ours, small = null }) => ({
        name,
        title,
        grids,
        seeds,
        ours,
        small,
      })),
    );
    return;
  }
  const width = Math.max(...thesisExperiments.map(({ name }) => name.length));
  shell.print(
    thesisExperiments
      .map(({ name, title, seeds, small }) => {
        const scales = small ? "; also --scale small" : "";
        return `${name.padEnd(width)}  ${title} (${plural(seeds.length, "seed")}${scales})`;
      })
      .join("\n"),
  );
}
