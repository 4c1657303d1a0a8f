import { strToU8, zipSync } from "fflate";
import { expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { readArchive, runPaths, writeArchive } from "../../src/store/archive.ts";
import { MemoryFiles } from "../../src/store/memory.ts";

const twoRuns = () =>
  new MemoryFiles([
    ["runs/a-1/seed-10/run.json", strToU8("{}")],
    ["runs/a-1/seed-10/levels.jsonl", strToU8("")],
    ["runs/a-1/seed-2/run.json", strToU8("{}")],
  ]);

it("keeps run folders, byte for byte, and packs equal files into equal archives", () => {
  const archive = writeArchive(twoRuns());
  expect(Buffer.compare(archive, writeArchive(twoRuns()))).toBe(0);
  // Time and date of the first entry in DOS format: 1 January 1980, independent of the time of packing.
  expect([...archive.subarray(10, 14)]).toEqual([0, 0, 0x21, 0]);
  const files = readArchive(archive, "runs.zip");
  expect(files.entries()).toEqual(twoRuns().entries());
  expect(runPaths(files)).toEqual(["runs/a-1/seed-10", "runs/a-1/seed-2"]);
});

it("takes run folders from anywhere in an archive and nothing else", () => {
  const archive = zipSync({
    "run.json": strToU8("{}"),
    "notes/readme.txt": strToU8("hello"),
    "b/init.bin": strToU8("x"),
  });
  const files = readArchive(archive, "runs.zip");
  expect(files.entries().map(([path]) => path)).toEqual(["run.json"]);
  expect(runPaths(files)).toEqual(["."]);
});

it("reads what Windows packs: backslashes, and entries for folders", () => {
  const archive = zipSync({
    "runs\\": new Uint8Array(),
    "runs\\größe (v2) & co-1\\seed-2\\run.json": strToU8("{}"),
    "./runs/a-1/seed-0/run.json": strToU8("{}"),
    "runs/a-1/": new Uint8Array(),
  });
  expect(runPaths(readArchive(archive, "runs.zip"))).toEqual(["runs/a-1/seed-0", "runs/größe (v2) & co-1/seed-2"]);
});

it("refuses entries that lead out of the archive, and a file that is there twice", () => {
  for (const path of [
    "../run.json",
    "a/../../run.json",
    "/run.json",
    "a\\..\\run.json",
    "C:\\a\\run.json",
    "\\\\b\\run.json",
  ]) {
    expect(() => readArchive(zipSync({ "run.json": strToU8("{}"), [path]: strToU8("{}") }), "a.zip")).toThrow(
      new InputError(
        `a.zip: cannot be unpacked (its entry "${path}" leads out of the archive); give a zip file of run folders`,
      ),
    );
  }
  const twice = zipSync({ "a/run.json": strToU8("{}"), "a\\run.json": strToU8("{}") });
  expect(() => readArchive(twice, "a.zip")).toThrow('a.zip: cannot be unpacked ("a/run.json" is in it twice)');
  // Two dots within a name lead nowhere.
  expect(runPaths(readArchive(zipSync({ "a..b-1/seed-0/run.json": strToU8("{}") }), "a.zip"))).toEqual([
    "a..b-1/seed-0",
  ]);
});

it("refuses a damaged file", () => {
  const archive = zipSync({ "run.json": strToU8('{"seed": 1}') }, { level: 0 });
  archive[30 + "run.json".length + 9] ^= 1;
  expect(() => readArchive(archive, "a.zip")).toThrow(
    /^a\.zip: cannot be unpacked \("run\.json" is damaged: its CRC-32/,
  );
});

it("refuses what holds no run", () => {
  expect(() => readArchive(strToU8("PK not"), "a.zip")).toThrow(
    new InputError("a.zip: cannot be unpacked (invalid zip data); give a zip file of run folders"),
  );
  expect(() => readArchive(zipSync({ "a.txt": strToU8("x") }), "a.zip")).toThrow(
    new InputError("a.zip: holds no run.json; give a run folder, or a zip file of run folders"),
  );
});

it("refuses an archive that unpacks to more than a gibibyte, by what its entries say", () => {
  const archive = zipSync({ "run.json": strToU8("{}") });
  const bytes = new DataView(archive.buffer);
  // The entry in the central directory: its signature, and at offset 24 its unpacked size.
  const entry = archive.findIndex((_, at) => at + 4 <= archive.length && bytes.getUint32(at, true) === 0x02014b50);
  bytes.setUint32(entry + 24, 2 ** 30 + 1, true);
  expect(() => readArchive(archive, "a.zip")).toThrow(
    "a.zip: cannot be unpacked (it unpacks to 1073741825 bytes, at most 1073741824 are read)",
  );
});
