import { spawn } from "node:child_process";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
const faultLayer = pathToFileURL(join(root, "tools", "crash", "faults.mjs")).href;

/** After this time a command that takes a fraction of a second counts as hanging. */
const limitMs = 60_000;

/** The program that is disturbed: the bundles of the clone. */
const program = {
  cli: join(root, "dist", "cli.mjs"),
  load: () => import(join(root, "dist", "command_line.mjs")).then(({ runCommandLine }) => runCommandLine),
};

/**
 * Disturbs another program than the clone's bundles, such as the sources of a test.
 * @param cli path of a bundle of the command line
 * @param runCommandLine the same as a function
 */
export function disturb(cli, runCommandLine) {
  program.cli = cli;
  program.load = async () => runCommandLine;
}

/**
 * Gives a command in this process, which takes a tenth of the time that a process of its own takes.
 * @param args of the command line
 * @returns `{ code, stdout, stderr }`; the code is "hangs" if the command does not end
 */
export async function call(args) {
  const runCommandLine = await program.load();
  const text = { stdout: "", stderr: "" };
  const stream = (name) =>
    new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        text[name] += chunk;
        done();
      },
    });
  const loose = [];
  const onLoose = (error) => loose.push(error);
  process.on("unhandledRejection", onLoose);
  let timer;
  const code = await Promise.race([
    runCommandLine(args, {
      stdout: stream("stdout"),
      stderr: stream("stderr"),
      env: { NO_COLOR: "1" },
      enter: async () => undefined,
    }),
    new Promise((settle) => {
      timer = setTimeout(settle, limitMs, "hangs");
    }),
  ]);
  clearTimeout(timer);
  // A rejection that nobody hears is told a turn later.
  await new Promise((settle) => setImmediate(settle));
  process.off("unhandledRejection", onLoose);
  for (const error of loose) text.stderr += `internal: a rejection that nobody heard: ${error?.stack ?? error}\n`;
  return { code, ...text };
}

/**
 * Starts a command in a process of its own.
 * @param faults the plan of the fault layer; undefined: none
 * @returns the child, and its end: `{ code, signal, stdout, stderr }`
 */
export function start(args, { cwd, faults, env = {} }) {
  const layer = faults ? ["--import", faultLayer] : [];
  const child = spawn(process.execPath, [...layer, program.cli, ...args], {
    cwd,
    env: {
      ...process.env,
      NO_COLOR: "1",
      ...(faults && { SPLIT_TICKET_FAULTS: JSON.stringify(faults) }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGABRT",
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (piece) => {
      text[name] += piece;
    });
  }
  const ended = new Promise((settle) => {
    child.on("close", (code, signal) => settle({ code: signal === "SIGABRT" ? "hangs" : code, signal, ...text }));
  });
  return { child, ended };
}
