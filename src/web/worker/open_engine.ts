import { InputError } from "../../base/errors.ts";
import { browserAdapter, openChromeDevice } from "../../device/chrome.ts";
import type { Device } from "../../device/device.ts";
import { chooseAdapterEngine, type Networks, openAdapterEngine } from "../../engine/choose.ts";
import { openCpuEngine } from "../../engine/cpu.ts";
import type { Engine } from "../../engine/engine.ts";
import { startChromeThread } from "../../engine/simd/worker/chrome.ts";
import type { DeviceChoice } from "../protocol.ts";

/** An engine with the device under it, where it has one. */
export interface OpenEngine {
  readonly engine: Engine;
  readonly device: Device | undefined;
  /** Why this engine, in a few words. */
  readonly reason: string;
}

/** What the threads of the CPU engine may take together: a tab is well under the 4 GiB at which browsers end it. */
const cpuMemoryBytes = 1.5 * 2 ** 30;

/**
 * Opens the engine for some networks, as the command line does: `auto` is a hardware adapter, else the CPU.
 * @throws InputError when the adapter asked for is not there or lacks something; DeviceError
 */
export async function openEngine(networks: Networks, choice: DeviceChoice): Promise<OpenEngine> {
  const openOnCpu = (reason: string): OpenEngine => ({
    engine: openCpuEngine(networks, startChromeThread, {
      networks: networks.count,
      // One is left to draw on: a page that trains stays a page.
      cores: Math.max(1, navigator.hardwareConcurrency - 1),
      memoryBytes: cpuMemoryBytes,
    }),
    device: undefined,
    reason,
  });
  if (choice === "cpu") return openOnCpu("asked for");
  const adapter = await browserAdapter();
  if (choice === "auto" && adapter?.kind !== "gpu") {
    return openOnCpu(adapter ? "faster than this software adapter" : "no WebGPU adapter");
  }
  if (!adapter) {
    throw new InputError(`device ${choice}: this browser offers no WebGPU adapter; choose auto or cpu`);
  }
  if (choice !== "auto" && adapter.kind !== choice) {
    throw new InputError(`device ${choice}: this browser's adapter ${adapter.name} is ${adapter.kind}; choose auto`);
  }
  const chosen = chooseAdapterEngine(networks, "auto");
  const device = await openChromeDevice({ largestBindingBytes: chosen.largestBindingBytes });
  try {
    return { engine: await openAdapterEngine(chosen, device), device, reason: chosen.reason };
  } catch (error) {
    device.destroy();
    throw error;
  }
}
