import { describe, expect, it } from "vitest";
import { caseNames } from "../../src/benchmark/cases.ts";
import { benchmarkResultSchema } from "../../src/benchmark/result.ts";
import { bareProgram, commandProcesses, withoutAdapter } from "./command.ts";

const cli = commandProcesses();

describe("bench", () => {
  it("times the engines of an adapter, as one JSON document", async () => {
    const { code, stdout, stderr } = await cli.run(["bench", "4,8,8,2", "--quick", "--device", "software", "--json"]);
    expect(code).toBe(0);
    const result = benchmarkResultSchema.parse(JSON.parse(stdout));
    expect(result.adapter?.kind).toBe("software");
    expect(result.ceilings.map(({ of, executor }) => [of, executor])).toEqual([["adapter", result.adapter?.name]]);
    expect(result.throughput.map(({ engine, population }) => [engine, population])).toEqual([
      ["resident", 1],
      ["resident", 8],
      ["tiled", 1],
      ["tiled", 8],
    ]);
    for (const { gflops, arithmeticShare, bandwidthShare } of result.throughput) {
      expect(gflops).toBeGreaterThan(0);
      expect(arithmeticShare).toBeGreaterThan(0);
      expect(bandwidthShare).toBeGreaterThan(0);
    }
    expect(stderr).toContain(`adapter: ${result.adapter?.name} (software)\n`);
    expect(stderr).toContain("1 of 5: ceilings of the adapter\n");
    expect(stderr).toContain("5 of 5: tiled (4,8,8,2), 112 weights, population 8\n");
  });

  it("prints tables for people, of the CPU only if there is no adapter", async () => {
    const { code, stdout, stderr } = await cli.run(["bench", "4,8,8,2", "--quick"], withoutAdapter(cli), bareProgram);
    expect({ code, stderr: stderr.split("\n")[0] }).toEqual({ code: 0, stderr: "adapter: none" });
    expect(stdout).toMatch(
      /^ceilings of WebAssembly SIMD, one thread\n {2}arithmetic +\S+ GFLOP\/s \(\S+\), .*\n {2}memory +\S+ GB\/s \(\S+\), .*\n\n/,
    );
    expect(stdout).toMatch(
      /\n\(4,8,8,2\), batch 64\n─+\n +popu-.*\nengine +weights .*GFLOP\/s.*\n─+\ncpu +112 +1 .* %\n/,
    );
    expect(stdout).toContain("\nGFLOP/s: 2(3K - K0) a training and 2K a validation sample, ");
  });
});

describe("bench refuses", () => {
  it.each([
    [["4,9"], `bench: there is no case "4,9": choose from ${caseNames.join(" ")}`],
    [
      ["--engine", "gpu"],
      "option '--engine <engine>' argument 'gpu' is invalid. Allowed choices are auto, resident, tiled, cpu; see split-ticket bench --help",
    ],
    [
      ["--engine", "cpu", "--device", "gpu"],
      "--engine cpu uses no adapter and --device gpu asks for one: leave one of them out",
    ],
    [
      ["--engine", "tiled", "--device", "cpu"],
      "--engine tiled needs an adapter and --device cpu has none: choose one of them",
    ],
  ])("%j", async (args, message) => {
    expect(await cli.call(["bench", ...args])).toEqual({ code: 2, stdout: "", stderr: `split-ticket: ${message}\n` });
  });

  it("an engine of an adapter where there is none", async () => {
    const refused = await cli.run(["bench", "ceilings", "--engine", "tiled"], withoutAdapter(cli), bareProgram);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr.trimEnd().split("\n").at(-1)).toBe(
      "split-ticket: bench: this machine has no engine tiled: choose another, or another --device",
    );
  });
});
