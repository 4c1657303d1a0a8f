import { InputError, RunError, StorageError } from "../base/errors.ts";

/**
 * An error that ends one run of a population and leaves the others alone: its training diverged, its folder cannot be
 * used, or its storage failed.
 */
export type RunFailure = RunError | InputError | StorageError;

export function isRunFailure(error: unknown): error is RunFailure {
  return error instanceof RunError || error instanceof InputError || error instanceof StorageError;
}
