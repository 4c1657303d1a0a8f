import { afterAll, beforeAll } from "vitest";
import { type MoonsCirclesOptions, moonsCircles } from "../../src/dataset/moons_circles.ts";
import { Device } from "../../src/device/device.ts";
import { type CpuEngine, openCpuEngine } from "../../src/engine/cpu.ts";
import { DeviceExecutor } from "../../src/engine/device_executor.ts";
import type { Engine, LevelSettings, NetworkStart } from "../../src/engine/engine.ts";
import { startNodeThread } from "../../src/engine/simd/worker/node.ts";
import { TiledEngine } from "../../src/engine/tiled.ts";
import { TwinExecutor } from "../../src/engine/twin_executor.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { gpuInstance } from "../kernels/harness.ts";

/** A network whose widths are no multiples of a tile, on data whose last batch is short: small, and every seam is crossed. */
export const shape = [4, 13, 9, 2];
const options: MoonsCirclesOptions = { samples: 300 };
export const dataset = moonsCircles(0, options);
export const batch = 64;

export const settings: LevelSettings = { optimizer: "adam", lr: 0.01, maxEpochs: 6, patience: 6, keep: "last" };

export function start(seed: number, mask = Mask.full(shape)): NetworkStart {
  return { label: `seed ${seed}`, seed, initial: initialParameters(shape, seed), mask };
}

/** The engines under test; the twins, which carry out the tiled engine's calls, are what both are held against. */
export const engineNames = ["tiled", "cpu"] as const;

/** Opens a device for a test file and makes engines with so many slots, all closed after the file. */
export function useEngines(): Readonly<Record<"tiled" | "cpu" | "twins", (slots: number) => Promise<Engine>>> {
  let device: Device | undefined;
  const engines: Engine[] = [];
  beforeAll(async () => {
    device = await Device.open(gpuInstance());
  });
  afterAll(() => {
    for (const engine of engines) engine.close();
    device?.destroy();
  });
  const keep = (engine: Engine) => {
    engines.push(engine);
    return engine;
  };
  return {
    tiled: async (slots) => {
      if (!device) throw new Error("engines are made inside tests");
      return keep(await TiledEngine.open("tiled", new DeviceExecutor(device), { shape, dataset, batch, slots }));
    },
    twins: async (slots) => keep(await TiledEngine.open("tiled", new TwinExecutor(), { shape, dataset, batch, slots })),
    cpu: async (slots) => keep(openSmallCpuEngine(slots)),
  };
}

/** The CPU engine with so many threads, whatever the machine has. */
export function openSmallCpuEngine(threads: number): CpuEngine {
  const limits = { networks: threads, cores: threads, memoryBytes: 2 ** 30 };
  return openCpuEngine({ shape, dataset, batch }, startNodeThread, limits);
}
