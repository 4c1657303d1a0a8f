import { beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { Device } from "../../src/device/device.ts";
import { chooseAdapterEngine } from "../../src/engine/choose.ts";
import { type RunOptions, type RunPlan, run } from "../../src/node.ts";
import { gpuInstance } from "../kernels/harness.ts";

let adapter: "gpu" | "software";
beforeAll(async () => {
  const device = await Device.open(gpuInstance());
  adapter = device.kind;
  device.destroy();
});

/** What a small run computes on. */
async function started(options: RunOptions): Promise<Pick<RunPlan, "kind" | "executor"> & { engine: string }> {
  let start: RunPlan | undefined;
  const set = { base: [4, 5, 2], extension: 0, maxEpochs: 1 };
  await run("moons-circles", { ...options, set, out: null, onStart: (heard) => (start = heard) });
  if (!start) throw new Error("the run said nothing before it started");
  return { kind: start.kind, engine: start.engines[0].name, executor: start.executor };
}

const onCpu = { kind: "cpu", engine: "cpu", executor: "WebAssembly SIMD" };

describe("a run computes", () => {
  it("on hardware where there is some, else on the CPU engine: never unasked on a software adapter", async () => {
    const found = await started({});
    if (adapter === "gpu") expect(found).toMatchObject({ kind: "gpu", engine: "resident" });
    else expect(found).toEqual(onCpu);
  });

  it("through WGSL on the adapter there is, where that is asked for", async () => {
    expect(await started({ device: adapter })).toMatchObject({ kind: adapter, engine: "resident" });
    for (const engine of ["resident", "tiled"] as const) {
      expect(await started({ engine })).toMatchObject({ kind: adapter, engine });
      expect(await started({ engine, device: adapter })).toMatchObject({ kind: adapter, engine });
    }
  });

  it("on the CPU engine where that is asked for", async () => {
    expect(await started({ device: "cpu" })).toEqual(onCpu);
    expect(await started({ engine: "cpu" })).toEqual(onCpu);
  });
});

describe("the engine of an adapter", () => {
  const networks = { shape: [4, 57, 57, 2], dataset: moonsCircles(0), batch: 64, count: 4 };
  const large = { ...networks, shape: [4, 180, 180, 2] };

  it("is resident where one workgroup holds a network, and says why", () => {
    expect(chooseAdapterEngine(networks, "auto")).toMatchObject({
      name: "resident",
      reason: "3591 weights, batch 64: one workgroup trains one network",
    });
    expect(chooseAdapterEngine({ ...networks, batch: 512 }, "auto").name).toBe("resident");
    expect(chooseAdapterEngine({ ...networks, shape: [4, 178, 178, 2] }, "auto").name).toBe("resident");
  });

  it("is tiled where it does not, or is asked to be", () => {
    expect(chooseAdapterEngine(large, "auto")).toMatchObject({
      name: "tiled",
      reason: "33480 weights, batch 64: one workgroup takes 32768 weights and a batch of 512",
    });
    expect(chooseAdapterEngine({ ...networks, batch: 513 }, "auto").name).toBe("tiled");
    expect(chooseAdapterEngine(networks, "tiled")).toMatchObject({ name: "tiled", reason: "asked for" });
  });

  it("is refused where it cannot be what is asked for", async () => {
    expect(() => chooseAdapterEngine(large, "resident")).toThrow(
      new InputError(
        "--engine resident: shape (4,180,180,2) with 33480 weights, batch 64 is too large, one workgroup takes 32768 weights and a batch of 512: choose --engine tiled or auto",
      ),
    );
    await expect(started({ engine: "resident", device: "cpu" })).rejects.toThrow(
      new InputError("--engine resident needs an adapter and --device cpu has none: choose one of them"),
    );
  });

  it("has as many slots as are wanted and fit, known before the start", () => {
    const few = chooseAdapterEngine(networks, "auto");
    expect(few.plan.slots).toBe(4);
    const many = chooseAdapterEngine({ ...networks, count: 10_000 }, "auto");
    expect(many.plan.slots).toBeGreaterThan(256);
    expect(many.plan.slots).toBeLessThan(10_000);
    expect(many.largestBindingBytes).toBeLessThanOrEqual(128 * 2 ** 20);
    expect(many.memoryBytes).toBeLessThanOrEqual(1536 * 2 ** 20);
  });
});
