import { afterAll, beforeAll } from "vitest";
import type { Dataset } from "../../src/dataset/dataset.ts";
import type { Device } from "../../src/device/device.ts";
import { residentWorkgroup } from "../../src/engine/adapter/adapter_engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { ResidentPlan } from "../../src/engine/resident/population.ts";
import { ResidentEngine } from "../../src/engine/resident/resident_engine.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../../src/engine/tiled/tiled_engine.ts";
import { sharedDevice } from "../kernels/harness.ts";
import { openSmallCpuEngine } from "./small_cpu_engine.ts";
import { batch, dataset, shape } from "./small_networks.ts";

/**
 * The engines under test; the tiled one with dense and with sparse kernels, the resident one with the kernel's own
 * workgroup and with that of a GPU. All are compared with the twins, which run the calls of the tiled engine.
 */
export const engineNames = ["tiled", "sparse", "resident", "resident-gpu", "cpu"] as const;

/** Opens a device for a test file and creates engines with a given number of slots; closes all after the file. */
export function useEngines(): Readonly<
  Record<
    (typeof engineNames)[number] | "twins",
    (slots: number, activation?: string, data?: Dataset) => Promise<Engine>
  >
> {
  let device: Device | undefined;
  const engines: Engine[] = [];
  beforeAll(async () => {
    device = await sharedDevice();
  });
  afterAll(() => {
    for (const engine of engines) engine.close();
  });
  const keep = (engine: Engine) => {
    engines.push(engine);
    return engine;
  };
  // Rows in storage: with rows in workgroup memory a software adapter compiles three times as long, and the bits are the
  // same (test/kernels/resident_epoch.test.ts); test/engine/resident/resident_engine.test.ts has the engine with these.
  const workgroupBytes = 0;
  const curveEpochs = 40;
  const openResident = async (plan: Omit<ResidentPlan, "shapes" | "batch" | "curveEpochs">) => {
    if (!device) throw new Error("engines are made inside tests");
    return keep(
      await ResidentEngine.open(new DeviceExecutor(device), { ...plan, shapes: [shape], batch, curveEpochs }),
    );
  };
  return {
    tiled: async (slots, activation = "relu", data = dataset) => {
      if (!device) throw new Error("engines are made inside tests");
      return keep(
        await TiledEngine.open(new DeviceExecutor(device), {
          shapes: [shape],
          dataset: data,
          batch,
          slots,
          activation,
          curveEpochs,
        }),
      );
    },
    sparse: async (slots, activation = "relu", data = dataset) => {
      if (!device) throw new Error("engines are made inside tests");
      const plan = { shapes: [shape], dataset: data, batch, slots, activation, sparseUpTo: 1, curveEpochs };
      return keep(await TiledEngine.open(new DeviceExecutor(device), plan));
    },
    resident: (slots, activation = "relu", data = dataset) =>
      openResident({ slots, activation, dataset: data, workgroupBytes }),
    "resident-gpu": (slots, activation = "relu", data = dataset) =>
      openResident({
        slots,
        activation,
        dataset: data,
        ...residentWorkgroup({ kind: "gpu", lanes: 32, workgroupBytes }),
      }),
    twins: async (slots, activation = "relu", data = dataset) =>
      keep(await TiledEngine.open(new TwinExecutor(), { shapes: [shape], dataset: data, batch, slots, activation })),
    cpu: async (slots, activation = "relu", data = dataset) => keep(openSmallCpuEngine(slots, activation, data)),
  };
}
