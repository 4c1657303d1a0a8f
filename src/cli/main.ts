#!/usr/bin/env node
import { endWithTerminal, obeyNohup } from "../base/signals/node.ts";
import { explained } from "../base/system_errors.ts";
import { endWithParent, runWithEnvironment } from "../device/environment/node.ts";
import { exitCodes, runCommandLine } from "./command_line.ts";

const { argv, env, stdout, stderr } = process;

obeyNohup();
endWithTerminal();
endWithParent();
// A closed pipe (`| head`) ends the program: the rest of the results is not read.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.done);
  const known = explained("write", "standard output", error);
  stderr.write(`split-ticket: ${known instanceof Error ? known.message : known}\n`);
  process.exit(exitCodes.failed);
});
// A closed standard error does not stop the work.
stderr.on("error", () => {});

process.exitCode = await runCommandLine(argv.slice(2), { stdout, stderr, env, enter: runWithEnvironment });
// Training that is still running would keep the process alive.
if (process.exitCode === exitCodes.interrupted) process.exit();
