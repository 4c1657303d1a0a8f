import { type Command, Option } from "commander";
import { InputError, RunError, StorageError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { adapterEnvironment } from "../device/environment/node.ts";
import { parseSpecValue } from "../lottery/spec_text.ts";
import { type ExperimentInput, type PlannedExperiment, type RunOptions, type RunResult, run } from "../node.ts";
import { waitingLine } from "./held_runs.ts";
import { untilInterrupted } from "./interrupt.ts";
import { LevelsInTraining } from "./levels_in_training.ts";
import { ProgressBoard, type ProgressView, showProgress } from "./progress.ts";
import { describeEngines } from "./run_plan.ts";
import { failuresOf } from "./run_result.ts";
import type { Shell } from "./shell.ts";

/** Options of every command that trains. */
export interface TrainingOptions {
  readonly device: NonNullable<RunOptions["device"]>;
  readonly engine: NonNullable<RunOptions["engine"]>;
  readonly out: string;
  readonly allowOtherVersion?: true;
  readonly checkpointEvery: number;
}

/**
 * Adds the options of every command that trains.
 * @param place where runs are stored unless `--out` says it: in the folder `runs`, or beside the runs that are given
 */
export function addTrainingOptions(command: Command, place: "runs" | "beside" = "runs"): Command {
  const out =
    place === "runs"
      ? new Option("--out <folder>", "folder of all runs").default("runs")
      : new Option("--out <folder>", "folder of all runs (default: that of the runs)");
  return command
    .addOption(
      new Option("--device <device>", "which adapter computes; cpu needs none")
        .choices(["auto", "gpu", "software", "cpu"])
        .default("auto"),
    )
    .addOption(
      new Option(
        "--engine <engine>",
        "which engine or kernels train; auto takes the faster of adapter and cpu, and the cheapest kernels for each level",
      )
        .choices(["auto", "dense", "sparse", "tiled", "resident", "cpu"])
        .default("auto"),
    )
    .addOption(out)
    .option(
      "--allow-other-version",
      "go on with runs that another version began that trains otherwise; run.json lists both",
    )
    .option(
      "--checkpoint-every <seconds>",
      "store the level in training this often, so that a stopped run goes on within it; 0 is never",
      readSeconds,
      300,
    );
}

/**
 * Continues in a process that has the adapter asked for: Dawn reads its environment once, so the process that trains
 * must be started with it.
 * @returns the device to ask the library for
 * @throws HandedOver when another process has done the work
 */
export async function enterDevice(
  { device, engine }: TrainingOptions,
  shell: Shell,
): Promise<TrainingOptions["device"]> {
  if (engine === "cpu" && (device === "gpu" || device === "software")) {
    throw new InputError(`--engine cpu uses no adapter and --device ${device} asks for one: leave one of them out`);
  }
  if (device === "cpu" || engine === "cpu") return "cpu";
  const isFree = device === "auto" && engine === "auto";
  try {
    // No software adapter: the CPU engine uses the same cores better.
    await shell.enter(await adapterEnvironment(isFree ? "gpu" : device, shell.env));
    return device;
  } catch (error) {
    // The adapter is absent. A second search would make Dawn print warnings.
    if (isFree && error instanceof InputError) return "cpu";
    throw error;
  }
}

/** Trains a population, and shows engines and progress, until it has ended or is interrupted. */
export function trainShown(
  experiments: readonly ExperimentInput[],
  choice: RunOptions,
  options: TrainingOptions,
  shell: Shell,
): Promise<RunResult> {
  return showTraining((shown) => run(experiments, { ...choice, ...shown }), options, shell);
}

/** Does work that trains, and shows engines and progress, until it has ended or is interrupted. */
export async function showTraining<Result>(
  train: (shown: RunOptions) => Promise<Result>,
  options: TrainingOptions,
  shell: Shell,
): Promise<Result> {
  let progress: ProgressView | undefined;
  let planned: readonly PlannedExperiment[] = [];
  const inTraining = new LevelsInTraining();
  const interruption = () =>
    `interrupted: finished levels${inTraining.stored()} are kept in ${options.out}, the same command continues from there`;
  try {
    return await untilInterrupted(interruption, (signal) =>
      train({
        allowOtherVersion: options.allowOtherVersion,
        checkpointEvery: options.checkpointEvery,
        signal,
        onStart: (plan) => {
          for (const line of [...describeEngines(plan, options), ...plan.notices]) shell.note(line);
          planned = plan.experiments;
          progress = showProgress(shell, new ProgressBoard(plan.experiments));
        },
        onWait: (held) => progress?.say(waitingLine(held, planned)),
        onRestart: ({ cause, runs }) => progress?.say(restartLine(cause, runs)),
        observe: (message) => {
          inTraining.hear(message);
          progress?.hear(message);
        },
      }),
    );
  } finally {
    progress?.end();
  }
}

function restartLine(cause: string, runs: number): string {
  const go = runs === 1 ? "goes" : "go";
  return `${cause}; ${plural(runs, "run")} ${go} on from ${runs === 1 ? "its" : "their"} last finished level or checkpoint on a fresh device`;
}

const errorKinds = { diverged: RunError, machine: RunError, input: InputError, storage: StorageError } as const;

/** Reads the value of `--checkpoint-every`. */
function readSeconds(text: string): number {
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  if (seconds >= 0 && seconds <= 1e6) return seconds;
  throw new InputError(
    `--checkpoint-every "${visible(text)}" is no number of seconds from 0 (never) to 1000000: give one, such as 300`,
  );
}

/** Throws one error per failed run; called after the results are printed. */
export function throwFailures(result: RunResult): void {
  const failures = failuresOf(result);
  if (failures.length > 0) throw new AggregateError(failures.map(({ kind, line }) => new errorKinds[kind](line)));
}

/**
 * The spec keys that the command line gives; the last value of a repeated key counts, and `--seeds` is `--set seeds=`.
 */
export function readSpecKeys(options: {
  readonly set?: readonly string[];
  readonly seeds?: string;
}): Record<string, unknown> {
  const { set = [], seeds } = options;
  const pairs = set.map((text) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined) {
      throw new InputError(`--set "${text}" is not key=value: give a spec key and its value, such as --set rate=0.3`);
    }
    return [key, parseSpecValue(key, value)] as const;
  });
  return Object.fromEntries(seeds === undefined ? pairs : [...pairs, ["seeds", parseSpecValue("seeds", seeds)]]);
}
