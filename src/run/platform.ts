import type { Files } from "../base/files.ts";
import type { ProcessMemory } from "../base/memory/process_memory.ts";
import type { DatasetAccess } from "../dataset/access.ts";
import type { Device, DeviceRequest } from "../device/device.ts";
import type { StartThread } from "../engine/cpu/thread.ts";
import type { NullTester } from "../nulls/tester.ts";
import type { RunLocks } from "../store/lock/run_locks.ts";
import type { JsonObject } from "../store/run_record.ts";
import type { TimesStore } from "./speed/store.ts";

/**
 * The platform services that a run needs; implemented in `node.ts` for Node and in `web/worker/platform.ts` for a page.
 */
export interface Platform {
  readonly files: Files;
  /** Locks of run folders; undefined where no other process can write the files. */
  readonly locks?: RunLocks | undefined;
  readonly datasets: DatasetAccess;
  /** @throws InputError when no adapter meets the request */
  readonly openDevice: (request: DeviceRequest) => Promise<Device>;
  readonly startThread: StartThread;
  /** Opens a tester of tickets against masks by chance, on at most so many cores. */
  readonly openNulls: (cores: number) => NullTester;
  /** Number of processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Bytes of main memory that this process may have in all: what it has, and what is free for it. */
  readonly memoryBytes: number;
  /** What sets that limit, for a sentence. */
  readonly memoryLimit: string;
  /** What this process has of main memory; undefined where the platform does not tell. */
  readonly memoryNow?: () => ProcessMemory;
  /**
   * Bytes that may still be written into a folder, which need not be there yet; undefined where it is not known.
   * @throws InputError for a path at which no folder can be
   */
  readonly freeDiskBytes: (folder: string) => Promise<number | undefined>;
  /** Whether the files are kept in main memory. */
  readonly keepsFilesInMemory: boolean;
  /** The measured speed of engines. */
  readonly times: TimesStore;
  /** Version of this package. */
  readonly version: string;
  /** Machine and versions, stored with the times of every level. */
  readonly machine: JsonObject;
}
