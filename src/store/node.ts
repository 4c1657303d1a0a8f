import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";

/**
 * Reason and remedy for the codes of failed system calls that a user can fix; errors with other codes are rethrown
 * unchanged.
 */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the path",
  EISDIR: "is a folder where a file is needed; choose another path",
  ENOTDIR: "a part of the path is a file, not a folder; choose another path",
  EEXIST: "is a file where a folder is needed; choose another path",
  EACCES: "permission denied; choose a place that you may use",
  EPERM: "permission denied; choose a place that you may use",
  EROFS: "the file system is read-only; choose another place",
  ENOSPC: "no space left on the device; free some or choose another place",
  EDQUOT: "the disk quota is used up; free some space or choose another place",
  ENAMETOOLONG: "the name is too long for the file system; choose a shorter one",
};

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Converts the error of a system call to an InputError that names the path, if a user can fix the cause. */
function explained(verb: string, path: string, error: unknown): unknown {
  const code = errorCode(error);
  return code in reasons ? new InputError(`cannot ${verb} ${path}: ${reasons[code]} (${code})`) : error;
}

/** Makes a rename durable. Skipped on Windows, which cannot open a folder. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // In the same folder, because a rename is atomic only within one file system.
  const temporary = join(folder, `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  const handle = await open(temporary, "wx");
  try {
    try {
      await handle.writeFile(content);
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
};
