import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../../src/base/errors.ts";
import { formatLock, parseLock } from "../../../src/store/lock/lock_record.ts";
import { nodeLockFiles, nodeLocks } from "../../../src/store/lock/node.ts";
import { nodeProcesses } from "../../../src/store/process/node.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "split-ticket-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("lock files of Node", () => {
  it("are made by exactly one of many, with their whole content", async () => {
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, k) => nodeLockFiles.create(`${folder}/lock.json`, `lock ${k}`)),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await nodeLockFiles.read(`${folder}/lock.json`)).toBe(`lock ${made.indexOf(true)}`);
    expect(readdirSync(folder)).toEqual(["lock.json"]);
  });

  it("are replaced in place by their own token alone, and not made again", async () => {
    const path = `${folder}/lock.json`;
    await nodeLockFiles.create(path, "token-a 1");
    expect(await nodeLockFiles.replace(path, "token-b", "token-b 2")).toBe(false);
    expect(await nodeLockFiles.replace(path, "token-a", "token-a 2")).toBe(true);
    expect(await nodeLockFiles.read(path)).toBe("token-a 2");
    await nodeLockFiles.remove(path);
    expect(await nodeLockFiles.replace(path, "token-a", "token-a 3")).toBe(false);
    expect(await nodeLockFiles.read(path)).toBeUndefined();
    await nodeLockFiles.remove(path);
  });

  it.each([
    ["a folder", (path: string) => mkdirSync(path)],
    ["a pipe", (path: string) => execFileSync("mkfifo", [path])],
    ["a link", (path: string) => symlinkSync("/dev/zero", path)],
  ])("refuse %s of that name", async (_, make) => {
    make(`${folder}/lock.json`);
    await expect(nodeLocks.lock(folder)).rejects.toThrow(
      new InputError(`${folder}/lock.json: is no file, and a lock belongs there; remove it`),
    );
  });

  it("of any size are read in part", async () => {
    writeFileSync(`${folder}/lock.json`, Buffer.alloc(50_000_000));
    expect((await nodeLockFiles.read(`${folder}/lock.json`))?.length).toBe(4096);
    await expect(nodeLocks.lock(folder)).rejects.toThrow("is written by an unreadable lock file");
  });

  it("name this process, and go when it ends", async () => {
    const lock = await nodeLocks.lock(folder);
    const record = parseLock(readFileSync(`${folder}/lock.json`, "utf8"));
    expect(record).toMatchObject({ ...(await nodeProcesses.self()), heartbeat: "000000000000" });
    expect(nodeLocks.heldLocks()).toMatchObject([{ path: `${folder}/lock.json`, token: record?.token }]);
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(nodeLocks.heldLocks()).toEqual([]);
  });
});

// Linux alone tells when a process started, and that it is stopped, without another program.
describe.runIf(existsSync("/proc/self/stat"))("another process of this machine", () => {
  it("is running, stopped, gone, or another of the same number", async () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 30000)"], { stdio: "ignore" });
    const pid = child.pid!;
    const start = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ")[19];
    const identity = { ...(await nodeProcesses.self()), pid, start };
    expect(await nodeProcesses.state(identity)).toBe("running");
    expect(await nodeProcesses.state({ ...identity, start: "1" })).toBe("gone");
    writeFileSync(`${folder}/lock.json`, formatLock(identity, "token", 0));
    await expect(nodeLocks.lock(folder)).rejects.toThrow(`is written by pid ${pid} on ${identity.host}`);
    child.kill("SIGSTOP");
    await expect.poll(() => nodeProcesses.state(identity)).toBe("stopped");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    expect(await nodeProcesses.state(identity)).toBe("gone");
    await (await nodeLocks.lock(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
