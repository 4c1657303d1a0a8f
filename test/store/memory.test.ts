import { expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { MemoryFiles } from "../../src/store/memory.ts";

it("behaves as a file system does", async () => {
  const files = new MemoryFiles();
  for (const folder of ["runs/a/seed-1", "runs/a/seed-0/", "runs/ab"]) await files.makeFolder(folder);
  await files.write("runs/a/seed-1/run.json", "{}");
  await files.write("runs/a/seed-0/run.json", new Uint8Array([1, 2]));
  await files.write("runs/ab/x", "x");
  expect(await files.list("runs/a")).toEqual(["seed-0", "seed-1"]);
  expect(await files.list("runs/b")).toEqual([]);
  expect(await files.exists("runs/a")).toBe(true);
  expect(await files.exists("runs/a/seed-1/run.json")).toBe(true);
  expect(await files.exists("runs/a/")).toBe(true);
  expect(await files.exists("runs/a/seed-1/run.json/")).toBe(false);
  expect(await files.exists("runs/a/seed-2")).toBe(false);
  expect(new TextDecoder().decode(await files.read("runs/a/seed-1/run.json"))).toBe("{}");
  await files.write("runs/a/seed-1/run.json", "[]");
  expect(new TextDecoder().decode(await files.read("runs/a/seed-1/run.json"))).toBe("[]");
  await files.remove("runs/a/seed-1/run.json");
  await files.remove("runs/a/seed-1/run.json");
  expect(await files.exists("runs/a/seed-1/run.json")).toBe(false);
  expect([await files.exists("runs/a/seed-1"), await files.list("runs/a/seed-1")]).toEqual([true, []]);
  await expect(files.write("runs/c/x", "x")).rejects.toThrow(
    new InputError("cannot write runs/c/x: there is no such folder"),
  );
  files.clear();
  await expect(files.write("runs/ab/x", "x")).rejects.toThrow(InputError);
  await expect(files.read("runs/b")).rejects.toThrow(new InputError("runs/b: there is no such file"));
});

it("has the files without a folder in the folder that is named by a dot", async () => {
  const files = new MemoryFiles([["run.json", new Uint8Array([1])]]);
  await files.write("./levels.jsonl", "");
  await files.makeFolder("a");
  await files.write("a/b", "");
  expect(await files.list(".")).toEqual(["a", "levels.jsonl", "run.json"]);
  expect([...(await files.read("./run.json"))]).toEqual([1]);
  expect([await files.exists("./run.json"), await files.exists(".")]).toEqual([true, true]);
});
