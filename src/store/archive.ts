import { zipSync } from "fflate";
import { InputError } from "../base/errors.ts";
import { unpackMembers, ZipError, zipMembers } from "../base/zip.ts";
import { MemoryFiles } from "./memory.ts";
import { folderOfRecord, isRunFile } from "./run_path.ts";

/** Maximum unpacked bytes of an archive, so that a malicious archive cannot exhaust the memory. */
const mostBytes = 2 ** 30;

/** Packs files into one zip file; equal files give equal bytes. */
export function writeArchive(files: MemoryFiles): Uint8Array<ArrayBuffer> {
  // A fixed time, so that equal runs give equal archives; 1980 is the earliest year of the zip format.
  return zipSync(Object.fromEntries(files.entries()), { mtime: new Date(1980, 0, 1) });
}

/**
 * Reads the run folders of a zip file; ignores all other entries.
 * @param name name of the file, for error messages
 * @throws InputError when it is not a zip file, is damaged, has an entry that leads out of it or a file twice, contains
 * no run folder or unpacks to more than 1 GiB
 */
export function readArchive(bytes: Uint8Array, name: string): MemoryFiles {
  try {
    const members = zipMembers(bytes).map((member) => ({ ...member, name: entryPath(member.name) }));
    const wanted = members.filter((member) => isRunFile(member.name));
    return runFiles(unpackMembers(bytes, wanted, mostBytes), name);
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    throw new InputError(`${name}: cannot be unpacked (${error.message}); give a zip file of run folders`);
  }
}

/**
 * Path of an entry, with `/` between its parts; some tools on Windows write backslashes.
 * @throws ZipError for an absolute path and one with `..`
 */
function entryPath(name: string): string {
  const parts = name.split(/[/\\]/);
  if (parts[0] === "" || parts.includes("..") || /^[a-z]:[/\\]/i.test(name)) {
    throw new ZipError(`its entry "${name}" leads out of the archive`);
  }
  return parts.filter((part) => part !== ".").join("/");
}

/**
 * Selects the files of run folders.
 * @param name name of the folder or archive, for error messages
 * @throws InputError when there is no run folder
 */
export function runFiles(contents: Iterable<readonly [string, Uint8Array]>, name: string): MemoryFiles {
  const files = new MemoryFiles([...contents].filter(([path]) => isRunFile(path)));
  if (runPaths(files).length === 0) {
    throw new InputError(`${name}: holds no run.json; give a run folder, or a zip file of run folders`);
  }
  return files;
}

/** Paths of the run folders among the files, in order; `.` for a `run.json` at the top level. */
export function runPaths(files: MemoryFiles): string[] {
  return files.entries().flatMap(([path]) => folderOfRecord(path) ?? []);
}
