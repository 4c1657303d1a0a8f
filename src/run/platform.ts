import type { Files } from "../base/files.ts";
import type { DatasetAccess } from "../dataset/access.ts";
import type { Device, DeviceRequest } from "../device/device.ts";
import type { StartThread } from "../engine/cpu/thread.ts";
import type { JsonObject } from "../store/run_record.ts";

/** What a run needs of the platform that it is on; `node.ts` has Node's, `web/worker/platform.ts` a page's. */
export interface Platform {
  readonly files: Files;
  readonly datasets: DatasetAccess;
  /** @throws InputError when there is no adapter, or it does not meet the request */
  readonly openDevice: (request: DeviceRequest) => Promise<Device>;
  readonly startThread: StartThread;
  /** Processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Bytes of main memory that this process may use. */
  readonly memoryBytes: number;
  /** Machine and versions, written beside the times of every level. */
  readonly machine: JsonObject;
}
