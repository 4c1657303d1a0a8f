import { create, globals } from "webgpu";

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
  const gpu = create([]);
  define({ userAgent, gpu });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("no WebGPU adapter");
  return adapter.info.description || adapter.info.device || adapter.info.vendor;
}
