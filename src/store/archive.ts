import { unzipSync, zipSync } from "fflate";
import { InputError } from "../base/errors.ts";
import { MemoryFiles } from "./memory.ts";
import { folderOfRecord, isRunFile } from "./run_path.ts";

/** Bytes that an archive may unpack to, so that a hostile one cannot fill the memory. */
const mostBytes = 2 ** 30;

/** Packs files into one zip; equal files give equal bytes. */
export function writeArchive(files: MemoryFiles): Uint8Array<ArrayBuffer> {
  // A time of its own for each file would make two equal runs two archives; zip knows no year before 1980.
  return zipSync(Object.fromEntries(files.entries()), { mtime: new Date(1980, 0, 1) });
}

/**
 * Reads the run folders out of a zip file; whatever else it holds is passed over.
 * @param name names the file in messages
 * @throws InputError when it is no zip file, holds no run folder or unpacks to more than 1 GiB
 */
export function readArchive(bytes: Uint8Array, name: string): MemoryFiles {
  let total = 0;
  let contents: Record<string, Uint8Array>;
  try {
    contents = unzipSync(bytes, {
      filter: ({ name: path, originalSize }) => {
        if (!isRunFile(path)) return false;
        total += originalSize;
        if (total > mostBytes) throw new RangeError(`it unpacks to more than ${mostBytes} bytes`);
        return true;
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${name}: cannot be unpacked (${reason}); give a zip file of run folders`);
  }
  return runFiles(Object.entries(contents), name);
}

/**
 * The files of the run folders among some files.
 * @param name names the folder or archive in messages
 * @throws InputError when there is no run folder
 */
export function runFiles(contents: Iterable<readonly [string, Uint8Array]>, name: string): MemoryFiles {
  const files = new MemoryFiles([...contents].filter(([path]) => isRunFile(path)));
  if (runPaths(files).length === 0) {
    throw new InputError(`${name}: holds no run.json; give a run folder, or a zip file of run folders`);
  }
  return files;
}

/** Paths of the run folders among some files, in order; the folder of a `run.json` at the top is `.`. */
export function runPaths(files: MemoryFiles): string[] {
  return files.entries().flatMap(([path]) => folderOfRecord(path) ?? []);
}
