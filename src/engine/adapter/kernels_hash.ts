import { sha256 } from "../../base/sha256.ts";
import { trainingSources } from "../../kernels/training_sources.ts";

/**
 * Identifies the WGSL that trains on adapters: the first 16 hexadecimal digits of the SHA-256 over all of it, without
 * comments and with its white space as single spaces.
 */
export async function adapterKernelsHash(): Promise<string> {
  const parts = trainingSources().map(({ file, text }) => {
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").replace(/\s+/g, " ");
    return `${file}\n${code}\n`;
  });
  return (await sha256(parts.join(""))).slice(0, 16);
}
