import { createHash } from "node:crypto";
import { InputError } from "../../src/base/errors.ts";
import { readSafetensors } from "../../src/store/safetensors.ts";
import { canonicalJson } from "../../src/store/spec_hash.ts";

const hashOf = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

/** A changed checkpoint with the checksum of what it now holds; undefined where it is no safetensors file any more. */
export function checkpointSealed(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const { tensors, metadata } = readSafetensors(bytes, "f");
    const { level, mask, settings, program, kernels } = metadata;
    const parts = Object.fromEntries(
      [...tensors].map(([name, { dtype, data }]) => [
        name,
        [dtype, hashOf(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))],
      ]),
    );
    const sum = hashOf(canonicalJson({ metadata: { level, mask, settings, program, kernels }, parts }));
    // Of the same length, so that nothing else moves.
    const text = Buffer.from(bytes).toString("latin1").replace(metadata.checksum, sum);
    return new Uint8Array(Buffer.from(text, "latin1"));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
