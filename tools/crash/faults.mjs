import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { relative, resolve } from "node:path";
import { UnsyncedChanges } from "./unsynced_changes.mjs";

/**
 * A file layer that fails on purpose. It lies below the program, at Node's own functions, so that everything above it is
 * the real program on a real disk. Two ways to use it:
 *
 * - `node --import ./tools/crash/faults.mjs program` with the plan as JSON in the variable SPLIT_TICKET_FAULTS
 * - `import { arm, disarm }` in a process that calls the program itself
 *
 * A plan is `{ root, at, fault, isLasting }`. Operations on paths below `root` are counted by *place*: a run folder
 * (`<experiment>/seed-<n>`), or `""` for all else. A run does one operation after another, so place and index name the
 * same operation in every run of a spec, though runs train side by side. `at` is `{ place, index }`. `fault` is one of
 *
 * - `{ kind: "error", code }`: the operation is not done and fails with the code
 * - `{ kind: "late", code }`: the operation is done, then fails with the code, as when a server's answer is lost
 * - `{ kind: "short", code }`: half of the bytes are written, then it fails with the code; without a code it succeeds,
 *   as on a device that loses what it was given
 * - `{ kind: "kill", when }`: SIGKILL `before` or `after` the operation
 * - `{ kind: "cut" }`: as if power failed after the operation: what no fsync has made durable is taken back, then SIGKILL
 *
 * With `isLasting`, all later operations that write below `root` fail by the same error, as on a disk that stays full.
 */

const { constants } = os;
/** Node's functions as they are before this file replaces them. */
const original = { ...fs, promises: { ...fs.promises } };

/** Kinds of operations that change what lies on the disk, or make it durable. */
const writing = new Set([
  "open to write",
  "write",
  "sync",
  "close",
  "mkdir",
  "rename",
  "remove",
  "sync folder",
  "link",
]);

/** @type {null | { plan: object, operations: object[], counts: Map<string, number>, isHit: boolean, changes: UnsyncedChanges | null }} */
let armed = null;

/**
 * Starts to count operations below a folder, and to fail as the plan says.
 * @param plan without `at` operations are only listed
 */
export function arm(plan) {
  armed = {
    plan: { ...plan, root: resolve(plan.root) },
    operations: [],
    counts: new Map(),
    isHit: false,
    changes: plan.fault?.kind === "cut" ? new UnsyncedChanges(original) : null,
  };
}

/** Stops; returns the operations that were counted, in their order, and whether the fault happened. */
export function disarm() {
  const { operations, isHit } = armed ?? { operations: [], isHit: false };
  armed = null;
  return { operations, isHit };
}

/** Whether an operation of this kind changes the disk or makes a change durable. */
export const isWriting = (kind) => writing.has(kind);

/** The place of a path relative to the root: the run folder that it is or lies in, else `""`. */
export function placeOf(path) {
  return /^(?:[^/]+\/)?seed-\d+(?=\/|$)/.exec(path)?.[0] ?? "";
}

/** An error as Node gives for a failed system call. `unknown-122` is EDQUOT as some builds of libuv give it. */
export function systemError(code, syscall, path) {
  const unknown = /^unknown(-\d+)$/.exec(code)?.[1];
  const name = unknown ? `Unknown system error ${unknown}` : code;
  const error = new Error(`${name}: ${unknown ? name : "made to fail"}, ${syscall} '${path}'`);
  return Object.assign(error, { errno: Number(unknown ?? -constants.errno[code]), code: name, syscall, path });
}

function die() {
  process.kill(process.pid, "SIGKILL");
  // The signal ends the process within this call or very soon after it; nothing may be done until then.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Counts an operation. Returns what to do instead of it, or null. */
function begin(kind, path) {
  if (!armed || typeof path !== "string") return null;
  const { plan, operations, counts, changes } = armed;
  const below = relative(plan.root, resolve(path)).replaceAll("\\", "/");
  // The root's own name is durable once the folder above it is synced.
  if (below.startsWith("..")) return changes && kind === "sync folder" ? { kind: "none", changes } : null;
  const place = placeOf(below);
  const index = counts.get(place) ?? 0;
  counts.set(place, index + 1);
  // Names of temporary files are random.
  operations.push({ place, index, kind, name: below.replace(/\.[0-9a-f]{8}\.tmp$/, ".tmp") });
  const isHere = plan.at?.place === place && plan.at.index === index;
  if (isHere) armed.isHit = true;
  if (isHere) return { ...plan.fault, changes };
  if (armed.isHit && plan.isLasting && writing.has(kind) && plan.fault.code) {
    return { kind: "error", code: plan.fault.code, changes };
  }
  return changes && { kind: "none", changes };
}

/** The first half of what is to be written. */
async function firstHalf(content, options) {
  const pieces = [];
  if (typeof content === "string" || ArrayBuffer.isView(content)) pieces.push(content);
  else for await (const piece of content) pieces.push(piece);
  const encoding = typeof options === "string" ? options : (options?.encoding ?? "utf8");
  const bytes = Buffer.concat(
    pieces.map((piece) =>
      typeof piece === "string"
        ? Buffer.from(piece, encoding)
        : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength),
    ),
  );
  return bytes.subarray(0, bytes.length >> 1);
}

/**
 * Does one operation, or what the plan says instead.
 * @param act does it; its argument replaces what is written, if there is one
 * @param change what it does, for {@link UnsyncedChanges}
 */
async function operate({ kind, syscall, path, content, options, change }, act) {
  const fault = begin(kind, path);
  if (!fault) return act();
  const isContent = content !== undefined;
  if (fault.kind === "kill" && fault.when === "before") die();
  if (fault.kind === "error") {
    // Linux closes a file whatever the answer to `close` is.
    if (kind === "close") await act();
    throw systemError(fault.code, syscall, path);
  }
  const isDone = fault.changes && change ? fault.changes.begin(change) : null;
  try {
    const result = await (fault.kind === "short" && isContent ? act(await firstHalf(content, options)) : act());
    isDone?.();
    if ((fault.kind === "short" || fault.kind === "late") && fault.code) throw systemError(fault.code, syscall, path);
    return result;
  } finally {
    // An operation that fails, such as the search for a file that is not there, is an operation too.
    if (fault.kind === "cut") fault.changes.takeBack();
    if (fault.kind === "cut" || fault.kind === "kill") die();
  }
}

const isWriteFlag = (flags) => (typeof flags === "number" ? (flags & 3) !== 0 : /[wa+]/.test(flags ?? "r"));
const textOf = (path) => (path instanceof URL ? path.pathname : Buffer.isBuffer(path) ? path.toString() : path);

/** Replaces the methods of an open file; Node's own functions keep using the handles that they open themselves. */
function watchHandle(handle, path, isFolder) {
  const method = (name, describe) => {
    if (typeof handle[name] !== "function") return;
    const plain = handle[name].bind(handle);
    handle[name] = (...given) =>
      operate({ syscall: name, path, ...describe(given) }, (half) =>
        half === undefined ? plain(...given) : plain(half),
      );
  };
  const written = (what) => () => ({ kind: "write", change: { kind: "data", path }, ...what });
  for (const name of ["writeFile", "appendFile", "write"]) {
    method(name, ([content, options]) => written({ syscall: "write", content, options })());
  }
  for (const name of ["writev", "truncate"]) method(name, written({}));
  for (const name of ["sync", "datasync"]) {
    method(name, () => ({
      kind: isFolder ? "sync folder" : "sync",
      syscall: "fsync",
      change: { kind: isFolder ? "folder synced" : "data synced", path },
    }));
  }
  for (const name of ["read", "readv", "readFile", "stat"]) method(name, () => ({ kind: "read" }));
  method("close", () => ({ kind: "close" }));
  return handle;
}

const watched = new WeakMap();

/** Node's functions of files that give promises, as wrapped by {@link operate}. */
const replaced = {
  async open(path, flags = "r", ...rest) {
    const text = textOf(path);
    const isToWrite = isWriteFlag(flags);
    const what = { kind: isToWrite ? "open to write" : "open", syscall: "open", path: text };
    const change = isToWrite ? { kind: "entry", path: text } : undefined;
    const handle = await operate({ ...what, change }, () => original.promises.open(path, flags, ...rest));
    if (!armed || typeof text !== "string") return handle;
    const isFolder = original.statSync(text, { throwIfNoEntry: false })?.isDirectory() ?? false;
    watched.set(handle, text);
    return watchHandle(handle, text, isFolder);
  },
  writeFile(target, content, options) {
    const path = watched.get(target) ?? textOf(target);
    const change = { kind: "data", path };
    return operate({ kind: "write", syscall: "write", path, content, options, change }, (half) =>
      original.promises.writeFile(target, half ?? content, options),
    );
  },
  rename(from, to) {
    const change = { kind: "rename", from: textOf(from), path: textOf(to) };
    return operate({ kind: "rename", syscall: "rename", path: textOf(to), change }, () =>
      original.promises.rename(from, to),
    );
  },
  mkdir(path, options) {
    const change = { kind: "folder", path: textOf(path) };
    return operate({ kind: "mkdir", syscall: "mkdir", path: textOf(path), change }, () =>
      original.promises.mkdir(path, options),
    );
  },
};
for (const name of ["rm", "unlink", "rmdir"]) {
  replaced[name] = (path, options) =>
    operate({ kind: "remove", syscall: name, path: textOf(path), change: { kind: "remove", path: textOf(path) } }, () =>
      original.promises[name](path, options),
    );
}
for (const name of ["link", "symlink"]) {
  replaced[name] = (from, to, ...rest) =>
    operate({ kind: "link", syscall: name, path: textOf(to), change: { kind: "entry", path: textOf(to) } }, () =>
      original.promises[name](from, to, ...rest),
    );
}
for (const name of ["readFile", "stat", "lstat", "readdir", "access", "realpath", "readlink", "opendir", "statfs"]) {
  replaced[name] = (path, ...rest) =>
    operate({ kind: "read", syscall: name, path: watched.get(path) ?? textOf(path) }, () =>
      original.promises[name](path, ...rest),
    );
}
Object.assign(fs.promises, replaced);

/** Streams open, read and write by the functions with callbacks. */
const pathOfDescriptor = new Map();
function withCallback(name, describe, seeResult = () => {}) {
  fs[name] = (...given) => {
    const callback = given.pop();
    if (!armed) return original[name](...given, callback);
    const act = () =>
      new Promise((settle, fail) => {
        original[name](...given, (error, ...results) => {
          if (error) fail(error);
          else {
            seeResult(given, results[0]);
            settle(results);
          }
        });
      });
    operate({ syscall: name, ...describe(given) }, act).then(
      (results) => callback(null, ...(results ?? [])),
      (error) => callback(error),
    );
  };
}
withCallback(
  "open",
  ([path, flags]) => ({ kind: isWriteFlag(flags) ? "open to write" : "open", path: textOf(path) }),
  ([path], descriptor) => pathOfDescriptor.set(descriptor, textOf(path)),
);
withCallback("read", ([descriptor]) => ({ kind: "read", path: pathOfDescriptor.get(descriptor) }));
withCallback("write", ([descriptor]) => ({ kind: "write", path: pathOfDescriptor.get(descriptor) }));
withCallback("fsync", ([descriptor]) => ({ kind: "sync", path: pathOfDescriptor.get(descriptor) }));
withCallback("close", ([descriptor]) => ({ kind: "close", path: pathOfDescriptor.get(descriptor) }));
syncBuiltinESMExports();

if (process.env.SPLIT_TICKET_FAULTS) arm(JSON.parse(process.env.SPLIT_TICKET_FAULTS));
