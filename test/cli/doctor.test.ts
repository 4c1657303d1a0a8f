import { expect, it } from "vitest";
import { datasets } from "../../src/dataset/registry.ts";
import { sources } from "../../src/dataset/sources.ts";
import { bareProgram, commandProcesses, withoutAdapter } from "./command.ts";

const cli = commandProcesses();
/** Names of the datasets that need no files. */
const generated = datasets.entries.filter((entry) => entry.sources.length === 0).map(({ name }) => name);

it("reports versions, adapters, limits, engine and datasets as one JSON document", async () => {
  const { code, stdout } = await cli.run(["doctor", "moons-circles", "--json"]);
  expect(code).toBe(0);
  const diagnosis = JSON.parse(stdout);
  expect(diagnosis).toMatchObject({
    version: "0.1.0",
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    failure: null,
  });
  expect(diagnosis.engines).toEqual(
    diagnosis.adapter.kind === "gpu" ? ["dense", "sparse", "resident", "cpu"] : ["cpu"],
  );
  expect(diagnosis.dawn).toMatch(/^\d+\.\d+\.\d+/);
  expect(diagnosis.search.auto).toContain(`${diagnosis.adapter.kind}: ${diagnosis.adapter.name} (`);
  expect(diagnosis.search[diagnosis.adapter.kind]).toContain(`${diagnosis.adapter.kind}: `);
  expect(diagnosis.adapter.limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
  expect(diagnosis.datasets.map(({ name }: { name: string }) => name)).toEqual([...generated, ...Object.keys(sources)]);
  expect(diagnosis.experiments.map(Object.keys)).toEqual([
    ["experiment", "engines", "reasons", "deviceBytes", "hostBytes", "diskBytes"],
  ]);
  expect(diagnosis.experiments[0]).toMatchObject({ experiment: "moons-circles" });
});

it("prints the same for people", async () => {
  const { code, stdout, stderr } = await cli.run(["doctor", "moons-circles"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^split-ticket 0\.1\.0, Node v\d+\.\d+\.\d+, \w+ \w+, Dawn \(webgpu \d+\.\d+\.\d+\)\n/);
  expect(stdout).toMatch(/\n {2}--device auto +(gpu: .+|no graphics processor: the CPU computes)\n/);
  expect(stdout).toMatch(
    /\nrun uses the engine (adapter \(dense, sparse, resident\) on .+, or cpu where that is faster|cpu \(WebAssembly SIMD\))\n\n.+ \((gpu|software)\)\n {2}features: /,
  );
  expect(stdout).toMatch(/\n {2}maxBufferSize +\d+(,\d{3})+\n/);
  expect(stdout).toMatch(new RegExp(`\n${generated.map((name) => `  ${name} +generated\n`).join("")}`));
  expect(stdout).toMatch(
    /\none seed takes at most\n {2}moons-circles: .*\d MB in main memory, \d+ kB on disk \(engine (cpu: no hardware adapter|\w+: .+ per network-step, .+)\)\n$/,
  );
});

it("works where there is no adapter", async () => {
  const env = withoutAdapter(cli);
  const { code, stdout, stderr } = await cli.run(["doctor"], env, bareProgram);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("--device auto      no graphics processor: the CPU computes\n");
  expect(stdout).toContain("run uses the engine cpu (WebAssembly SIMD)\n");
  expect(stdout).toMatch(/\nsplit-ticket doctor <experiment> tells what a run takes here\n$/);
  const diagnosis = JSON.parse((await cli.run(["doctor", "--json"], env, bareProgram)).stdout);
  expect(diagnosis).toMatchObject({ adapter: null, engines: ["cpu"] });
});
