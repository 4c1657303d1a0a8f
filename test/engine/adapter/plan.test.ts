import { beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../src/base/errors.ts";
import { type Shape, weightCount } from "../../../src/base/shape.ts";
import { moonsCircles } from "../../../src/dataset/moons_circles.ts";
import { Device } from "../../../src/device/device.ts";
import { askedCrossover, residentMostEdges } from "../../../src/engine/adapter/cost.ts";
import { planAdapterEngine } from "../../../src/engine/adapter/plan.ts";
import { deviceDatasetBytes } from "../../../src/engine/shared/dataset_memory.ts";
import { type RunOptions, type RunPlan, run } from "../../../src/node.ts";
import { gpuInstance } from "../../kernels/harness.ts";

let adapter: "gpu" | "software";
beforeAll(async () => {
  const device = await Device.open(gpuInstance());
  adapter = device.kind;
  device.destroy();
});

/** The device and engine of a small run, which ends before it trains where a software adapter would compile for seconds. */
async function started(options: RunOptions): Promise<Pick<RunPlan, "kind" | "executor"> & { engine: string }> {
  let start: RunPlan | undefined;
  const set = { base: [4, 5, 2], extension: 0, maxEpochs: 1 };
  const enough = new Error("the plan is known");
  const onStart = (heard: RunPlan) => {
    start = heard;
    if (["adapter", "resident"].includes(heard.engines[0].name)) throw enough;
  };
  await run("moons-circles", { ...options, set, out: null, onStart }).catch((error) => {
    if (error !== enough) throw error;
  });
  if (!start) throw new Error("the run said nothing before it started");
  return { kind: start.kind, engine: start.engines[0].name, executor: start.executor };
}

const onCpu = { kind: "cpu", engine: "cpu", executor: "WebAssembly SIMD" };

describe("a run computes", () => {
  it("on hardware where there is some, else on the CPU engine: never unasked on a software adapter", async () => {
    const found = await started({});
    // On hardware, the faster of both.
    if (adapter === "gpu" && found.kind !== "cpu") expect(found).toMatchObject({ kind: "gpu", engine: "adapter" });
    else expect(found).toEqual(onCpu);
  });

  it("through WGSL on the adapter there is, where that is asked for", async () => {
    expect(await started({ device: adapter })).toMatchObject({ kind: adapter, engine: "adapter" });
    for (const engine of ["resident", "sparse"] as const) {
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
  const dataset = moonsCircles(0);
  const networks = (shape: Shape, batch = 64, count = 1) => ({
    dataset,
    networks: Array.from({ length: count }, () => ({ shape, batch })),
  });
  const small = [4, 57, 57, 2];
  const large = [4, 400, 400, 2];

  it("trains small networks by a workgroup each, large ones by the whole device first, and says why", () => {
    const resident = planAdapterEngine(networks(small), "auto");
    expect(resident).toMatchObject({ name: "adapter", reason: "resident: a workgroup trains a network" });
    expect(resident.sizes).toEqual([{ shape: small, batch: 64, tiled: undefined }]);
    const both = planAdapterEngine(networks(large), "auto");
    expect(both.reason).toBe("dense, sparse or resident kernels, whichever cost a level least");
    expect(both.sizes[0].tiled).toBeDefined();
    expect(both.resident?.plan.mostEdges).toBeGreaterThan(10_000);
    const wide = planAdapterEngine(networks(large, 513), "auto");
    expect(wide).toMatchObject({ reason: "dense or sparse kernels, whichever cost a level less", resident: undefined });
  });

  it("keeps to the kernels that are asked for", () => {
    for (const [asked, sparseUpTo] of [
      ["dense", 0],
      ["sparse", 1],
    ] as const) {
      const plan = planAdapterEngine(networks(small), asked);
      expect(plan).toMatchObject({ name: asked, reason: "asked for", resident: undefined });
      expect(plan.sizes[0].tiled?.plan.sparseUpTo).toBe(sparseUpTo);
    }
    const tiled = planAdapterEngine(networks(small), "tiled").sizes[0].tiled;
    expect(tiled?.plan.sparseUpTo).toBeGreaterThan(0);
    const resident = planAdapterEngine(networks(large), "resident");
    expect(resident).toMatchObject({ name: "resident", reason: "asked for" });
    expect(resident.sizes[0].tiled).toBeUndefined();
    expect(resident.resident?.plan.mostEdges).toBe(weightCount(large));
  });

  it("trains networks of one depth and one batch in one population, as far as a binding holds all of them", () => {
    const count = (shape: Shape, own: number, batch = 64) => networks(shape, batch, own).networks;
    const planOf = (...all: ReturnType<typeof count>[]) =>
      planAdapterEngine({ dataset, networks: all.flat() }, "tiled").sizes.map(({ tiled }) => tiled);
    const [first, second, deeper, other] = planOf(
      count(large, 3),
      count(small, 2),
      count([4, 57, 57, 57, 2], 4),
      count(small, 5, 32),
    );
    expect(first).toBe(second);
    expect(first?.plan.shapes).toEqual([large, small]);
    expect([first, deeper, other].map((tiled) => tiled?.plan.slots)).toEqual([5, 4, 5]);

    // Two moments of 8 x 1.7 million weights take 110 MB; of 8 x 0.54 million more, 145 MB.
    const [widest, wide, narrow] = planOf(count([4, 1310, 1310, 2], 8), count([4, 733, 733, 2], 8), count(small, 9));
    expect(wide).toBe(narrow);
    expect([widest, wide].map((tiled) => tiled?.plan.slots)).toEqual([8, 17]);
  });

  it("shares the memory among populations that do not fit together", () => {
    const plan = planAdapterEngine(
      {
        dataset,
        networks: [
          ...networks([4, 1310, 1310, 2], 64, 40).networks,
          ...networks([4, 1100, 1100, 2], 64, 40).networks,
          ...networks([4, 900, 900, 900, 2], 64, 40).networks,
          ...networks([4, 800, 800, 2], 32, 40).networks,
          ...networks([4, 700, 700, 2], 16, 40).networks,
        ],
      },
      "auto",
    );
    const own = plan.sizes.map(({ tiled }) => tiled);
    expect(new Set(own).size).toBe(5);
    const bytes = own.reduce((sum, tiled) => sum + (tiled?.memoryBytes ?? 0) - deviceDatasetBytes(dataset), 0);
    expect(bytes).toBeLessThanOrEqual(plan.tiledBytes);
    expect(plan.deviceBytes).toBeLessThanOrEqual(1536 * 2 ** 20);
    for (const tiled of own) expect(tiled?.plan.slots).toBeGreaterThan(3);
  });

  it("is refused where a workgroup cannot hold what is asked of it", async () => {
    expect(() => planAdapterEngine(networks(small, 513), "resident")).toThrow(
      new InputError(
        "--engine resident: batch 513 is above 512, the most that a workgroup takes: choose a smaller batch or --engine tiled",
      ),
    );
    await expect(run("moons-circles", { device: "cpu", engine: "tiled", out: null })).rejects.toThrow(
      new InputError("--engine tiled needs an adapter and --device cpu has none: choose one of them"),
    );
  });

  it("has its memory bounded and known beforehand: it takes as many networks as fit, at least one", () => {
    const few = planAdapterEngine(networks(small, 64, 4), "auto");
    expect(few.slots).toBe(4);
    const many = planAdapterEngine(networks(small, 64, 10_000), "auto");
    expect(many.slots).toBeGreaterThan(100);
    expect(many.slots).toBeLessThan(10_000);
    expect(many.deviceBytes).toBeLessThanOrEqual(1536 * 2 ** 20);
    expect(many.largestBindingBytes).toBeLessThanOrEqual(128 * 2 ** 20);
    const mixed = planAdapterEngine(
      { dataset, networks: [...networks(large, 64, 200).networks, ...networks([4, 1310, 1310, 2], 64, 200).networks] },
      "auto",
    );
    expect(mixed.deviceBytes).toBeLessThanOrEqual(1536 * 2 ** 20);
    for (const { tiled } of mixed.sizes) expect(tiled?.memoryBytes).toBeLessThan(mixed.deviceBytes);
    const one = planAdapterEngine(networks([4, 20_000, 20_000, 2]), "auto");
    expect(one.slots).toBe(1);
    expect(one.deviceBytes).toBeGreaterThan(1536 * 2 ** 20);
  });
});

describe("where the kernels cross", () => {
  const crossover = { sparseUpTo: 0.3, residentMostWork: 2 ** 20 };

  it("has memory for the curves of every epoch where a network asks for them, and none else", () => {
    const plan = (keepCurves: boolean, asked: "resident" | "tiled", maxEpochs = 3000) => {
      const networks = Array.from({ length: 5 }, () => ({ shape: [4, 8, 8, 2], batch: 64, keepCurves, maxEpochs }));
      return planAdapterEngine({ networks, dataset: moonsCircles(0) }, asked);
    };
    for (const asked of ["resident", "tiled"] as const) {
      const [without, kept] = [plan(false, asked), plan(true, asked)];
      // Two losses and two counts for each of two tasks, of 3000 epochs of 5 networks; a buffer is never empty.
      const least = asked === "resident" ? 16 : 4;
      expect(kept.deviceBytes - without.deviceBytes).toBe(5 * 3000 * 6 * 4 - least);
      expect(without.deviceBytes).toBe(plan(false, asked, 10).deviceBytes);
    }
  });

  it("depends on shape, edges and batch only", () => {
    expect(residentMostEdges([4, 200, 200, 2], 64, crossover)).toBe(16_320);
    // Twice the batch: half the edges. Many inputs: fewer edges. A batch above the maximum of a workgroup: none.
    expect(residentMostEdges([4, 200, 200, 2], 128, crossover)).toBe(8_128);
    expect(residentMostEdges([784, 300, 10], 64, crossover)).toBe(3_840);
    expect(residentMostEdges([4, 200, 200, 2], 513, crossover)).toBe(0);
    expect(residentMostEdges([4, 8, 2], 64, crossover)).toBe(48);
  });

  it("can be moved by asking", () => {
    expect(askedCrossover("auto", crossover)).toEqual(crossover);
    expect(askedCrossover("tiled", crossover)).toEqual({ sparseUpTo: 0.3, residentMostWork: 0 });
    expect(askedCrossover("dense", crossover)).toEqual({ sparseUpTo: 0, residentMostWork: 0 });
    expect(askedCrossover("sparse", crossover)).toEqual({ sparseUpTo: 1, residentMostWork: 0 });
    expect(residentMostEdges([4, 8, 2], 64, askedCrossover("resident", crossover))).toBe(48);
  });
});
