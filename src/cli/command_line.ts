import { Command, CommanderError } from "commander";
import { DeviceError, InputError, InternalError, RunError, StorageError } from "../base/errors.ts";
import { sentence } from "../base/visible.ts";
import { addAnalyze } from "./analyze.ts";
import { addBench } from "./bench.ts";
import { addBranch } from "./branch.ts";
import { addData } from "./data.ts";
import { addDoctor } from "./doctor.ts";
import { addExport } from "./export.ts";
import { addFunction } from "./function.ts";
import { Interrupted } from "./interrupt.ts";
import { addLab } from "./lab.ts";
import { addReport } from "./report.ts";
import { addReproduce } from "./reproduce.ts";
import { addRun } from "./run.ts";
import { addShares } from "./shares.ts";
import { HandedOver, Shell, type Surroundings } from "./shell.ts";
import { addShow } from "./show.ts";
import { addStability } from "./stability.ts";
import { addTable } from "./table.ts";
import { addVerify } from "./verify.ts";
import { packageVersion } from "./versions.ts";

/** Exit codes of the program. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/**
 * Runs the command that the arguments name. Prints an error as one line on standard error.
 * @param args without the program: `["run", "moons-circles"]`
 * @returns the exit code; after {@link exitCodes.interrupted} training may still be running, so the caller must exit
 * the process
 */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const shell = new Shell(surroundings);
  try {
    await buildProgram(shell).parseAsync(args, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return error instanceof HandedOver ? error.exitCode : report(error, args, shell);
  }
}

/** All commands, without doing any. */
export function buildProgram(shell: Shell): Command {
  const { stdout } = shell.surroundings;
  const program = new Command("split-ticket")
    .description(
      "Finds winning tickets by iterative magnitude pruning on WebGPU and tells whether each has split into independent subnetworks, one per task.",
    )
    .version(packageVersion(), "--version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand(false)
    // Errors come back as exceptions and are printed in one place, below.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => (stdout.isTTY ? (stdout.columns ?? 80) : 80),
    })
    .addHelpText(
      "after",
      `
Examples:
  split-ticket run moons-circles --seeds 0..3
  split-ticket show runs/moons-circles-<hash> --svg ticket.svg
  split-ticket analyze ticket.safetensors --tasks circles:2:1,moons:2:1
  split-ticket lab
  split-ticket doctor

Exit codes: 0 done, 1 the run failed, 2 bad usage or bad input, 130 interrupted by
SIGINT (Ctrl-C), SIGTERM or SIGHUP (its terminal was closed; not under nohup).`,
    );
  program.hook("preAction", (_, command) => refuseEmpty(command));
  addRun(program, shell);
  addAnalyze(program, shell);
  addFunction(program, shell);
  addShow(program, shell);
  addBranch(program, shell);
  addStability(program, shell);
  addVerify(program, shell);
  addReport(program, shell);
  addExport(program, shell);
  addTable(program, shell);
  addShares(program, shell);
  addReproduce(program, shell);
  addBench(program, shell);
  addDoctor(program, shell);
  addData(program, shell);
  addLab(program, shell);
  return program;
}

/**
 * Refuses an argument or option without content, such as that of an unset variable of a shell: an empty path would stand
 * for the root of the disk, or for the working folder.
 */
function refuseEmpty(command: Command): void {
  const named = [
    ...command.registeredArguments.map((argument, k) => [`<${argument.name()}>`, command.processedArgs[k]] as const),
    ...command.options.map(
      (option) => [option.long ?? option.flags, command.getOptionValue(option.attributeName())] as const,
    ),
  ];
  for (const [name, value] of named) {
    const empty = [value].flat().find((text) => typeof text === "string" && text.trim() === "");
    if (empty !== undefined) throw new InputError(`${name} "${empty}": it is empty; give a value or leave it out`);
  }
}

/** Commander's message in the form of ours: one line, without "error:", with the help to read. */
function describeUsage(error: CommanderError, [first]: readonly string[]): string {
  const command = first && !first.startsWith("-") ? ` ${first}` : "";
  if (error.code === "commander.help") {
    return "no command given: use run, branch, stability, analyze, show, verify, report, export, table, shares, reproduce, bench, lab, doctor or data; see split-ticket --help";
  }
  const help = error.code === "commander.unknownCommand" ? "" : command;
  const message = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .replaceAll("\n", " ");
  return `${message}; see split-ticket${help} --help`;
}

/** Prints an error as one line and returns its exit code. */
function report(error: unknown, args: readonly string[], shell: Shell): number {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
  if (error instanceof AggregateError) {
    const codes = error.errors.map((each) => report(each, args, shell));
    // What failed by itself counts before what was given wrongly: giving it rightly would not have been enough.
    return codes.every((code) => code === exitCodes.badInput) ? exitCodes.badInput : exitCodes.failed;
  }
  const say = (message: string) => shell.note(`split-ticket: ${sentence(message)}`);
  if (shell.env.SPLIT_TICKET_DEBUG && error instanceof Error && error.stack) {
    for (const line of error.stack.split("\n")) shell.note(line);
  }
  if (error instanceof CommanderError) {
    say(describeUsage(error, args));
    return exitCodes.badInput;
  }
  if (error instanceof InputError) {
    say(error.message);
    for (const line of error.lines) shell.note(`    ${line}`);
    return exitCodes.badInput;
  }
  if (error instanceof Interrupted) {
    say(error.message);
    return exitCodes.interrupted;
  }
  const isKnown = [RunError, DeviceError, StorageError, InternalError].some((kind) => error instanceof kind);
  if (error instanceof Error && isKnown) say(error.message);
  else say(`internal: ${error}; set SPLIT_TICKET_DEBUG=1 to see where`);
  return exitCodes.failed;
}
