import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEngines } from "../../../src/cli/run_plan.ts";
import type { Device } from "../../../src/device/device.ts";
import { openNodeDevice } from "../../../src/device/node.ts";
import type { GridInput, RunOptions } from "../../../src/node.ts";
import { nodePlatform } from "../../../src/run/node.ts";
import { prepareExperiments } from "../../../src/run/plan.ts";
import type { Platform } from "../../../src/run/platform.ts";
import { runExperiments } from "../../../src/run/run.ts";
import { nodeTimes } from "../../../src/run/speed/node.ts";
import { formatTimes, parseTimes } from "../../../src/run/speed/record.ts";

let root: string;
let device: Device;
let close: () => void;
/** The platform of this machine, on which any adapter passes for a GPU. */
let platform: Platform;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-choice-"));
  device = await openNodeDevice();
  // All runs share the device, so that it compiles each kernel once.
  close = device.destroy.bind(device);
  device.destroy = () => {};
  platform = {
    ...nodePlatform(),
    cores: 2,
    times: nodeTimes(join(root, "step-times")),
    openDevice: async () => device,
  };
});
afterAll(() => {
  close();
  rmSync(root, { recursive: true, force: true });
});

const out = (folder: string) => join(root, folder);
const free = { device: "auto", engine: "auto" } as const;

/** A run of two seeds and two levels whose estimates are close. */
const set: Partial<GridInput> = { base: [4, 8, 8, 2], extension: 1, seeds: [0, 1], maxEpochs: 1 };

/** The plan of a run, with its engine's reason. */
async function planned(on: Platform, folder: string | null = null, keys: Partial<GridInput> = set) {
  const { plan } = await prepareExperiments(on, "moons-circles", { out: folder, set: keys });
  const [{ name: engine, reason }] = plan.engines;
  return { plan, engine, reason };
}

/** The file of the measured times. */
function timesFile(): string {
  const [file] = readdirSync(out("step-times"));
  return join(out("step-times"), file);
}

/** The platform with given times of every step, as if they had been measured: one CPU thread; all networks. */
function withTimes(cpuUs: number, adapterUs: number): Platform {
  const { adapter, version, cpu, stepUs } = JSON.parse(readFileSync(timesFile(), "utf8"));
  const keys = Object.keys(stepUs);
  const times = Object.fromEntries(keys.map((key) => [key, key.startsWith("cpu") ? cpuUs : adapterUs]));
  const text = formatTimes({ adapter, version, cpu }, times);
  return { ...platform, times: { ...platform.times, read: async () => text } };
}

describe("a free choice where there is an adapter", () => {
  it("is measured once, and told with both times", async () => {
    const first = await planned(platform);
    expect(first.reason).toMatch(/2 networks of 160 to 112 weights: [\d.,]+ us per network-step, .+ [\d.,]+ us$/);
    const text = readFileSync(timesFile(), "utf8");
    const { adapter, version, cpu, stepUs } = JSON.parse(text);
    expect(adapter).toBe(device.name);
    expect(Object.keys(stepUs)).toEqual(
      [112, 160].flatMap((weights) => {
        const step = `(4,10,10,2) relu, ${weights} weights, batch 64, moons-circles 1000 + 1000`;
        return [`cpu: ${step}`, `adapter: 2 x ${step}`];
      }),
    );
    expect(parseTimes(text, { adapter, version, cpu })).toEqual(stepUs);
    // One step on one thread, and one of two networks; `bench/NOTES.md` has 4 us and 240 us.
    const times = Object.entries<number>(stepUs);
    for (const [key, us] of times) expect(us, key).toBeGreaterThan(key.startsWith("cpu") ? 1 : 5);
    // The lowest of each: on a machine with other load one may be a hundred times as long.
    const lowest = (isOfCpu: boolean) =>
      Math.min(...times.flatMap(([key, us]) => (key.startsWith("cpu") === isOfCpu ? [us] : [])));
    expect(lowest(true)).toBeLessThan(1000);
    expect(lowest(false)).toBeLessThan(100_000);
    // The second plan takes the times from the file.
    expect(await planned(platform)).toEqual(first);
    expect(readFileSync(timesFile(), "utf8")).toBe(text);
  });

  it("is measured again where the file is damaged", async () => {
    writeFileSync(timesFile(), "{");
    const startedAt = performance.now();
    await planned(platform);
    // 200 ms on a GPU. The kernels are compiled already; an epoch on SwiftShader takes longer than on a GPU.
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(Object.keys(JSON.parse(readFileSync(timesFile(), "utf8")).stepUs)).toHaveLength(4);
  });

  it("is measured with the evaluations of a level that has many", async () => {
    await planned(platform, null, { ...set, evaluateEvery: 1 });
    const stepUs: Record<string, number> = JSON.parse(readFileSync(timesFile(), "utf8")).stepUs;
    const step = "(4,10,10,2) relu, 160 weights, batch 64, moons-circles 1000 + 1000";
    for (const engine of ["cpu:", "adapter: 2 x"])
      expect(stepUs).toHaveProperty([`${engine} ${step}, evaluated every 1 step`]);
  });

  it("is the CPU where that is faster, and says so", async () => {
    const { plan, engine, reason } = await planned(withTimes(10, 30));
    expect(plan).toMatchObject({ kind: "cpu", executor: "WebAssembly SIMD", idleAdapter: device.name });
    // 2 cores.
    expect({ engine, reason }).toEqual({
      engine: "cpu",
      reason: `2 networks of 160 to 112 weights: 5 us per network-step, ${device.name} 15 us`,
    });
    const [adapterLine, engineLine] = describeEngines(plan, free);
    expect(adapterLine).toBe(`adapter: ${device.name} (gpu), not used`);
    expect(engineLine).toMatch(`engine: cpu (${reason}), 2 of 2 seeds at a time`);
  });

  it("is the adapter where that is faster, and says so", async () => {
    const { plan, engine, reason } = await planned(withTimes(30, 10));
    expect(plan).toMatchObject({ executor: device.name, idleAdapter: undefined });
    expect({ engine, reason }).toEqual({
      engine: "adapter",
      reason:
        "resident: a workgroup trains a network; 2 networks of 160 to 112 weights: 5 us per network-step, cpu 15 us",
    });
    expect(describeEngines(plan, free)[1]).toMatch(`engine: adapter (${reason}), `);
  });

  it("is not measured where the estimates are far apart, or there is no choice", async () => {
    const read = async (): Promise<string | undefined> => {
      throw new Error("the times are asked for");
    };
    const unmeasured = { ...platform, times: { ...platform.times, read } };
    await expect(planned(unmeasured)).rejects.toThrow("the times are asked for");
    const many = await planned(unmeasured, null, { ...set, seeds: Array.from({ length: 1000 }, (_, seed) => seed) });
    expect(many.engine).toBe("adapter");
    expect(many.reason).toMatch(/; 1,000 networks of 160 to 112 weights: about 0\.\d+ us per network-step, cpu about/);
    for (const [choice, engine] of [
      [{ device: "software" }, "adapter"],
      [{ device: "gpu" }, "adapter"],
      [{ device: "cpu" }, "cpu"],
      [{ engine: "resident" }, "resident"],
      [{ engine: "cpu" }, "cpu"],
    ] as const) {
      const { plan } = await prepareExperiments(unmeasured, "moons-circles", { ...choice, out: null, set });
      expect(plan.engines[0].name).toBe(engine);
      expect(plan.engines[0].reason).not.toContain("network-step");
      expect(plan.idleAdapter).toBeUndefined();
    }
  });

  it("is the adapter where the CPU lacks the memory", async () => {
    // The values, moments, gradients and edges of 144 million weights exceed the 4 GiB of a module.
    const large = { shape: [4, 12_000, 12_000, 2], levels: 1, rate: 0.5, seeds: [0] };
    const { plan } = await prepareExperiments(
      { ...withTimes(1, 100), memoryBytes: 2 ** 40 },
      { dataset: "moons-circles", ...large },
      { out: null },
    );
    expect(plan.engines).toMatchObject([
      { name: "adapter", reason: "dense, sparse or resident kernels, whichever cost a level least" },
    ]);
  });
});

describe("an unfinished run", () => {
  /** Begins runs, and interrupts them after a level. */
  async function begin(folder: string, choice: RunOptions, seeds = [0, 1]): Promise<void> {
    const control = new AbortController();
    const stopped = runExperiments(platform, "moons-circles", {
      ...{ ...choice, set: { ...set, seeds }, out: out(folder), signal: control.signal },
      observe: ({ kind }) => kind === "level" && control.abort(new Error("interrupted")),
    });
    await expect(stopped).rejects.toThrow("interrupted");
  }

  it("goes on with the engine that it began with, whichever is faster", async () => {
    await begin("on-cpu", { device: "cpu" });
    const onCpu = await planned(withTimes(100, 1), out("on-cpu"));
    expect(onCpu).toMatchObject({ engine: "cpu", reason: "2 unfinished runs began on it" });
    await begin("on-adapter", { device: "software" });
    const onAdapter = await planned(withTimes(1, 100), out("on-adapter"));
    expect(onAdapter.engine).toBe("adapter");
    expect(onAdapter.reason).toMatch(/; 2 unfinished runs began on it$/);
    // It ends with the bytes of a run that was not interrupted.
    const { experiments } = await runExperiments(withTimes(100, 1), "moons-circles", { set, out: out("on-cpu") });
    await runExperiments(platform, "moons-circles", { device: "cpu", set, out: out("whole") });
    for (const seed of [0, 1]) {
      const [there, whole] = ["on-cpu", "whole"].map((folder) =>
        readFileSync(`${experiments[0].folder?.replace("on-cpu", folder)}/seed-${seed}/run.json`, "utf8"),
      );
      expect(there).toBe(whole);
    }
    // Finished runs are only read, so the faster engine is chosen for the others.
    expect((await planned(withTimes(100, 1), out("on-cpu"))).engine).toBe("adapter");
  });

  it("is refused where others began on the other engine", async () => {
    await begin("mixed", { device: "cpu" }, [0]);
    await begin("mixed", { device: "software" }, [1]);
    const { experiments } = await runExperiments(withTimes(1, 100), "moons-circles", { set, out: out("mixed") });
    expect(experiments[0].runs.map(({ seed }) => seed)).toEqual([0]);
    expect(experiments[0].failed).toMatchObject([{ seed: 1, kind: "input" }]);
    expect(experiments[0].failed[0].message).toMatch(
      /seed-1: holds a run begun on adapter, .+, this is cpu, WebAssembly SIMD; choose that --device and --engine/,
    );
  });
});
