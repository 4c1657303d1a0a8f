import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { inputKind, inputPieces, readInput } from "../../src/base/input/node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "split-ticket-input-"));
});
afterEach(() => rm(folder, { recursive: true }));

const short = { noWriterMs: 60, silenceMs: 60 };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("a file", () => {
  it("is read whole, empty ones too, and in pieces", async () => {
    await writeFile(join(folder, "empty"), "");
    expect((await readInput(join(folder, "empty"))).length).toBe(0);
    const bytes = Uint8Array.from({ length: 2 ** 21 + 3 }, (_, i) => i % 251);
    await writeFile(join(folder, "large"), bytes);
    expect(await readInput(join(folder, "large"))).toEqual(bytes);
    let length = 0;
    for await (const piece of inputPieces(join(folder, "large"))) length += piece.length;
    expect(length).toBe(bytes.length);
  });

  it.each([
    ["grows", (path: string) => appendFileSync(path, "more")],
    ["shrinks", (path: string) => truncateSync(path, 2 ** 20 + 1)],
    ["is written anew", (path: string) => writeFileSync(path, new Uint8Array(2 ** 21))],
  ])("that %s while it is read is refused", async (_, change) => {
    const path = join(folder, "changing");
    await writeFile(path, new Uint8Array(2 ** 21));
    const reading = async () => {
      let first = true;
      for await (const _piece of inputPieces(path)) {
        if (first) {
          // File systems keep times to a few milliseconds.
          await new Promise((resolve) => setTimeout(resolve, 15));
          change(path);
        }
        first = false;
      }
    };
    await expect(reading()).rejects.toThrow(InputError);
    await expect(reading()).rejects.toThrow(/another program changed it meanwhile \(2097152 bytes at first|changed it/);
  });

  it("of more than 2 GiB is refused before memory is taken for it", async () => {
    const path = join(folder, "sparse");
    await writeFile(path, "");
    await truncate(path, 3 * 2 ** 30);
    await expect(readInput(path)).rejects.toThrow(`cannot read ${path}: it is larger than the 2 GiB`);
    expect((await inputKind(path)).sizeBytes).toBe(3 * 2 ** 30);
  });

  it.runIf(existsSync("/proc/self/status"))("of /proc has content though its size is 0", async () => {
    expect(text(await readInput("/proc/self/status"))).toMatch(/^VmRSS:/m);
  });
});

describe("what has no end or no content is refused by its kind", () => {
  it.each(["/dev/zero", "/dev/urandom", "/dev/null", "/dev/full"].filter(existsSync))("%s", async (path) => {
    const refusal = new InputError(`cannot read ${path}: is a device, which may have no end; give a file`);
    await expect(readInput(path)).rejects.toThrow(refusal);
    await expect(inputPieces(path).next()).rejects.toThrow(refusal);
  });

  it("a folder, a socket, an empty path", async () => {
    await mkdir(join(folder, "folder"));
    await expect(readInput(join(folder, "folder"))).rejects.toThrow("is a folder where a file is needed");
    await expect(readInput("")).rejects.toThrow('cannot read "": the path is empty; give a file');
    const socket = join(folder, "socket");
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(readInput(socket)).rejects.toThrow(`cannot read ${socket}: is a socket; give a file`);
    server.close();
  });
});

describe.runIf(process.platform !== "win32")("a pipe", () => {
  const pipe = () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    return path;
  };

  it("is read to its end, by a writer that comes late and writes in parts", async () => {
    const path = pipe();
    const reading = readInput(path);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const writer = await open(path, "w");
    await writer.write("first, ");
    await new Promise((resolve) => setTimeout(resolve, 30));
    await writer.write("second");
    await writer.close();
    expect(text(await reading)).toBe("first, second");
  });

  it("that no program writes to is not waited for", async () => {
    const path = pipe();
    await expect(readInput(path, short)).rejects.toThrow(
      /^cannot read .*: it is a pipe that no program writes to \(\d+ s\)/,
    );
  });

  it("whose writer is silent is given up", async () => {
    const path = pipe();
    const writer = await open(path, "r+");
    await expect(readInput(path, short)).rejects.toThrow(/^cannot read .*: it sends nothing \(\d+ s\); give a file$/);
    await writer.close();
  });
});
