import { constants, type Stats, write } from "node:fs";
import { access, lstat, open, readlink, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { InputError } from "../errors.ts";
import { syncFolder } from "../node.ts";
import { errorCode } from "../system_errors.ts";
import { temporaryName } from "../temporary.ts";

/** The content of a file, whole or in pieces. */
export type Content = Uint8Array | string | AsyncIterable<Uint8Array | string>;

/** How long a pipe that no program reads from is waited for, in milliseconds. */
const noReaderMs = 5000;
const pollMs = 10;

/**
 * What a path to write stands for, its links followed: a file that is replaced; a stream (device or pipe) that is written
 * to as it is; or an open file of this process, such as `/dev/stdout`.
 */
export type OutputTarget =
  | { readonly kind: "file"; readonly path: string; readonly mode?: number }
  | { readonly kind: "stream"; readonly path: string; readonly isPipe: boolean }
  | { readonly kind: "open"; readonly descriptor: number };

/**
 * Looks at what is at a path, so that a write replaces nothing but a file. A link stays, and what it leads to is written.
 * @throws InputError for a folder, a disk, a socket or an empty path; the error of the system call where the path leads
 * nowhere or the file must not be written
 */
export async function outputTarget(path: string): Promise<OutputTarget> {
  if (path === "") throw new InputError('cannot write "": the path is empty; give a file');
  if (path.endsWith("/")) throw new InputError(`cannot write ${path}: a folder's name ends with /; give a file`);
  // Most often a file, or nothing yet: no link has to be followed.
  const there = await lstatIfThere(path);
  if (there?.isFile()) return writable(path, there.mode);
  if (!there && descriptorOf(path) === undefined) return { kind: "file", path };
  const { end, descriptor } = await followed(path);
  if (descriptor !== undefined) return { kind: "open", descriptor };
  let found: Stats;
  try {
    found = await stat(path);
  } catch (error) {
    // Nothing there yet, or a link to what is not there yet.
    if (errorCode(error) === "ENOENT") return { kind: "file", path: end };
    throw error;
  }
  if (found.isFile()) return writable(end, found.mode);
  const refused = found.isDirectory()
    ? "a folder where a file is needed; choose another path (EISDIR)"
    : found.isBlockDevice()
      ? "a disk; choose a file"
      : found.isSocket()
        ? "a socket; choose a file"
        : undefined;
  if (refused !== undefined) throw new InputError(`cannot write ${path}: is ${refused}`);
  return { kind: "stream", path, isPipe: found.isFIFO() };
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A file that may be replaced; its permissions stay. */
async function writable(path: string, mode: number): Promise<OutputTarget> {
  await access(path, constants.W_OK);
  return { kind: "file", path, mode: mode & 0o777 };
}

/** The open file of this process that a path names; undefined if it names none. */
function descriptorOf(path: string): number | undefined {
  const digits = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Follows the links at a path to the file that they name, or to an open file of this process. */
async function followed(path: string): Promise<{ readonly end: string; readonly descriptor?: number }> {
  let end = path;
  // The system follows 40.
  for (let hop = 0; hop <= 40; hop++) {
    const descriptor = descriptorOf(end);
    if (descriptor !== undefined) return { end, descriptor };
    let link: string;
    try {
      link = await readlink(end);
    } catch {
      return { end };
    }
    // Not normalised: a folder before `..` may be a link itself.
    end = isAbsolute(link) ? link : `${dirname(end)}/${link}`;
  }
  return { end };
}

/** A file whose new content is on disk under a temporary name. */
export interface ReadyFile {
  /** The folder to {@link syncFolder} after {@link replace}, so that the name is durable too. */
  readonly folder: string;
  /** Gives the new content the file's name. */
  replace(): Promise<void>;
  /** Removes the new content, unless it has replaced the old. */
  discard(): Promise<void>;
}

/**
 * Writes a file so that a reader sees the old or the new content: temporary name, fsync, rename. A device or pipe at the
 * path is written to as it is. Makes no folder.
 * @param waitMs how long a pipe without a reader is waited for
 * @throws what {@link outputTarget} and the pieces throw, or the error of the system call that failed; then the old
 * content is still there
 */
export async function writeAtomically(path: string, content: Content, waitMs = noReaderMs): Promise<void> {
  const ready = await writeAside(path, content, waitMs);
  if (!ready) return;
  try {
    await ready.replace();
  } catch (error) {
    await ready.discard();
    throw error;
  }
  await syncFolder(ready.folder);
}

/**
 * The first half of {@link writeAtomically}: the content is written and fsynced, and the file is as it was.
 * @returns undefined where the path is a device or pipe, which has been written to
 */
export async function writeAside(path: string, content: Content, waitMs = noReaderMs): Promise<ReadyFile | undefined> {
  const target = await outputTarget(path);
  if (target.kind === "open") {
    await writeTo((bytes) => writeDescriptor(target.descriptor, bytes), content);
    return undefined;
  }
  if (target.kind === "stream") {
    await writeStream(target, content, waitMs);
    return undefined;
  }
  const folder = dirname(target.path);
  // In the same folder, because a rename is atomic only within one file system. The name of the file may be as long as
  // the file system allows, so it is no part of this one.
  const temporary = join(folder, temporaryName());
  const discard = () => rm(temporary, { force: true });
  const handle = await open(temporary, "wx", target.mode);
  try {
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { folder, replace: () => rename(temporary, target.path), discard };
}

async function writeDescriptor(descriptor: number, bytes: Uint8Array): Promise<number> {
  return (await promisify(write)(descriptor, bytes)).bytesWritten;
}

async function writeStream(
  { path, isPipe }: Extract<OutputTarget, { kind: "stream" }>,
  content: Content,
  waitMs: number,
) {
  const handle = await openStream(path, isPipe, waitMs);
  try {
    await writeTo(async (bytes) => (await handle.write(bytes)).bytesWritten, content);
  } finally {
    await handle.close();
  }
}

/** Opens a device or pipe without waiting in the system call, from which nothing but the end of the process returns. */
async function openStream(path: string, isPipe: boolean, waitMs: number) {
  const start = performance.now();
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      if (!isPipe || errorCode(error) !== "ENXIO") throw error;
      if (performance.now() - start > waitMs) {
        throw new InputError(`cannot write ${path}: no program reads from this pipe; start one, or choose a file`);
      }
    }
    await sleep(pollMs);
  }
}

/** Writes content in order, as much at a time as the other end takes. */
async function writeTo(writeSome: (bytes: Uint8Array) => Promise<number>, content: Content): Promise<void> {
  for await (const piece of typeof content === "string" || content instanceof Uint8Array ? [content] : content) {
    let rest = typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(await writeSome(rest));
      } catch (error) {
        if (errorCode(error) !== "EAGAIN") throw error;
        await sleep(pollMs);
      }
    }
  }
}
