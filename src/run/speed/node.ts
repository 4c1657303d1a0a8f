import { join } from "node:path";
import { InputError, StorageError } from "../../base/errors.ts";
import { dataFolder } from "../../dataset/node.ts";
import { packageVersion } from "../../device/environment/node.ts";
import { nodeFiles, writeOutput } from "../../store/node.ts";
import type { TimesStore } from "./store.ts";

/** Keeps times in `step-times/<adapter>.json` in the folder that also caches the image sets. */
export function nodeTimes(folder: string = join(dataFolder(), "step-times")): TimesStore {
  const pathOf = (adapter: string) => join(folder, `${adapter.toLowerCase().replace(/[^a-z0-9.]+/g, "-")}.json`);
  /** Undefined if the file cannot be read or written: the user cannot and need not do anything about a cache. */
  const ifPossible = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof InputError || error instanceof StorageError) return undefined;
      throw error;
    }
  };
  return {
    version: packageVersion(),
    read: async (adapter) => {
      const bytes = await ifPossible(nodeFiles.read(pathOf(adapter)));
      return bytes && new TextDecoder().decode(bytes);
    },
    write: async (adapter, text) => ifPossible(writeOutput(pathOf(adapter), text)),
  };
}
