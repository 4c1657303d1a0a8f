import { type Command, Option } from "commander";
import { InputError, RunError } from "../base/errors.ts";
import { type AdapterChoice, adapterEnvironment, runWithEnvironment } from "../device/environment/node.ts";
import { presets } from "../lottery/presets.ts";
import { parseSpecValue, specKeys } from "../lottery/spec.ts";
import { planRun, type RunOptions, type RunResult, run } from "../node.ts";
import { untilInterrupted } from "./interrupt.ts";
import { note, print, printJson } from "./output.ts";
import { ProgressBoard, type ProgressView, showProgress } from "./progress.ts";
import { runCount } from "./run_name.ts";
import { describeEngines, describePlan, networkLevels } from "./run_plan.ts";
import { describeResult, failureLines, resultDocument } from "./run_result.ts";

interface RunCommandOptions {
  readonly seeds?: string;
  readonly set?: readonly string[];
  readonly init?: string;
  readonly device: NonNullable<RunOptions["device"]>;
  readonly engine: NonNullable<RunOptions["engine"]>;
  readonly out: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Adds `split-ticket run`. */
export function addRun(program: Command): void {
  program
    .command("run")
    .description("train, prune and rewind level by level, and tell after each whether the ticket has split")
    .argument("<experiment...>", `${Object.keys(presets).join(", ")}, spec files (.json), or your data (.csv, .npz)`)
    .option("--seeds <seeds>", "model seeds, such as 0..3 or 1,5 (default 0)")
    .option("--set <key=value...>", "spec keys laid over the experiment's; several values make a grid")
    .option("--init <file>", "start from the weights in a safetensors file")
    .addOption(
      new Option("--device <device>", "which adapter computes; cpu needs none")
        .choices(["auto", "gpu", "software", "cpu"])
        .default("auto"),
    )
    .addOption(
      new Option("--engine <engine>", "how it computes").choices(["auto", "resident", "tiled", "cpu"]).default("auto"),
    )
    .option("--out <folder>", "folder of all runs", "runs")
    .option("--dry-run", "tell what would run, on what, and in how much memory and disk; train and write nothing")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Spec keys:
${specKeys.join(", ").replaceAll(/(.{1,76})(?:\s|$)/g, "  $1\n")}
Several values of a key make a grid: 0.01,0.001 or 0..25, and slashes between
lists (shape=4,8,2/4,16,2). All experiments, grid points and seeds are one
population: they train side by side, the largest first.
A run that was stopped goes on after its last finished level when the same
command is given again.

Examples:
  split-ticket run moons-circles --seeds 0..3
  split-ticket run moons-circles --set extension=0..6 keep=last,best --dry-run
  split-ticket run moons-circles --set extension=5 stopAt=none --device software
  split-ticket run my.csv --set tasks=a:2:1,b:2:1 shape=4,16,16,2 levels=3 rate=0.3
  split-ticket run spec.json --json > result.json`,
    )
    .action(runRun);
}

async function runRun(experiments: readonly string[], options: RunCommandOptions): Promise<void> {
  const { device, engine } = options;
  const set = specOverrides(options);
  if (engine === "cpu" && (device === "gpu" || device === "software")) {
    throw new InputError(`--engine cpu uses no adapter and --device ${device} asks for one: leave one of them out`);
  }
  const isWithoutAdapter = device === "cpu" || engine === "cpu" || !(await enterAdapterEnvironment(device, engine));

  const choice = {
    set,
    // Known to be absent: asked again, Dawn would add warnings of its own.
    device: isWithoutAdapter ? ("cpu" as const) : device,
    engine,
    out: options.out,
    ...(options.init !== undefined && { init: options.init }),
  };
  if (options.dryRun) {
    const plan = await planRun(experiments, choice);
    if (options.json) printJson({ runs: runCount(plan.experiments), levels: networkLevels(plan), ...plan });
    else print(describePlan(plan, options, options.out));
    return;
  }

  let progress: ProgressView | undefined;
  const interruption = `interrupted: finished levels are kept in ${options.out}, the same command goes on from there`;
  let result: RunResult;
  try {
    result = await untilInterrupted(interruption, (signal) =>
      run(experiments, {
        ...choice,
        signal,
        onStart: (plan) => {
          for (const line of describeEngines(plan, options)) note(line);
          progress = showProgress(process.stderr, new ProgressBoard(plan.experiments));
        },
        observe: (message) => progress?.hear(message),
      }),
    );
  } finally {
    progress?.end();
  }
  const failures = failureLines(result);
  if (result.experiments.some(({ runs }) => runs.length > 0)) {
    if (options.json) printJson(resultDocument(result));
    else print(describeResult(result, options.out));
  }
  if (failures.length > 0) throw new AggregateError(failures.map((line) => new RunError(line)));
}

/**
 * Goes on in a process that has the adapter asked for: Dawn reads its environment once, so the process that trains must have
 * been started with it. Does not return where another process takes over.
 * @returns false where the choice is automatic and there is no hardware adapter
 */
async function enterAdapterEnvironment(device: AdapterChoice, engine: RunCommandOptions["engine"]): Promise<boolean> {
  const isFree = device === "auto" && engine === "auto";
  try {
    // A software adapter would use the cores that the CPU engine uses better.
    await runWithEnvironment(await adapterEnvironment(isFree ? "gpu" : device));
    return true;
  } catch (error) {
    if (isFree && error instanceof InputError) return false;
    throw error;
  }
}

/** The spec keys that the command line gives; of a key given twice the last counts, and `--seeds` is `--set seeds=`. */
function specOverrides({ set = [], seeds }: RunCommandOptions): Record<string, unknown> {
  const pairs = set.map((text) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined) {
      throw new InputError(`--set "${text}" is not key=value: give a spec key and its value, such as --set rate=0.3`);
    }
    return [key, parseSpecValue(key, value)] as const;
  });
  return Object.fromEntries(seeds === undefined ? pairs : [...pairs, ["seeds", parseSpecValue("seeds", seeds)]]);
}
