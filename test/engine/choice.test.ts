import { beforeAll, describe, expect, it } from "vitest";
import { Device } from "../../src/device/device.ts";
import { type RunOptions, type RunStart, run } from "../../src/node.ts";
import { gpuInstance } from "../kernels/harness.ts";

let adapter: "gpu" | "software";
beforeAll(async () => {
  const device = await Device.open(gpuInstance());
  adapter = device.kind;
  device.destroy();
});

/** What a small run computes on. */
async function started(options: RunOptions): Promise<Pick<RunStart, "kind"> & { engine: string; executor: string }> {
  let start: RunStart | undefined;
  const set = { base: [4, 5, 2], extension: 0, maxEpochs: 1 };
  await run("moons-circles", { ...options, set, out: null, onStart: (heard) => (start = heard) });
  if (!start) throw new Error("the run said nothing before it started");
  return { kind: start.kind, engine: start.engine.name, executor: start.engine.executor };
}

const onCpu = { kind: "cpu", engine: "cpu", executor: "WebAssembly SIMD" };

describe("a run computes", () => {
  it("on hardware where there is some, else on the CPU engine: never unasked on a software adapter", async () => {
    const found = await started({});
    if (adapter === "gpu") expect(found).toMatchObject({ kind: "gpu", engine: "tiled" });
    else expect(found).toEqual(onCpu);
  });

  it("through WGSL on the adapter there is, where that is asked for", async () => {
    const expected = { kind: adapter, engine: "tiled" };
    expect(await started({ device: adapter })).toMatchObject(expected);
    expect(await started({ engine: "tiled" })).toMatchObject(expected);
  });

  it("on the CPU engine where that is asked for", async () => {
    expect(await started({ device: "cpu" })).toEqual(onCpu);
    expect(await started({ engine: "cpu" })).toEqual(onCpu);
  });
});
