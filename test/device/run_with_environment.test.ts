import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/device/environment/node.ts";

/** A command of the kind that the command line is: enters an environment, then does what its argument says. */
const command = `
  import { readFileSync } from "node:fs";
  import { endSignals, obeyNohup } from "./src/base/signals/node.ts";
  import { endWithParent, runWithEnvironment } from "./src/device/environment/node.ts";
  const [deed, value] = process.argv.slice(2);
  obeyNohup();
  endWithParent();
  const env = deed === "stay" ? {} : { ADDED_VARIABLE: "added" };
  const entered = process.env.SPLIT_TICKET_ADAPTER;
  const code = await runWithEnvironment({ env: entered ? {} : env, source: "software: test", kind: "software" });
  if (code !== undefined) process.exit(code);
  console.log(JSON.stringify({ pid: process.pid, entered, added: process.env.ADDED_VARIABLE,
    execArgv: process.execArgv, value }));
  if (deed === "read") console.log(readFileSync(value, "utf8"));
  if (deed === "exit") process.exitCode = Number(value);
  if (deed === "kill") process.kill(process.pid, value);
  if (deed === "wait") {
    const staying = setTimeout(() => {}, 20_000);
    for (const signal of endSignals()) process.once(signal, () => {
      console.log("received " + signal);
      clearTimeout(staying);
      process.exitCode = 130;
    });
  }
`;

// Below the repository, because the bundle finds package.json upwards of itself.
const cache = join(packageRoot(), ".cache");
let folder: string;
beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "test-run-"));
  await build({
    stdin: { contents: command, resolveDir: packageRoot(), loader: "ts" },
    outfile: join(folder, "command.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(
  args: string[],
  input: "ignore" | number = "ignore",
  others: ("ignore" | number)[] = [],
): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const { SPLIT_TICKET_ADAPTER: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--no-warnings", join(folder, "command.mjs"), ...args], {
    env,
    stdio: [input, "pipe", "inherit", ...others],
  });
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, output: () => text, ended };
}

async function run(args: string[]) {
  const { child, output, ended } = start(args);
  const code = await ended;
  return { code, startedPid: child.pid, ...JSON.parse(output().split("\n")[0]) };
}

describe("runWithEnvironment", () => {
  it("goes on in this process when nothing needs to change", async () => {
    const result = await run(["stay", "here"]);
    expect(result).toMatchObject({ code: 0, pid: result.startedPid, value: "here" });
    expect(result.entered).toBeUndefined();
  });

  it("runs the same command once more, with the variables, the marker and Node's own flags", async () => {
    const result = await run(["exit", "0"]);
    expect(result).toMatchObject({ code: 0, added: "added", entered: "software: test", value: "0" });
    expect(result.execArgv).toEqual(["--no-warnings"]);
    expect(result.pid).not.toBe(result.startedPid);
  });

  it.each([3, 5])(
    "hands on the open file %i that an argument names, as a shell's <(command) does",
    async (descriptor) => {
      const path = join(folder, "input");
      writeFileSync(path, "from an open file");
      const others = Array.from({ length: 6 }, (_, at) => (at + 3 === descriptor ? openSync(path, "r") : "ignore"));
      const { output, ended } = start(["read", `/dev/fd/${descriptor}`], "ignore", others);
      expect(await ended).toBe(0);
      expect(output().split("\n")[1]).toBe("from an open file");
    },
  );

  it.each([1, 2, 130])("exits with the child's code %i", async (code) => {
    expect((await run(["exit", String(code)])).code).toBe(code);
  });

  it.each([
    ["SIGKILL", 137],
    ["SIGTERM", 143],
  ])("exits with 128 + n when %s ended the child", async (signal, code) => {
    expect((await run(["kill", signal])).code).toBe(code);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("hands %s to the child and waits for it", async (signal) => {
    const { child, output, ended } = start(["wait"]);
    await expect.poll(output, { timeout: 10_000 }).toContain("entered");
    // The line is printed just before the child listens.
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill(signal);
    expect(await ended).toBe(130);
    expect(output()).toContain(`received ${signal}`);
  });

  it("ends the child by SIGTERM when this process is killed", async () => {
    const { child, output, ended } = start(["wait"]);
    await expect.poll(output, { timeout: 10_000 }).toContain("entered");
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill("SIGKILL");
    // The output ends with the last process that writes to it.
    await ended;
    expect(output()).toContain("received SIGTERM");
  });

  it.runIf(existsSync("/proc/self/fdinfo"))("keeps on after SIGHUP under nohup, the child too", async () => {
    // nohup gives this standard input in place of a terminal.
    const { child, output, ended } = start(["wait"], openSync("/dev/null", "w"));
    await expect.poll(output, { timeout: 10_000 }).toContain("entered");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { pid } = JSON.parse(output().split("\n")[0]);
    expect(pid).not.toBe(child.pid);
    child.kill("SIGHUP");
    process.kill(pid, "SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(pid, "SIGTERM");
    expect(await ended).toBe(130);
    expect(output()).not.toContain("received SIGHUP");
  });
});
