import { chmodSync, createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

/**
 * Creates a folder atomically: it is filled under a temporary name and then renamed.
 * @param fill fills the temporary folder
 */
export async function makeWholeFolder(target, fill) {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = mkdtempSync(`${target}-`);
  try {
    await fill(temporary);
    chmodSync(temporary, 0o755);
    try {
      renameSync(temporary, target);
    } catch (error) {
      // A concurrent set-up may have finished first; its folder has the same content.
      if (!existsSync(target)) throw error;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Decompresses a Brotli file into a stream. */
export const decompress = (path, sink) => pipeline(createReadStream(path), createBrotliDecompress(), sink);
