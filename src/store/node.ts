import { createHash } from "node:crypto";
import { readdir, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Files } from "../base/files.ts";
import { inputPieces, readInput } from "../base/input/node.ts";
import { makeFolder, syncFolder } from "../base/node.ts";
import { type Content, outputTarget, type ReadyFile, writeAside, writeAtomically } from "../base/output/node.ts";
import { errorCode, explained } from "../base/system_errors.ts";

/** The file system of Node. */
export const nodeFiles: Files = {
  async read(path) {
    try {
      return await readInput(path);
    } catch (error) {
      throw explained("read", path, error);
    }
  },

  async sha256(path) {
    const hash = createHash("sha256");
    try {
      for await (const piece of inputPieces(path)) hash.update(piece);
    } catch (error) {
      throw explained("read", path, error);
    }
    return hash.digest("hex");
  },

  async exists(path) {
    try {
      await stat(path);
      return true;
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(errorCode(error))) return false;
      throw explained("read", path, error);
    }
  },

  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw explained("list", path, error);
    }
  },

  write: (path, content) => nodeFiles.writeAll(new Map([[path, content]])),

  async writeAll(contents, beforeReplacing) {
    const written = <T>(path: string, step: Promise<T>) =>
      step.catch((error) => {
        throw explained("write", path, error);
      });
    const ready = new Map<string, ReadyFile>();
    try {
      for (const [path, content] of contents) {
        const file = await written(path, writeAside(path, content));
        if (file) ready.set(path, file);
      }
      await beforeReplacing?.();
      for (const [path, file] of ready) await written(path, file.replace());
    } catch (error) {
      for (const file of ready.values()) await file.discard();
      throw error;
    }
    for (const folder of new Set([...ready.values()].map((file) => file.folder))) {
      await written(folder, syncFolder(folder));
    }
  },

  async remove(path) {
    try {
      await unlink(path);
      await syncFolder(dirname(path));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw explained("remove", path, error);
    }
  },

  async makeFolder(path) {
    try {
      await makeFolder(path);
    } catch (error) {
      throw explained("write", path, error);
    }
  },
};

/**
 * Writes a file that a user asked for, whole or in pieces, as atomically as {@link nodeFiles} does, and makes the folders
 * that are missing above it.
 * @throws InputError that names the path when it is not writable; what the pieces throw, and then no file is left
 */
export async function writeOutput(path: string, content: Content): Promise<void> {
  try {
    // Before a folder is made for it.
    await outputTarget(path);
    await makeFolder(dirname(path));
    await writeAtomically(path, content);
  } catch (error) {
    throw explained("write", path, error);
  }
}
