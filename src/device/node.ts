import { create, globals } from "webgpu";
import { Device, type DeviceRequest } from "./device.ts";

/** Timestamps as the adapter gives them; quantised, they are too coarse to time a kernel. */
const dawnOptions = ["disable-dawn-features=timestamp_quantization"];

/**
 * Opens the adapter that Dawn finds in this process's environment (`environment/node.ts` finds the environment).
 * @throws InputError when there is none, or it does not meet the request
 */
export async function openNodeDevice(request: DeviceRequest = {}): Promise<Device> {
  Object.assign(globalThis, globals);
  return Device.open(create(dawnOptions), request);
}
