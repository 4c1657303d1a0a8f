import { create, globals } from "webgpu";

/** Nobody wakes who waits for it to change. */
const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Lets this process sleep between two looks at a read that is waited for, as our engines do (`src/device/node.ts`): Dawn in Node
 * looks in every turn of the event loop, which takes a core from a software adapter.
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
 * Gives this process the `navigator` that peers look for, which Node 20 lacks; for `webgpu` with Dawn behind it.
 * @returns the adapter's name, or for another backend how it computes
 */
export async function browserLike(backend) {
  const define = (value) => Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  const userAgent = "Node";
  define({ userAgent });
  // Neither peer has threads in Node.
  if (backend !== "webgpu") return "one thread";
  Object.assign(globalThis, globals);
  napDuringReads();
  const gpu = create([]);
  define({ userAgent, gpu });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("no WebGPU adapter");
  return adapter.info.description || adapter.info.device || adapter.info.vendor;
}
