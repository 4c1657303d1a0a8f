import { chmodSync, createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

/**
 * Makes a folder that appears whole or not at all: it is filled under a temporary name and renamed.
 * @param fill is handed the temporary folder
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
      // A set-up running beside this one may have finished first; its folder is the same.
      if (!existsSync(target)) throw error;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Sends a Brotli-compressed file, decompressed, into a stream. */
export const decompress = (path, sink) => pipeline(createReadStream(path), createBrotliDecompress(), sink);
