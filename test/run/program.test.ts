import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { TinyRuns } from "../../bench/damage/tiny_runs.ts";
import { packageRoot, packageVersion } from "../../src/device/environment/node.ts";
import { trainingSources } from "../../src/kernels/training_sources.ts";
import { numericVersion, trainingProgram } from "../../src/run/program.ts";

it("names the version and the kernels of the engine", async () => {
  const cpu = await trainingProgram(packageVersion(), "cpu");
  expect(cpu).toEqual({
    version: packageVersion(),
    numeric: numericVersion,
    kernels: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  const [adapter, resident] = [await trainingProgram("", "adapter"), await trainingProgram("", "resident")];
  expect(adapter.kernels).toMatch(/^[0-9a-f]{16}$/);
  expect(adapter.kernels).not.toBe(cpu.kernels);
  expect(resident).toEqual(adapter);
});

it("knows all WGSL but that of benchmarks", () => {
  const folder = join(packageRoot(), "shaders");
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  const ceilings = ["arithmetic_ceiling.wgsl", "bandwidth_ceiling.wgsl"];
  const wanted = all.filter((path) => path.endsWith(".wgsl") && !ceilings.includes(path)).sort();
  // A choice's file is named by its folder and name.
  const known = trainingSources().map(({ file }) => file.replaceAll("-", "_"));
  expect(known.sort()).toEqual(wanted);
});

it("keeps the bytes of a small run", async () => {
  const runs = await TinyRuns.open({ keepTrained: true, keepCurves: true });
  try {
    const folder = await runs.filesAfter(4, 3);
    const hashes: Record<string, string> = {};
    for (const name of ["init.safetensors", "level-03.safetensors", "levels.jsonl", "curves.jsonl"]) {
      hashes[name] = (await folder.sha256(`${await runs.path(3)}/${name}`)).slice(0, 16);
    }
    expect(
      hashes,
      "the host or the kernels of the CPU give other bytes than before: if that is meant, raise numericVersion in src/run/program.ts and pin the new hashes here, so that runs begun before are not gone on with",
    ).toEqual({
      "curves.jsonl": "a9fa36466e50b333",
      "init.safetensors": "546610d90c97908b",
      "level-03.safetensors": "870379ade60f41cc",
      "levels.jsonl": "ff08a6a3618f438f",
    });
  } finally {
    runs.close();
  }
});
