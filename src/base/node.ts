import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./system_errors.ts";

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

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

/**
 * Makes a folder and those above it that are missing, durably. Fails with the error of the folder that cannot be made; Node's
 * own `recursive` gives ENOENT for a read-only file system, and never returns below `/proc` (Node 20).
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (await isFolder(folder)) return;
    const above = dirname(folder);
    if (errorCode(error) !== "ENOENT" || above === folder || (await isFolder(above))) throw error;
    await makeFolder(above);
    await makeFolder(folder);
    return;
  }
  await syncFolder(dirname(folder));
}
