import type { Command } from "commander";
import { dataEndings } from "../dataset/registry.ts";
import { presets } from "../lottery/presets.ts";
import { dryRunHelp, showDryRun } from "./dry_run.ts";
import { passedOverLine } from "./held_runs.ts";
import { keyHelp } from "./key_help.ts";
import { describeResult, resultDocument } from "./run_result.ts";
import type { Shell } from "./shell.ts";
import {
  addTrainingOptions,
  enterDevice,
  readSpecKeys,
  type TrainingOptions,
  throwFailures,
  trainShown,
} from "./training.ts";

interface RunCommandOptions extends TrainingOptions {
  readonly seeds?: string;
  readonly set?: readonly string[];
  readonly init?: string;
  readonly dryRun?: true;
  readonly wait: boolean;
  readonly json?: true;
}

/** Adds `split-ticket run`. */
export function addRun(program: Command, shell: Shell): void {
  const command = program
    .command("run")
    .description("train, prune and rewind level by level, and analyse after each whether the ticket has split")
    .argument("<experiment...>", `${presets.names.join(", ")}, spec files (.json), or your data (${dataEndings})`)
    .option("--seeds <seeds>", "model seeds, such as 0..3 or 1,5 (default 0)")
    .option("--set <key=value...>", "spec keys that replace the experiment's; several values make a grid")
    .option("--init <file>", "start from the weights in a safetensors file");
  addTrainingOptions(command)
    .option("--dry-run", dryRunHelp)
    .option("--no-wait", "pass over runs that other processes train, instead of waiting for them at the end")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Spec keys, in a file or after --set:
${keyHelp()}
Several values of a key make a grid: 0.01,0.001 or 0..25, and slashes between
lists (shape=4,8,2/4,16,2). All experiments, grid points and seeds are one
population: they train side by side, the largest first.
A stopped run continues after its last finished level when the same command is
given again. The same command given several times at once, on one machine or on
several that share the folder, divides the runs: each process trains those that
are free, then waits for the others, whose results it prints too. A run whose
process was killed is taken over.

Examples:
  split-ticket run moons-circles --seeds 0..3
  split-ticket run moons-circles --set extension=0..6 keep=last,best --dry-run
  split-ticket run moons-circles --set extension=5 stopAt=none --device software
  split-ticket run my.csv --set tasks=a:2:1,b:2:1 shape=4,16,16,2 levels=3 rate=0.3
  split-ticket run spec.json --json > result.json`,
    )
    .action((experiments: readonly string[], options: RunCommandOptions) => runRun(experiments, options, shell));
}

async function runRun(experiments: readonly string[], options: RunCommandOptions, shell: Shell): Promise<void> {
  const { engine, out } = options;
  const set = readSpecKeys(options);
  const choice = {
    set,
    device: await enterDevice(options, shell),
    engine,
    out,
    ...(options.init !== undefined && { init: options.init }),
  };
  if (options.dryRun) {
    await showDryRun(experiments, choice, options, shell);
    return;
  }
  const result = await trainShown(experiments, { ...choice, wait: options.wait }, options, shell);
  if (result.experiments.some(({ runs }) => runs.length > 0)) {
    if (options.json) shell.printJson(resultDocument(result));
    else shell.print(describeResult(result, out, shell.usesColor));
  }
  const passedOver = result.experiments.flatMap((each, experiment) =>
    each.passedOver.map((run) => ({ ...run, experiment })),
  );
  if (passedOver.length > 0) shell.note(passedOverLine(passedOver, result.experiments));
  throwFailures(result);
}
