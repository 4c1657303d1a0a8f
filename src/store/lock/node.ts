import { readFileSync, unlinkSync } from "node:fs";
import { link, lstat, open, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { InputError } from "../../base/errors.ts";
import { makeFolder } from "../../base/node.ts";
import { errorCode, explained } from "../../base/system_errors.ts";
import { isTemporary, temporaryName } from "../../base/temporary.ts";
import { nodeProcesses } from "../process/node.ts";
import type { LockFiles } from "./lock_files.ts";
import { mostLockBytes } from "./lock_record.ts";
import { FileLocks, type LockTimes } from "./run_locks.ts";

/** A file system without hard links says one of these. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"];

/** Opens with the error of a missing file as undefined. */
async function openIfThere(path: string, flags: string) {
  try {
    return await open(path, flags);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ESTALE"].includes(errorCode(error))) return undefined;
    throw error;
  }
}

async function readLock(path: string, flags: "r" | "r+"): Promise<{ text: string; handle: OpenFile } | undefined> {
  const handle = await openIfThere(path, flags);
  if (!handle) return undefined;
  try {
    const buffer = new Uint8Array(mostLockBytes);
    const { bytesRead } = await handle.read(buffer, 0, mostLockBytes, 0);
    return { text: new TextDecoder().decode(buffer.subarray(0, bytesRead)), handle };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

type OpenFile = Awaited<ReturnType<typeof open>>;

/** A folder, pipe or device of a lock's name would make reading fail or wait for ever. */
async function refuseOthers(path: string): Promise<void> {
  let isFile = true;
  try {
    isFile = (await lstat(path)).isFile();
  } catch {
    // Gone: reading tells.
  }
  if (!isFile) throw new InputError(`${path}: is no file, and a lock belongs there; remove it`);
}

/**
 * Lock files of Node.
 *
 * A lock is a hard link to a file that was written before, so nobody sees it half written: making a link fails where the
 * name is taken, for exactly one of many processes, on NFS of every version too. Where the server repeats the request
 * because its answer was lost, the link is there though making it failed, so the content decides. File systems without links get an
 * exclusive opening (`O_EXCL`), and a process that is killed before it has written leaves an empty lock file, which
 * goes stale by time. Nothing is fsynced: after a crash of the machine no process of it is left.
 */
export const nodeLockFiles: LockFiles = {
  async makeFolder(folder) {
    try {
      await makeFolder(folder);
    } catch (error) {
      throw explained("write", folder, error);
    }
  },

  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw explained("list", folder, error);
    }
  },

  async read(path) {
    try {
      await refuseOthers(path);
      const found = await readLock(path, "r");
      await found?.handle.close();
      return found?.text;
    } catch (error) {
      throw explained("read", path, error);
    }
  },

  async create(path, content) {
    const temporary = join(dirname(path), temporaryName());
    try {
      try {
        await writeFile(temporary, content, { flag: "wx" });
        await link(temporary, path);
        return true;
      } catch (error) {
        const code = errorCode(error);
        if (noLinks.includes(code)) {
          await writeFile(path, content, { flag: "wx" });
          return true;
        }
        throw error;
      } finally {
        await rm(temporary, { force: true });
      }
    } catch (error) {
      if (errorCode(error) === "EEXIST") return (await nodeLockFiles.read(path)) === content;
      // Who holds the lock has removed the temporary file.
      if (errorCode(error) === "ENOENT" && (error as NodeJS.ErrnoException).syscall === "link") return false;
      throw explained("write", path, error);
    }
  },

  async replace(path, token, content) {
    const found = await readLock(path, "r+");
    if (!found) return false;
    try {
      if (!found.text.includes(token)) return false;
      await found.handle.write(content, 0);
      return true;
    } finally {
      await found.handle.close();
    }
  },

  async remove(path) {
    try {
      await unlink(path);
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(errorCode(error))) return;
      // Another thing than a file has the name of a temporary file.
      if (isTemporary(path.slice(path.lastIndexOf("/") + 1)) && ["EISDIR", "EPERM"].includes(errorCode(error))) return;
      throw explained("write", path, error);
    }
  },
};

/** Time between two counts. A lock costs about 0.2 ms each time. */
const beatMs = 5_000;

/** A call again and again, which does not keep the process alive. */
function scheduleBeats(beat: () => Promise<void>): () => void {
  let isBeating = false;
  const timer = setInterval(async () => {
    if (isBeating) return;
    isBeating = true;
    await beat().finally(() => {
      isBeating = false;
    });
  }, beatMs);
  timer.unref();
  // First, because the command line ends the process at its exit where the terminal is gone.
  process.prependListener("exit", removeHeld);
  return () => {
    clearInterval(timer);
    process.off("exit", removeHeld);
  };
}

/** A process that ends by itself leaves no lock, also where it could not wait for its runs to end. */
function removeHeld(): void {
  for (const { path, token } of nodeLocks.heldLocks()) {
    try {
      if (readFileSync(path, "latin1").includes(token)) unlinkSync(path);
    } catch {
      // The next process finds that this one is gone.
    }
  }
}

/** Six beats missed in a row: the longest work between two turns of the event loop is far shorter. */
export const nodeLockTimes: LockTimes = {
  staleMs: 30_000,
  nowMs: () => performance.now(),
  pause: () => after(10),
  schedule: scheduleBeats,
};

/** The locks of this process. */
export const nodeLocks = new FileLocks(nodeLockFiles, nodeProcesses, nodeLockTimes);
