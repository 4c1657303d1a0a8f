import { constants, write } from "node:fs";
import { access, open, readlink, rename, rm, stat, writeFile } from "node:fs/promises";
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
  const { end, descriptor } = await followed(path);
  if (descriptor !== undefined) return { kind: "open", descriptor };
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(path);
  } catch (error) {
    // Nothing there yet, or a link to what is not there yet.
    if (errorCode(error) === "ENOENT") return { kind: "file", path: end };
    throw error;
  }
  if (found.isFile()) {
    await access(path, constants.W_OK);
    return { kind: "file", path: end, mode: found.mode & 0o777 };
  }
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

/** Follows the links at a path to the file that they name, or to an open file of this process. */
async function followed(path: string): Promise<{ readonly end: string; readonly descriptor?: number }> {
  let end = path;
  // The system follows 40.
  for (let hop = 0; hop <= 40; hop++) {
    const descriptor = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(end)?.[1];
    if (descriptor !== undefined) return { end, descriptor: Number(descriptor) };
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

/**
 * Writes a file so that a reader sees the old or the new content: temporary name, fsync, rename. A device or pipe at the
 * path is written to as it is. Makes no folder.
 * @param beforeReplacing awaited before a file is renamed to the path; if it throws, the old content stays
 * @param waitMs how long a pipe without a reader is waited for
 * @throws what {@link outputTarget} and the pieces throw, or the error of the system call that failed; then the old
 * content is still there
 */
export async function writeAtomically(
  path: string,
  content: Content,
  beforeReplacing?: () => Promise<void>,
  waitMs = noReaderMs,
): Promise<void> {
  const target = await outputTarget(path);
  if (target.kind === "open") return writeTo((bytes) => writeDescriptor(target.descriptor, bytes), content);
  if (target.kind === "stream") return writeStream(target, content, waitMs);
  const folder = dirname(target.path);
  // In the same folder, because a rename is atomic only within one file system. The name of the file may be as long as
  // the file system allows, so it is no part of this one.
  const temporary = join(folder, temporaryName());
  const handle = await open(temporary, "wx", target.mode);
  try {
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await beforeReplacing?.();
    await rename(temporary, target.path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
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
