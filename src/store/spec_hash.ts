import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { invariant } from "../base/errors.ts";

/**
 * The canonical JSON text of a value: keys sorted by code unit, no white space, `undefined` properties left out.
 * Two values are equal as JSON if and only if these texts are equal.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(",")}}`;
  }
  invariant(
    value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value),
    `${typeof value} ${String(value)} has no JSON form`,
  );
  return JSON.stringify(value);
}

/**
 * Identifies a spec: the first 12 hexadecimal digits of the SHA-256 of its canonical JSON. Not by WebCrypto, whose call
 * takes longer than the rest of a grid's point.
 */
export function specHash(spec: unknown): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonicalJson(spec)))).slice(0, 12);
}
