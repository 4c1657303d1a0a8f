import { InputError, StorageError } from "./errors.ts";

/** Reason and remedy for the codes of failed system calls that a path of the user causes. */
const wrongPaths: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the path",
  EISDIR: "is a folder where a file is needed; choose another path",
  ENOTDIR: "a part of the path is a file, not a folder; choose another path",
  EEXIST: "is a file where a folder is needed; choose another path",
  EACCES: "permission denied; choose a place that you may use",
  EPERM: "permission denied; choose a place that you may use",
  ELOOP: "its symbolic links lead in a circle; choose another path",
  EINVAL: "the file system does not allow this name; choose another one",
  ENAMETOOLONG: "the name is too long for the file system; choose a shorter one",
  ERR_FS_FILE_TOO_LARGE: "the file is larger than the 2 GiB that can be read at once; give a smaller one",
};

/** Reason and remedy for the codes of failures of the storage itself. */
const failures: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device; free some or choose another place",
  EDQUOT: "the disk quota is used up; free some space or choose another place",
  EROFS: "the file system is read-only; choose another place",
  EIO: "the device reports an input/output error; check it or choose another place",
  EFBIG: "the file would be larger than the file system or a limit allows; choose another place",
  EMFILE: "this process has too many open files; allow more (ulimit -n)",
  ENFILE: "the system has too many open files; close some",
  EBUSY: "the device or file is in use; try again or choose another place",
  ENODEV: "the device is gone; connect it or choose another place",
  ENXIO: "the device is gone; connect it or choose another place",
  ESTALE: "the network file system has lost the folder; mount it again",
  ETIMEDOUT: "the network file system does not answer; try again or choose another place",
};

/** The code of a failed system call, such as `ENOENT`; empty for other errors. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * The error of a system call as one that names the path: an InputError for a wrong path, a StorageError for a failure
 * of the storage; unchanged where the code is of neither kind.
 * @param verb what was tried: `read`, `write`, `list`
 */
export function explained(verb: string, path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code in wrongPaths) return new InputError(`cannot ${verb} ${path}: ${wrongPaths[code]} (${code})`);
  return code in failures ? new StorageError(`cannot ${verb} ${path}: ${failures[code]} (${code})`) : error;
}
