import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";
import { runCommandLine } from "../../src/cli/command_line.ts";
import type { TextStream } from "../../src/cli/shell.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { inlinePlugin } from "../../tools/inline.mjs";

/** The result of a command. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once standard error holds a text. */
  readonly says: (text: string) => Promise<void>;
}

export interface CommandLine {
  /** The folder that the commands work in, removed after the tests of the file. */
  readonly folder: () => string;
  /**
   * Calls the command line in this process, which takes milliseconds.
   * @param env added to the variables of this process
   * @param terminal whether its output is a terminal of 100 columns
   */
  readonly call: (args: readonly string[], env?: NodeJS.ProcessEnv, terminal?: boolean) => Promise<Finished>;
}

/** A command line that can also run in processes of its own, for tests of signals and pipes. */
export interface CommandProcesses extends CommandLine {
  readonly start: (args: readonly string[], env?: NodeJS.ProcessEnv, program?: string) => Started;
  readonly run: (args: readonly string[], env?: NodeJS.ProcessEnv, program?: string) => Promise<Finished>;
}

/** The variables of this process without those of an adapter, so that a command searches for its adapter. */
function variables(added: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { SPLIT_TICKET_ADAPTER: _a, VK_DRIVER_FILES: _d, LD_LIBRARY_PATH: _l, ...base } = process.env;
  return { ...base, ...added };
}

/** A stream that keeps what is written to it. */
function capture(terminal: boolean): { stream: TextStream; text: () => string } {
  let text = "";
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, terminal ? { isTTY: true, columns: 100, rows: 24 } : {}), text: () => text };
}

/** Calls the command line in a new folder, which becomes this process's working folder before the tests of a file. */
export function commandLine(): CommandLine {
  let folder = "";
  const before = process.cwd();
  beforeAll(() => {
    // Below the repository, because a bundle of the command line finds package.json upwards of itself.
    const cache = join(packageRoot(), ".cache");
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "test-cli-"));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });
  const call = async (args: readonly string[], env: NodeJS.ProcessEnv = {}, terminal = false) => {
    const [stdout, stderr] = [capture(terminal), capture(terminal)];
    const code = await runCommandLine(args, {
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: variables(env),
      enter: async ({ env: added }) => {
        if (Object.keys(added).length > 0) throw new Error("a command called in a test needs a process of its own");
        return undefined;
      },
    });
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  };
  return { folder: () => folder, call };
}

/** As {@link commandLine}, and bundles it before the tests of a file, to run it as a user would. */
export function commandProcesses(): CommandProcesses {
  const { folder, call } = commandLine();
  beforeAll(async () => {
    await build({
      absWorkingDir: packageRoot(),
      entryPoints: { cli: "src/cli/main.ts" },
      outdir: folder(),
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      plugins: [inlinePlugin],
    });
  });

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}, program = "cli.mjs"): Started => {
    const child = spawn(process.execPath, [join(folder(), program), ...args], {
      cwd: folder(),
      env: variables(env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const finished = new Promise<Finished>((resolve) => {
      child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
    const says = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (stderr.includes(text)) resolve();
        };
        child.stderr.on("data", look);
        child.on("close", () => reject(new Error(`ended without saying "${text}": ${stderr}`)));
        look();
      });
    return { child, finished, says };
  };
  return { folder, call, start, run: (args, env, program) => start(args, env, program).finished };
}

/** Spec keys of a run that takes a fraction of a second: Moons-Circles, two levels of two epochs. */
export const tiny = ["--set", "extension=1", "maxEpochs=2"];

/** Below the folder of {@link CommandProcesses}: the same program in a package that has no SwiftShader. */
export const bareProgram = "bare/cli.mjs";

/** Makes {@link bareProgram}; returns variables under which the system has no driver either. */
export function withoutAdapter(cli: CommandProcesses): NodeJS.ProcessEnv {
  const bare = join(cli.folder(), "bare");
  mkdirSync(bare, { recursive: true });
  copyFileSync(join(cli.folder(), "cli.mjs"), join(bare, "cli.mjs"));
  cpSync(join(cli.folder(), "chunks"), join(bare, "chunks"), { recursive: true });
  writeFileSync(join(bare, "package.json"), '{"name":"split-ticket","version":"0.1.0","type":"module"}');
  return { VK_DRIVER_FILES: join(bare, "no-driver.json") };
}
