import { invariant } from "../base/errors.ts";
import type { Device } from "./device.ts";

/** Passes that one query set can time: a set holds at most 4,096 timestamps. */
export const mostTimedPasses = 2048;

/** When a pass began and ended, in nanoseconds of the device's own clock. */
export interface PassTime {
  readonly begin: bigint;
  readonly end: bigint;
}

/**
 * Submits compute passes one after the other and measures when each began and ended on the device's clock.
 * @param record records one pass each, at most {@link mostTimedPasses}
 * @throws InternalError when the device lacks `timestamp-query`; DeviceError when it fails
 */
export async function timePasses(
  device: Device,
  record: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<PassTime[]> {
  invariant(device.gpu.features.has("timestamp-query"), `${device.name} has no timestamps`);
  invariant(record.length <= mostTimedPasses, `${record.length} passes, a query set times ${mostTimedPasses}`);
  if (record.length === 0) return [];
  const count = record.length * 2;
  const querySet = device.gpu.createQuerySet({ label: "pass times", type: "timestamp", count });
  const resolved = device.gpu.createBuffer({
    label: "pass times",
    size: count * 8,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  try {
    const encoder = device.gpu.createCommandEncoder({ label: "timed passes" });
    record.forEach((recordPass, k) => {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * k, endOfPassWriteIndex: 2 * k + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      recordPass(pass);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    device.gpu.queue.submit([encoder.finish()]);
    const stamps = new BigUint64Array(await device.read(resolved, 0, count * 8));
    return record.map((_, k) => ({ begin: stamps[2 * k], end: stamps[2 * k + 1] }));
  } finally {
    querySet.destroy();
    resolved.destroy();
  }
}
