import { create, globals } from "webgpu";

/** Never changes; `Atomics.wait` on it sleeps until its timeout. */
const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Lets this process sleep between two polls of an awaited read, as our engines do (`src/device/node.ts`). Dawn in Node
 * polls in every turn of the event loop, which takes one core from a software adapter.
 */
function napDuringReads() {
  const { mapAsync } = GPUBuffer.prototype;
  let [waiting, waitingSince, willNap] = [0, 0, false];
  const nap = () => {
    willNap = waiting > 0;
    if (!willNap) return;
    Atomics.wait(cell, 0, 0, Math.min(1, (performance.now() - waitingSince) * 0.1));
    setImmediate(nap);
  };
  GPUBuffer.prototype.mapAsync = async function (...range) {
    if (waiting++ === 0) waitingSince = performance.now();
    if (!willNap) setImmediate(nap);
    willNap = true;
    try {
      return await mapAsync.apply(this, range);
    } finally {
      waiting--;
    }
  };
}

/**
 * Defines the `navigator` that the peers require and Node 20 lacks; for `webgpu`, with Dawn as its implementation.
 * @returns the adapter's name, or `one thread` for another backend
 */
export async function browserLike(backend) {
  const define = (value) => Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  const userAgent = "Node";
  define({ userAgent });
  // The peers do not use threads in Node.
  if (backend !== "webgpu") return "one thread";
  Object.assign(globalThis, globals);
  napDuringReads();
  const gpu = create([]);
  define({ userAgent, gpu });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("no WebGPU adapter");
  return adapter.info.description || adapter.info.device || adapter.info.vendor;
}
