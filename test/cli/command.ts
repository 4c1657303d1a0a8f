import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";
import { packageRoot } from "../../src/device/environment/node.ts";
import { inlinePlugin } from "../../tools/inline.mjs";

/** What a command came to. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once standard error holds a text. */
  readonly says: (text: string) => Promise<void>;
}

export interface CommandLine {
  /** The folder that the commands work in, removed after the tests of the file. */
  readonly folder: () => string;
  readonly start: (args: readonly string[], env?: NodeJS.ProcessEnv, program?: string) => Started;
  readonly run: (args: readonly string[], env?: NodeJS.ProcessEnv, program?: string) => Promise<Finished>;
}

/**
 * Bundles the command line before the tests of a file and runs it in processes of its own, as a user would. Below the
 * repository, because the bundle finds package.json upwards of itself.
 */
export function commandLine(): CommandLine {
  let folder = "";
  beforeAll(async () => {
    const cache = join(packageRoot(), ".cache");
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "test-cli-"));
    await build({
      absWorkingDir: packageRoot(),
      entryPoints: { cli: "src/cli/main.ts" },
      outdir: folder,
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
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}, program = "cli.mjs"): Started => {
    // Without what the test runner was started with, so that the command finds its adapter itself.
    const { SPLIT_TICKET_ADAPTER: _a, VK_DRIVER_FILES: _d, LD_LIBRARY_PATH: _l, ...base } = process.env;
    const child = spawn(process.execPath, [join(folder, program), ...args], {
      cwd: folder,
      env: { ...base, ...env },
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
  return { folder: () => folder, start, run: (args, env, program) => start(args, env, program).finished };
}

/** Spec keys of a run that takes a fraction of a second: Moons-Circles, two levels of two epochs. */
export const tiny = ["--set", "extension=1", "maxEpochs=2"];

/** Below the folder of a {@link CommandLine}: the same program in a package that has no SwiftShader. */
export const bareProgram = "bare/cli.mjs";

/** Makes {@link bareProgram}; returns variables under which the system has no driver either. */
export function withoutAdapter(cli: CommandLine): NodeJS.ProcessEnv {
  const bare = join(cli.folder(), "bare");
  mkdirSync(bare, { recursive: true });
  copyFileSync(join(cli.folder(), "cli.mjs"), join(bare, "cli.mjs"));
  cpSync(join(cli.folder(), "chunks"), join(bare, "chunks"), { recursive: true });
  writeFileSync(join(bare, "package.json"), '{"name":"split-ticket","version":"0.1.0","type":"module"}');
  return { VK_DRIVER_FILES: join(bare, "no-driver.json") };
}
