import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, readFile, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Files } from "../base/files.ts";
import { makeFolder, syncFolder } from "../base/node.ts";
import { errorCode, explained } from "../base/system_errors.ts";

/** The content of a file, whole or in pieces. */
type Content = Uint8Array | string | AsyncIterable<Uint8Array | string>;

/** Whether there is something that a file must not replace: a device such as `/dev/full`, a pipe, a socket. */
async function isSpecial(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}

async function writeAtomically(path: string, content: Content): Promise<void> {
  if (await isSpecial(path)) return writeFile(path, content);
  const folder = dirname(path);
  // In the same folder, because a rename is atomic only within one file system. The name of the file may be as long as
  // the file system allows, so it is no part of this one.
  const temporary = join(folder, `.${randomUUID().slice(0, 8)}.tmp`);
  const handle = await open(temporary, "wx");
  try {
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** The file system of Node. */
export const nodeFiles: Files = {
  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      throw explained("read", path, error);
    }
  },

  async sha256(path) {
    const hash = createHash("sha256");
    try {
      for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece);
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

  async write(path, content) {
    try {
      await writeAtomically(path, content);
    } catch (error) {
      throw explained("write", path, error);
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
    await makeFolder(dirname(path));
    await writeAtomically(path, content);
  } catch (error) {
    throw explained("write", path, error);
  }
}
