import { sha256 } from "../../base/sha256.ts";
import bytes from "./kernels.wasm";

/**
 * Identifies the kernels of the CPU engine: the first 16 hexadecimal digits of the SHA-256 of their WebAssembly module.
 */
export async function cpuKernelsHash(): Promise<string> {
  return (await sha256(bytes)).slice(0, 16);
}
