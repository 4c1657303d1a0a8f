import { sentence } from "./visible.ts";

/** The kinds of failure, by who can fix them. */

/** An error whose message people read: one line of at most 640 characters, whatever texts from outside are in it. */
class ReadableError extends Error {
  constructor(message: string) {
    super(sentence(message));
  }
}

/**
 * Bad input from a person: a file, a key, a flag. Its message is one line that says what was wrong, the value,
 * the bound and what to do; the command line prints it and exits with code 2.
 */
export class InputError extends ReadableError {
  override name = "InputError";

  /** @param lines code for a person to copy, shown below the message */
  constructor(
    message: string,
    readonly lines: readonly string[] = [],
  ) {
    super(message);
  }
}

/** The adapter or device failed or lacks something; exit code 1 (2 where it refused the user's choice at the start). */
export class DeviceError extends ReadableError {
  override name = "DeviceError";

  /**
   * @param mayPass whether the same work may succeed on a fresh device; false where the device refused a call as invalid,
   * which is a fault of this package
   */
  constructor(
    message: string,
    readonly mayPass = true,
  ) {
    super(message);
  }
}

/** A run has failed and the others go on: its training produced NaN or infinity, or its threads failed; exit code 1. */
export class RunError extends ReadableError {
  override name = "RunError";

  /** @param mayPass whether the same command may succeed: false where training diverges, which it would again */
  constructor(
    message: string,
    readonly mayPass = false,
  ) {
    super(message);
  }
}

/**
 * The storage that a command reads or writes failed: it is full, read-only or damaged. The command was right, so the
 * exit code is 1.
 */
export class StorageError extends ReadableError {
  override name = "StorageError";
}

/** A broken invariant: a fault of this package, never of the user. */
export class InternalError extends ReadableError {
  override name = "InternalError";
  constructor(message: string) {
    super(`internal: ${message}`);
  }
}

/**
 * What an error says is wrong with a file, for a sentence that names the file itself and says what to do: its message
 * without the name before it and the advice after it.
 * @param name what the message begins with, without the colon
 */
export function reasonOf({ message }: Error, name: string): string {
  const reason = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
  return reason.replace(/; [^;]*$/, "");
}

/** Throws an {@link InternalError} unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}
