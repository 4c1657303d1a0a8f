import { afterAll, beforeAll } from "vitest";
import type { Dataset } from "../../src/dataset/dataset.ts";
import type { Device } from "../../src/device/device.ts";
import { residentWorkgroup } from "../../src/engine/adapter/adapter_engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { ResidentPlan } from "../../src/engine/resident/population.ts";
import { ResidentEngine } from "../../src/engine/resident/resident_engine.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import type { Executor } from "../../src/engine/shared/executor.ts";
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

/**
 * Makes an executor call back after every submission, before the next, and have submissions of one step: as soon as
 * their size has come down to the target time, which is shorter than any.
 */
function stepwise<E extends Executor>(executor: E, afterStep: (() => void) | undefined): E {
  if (!afterStep) return executor;
  const run = executor.runAndRead.bind(executor);
  const runAndRead: Executor["runAndRead"] = (calls, ranges) => {
    const result = run(calls, ranges);
    afterStep();
    return result;
  };
  return Object.defineProperties(executor, { targetMs: { value: 1e-6 }, runAndRead: { value: runAndRead } });
}

/**
 * Opens a device for a test file and creates engines with a given number of slots, and if asked with submissions of one
 * step; closes all after the file.
 */
export function useEngines(): Readonly<
  Record<
    (typeof engineNames)[number] | "twins",
    (slots: number, activation?: string, data?: Dataset, afterStep?: () => void) => Promise<Engine>
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
  const curveEntries = 40;
  const executor = (afterStep?: () => void) => {
    if (!device) throw new Error("engines are made inside tests");
    return stepwise(new DeviceExecutor(device), afterStep);
  };
  const openResident = async (plan: Omit<ResidentPlan, "shapes" | "batch" | "curveEntries">, afterStep?: () => void) =>
    keep(await ResidentEngine.open(executor(afterStep), { ...plan, shapes: [shape], batch, curveEntries }));
  return {
    tiled: async (slots, activation = "relu", data = dataset, afterStep = undefined) => {
      const plan = { shapes: [shape], dataset: data, batch, slots, activation, curveEntries };
      return keep(await TiledEngine.open(executor(afterStep), plan));
    },
    sparse: async (slots, activation = "relu", data = dataset, afterStep = undefined) => {
      const plan = { shapes: [shape], dataset: data, batch, slots, activation, sparseUpTo: 1, curveEntries };
      return keep(await TiledEngine.open(executor(afterStep), plan));
    },
    resident: (slots, activation = "relu", data = dataset, afterStep = undefined) =>
      openResident({ slots, activation, dataset: data, workgroupBytes }, afterStep),
    "resident-gpu": (slots, activation = "relu", data = dataset, afterStep = undefined) => {
      const own = residentWorkgroup({ kind: "gpu", lanes: 32, workgroupBytes });
      return openResident({ slots, activation, dataset: data, ...own }, afterStep);
    },
    twins: async (slots, activation = "relu", data = dataset, afterStep = undefined) => {
      const plan = { shapes: [shape], dataset: data, batch, slots, activation, curveEntries };
      return keep(await TiledEngine.open(stepwise(new TwinExecutor(), afterStep), plan));
    },
    cpu: async (slots, activation = "relu", data = dataset) => keep(openSmallCpuEngine(slots, activation, data)),
  };
}
