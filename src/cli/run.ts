import { type Command, Option } from "commander";
import { InputError } from "../base/errors.ts";
import { type AdapterChoice, adapterEnvironment, runWithEnvironment } from "../device/environment/node.ts";
import { presets } from "../lottery/presets.ts";
import { parseSpecValue, specKeys } from "../lottery/spec.ts";
import { type RunOptions, type RunResult, type RunStart, run } from "../node.ts";
import { levelTable, outcomeLine } from "../report/level_table.ts";
import { formatBytes, plural } from "./format.ts";
import { untilInterrupted } from "./interrupt.ts";
import { note, print, printJson, usesColor } from "./output.ts";
import { ProgressBoard, type ProgressView, showProgress } from "./progress.ts";

interface RunCommandOptions {
  readonly seeds?: string;
  readonly set?: readonly string[];
  readonly init?: string;
  readonly device: NonNullable<RunOptions["device"]>;
  readonly engine: NonNullable<RunOptions["engine"]>;
  readonly out: string;
  readonly json?: true;
}

/** Adds `split-ticket run`. */
export function addRun(program: Command): void {
  program
    .command("run")
    .description("train, prune and rewind level by level, and tell after each whether the ticket has split")
    .argument("<experiment>", `${Object.keys(presets).join(", ")}, a spec file (.json), or your data (.csv, .npz)`)
    .option("--seeds <seeds>", "model seeds, such as 0..3 or 1,5 (default 0)")
    .option("--set <key=value...>", "spec keys laid over the experiment's; may be repeated")
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
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Spec keys:
${specKeys.join(", ").replaceAll(/(.{1,76})(?:\s|$)/g, "  $1\n")}
A run that was stopped goes on after its last finished level when the same
command is given again.

Examples:
  split-ticket run moons-circles --seeds 0..3
  split-ticket run moons-circles --set extension=5 stopAt=none --device software
  split-ticket run my.csv --set tasks=a:2:1,b:2:1 shape=4,16,16,2 levels=3 rate=0.3
  split-ticket run spec.json --json > result.json`,
    )
    .action(runRun);
}

async function runRun(experiment: string, options: RunCommandOptions): Promise<void> {
  const { device, engine } = options;
  const set = specOverrides(options);
  if (engine === "cpu" && (device === "gpu" || device === "software")) {
    throw new InputError(`--engine cpu uses no adapter and --device ${device} asks for one: leave one of them out`);
  }
  const isWithoutAdapter = device === "cpu" || engine === "cpu" || !(await enterAdapterEnvironment(device, engine));

  let progress: ProgressView | undefined;
  const interruption = `interrupted: finished levels are kept in ${options.out}, the same command goes on from there`;
  let result: RunResult;
  try {
    result = await untilInterrupted(interruption, (signal) =>
      run(experiment, {
        set,
        // Known to be absent: asked again, Dawn would add warnings of its own.
        device: isWithoutAdapter ? "cpu" : device,
        engine,
        out: options.out,
        signal,
        ...(options.init !== undefined && { init: options.init }),
        onStart: (start) => {
          for (const line of describeStart(start, options)) note(line);
          const lastLevel = start.spec.remaining.length - 1;
          progress = showProgress(process.stderr, new ProgressBoard(start.seeds.length, lastLevel));
        },
        observe: (message) => progress?.hear(message),
      }),
    );
  } finally {
    progress?.end();
  }
  if (options.json) printJson(resultDocument(result));
  else print(describeResult(result));
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

/** What computes, said before training starts. */
function describeStart(
  { engine, kind, seeds, reason }: RunStart,
  { device, engine: choice }: RunCommandOptions,
): string[] {
  const adapter = {
    gpu: `${engine.executor} (gpu)`,
    software: `${engine.executor} (software: runs on the CPU, expect minutes)`,
    cpu:
      device === "cpu" || choice === "cpu"
        ? "none, as asked: the CPU computes"
        : "no graphics processor found: the CPU computes (--device software trains by WGSL on a software adapter)",
  }[kind];
  const place = kind === "cpu" ? "in memory" : "on the device";
  return [
    `adapter: ${adapter}`,
    `engine: ${engine.name} (${kind === "cpu" ? engine.executor : reason}), ${engine.slots} of ${plural(seeds.length, "seed")} at a time, ${formatBytes(engine.memoryBytes)} ${place}`,
  ];
}

function describeResult({ name, folder, runs }: RunResult): string {
  const color = usesColor();
  return [
    ...runs.map((one) => `${levelTable(one.levels, { color })}\n${outcomeLine({ ...one, name })}\n`),
    `results: ${folder}`,
  ].join("\n");
}

/** What `--json` prints: these keys, in this order. */
function resultDocument({ name, spec, executor, folder, runs }: RunResult) {
  const documents = runs.map(({ seed, outcome, levels }) => ({ seed, outcome, levels }));
  return { name, spec, executor, folder, runs: documents };
}
