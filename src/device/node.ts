import { create, globals } from "webgpu";
import { Device, type DeviceRequest } from "./device.ts";

/** Timestamps are not quantised: quantised ones are too coarse to time a kernel. */
const dawnOptions = ["disable-dawn-features=timestamp_quantization"];

/** One sleep of this thread: share of the time waited so far, and the longest sleep in ms. */
const [sleepShare, longestSleepMs] = [0.1, 1];

/** Never changes, so that a wait for its change is a sleep. */
const cell = new Int32Array(new SharedArrayBuffer(4));
/** Number of pending operations; since when one has been pending; whether the next sleep is scheduled. */
let [waiting, waitingSince, willSleep] = [0, 0, false];

/**
 * Sleeps while a read or a compilation is pending. Dawn in Node polls it in every turn of the event loop, which occupies a
 * processor core that a software adapter could train or compile on. So this thread sleeps between two polls.
 */
function sleep(): void {
  willSleep = waiting > 0;
  if (!willSleep) return;
  Atomics.wait(cell, 0, 0, Math.min(longestSleepMs, (performance.now() - waitingSince) * sleepShare));
  setImmediate(sleep);
}

/** Awaits an operation of Dawn, asleep between its polls. */
export async function sleepDuring<T>(pending: Promise<T>): Promise<T> {
  if (waiting++ === 0) waitingSince = performance.now();
  if (!willSleep) setImmediate(sleep);
  willSleep = true;
  try {
    return await pending;
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
  return Device.open(create(dawnOptions), request, sleepDuring);
}
