import { expect, test } from "vitest";
import {
  experimentFolder,
  folderOfRecord,
  isDeterministic,
  isRunFile,
  levelFile,
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

test("the files of a run folder are told from others", () => {
  const checked = ["levels.jsonl", "curves.jsonl", "init.safetensors", "level-00.safetensors"];
  expect(checked.map(isDeterministic)).toEqual(Array(4).fill(true));
  expect(["run.json", "timings.jsonl", "other.safetensors"].map(isDeterministic)).toEqual([false, false, false]);
  const files = [...checked, "run.json", "timings.jsonl"];
  expect(files.flatMap((name) => [isRunFile(name), isRunFile(`a/b/${name}`)])).toEqual(Array(12).fill(true));
  expect(["a/ticket.safetensors", "xrun.json", "run.json/x"].map(isRunFile)).toEqual([false, false, false]);
});
