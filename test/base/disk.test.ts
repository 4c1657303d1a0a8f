import { existsSync, symlinkSync } from "node:fs";
import { mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freeDiskBytes } from "../../src/base/disk/node.ts";
import { makeFolder } from "../../src/base/node.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "split-ticket-disk-"));
  await writeFile(join(folder, "file"), "");
  symlinkSync("none", join(folder, "dangling"));
  symlinkSync("circle", join(folder, "circle"));
  symlinkSync(".", join(folder, "here"));
});
afterAll(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

it("is that of the folder, or of the nearest one above that is there, for this user", async () => {
  const { bavail, bsize } = await statfs(folder);
  for (const place of [folder, at("new"), at("new/a/b"), at("here/new")]) {
    const free = await freeDiskBytes(place);
    // Other programs write meanwhile.
    expect(Math.abs((free ?? 0) - bavail * bsize)).toBeLessThan(0.1 * bavail * bsize);
  }
});

it.each([
  ["file", "is a file where a folder is needed"],
  ["file/below", "is a file where a folder is needed"],
  ["dangling", "is a link to what is not there"],
  ["dangling/below", "is a link to what is not there"],
  ["circle", "lead in a circle"],
  ["circle/below", "lead in a circle"],
  ["x".repeat(300), "the name is too long"],
])("refuses %s, at which no folder can be", async (name, reason) => {
  await expect(freeDiskBytes(at(name))).rejects.toThrow(`cannot write ${at(name)}: `);
  await expect(freeDiskBytes(at(name))).rejects.toThrow(reason);
});

it.runIf(existsSync("/proc/self"))("is not known below /proc, where no folder can be made", async () => {
  expect(await freeDiskBytes("/proc/new/a")).toBeUndefined();
  await expect(makeFolder("/proc/new/a")).rejects.toThrow(
    "cannot make /proc/new: the file system of /proc makes no folders; choose another place",
  );
});

it("many make folders below one that is missing at the same time", async () => {
  const places = Array.from({ length: 64 }, (_, k) => at(`many-${k % 8}/a/b/${k}`));
  await Promise.all(places.map(makeFolder));
  expect(places.every(existsSync)).toBe(true);
});

it("a folder is not made where a link leads to nothing", async () => {
  await expect(makeFolder(at("dangling/a"))).rejects.toThrow("it is a link to a folder that is not there");
});
