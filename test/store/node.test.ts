import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InputError, StorageError } from "../../src/base/errors.ts";
import { nodeFiles, writeOutput } from "../../src/store/node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "split-ticket-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("writes text and bytes into a folder that was made, and leaves nothing else behind", async () => {
  await nodeFiles.makeFolder(`${folder}/a/b`);
  await nodeFiles.makeFolder(`${folder}/a/b`);
  await nodeFiles.write(`${folder}/a/b/text`, "héllo");
  await nodeFiles.write(`${folder}/a/b/bytes`, new Uint8Array([0, 255, 7]));
  expect(await readFile(`${folder}/a/b/text`, "utf8")).toBe("héllo");
  expect([...(await nodeFiles.read(`${folder}/a/b/bytes`))]).toEqual([0, 255, 7]);
  expect(await readdir(`${folder}/a/b`)).toEqual(["bytes", "text"]);
});

test("a write that fails on the way keeps the old content and removes its temporary file", async () => {
  await nodeFiles.write(`${folder}/file`, "old");
  // Node rejects this content only after the temporary file is open.
  await expect(nodeFiles.write(`${folder}/file`, 42 as unknown as string)).rejects.toThrow(TypeError);
  expect(await readFile(`${folder}/file`, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["file"]);
});

test("files that are written together: all stay as they were if one cannot be written, or a last look forbids it", async () => {
  const at = (name: string) => `${folder}/${name}`;
  await nodeFiles.write(at("a"), "old");
  await mkdir(at("taken"));
  const write = (names: string[], beforeReplacing?: () => Promise<void>) =>
    nodeFiles.writeAll(new Map(names.map((name) => [at(name), "new"])), beforeReplacing);
  await expect(write(["a", "taken"])).rejects.toThrow(`cannot write ${at("taken")}: is a folder`);
  const looks: string[][] = [];
  const forbid = async () => {
    looks.push((await readdir(folder)).filter((name) => name.endsWith(".tmp")));
    throw new InputError("held by another");
  };
  await expect(write(["a", "b"], forbid)).rejects.toThrow("held by another");
  expect(looks).toEqual([[expect.any(String), expect.any(String)]]);
  expect(await readFile(at("a"), "utf8")).toBe("old");
  expect((await readdir(folder)).sort()).toEqual(["a", "taken"]);
  await write(["a", "b"]);
  expect(await readFile(at("a"), "utf8")).toBe("new");
  expect(await readFile(at("b"), "utf8")).toBe("new");
  expect((await readdir(folder)).sort()).toEqual(["a", "b", "taken"]);
});

test("a write onto a folder is refused, names the path and leaves no temporary file", async () => {
  await mkdir(`${folder}/taken`);
  await writeFile(`${folder}/taken/inside`, "kept");
  await expect(nodeFiles.write(`${folder}/taken`, "x")).rejects.toThrow(
    new InputError(`cannot write ${folder}/taken: is a folder where a file is needed; choose another path (EISDIR)`),
  );
  expect(await readdir(folder)).toEqual(["taken"]);
  expect(await readdir(`${folder}/taken`)).toEqual(["inside"]);
});

test("a reader sees the whole of one version while others write", async () => {
  const size = 300_000;
  await nodeFiles.write(`${folder}/file`, new Uint8Array(size));
  const writers = Array.from({ length: 12 }, (_, i) => nodeFiles.write(`${folder}/file`, new Uint8Array(size).fill(i)));
  let writing = true;
  const done = Promise.all(writers).finally(() => {
    writing = false;
  });
  while (writing) {
    const content = await nodeFiles.read(`${folder}/file`);
    expect(content.length).toBe(size);
    expect(content.every((byte) => byte === content[0])).toBe(true);
  }
  await done;
  expect(await readdir(folder)).toEqual(["file"]);
});

test("a write makes no folder, and says which one is not there", async () => {
  await expect(nodeFiles.write(`${folder}/gone/x`, "x")).rejects.toThrow(
    new InputError(`cannot write ${folder}/gone/x: there is no such file or folder; check the path (ENOENT)`),
  );
  expect(await readdir(folder)).toEqual([]);
});

test("removes a file, and does nothing where there is none", async () => {
  await nodeFiles.write(`${folder}/file`, "x");
  await nodeFiles.remove(`${folder}/file`);
  await nodeFiles.remove(`${folder}/file`);
  await nodeFiles.remove(`${folder}/gone/file`);
  expect(await readdir(folder)).toEqual([]);
  await mkdir(`${folder}/taken`);
  await expect(nodeFiles.remove(`${folder}/taken`)).rejects.toThrow(InputError);
  expect(await readdir(folder)).toEqual(["taken"]);
});

test("a place below a regular file is refused by name", async () => {
  await writeFile(`${folder}/file`, "");
  await expect(writeOutput(`${folder}/file/below/x`, "x")).rejects.toThrow(
    new InputError(
      `cannot write ${folder}/file/below/x: a part of the path is a file, not a folder; choose another path (ENOTDIR)`,
    ),
  );
  await expect(writeOutput(`${folder}/file/x`, "x")).rejects.toThrow(
    `cannot write ${folder}/file/x: a part of the path is a file, not a folder; choose another path (ENOTDIR)`,
  );
  await expect(nodeFiles.makeFolder(`${folder}/file`)).rejects.toThrow(
    `cannot write ${folder}/file: is a file where a folder is needed; choose another path (EEXIST)`,
  );
  await expect(nodeFiles.list(`${folder}/file`)).rejects.toThrow(`cannot list ${folder}/file: a part of the path`);
  expect(await nodeFiles.exists(`${folder}/file/x`)).toBe(false);
});

test("reading what is not there or no file names the path", async () => {
  await expect(nodeFiles.read(`${folder}/none`)).rejects.toThrow(
    new InputError(`cannot read ${folder}/none: there is no such file or folder; check the path (ENOENT)`),
  );
  await expect(nodeFiles.read(folder)).rejects.toThrow(InputError);
});

test("lists sorted names, and nothing for a folder that is not there", async () => {
  for (const name of ["b", "a10", "a2"]) await writeFile(`${folder}/${name}`, "");
  expect(await nodeFiles.list(folder)).toEqual(["a10", "a2", "b"]);
  expect(await nodeFiles.list(`${folder}/none`)).toEqual([]);
  expect(await nodeFiles.exists(`${folder}/b`)).toBe(true);
  expect(await nodeFiles.exists(`${folder}/b/`)).toBe(false);
  expect(await nodeFiles.exists(`${folder}/`)).toBe(true);
  expect(await nodeFiles.exists(`${folder}/none`)).toBe(false);
});

test("writes a file in pieces, and leaves none where a piece fails", async () => {
  await writeOutput(
    `${folder}/pieces/whole`,
    (async function* () {
      yield "a, ";
      yield Uint8Array.of(98, 10);
    })(),
  );
  expect(await readFile(`${folder}/pieces/whole`, "utf8")).toBe("a, b\n");
  const broken = (async function* () {
    yield "a";
    throw new InputError("the second piece is missing");
  })();
  await expect(writeOutput(`${folder}/pieces/broken`, broken)).rejects.toThrow("the second piece is missing");
  expect(await nodeFiles.list(`${folder}/pieces`)).toEqual(["whole"]);
});

// A device that is always full is there on Linux only.
test.runIf(existsSync("/dev/full"))("a full disk is a failure of the storage, and a device stays one", async () => {
  await expect(nodeFiles.write("/dev/full", "x")).rejects.toThrow(
    new StorageError("cannot write /dev/full: no space left on the device; free some or choose another place (ENOSPC)"),
  );
  expect((await stat("/dev/full")).isCharacterDevice()).toBe(true);
});

test("a folder that cannot be made is refused for the reason of the one above", async () => {
  // Below /proc nothing can be made, not even by root; elsewhere a file stands in the way.
  const place = existsSync("/proc/self") ? "/proc/none/a/b" : `${folder}/file/a/b`;
  await writeFile(`${folder}/file`, "");
  await expect(writeOutput(`${place}/x`, "x")).rejects.toThrow(InputError);
});
