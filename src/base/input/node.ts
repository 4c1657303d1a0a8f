import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../errors.ts";
import { errorCode } from "../system_errors.ts";

/** Bytes that are read at once. */
const pieceBytes = 2 ** 20;
/** Most bytes of a file that is read as a whole, and of a pipe or another file whose size is not known before. */
const mostBytes = 2 ** 31;
/** Times that a file is read again as a whole when another program changes it meanwhile. */
const attempts = 3;

/** How long a pipe is waited for, in milliseconds. */
export interface PipePatience {
  /** For a program to open the pipe and to write to it. */
  readonly noWriterMs: number;
  /** For the next byte of a program that has it open. */
  readonly silenceMs: number;
}

const patience: PipePatience = { noWriterMs: 5000, silenceMs: 30_000 };
const pollMs = 10;

/** A file that another program changes while it is read. */
class Changed extends InputError {}

/** What is at a path: its size, or that it is a pipe. */
export interface InputKind {
  readonly isPipe: boolean;
  /** 0 for a pipe, and for files of `/proc`, which have content nevertheless. */
  readonly sizeBytes: number;
}

/**
 * Looks at what is to be read, so that nothing is opened that never ends or never answers.
 * @throws InputError for a folder, device or socket; the error of the system call where there is nothing
 */
export async function inputKind(path: string): Promise<InputKind> {
  if (path === "") throw new InputError('cannot read "": the path is empty; give a file');
  const found = await stat(path);
  const refused = found.isDirectory()
    ? "a folder where a file is needed; choose another path (EISDIR)"
    : found.isSocket()
      ? "a socket; give a file"
      : found.isCharacterDevice() || found.isBlockDevice()
        ? "a device, which may have no end; give a file"
        : undefined;
  if (refused !== undefined) throw new InputError(`cannot read ${path}: is ${refused}`);
  return { isPipe: found.isFIFO(), sizeBytes: found.isFIFO() ? 0 : found.size };
}

/**
 * The bytes of a file or pipe in order, to be read once. A piece is valid until the next is asked for. Nothing is opened
 * before the first is asked for.
 * @throws InputError for what {@link inputKind} refuses, a pipe that no program writes to, more than 2 GiB where the size
 * is not known before, and a file that another program changes meanwhile; the error of the system call that failed
 */
export async function* inputPieces(path: string, wait: PipePatience = patience): AsyncGenerator<Uint8Array> {
  const { isPipe } = await inputKind(path);
  // Opening never waits: neither for the writer of a pipe, nor for files such as /proc/kmsg.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const before = await handle.stat();
    // What a pipe says of its size is of the moment.
    const sizeBytes = isPipe ? 0 : before.size;
    const bound = sizeBytes > 0 ? sizeBytes : mostBytes;
    const piece = new Uint8Array(Math.min(pieceBytes, bound + 1));
    let total = 0;
    for (;;) {
      const bytesRead = await readSome(handle, piece, path, isPipe && total === 0, wait);
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > bound && sizeBytes === 0) throw tooLarge(path);
      if (total > bound) break;
      yield piece.subarray(0, bytesRead);
    }
    if (sizeBytes === 0) return;
    const after = await handle.stat();
    if (total !== sizeBytes || after.size !== sizeBytes || after.mtimeMs !== before.mtimeMs) {
      throw new Changed(
        `cannot read ${path}: another program changed it meanwhile (${sizeBytes} bytes at first, then ${Math.max(total, after.size)}); give a file that no program is writing`,
      );
    }
  } finally {
    await handle.close();
  }
}

/** @param awaitsWriter whether the end of the file may mean that no program has opened the pipe yet */
async function readSome(
  handle: FileHandle,
  piece: Uint8Array,
  path: string,
  awaitsWriter: boolean,
  { noWriterMs, silenceMs }: PipePatience,
): Promise<number> {
  const start = performance.now();
  for (;;) {
    let isSilent = false;
    try {
      const { bytesRead } = await handle.read(piece, 0, piece.length, null);
      if (bytesRead > 0 || !awaitsWriter) return bytesRead;
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      isSilent = true;
    }
    const waitedMs = performance.now() - start;
    if (waitedMs > (isSilent ? silenceMs : noWriterMs)) {
      const reason = isSilent ? "sends nothing" : "is a pipe that no program writes to";
      throw new InputError(`cannot read ${path}: it ${reason} (${Math.round(waitedMs / 1000)} s); give a file`);
    }
    await sleep(pollMs);
  }
}

/**
 * The whole content of a file or pipe.
 * @throws as {@link inputPieces}, and InputError for more than 2 GiB
 */
export async function readInput(path: string, wait: PipePatience = patience): Promise<Uint8Array<ArrayBuffer>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readWhole(path, wait);
    } catch (error) {
      if (!(error instanceof Changed) || attempt === attempts) throw error;
    }
  }
}

async function readWhole(path: string, wait: PipePatience): Promise<Uint8Array<ArrayBuffer>> {
  const { sizeBytes } = await inputKind(path);
  if (sizeBytes > mostBytes) throw tooLarge(path);
  // A file of known size is read to its place; of others the pieces are kept and joined.
  let whole = allocated(sizeBytes, path);
  let filled = 0;
  for await (const piece of inputPieces(path, wait)) {
    if (filled + piece.length > whole.length) {
      const larger = allocated(Math.max(filled + piece.length, Math.min(2 * whole.length, mostBytes)), path);
      larger.set(whole.subarray(0, filled));
      whole = larger;
    }
    whole.set(piece, filled);
    filled += piece.length;
  }
  return filled === whole.length ? whole : whole.slice(0, filled);
}

function allocated(sizeBytes: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(
      `cannot read ${path}: this process has no memory for its ${sizeBytes} bytes; give a smaller file`,
    );
  }
}

function tooLarge(path: string): InputError {
  return new InputError(
    `cannot read ${path}: it is larger than the 2 GiB that can be read at once; give a smaller file`,
  );
}
