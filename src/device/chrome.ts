import { InputError } from "../base/errors.ts";
import { type AdapterKind, adapterKind, adapterName } from "./adapter_kind.ts";
import { Device, type DeviceRequest } from "./device.ts";

/** The adapter that the browser offers. */
export interface BrowserAdapter {
  readonly kind: AdapterKind;
  readonly name: string;
}

/** The adapter that this browser prefers; undefined without WebGPU or without an adapter. */
export async function browserAdapter(): Promise<BrowserAdapter | undefined> {
  // The types declare `navigator.gpu`, but browsers without WebGPU and pages from an insecure address lack it.
  const gpu = navigator.gpu as GPU | undefined;
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return undefined;
  return { kind: adapterKind(adapter.info), name: adapterName(adapter.info) };
}

/**
 * Opens the adapter that this browser prefers.
 * @throws InputError when there is none, or it does not meet the request
 */
export async function openChromeDevice(request: DeviceRequest = {}): Promise<Device> {
  const { accept = "any" } = request;
  const adapter = await browserAdapter();
  if (!adapter) {
    throw new InputError(`device ${accept}: this browser offers no WebGPU adapter; choose auto or cpu`);
  }
  if (accept !== "any" && adapter.kind !== accept) {
    throw new InputError(`device ${accept}: this browser's adapter ${adapter.name} is ${adapter.kind}; choose auto`);
  }
  return Device.open(navigator.gpu, request);
}
