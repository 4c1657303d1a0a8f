import type { Files } from "../base/files.ts";
import type { DatasetAccess } from "../dataset/access.ts";
import type { Device, DeviceRequest } from "../device/device.ts";
import type { StartThread } from "../engine/cpu/thread.ts";
import type { JsonObject } from "../store/run_record.ts";
import type { TimesStore } from "./speed/store.ts";

/**
 * The platform services that a run needs; implemented in `node.ts` for Node and in `web/worker/platform.ts` for a page.
 */
export interface Platform {
  readonly files: Files;
  readonly datasets: DatasetAccess;
  /** @throws InputError when no adapter meets the request */
  readonly openDevice: (request: DeviceRequest) => Promise<Device>;
  readonly startThread: StartThread;
  /** Number of processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Bytes of main memory that this process may use. */
  readonly memoryBytes: number;
  /** The measured speed of engines. */
  readonly times: TimesStore;
  /** Version of this package. */
  readonly version: string;
  /** Machine and versions, stored with the times of every level. */
  readonly machine: JsonObject;
}
