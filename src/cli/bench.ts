import { availableParallelism, totalmem } from "node:os";
import { type Command, Option } from "commander";
import { createLogUpdate } from "log-update";
import { InputError } from "../base/errors.ts";
import { type BenchmarkProgress, benchmark } from "../benchmark/benchmark.ts";
import { caseNames, chooseCases } from "../benchmark/cases.ts";
import type { Cpu, EngineName, Machine } from "../benchmark/engines.ts";
import { adapterEnvironment } from "../device/environment/node.ts";
import { openNodeDevice } from "../device/node.ts";
import { startNodeThread } from "../engine/cpu/worker/node.ts";
import { benchmarkTables } from "./bench_table.ts";
import { untilInterrupted } from "./interrupt.ts";
import type { Shell } from "./shell.ts";

interface BenchCommandOptions {
  readonly quick?: true;
  readonly device: "auto" | "gpu" | "software" | "cpu";
  readonly engine: "auto" | EngineName;
  readonly json?: true;
}

/** Adds `split-ticket bench`. */
export function addBench(program: Command, shell: Shell): void {
  program
    .command("bench")
    .description(
      "measure this machine: engines by shape, density and population, kernels, and the ceilings of its adapter",
    )
    .argument("[cases...]", `${caseNames.join(" ")} (default: all that suit the machine)`)
    .option("--quick", "fewer and shorter trials and small populations, as a check that everything works")
    .addOption(
      new Option("--device <device>", "which adapter; auto takes any, cpu none")
        .choices(["auto", "gpu", "software", "cpu"])
        .default("auto"),
    )
    .addOption(
      new Option("--engine <engine>", "one engine instead of all")
        .choices(["auto", "resident", "tiled", "cpu"])
        .default("auto"),
    )
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Every result is compared with plain loops on the CPU before it is timed. Close
other programs that compute: figures are medians, but a busy machine changes them.

Examples:
  split-ticket bench
  split-ticket bench 4,57,57,2 kernels --device software
  split-ticket bench ceilings --json`,
    )
    .action((cases: readonly string[], options: BenchCommandOptions) => runBench(cases, options, shell));
}

async function runBench(cases: readonly string[], options: BenchCommandOptions, shell: Shell): Promise<void> {
  const { device: choice, engine, quick = false, json } = options;
  // Refuse unknown cases before a device is opened.
  chooseCases(cases, false);
  const usesAdapter = choice !== "cpu" && engine !== "cpu";
  if (engine === "cpu" && (choice === "gpu" || choice === "software")) {
    throw new InputError(`--engine cpu uses no adapter and --device ${choice} asks for one: leave one of them out`);
  }
  if (choice === "cpu" && engine !== "auto" && engine !== "cpu") {
    throw new InputError(`--engine ${engine} needs an adapter and --device cpu has none: choose one of them`);
  }
  const environment = usesAdapter ? await adapterEnvironment(choice, shell.env) : undefined;
  if (environment) await shell.enter(environment);
  const device = environment && environment.kind !== "none" ? await openNodeDevice() : undefined;
  const machine: Machine = {
    ...(device && { device }),
    // If --device names an adapter, only the adapter is measured.
    ...((choice === "auto" || choice === "cpu") && { cpu }),
  };
  shell.note(`adapter: ${device ? `${device.name} (${device.kind})` : "none"}`);
  const engines: readonly EngineName[] = engine === "auto" ? ["resident", "tiled", "cpu"] : [engine];
  const progress = showProgress(shell);
  try {
    const result = await untilInterrupted(
      () => "interrupted: no figures were kept",
      (signal) => benchmark(machine, { cases, engines, quick, signal }, progress.hear),
    );
    progress.end();
    if (json) shell.printJson(result);
    else shell.print(benchmarkTables(result));
  } finally {
    progress.end();
    device?.destroy();
  }
}

/** Half of the memory, so that other programs keep some. */
const cpu: Cpu = { startThread: startNodeThread, cores: availableParallelism(), memoryBytes: totalmem() / 2 };

/** Shows the current measurement: on a terminal in one line that is redrawn, elsewhere in a line each. */
function showProgress(shell: Shell) {
  const line = ({ number, total, name }: BenchmarkProgress) => `${number} of ${total}: ${name}`;
  if (!shell.redraws) {
    return { hear: (progress: BenchmarkProgress) => shell.note(line(progress)), end: () => {} };
  }
  const display = createLogUpdate(shell.stderr, { showCursor: true });
  return { hear: (progress: BenchmarkProgress) => display(line(progress)), end: () => display.clear() };
}
