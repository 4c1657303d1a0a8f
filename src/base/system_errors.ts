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
  ENOTBLK: "is no block device; choose another path",
  ETXTBSY: "the file is a program that runs; choose another path",
  ERR_INVALID_ARG_VALUE: "no file system allows this name; choose another one",
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
  EHOSTDOWN: "the network file system does not answer; try again or choose another place",
  EPIPE: "the program that reads it has ended; start it again or choose a file",
  EXDEV: "the place is on another file system than its folder; choose another place",
  EMLINK: "the folder holds as many folders as its file system allows; choose another place",
  EAGAIN: "the system has no resources for it at the moment; try again",
  EDEADLK: "the file is locked by another program; try again or choose another place",
  ENOLCK: "the network file system gives no locks; mount it with locks or choose another place",
  ENOMEM: "the system has no memory for it; end other programs or try again",
  EBADF: "it is no open file of this process; choose another path",
  EMEDIUMTYPE: "the device has no medium of its kind; insert one or choose another place",
  ENOMEDIUM: "the device has no medium; insert one or choose another place",
  EREMOTEIO: "the device reports an input/output error; check it or choose another place",
  EUCLEAN: "the file system is damaged; check it (fsck) or choose another place",
  EBADMSG: "the file system is damaged: a checksum is wrong; check it or choose another place",
  ENODATA: "the device cannot read the place; check it or choose another place",
  ENOLINK: "the file system has lost its device; connect it or choose another place",
  ENOKEY: "the folder is encrypted and its key is not there; unlock it or choose another place",
  EKEYEXPIRED: "the folder is encrypted and its key has expired; unlock it or choose another place",
  EKEYREVOKED: "the folder is encrypted and its key is revoked; unlock it or choose another place",
  EHWPOISON: "the main memory is damaged; check the machine",
};

/**
 * Names of errors that libuv does not name, by number; Node calls them "Unknown system error -122". Numbers of Linux and
 * of macOS, which do not collide here.
 */
const unnamed: Readonly<Record<number, string>> = {
  11: "EDEADLK",
  15: "ENOTBLK",
  35: "EDEADLK",
  37: "ENOLCK",
  61: "ENODATA",
  67: "ENOLINK",
  69: "EDQUOT",
  70: "ESTALE",
  74: "EBADMSG",
  77: "ENOLCK",
  94: "EBADMSG",
  96: "ENODATA",
  97: "ENOLINK",
  112: "EHOSTDOWN",
  116: "ESTALE",
  117: "EUCLEAN",
  121: "EREMOTEIO",
  122: "EDQUOT",
  123: "ENOMEDIUM",
  124: "EMEDIUMTYPE",
  126: "ENOKEY",
  127: "EKEYEXPIRED",
  128: "EKEYREVOKED",
  133: "EHWPOISON",
};

/** The code of a failed system call, such as `ENOENT`; empty for other errors. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  const code = String(error.code);
  const number = /^unknown system error -?(\d+)$/i.exec(code)?.[1];
  return number === undefined ? code : (unnamed[Number(number)] ?? `error ${number}`);
}

/**
 * The error of a system call as one that names the path: an InputError for a wrong path, a StorageError for every other
 * failure of a system call; unchanged where the error is of none.
 * @param verb what was tried: `read`, `write`, `list`
 */
export function explained(verb: string, path: string, error: unknown): unknown {
  const code = errorCode(error);
  const shown = path === "" ? '""' : path;
  if (code in wrongPaths) return new InputError(`cannot ${verb} ${shown}: ${wrongPaths[code]} (${code})`);
  if (code in failures) return new StorageError(`cannot ${verb} ${shown}: ${failures[code]} (${code})`);
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  return new StorageError(
    `cannot ${verb} ${shown}: the system refuses it (${code}, ${String(error.syscall)}); try again or choose another place`,
  );
}
