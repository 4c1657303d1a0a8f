import { execFileSync } from "node:child_process";
import { closeSync, existsSync, lstatSync, openSync, readFileSync, statSync, symlinkSync, writeSync } from "node:fs";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeAtomically } from "../../src/base/output/node.ts";
import { nodeFiles, writeOutput } from "../../src/store/node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "split-ticket-output-"));
});
afterEach(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

it("a file keeps its permissions", async () => {
  await writeFile(at("private"), "old");
  await chmod(at("private"), 0o600);
  await writeAtomically(at("private"), "new");
  expect((await stat(at("private"))).mode & 0o777).toBe(0o600);
  expect(await readFile(at("private"), "utf8")).toBe("new");
});

it.runIf(process.getuid?.() !== 0)("a file that is protected from writing is refused", async () => {
  await writeFile(at("protected"), "old");
  await chmod(at("protected"), 0o400);
  await expect(nodeFiles.write(at("protected"), "new")).rejects.toThrow(/permission denied/);
});

describe("a link", () => {
  it("stays, and the file that it leads to is written, there or not yet", async () => {
    await mkdir(at("far"));
    await writeFile(at("far/file"), "old");
    symlinkSync("far/file", at("link"));
    symlinkSync(at("link"), at("link to a link"));
    await writeOutput(at("link to a link"), "new");
    expect(readFileSync(at("far/file"), "utf8")).toBe("new");
    symlinkSync("far/none", at("dangling"));
    await writeOutput(at("dangling"), "made");
    expect(readFileSync(at("far/none"), "utf8")).toBe("made");
    for (const name of ["link", "link to a link", "dangling"]) expect(lstatSync(at(name)).isSymbolicLink()).toBe(true);
    expect(await readdir(folder)).toEqual(["dangling", "far", "link", "link to a link"]);
  });

  it("that leads in a circle is refused and stays", async () => {
    symlinkSync("there", at("here"));
    symlinkSync("here", at("there"));
    await expect(writeOutput(at("here"), "x")).rejects.toThrow(/lead in a circle; choose another path \(ELOOP\)$/);
    expect(lstatSync(at("here")).isSymbolicLink()).toBe(true);
  });

  it.runIf(existsSync("/dev/full"))("to a device leads to the device", async () => {
    symlinkSync("/dev/full", at("full.svg"));
    await expect(writeOutput(at("full.svg"), "x")).rejects.toThrow(/^cannot write .*full\.svg: no space left/);
    symlinkSync("/dev/null", at("null.svg"));
    await writeOutput(at("null.svg"), "x");
    for (const device of ["/dev/full", "/dev/null"]) expect(statSync(device).isCharacterDevice()).toBe(true);
    for (const name of ["full.svg", "null.svg"]) expect(lstatSync(at(name)).isSymbolicLink()).toBe(true);
  });
});

describe("what is no file is not replaced", () => {
  it("a folder, a socket, an empty path, the name of a folder", async () => {
    await mkdir(at("folder"));
    await expect(writeOutput(at("folder"), "x")).rejects.toThrow("is a folder where a file is needed");
    await expect(writeOutput("", "x")).rejects.toThrow('cannot write "": the path is empty; give a file');
    await expect(writeOutput(`${at("new")}/`, "x")).rejects.toThrow("a folder's name ends with /; give a file");
    const server = createServer().listen(at("socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(writeOutput(at("socket"), "x")).rejects.toThrow("is a socket; choose a file");
    expect((await stat(at("socket"))).isSocket()).toBe(true);
    server.close();
    expect((await readdir(folder)).filter((name) => name !== "socket")).toEqual(["folder"]);
  });

  it.runIf(process.platform !== "win32")("a pipe: its reader gets all, and without one nothing waits", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    await expect(writeAtomically(at("pipe"), "x", 50)).rejects.toThrow(
      `cannot write ${at("pipe")}: no program reads from this pipe; start one, or choose a file`,
    );
    // More than the 64 KiB that a pipe holds.
    const content = "0123456789".repeat(30_000);
    const reader = await open(at("pipe"), "r+");
    const writing = writeAtomically(at("pipe"), content);
    let received = "";
    while (received.length < content.length)
      received += (await reader.read()).buffer.toString("utf8").replaceAll("\0", "");
    await writing;
    await reader.close();
    expect(received).toBe(content);
    expect((await stat(at("pipe"))).isFIFO()).toBe(true);
  });

  it.runIf(existsSync("/dev/fd"))("an open file of this process goes on where it is, as /dev/stdout does", async () => {
    const descriptor = openSync(at("redirected"), "w");
    writeSync(descriptor, "before, ");
    await writeOutput(`/dev/fd/${descriptor}`, "figure, ");
    writeSync(descriptor, "after");
    closeSync(descriptor);
    expect(readFileSync(at("redirected"), "utf8")).toBe("before, figure, after");
    await expect(writeOutput(`/dev/fd/${descriptor}`, "x")).rejects.toThrow(/it is no open file of this process/);
  });
});
