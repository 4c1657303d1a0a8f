import { runWithEnvironment } from "../device/environment/node.ts";
import { exitCodes, runCommandLine } from "./command_line.ts";

const { argv, env, stdout, stderr } = process;

// Whoever reads the results may stop early (`| head`): then there is nobody left to write for.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
});
// What is said on the way may go unheard, and the work goes on.
stderr.on("error", () => {});

process.exitCode = await runCommandLine(argv.slice(2), { stdout, stderr, env, enter: runWithEnvironment });
// Training that nobody waits for any more would keep the process alive.
if (process.exitCode === exitCodes.interrupted) process.exit();
