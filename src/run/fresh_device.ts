import { DeviceError, InputError } from "../base/errors.ts";
import type { Device, DeviceRequest } from "../device/device.ts";
import type { Platform } from "./platform.ts";

/**
 * How often a failed device is replaced without anything gained since: no level finished, no checkpoint stored. A fault
 * that comes again and again is then reported.
 */
export const mostRestarts = 3;

/** How long an adapter may be away in ms: a browser starts its GPU process again, a system its driver. */
const longestAwayMs = 10_000;
const retryMs = 500;

/** Whether the same work may succeed on a fresh device. */
export function mayPass(error: unknown): error is DeviceError {
  return error instanceof DeviceError && error.mayPass;
}

/** Does work that opens a device, again while the device fails, {@link mostRestarts} times at most. */
export async function withDevice<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || restarts === mostRestarts) throw error;
    }
  }
}

/**
 * Opens a device in the place of one that has failed.
 * @param name of the failed device's adapter
 * @param cause its failure
 * @throws DeviceError when no adapter answers for 10 s, or another one does: results of two adapters differ in their bytes
 */
export async function openFreshDevice(
  { openDevice }: Pick<Platform, "openDevice">,
  request: DeviceRequest,
  name: string,
  cause: DeviceError,
  signal: AbortSignal | undefined,
): Promise<Device> {
  for (const since = performance.now(); ; ) {
    let device: Device;
    try {
      device = await openDevice(request);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof DeviceError || error instanceof InputError)) throw error;
      if (performance.now() - since < longestAwayMs) {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        continue;
      }
      throw new DeviceError(`${cause.message}; no such adapter has answered since (${error.message})`, false);
    }
    if (device.name === name) return device;
    device.destroy();
    throw new DeviceError(
      `${cause.message}; the adapter that answers now is ${device.name}, whose results differ in their last bits`,
      false,
    );
  }
}
