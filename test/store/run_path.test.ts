import { expect, test } from "vitest";
import {
  experimentFolder,
  experimentName,
  folderOfRecord,
  isDeterministic,
  isFolderName,
  isRunFile,
  levelFile,
  levelName,
  levelOf,
  runPath,
  seedOf,
} from "../../src/store/run_path.ts";

test("paths are made, and parsed back", () => {
  expect(runPath(`runs/${experimentFolder({ name: "a-b", specHash: "0123456789ab" })}`, 12)).toBe(
    "runs/a-b-0123456789ab/seed-12",
  );
  expect([0, 7, 4294967295].map((seed) => seedOf(runPath("", seed).slice(1)))).toEqual([0, 7, 4294967295]);
  expect(["seed-", "seed-x", "my-seed-1", "seed-1/a"].map(seedOf)).toEqual(Array(4).fill(undefined));
  expect([0, 9, 10, 123].map(levelFile).map(levelOf)).toEqual([0, 9, 10, 123]);
  expect(levelFile(7)).toBe("level-07.safetensors");
  expect(["level-7.safetensors", "level-07.zip", "xlevel-07.safetensors"].map(levelOf)).toEqual(
    Array(3).fill(undefined),
  );
  expect(["run.json", "a/b/run.json", "a/xrun.json", "a/run.json/b"].map(folderOfRecord)).toEqual([
    ".",
    "a/b",
    undefined,
    undefined,
  ]);
});

test.each([
  ["data/my data (v2).csv", "my data (v2)"],
  ["größe & maß.npz", "größe & maß"],
  ["./.hidden.csv", ".hidden"],
  ["a..b.csv", "a..b"],
  ["C:\\data\\my.csv", "my"],
  ["a\u001b[31m\nb.csv", "a_[31m_b"],
  ["dir\n/x.csv", "x"],
  [`${"ü".repeat(125)}.csv`, "ü".repeat(121)],
  [`${"a".repeat(242)}.csv`, "a".repeat(242)],
])("an experiment has the name of its file: %j", (path, name) => {
  expect(experimentName(path)).toBe(name);
  expect(isFolderName(name)).toBe(true);
  expect(Buffer.byteLength(experimentFolder({ name, specHash: "0123456789ab" }))).toBeLessThanOrEqual(255);
});

test("a level's file outside its run folder stays where it is written, whatever the run's name", () => {
  expect(levelName("my data (v2)", 3, 7)).toBe("my data (v2)-seed-3-level-07");
  expect(levelName("../../up\\a\u001b", 0, 10)).toBe(".._.._up_a_-seed-0-level-10");
  expect(Buffer.byteLength(`${levelName("ü".repeat(300), 4294967295, 100)}.safetensors`)).toBeLessThanOrEqual(255);
});

test("what cannot be part of a folder's name", () => {
  expect(["a/b", "..\\a", "a\u0000", "a\u009b", "a\n", "\ud800"].map(isFolderName)).toEqual(Array(6).fill(false));
});

test("the files of a run folder are told from others", () => {
  const checked = ["levels.jsonl", "curves.jsonl", "init.safetensors", "level-00.safetensors"];
  expect(checked.map(isDeterministic)).toEqual(Array(4).fill(true));
  expect(["run.json", "timings.jsonl", "other.safetensors"].map(isDeterministic)).toEqual([false, false, false]);
  const files = [...checked, "run.json", "timings.jsonl"];
  expect(files.flatMap((name) => [isRunFile(name), isRunFile(`a/b/${name}`)])).toEqual(Array(12).fill(true));
  expect(["a/ticket.safetensors", "xrun.json", "run.json/x"].map(isRunFile)).toEqual([false, false, false]);
});
