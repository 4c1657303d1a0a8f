import { create, globals } from "webgpu";
import { Device, type DeviceRequest } from "./device.ts";

/** Timestamps as the adapter gives them; quantised, they are too coarse to time a kernel. */
const dawnOptions = ["disable-dawn-features=timestamp_quantization"];

/** This thread sleeps for such a share of the time that it has waited, and for so many ms at most. */
const [napShare, longestNapMs] = [0.1, 1];

/** Nobody wakes who waits for it to change. */
const cell = new Int32Array(new SharedArrayBuffer(4));
/** Reads that are waited for, and since when without a break; and whether the next nap is already on its way. */
let [waiting, waitingSince, willNap] = [0, 0, false];

/**
 * Dawn in Node looks whether a read is done in every turn of the event loop, which takes a processor core: a software adapter
 * would have trained on it. So between two looks this thread sleeps.
 */
function nap(): void {
  willNap = waiting > 0;
  if (!willNap) return;
  Atomics.wait(cell, 0, 0, Math.min(longestNapMs, (performance.now() - waitingSince) * napShare));
  setImmediate(nap);
}

async function nappingDuring<T>(read: Promise<T>): Promise<T> {
  if (waiting++ === 0) waitingSince = performance.now();
  if (!willNap) setImmediate(nap);
  willNap = true;
  try {
    return await read;
  } finally {
    waiting--;
  }
}

/**
 * Opens the adapter that Dawn finds in this process's environment (`environment/node.ts` finds the environment).
 * @throws InputError when there is none, or it does not meet the request
 */
export async function openNodeDevice(request: DeviceRequest = {}): Promise<Device> {
  Object.assign(globalThis, globals);
  return Device.open(create(dawnOptions), request, nappingDuring);
}
