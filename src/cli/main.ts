#!/usr/bin/env node
import { runWithEnvironment } from "../device/environment/node.ts";
import { exitCodes, runCommandLine } from "./command_line.ts";

const { argv, env, stdout, stderr } = process;

// A closed pipe (`| head`) ends the program: the rest of the results is not read.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
});
// A closed standard error does not stop the work.
stderr.on("error", () => {});

process.exitCode = await runCommandLine(argv.slice(2), { stdout, stderr, env, enter: runWithEnvironment });
// Training that is still running would keep the process alive.
if (process.exitCode === exitCodes.interrupted) process.exit();
