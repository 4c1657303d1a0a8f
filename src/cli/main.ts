import { Command, CommanderError } from "commander";
import { DeviceError, InputError, InternalError, RunError } from "../base/errors.ts";
import { addAnalyze } from "./analyze.ts";
import { addBench } from "./bench.ts";
import { addData } from "./data.ts";
import { addDoctor } from "./doctor.ts";
import { Interrupted } from "./interrupt.ts";
import { addLab } from "./lab.ts";
import { note } from "./output.ts";
import { addReport } from "./report.ts";
import { addReproduce } from "./reproduce.ts";
import { addRun } from "./run.ts";
import { addShow } from "./show.ts";
import { packageVersion } from "./versions.ts";

/** What the process exits with. */
const exitCodes = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

function buildProgram(): Command {
  const program = new Command("split-ticket")
    .description(
      "Finds winning tickets by iterative magnitude pruning on WebGPU and tells whether each has split into independent subnetworks, one per task.",
    )
    .version(packageVersion(), "--version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand(false)
    // Errors come back as exceptions and are printed in one place, below.
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .addHelpText(
      "after",
      `
Examples:
  split-ticket run moons-circles --seeds 0..3
  split-ticket show runs/moons-circles-<hash> --svg ticket.svg
  split-ticket analyze ticket.safetensors --tasks circles:2:1,moons:2:1
  split-ticket lab
  split-ticket doctor

Exit codes: 0 done, 1 the run failed, 2 bad usage or bad input, 130 interrupted.`,
    );
  addRun(program);
  addAnalyze(program);
  addShow(program);
  addReport(program);
  addReproduce(program);
  addBench(program);
  addDoctor(program);
  addData(program);
  addLab(program);
  return program;
}

/** Commander's message in our form: no "error:", one line, and where to read on. */
function describeUsage(error: CommanderError): string {
  const command = process.argv[2] && !process.argv[2].startsWith("-") ? ` ${process.argv[2]}` : "";
  if (error.code === "commander.help") {
    return "no command given: use run, analyze, show, report, reproduce, bench, lab, doctor or data; see split-ticket --help";
  }
  const help = error.code === "commander.unknownCommand" ? "" : command;
  const message = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .replaceAll("\n", " ");
  return `${message}; see split-ticket${help} --help`;
}

/** Says what went wrong in one line and returns the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
  if (error instanceof AggregateError) return Math.max(...error.errors.map(report));
  const say = (message: string) => note(`split-ticket: ${message.trim().replaceAll(/\s*\n\s*/g, "; ")}`);
  if (process.env.SPLIT_TICKET_DEBUG && error instanceof Error && error.stack) note(error.stack);
  if (error instanceof CommanderError) {
    say(describeUsage(error));
    return exitCodes.badInput;
  }
  if (error instanceof InputError) {
    say(error.message);
    return exitCodes.badInput;
  }
  if (error instanceof Interrupted) {
    say(error.message);
    return exitCodes.interrupted;
  }
  if (error instanceof RunError || error instanceof DeviceError || error instanceof InternalError) say(error.message);
  else say(`internal: ${error}; set SPLIT_TICKET_DEBUG=1 to see where`);
  return exitCodes.failed;
}

// Whoever reads the results may stop early (`| head`): then there is nobody left to write for.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
});
// What is said on the way may go unheard, and the work goes on.
process.stderr.on("error", () => {});

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
  // Training that nobody waits for any more would keep the process alive.
  if (error instanceof Interrupted) process.exit();
}
