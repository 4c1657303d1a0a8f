import type { Stats } from "node:fs";
import { lstat, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "./errors.ts";
import { errorCode } from "./system_errors.ts";

/** What an answer of `stat` or `lstat` says; undefined where the path leads to nothing. Other errors are those of the disk. */
async function ifThere(look: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await look;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error))) return undefined;
    throw error;
  }
}

const isFolder = async (path: string) => (await ifThere(stat(path)))?.isDirectory() ?? false;

/**
 * Makes the entries of a folder durable: a file that was renamed or removed, a folder that was made. Skipped on Windows,
 * which cannot open a folder, and where this user must not open it.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(folder, "r");
  } catch (error) {
    if (errorCode(error) === "EACCES") return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether there is a link at a path that leads to nothing. */
export async function isDangling(path: string): Promise<boolean> {
  if (!(await ifThere(lstat(path)))?.isSymbolicLink()) return false;
  try {
    await stat(path);
    return false;
  } catch (error) {
    if (errorCode(error) === "ELOOP") return false;
    if (errorCode(error) === "ENOENT") return true;
    throw error;
  }
}

/**
 * Makes a folder and those above it that are missing, durably. Fails with the error of the folder that cannot be made; Node's
 * own `recursive` gives ENOENT for a read-only file system, and never returns below `/proc` (Node 20).
 * @throws InputError where a link leads to nothing, or the file system makes no folders; else the error of the system call
 */
export async function makeFolder(folder: string): Promise<void> {
  const above = dirname(folder);
  // A second time, because another run may make the folder above between the system's answer and our look at it.
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      await mkdir(folder);
      await syncFolder(above);
      return;
    } catch (error) {
      const code = errorCode(error);
      if (await isFolder(folder)) return;
      if (code === "EEXIST" && (await isDangling(folder))) {
        throw new InputError(
          `cannot make ${folder}: it is a link to a folder that is not there; make that one, or choose another`,
        );
      }
      if (code !== "ENOENT" || above === folder) throw error;
      if (!(await isFolder(above))) await makeFolder(above);
    }
  }
  throw new InputError(`cannot make ${folder}: the file system of ${above} makes no folders; choose another place`);
}
