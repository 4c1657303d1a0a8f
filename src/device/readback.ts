import type { Device } from "./device.ts";
import type { PassTime } from "./pass_times.ts";

/** A range of a buffer, in bytes; offset and size are multiples of 4. */
export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/**
 * Runs passes and reads ranges of buffers after each, with one submission and one wait. Its buffers are kept for the
 * next run; runs whose results are still awaited have buffers of their own.
 */
export class Readbacks {
  readonly #idle: Staging[] = [];
  readonly #all = new Set<Staging>();

  constructor(readonly device: Device) {}

  /**
   * @param record records the pass
   * @returns the ranges' content, and the time of the pass by the device's clock if it has timestamps
   * @throws DeviceError when the device fails
   */
  async run(
    record: (pass: GPUComputePassEncoder) => void,
    ranges: readonly BufferRange[],
  ): Promise<{ readonly content: ArrayBuffer[]; readonly time: PassTime | undefined }> {
    const { gpu } = this.device;
    this.device.check();
    const staging = this.#take(ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    const encoder = gpu.createCommandEncoder({ label: "run and read" });
    const pass = encoder.beginComputePass(staging.timed && { timestampWrites: staging.timed.writes });
    record(pass);
    pass.end();
    let at = staging.encodeTime(encoder);
    for (const { buffer, offsetBytes, sizeBytes } of ranges) {
      encoder.copyBufferToBuffer(buffer, offsetBytes, staging.target, at, sizeBytes);
      at += sizeBytes;
    }
    gpu.queue.submit([encoder.finish()]);
    const bytes = await this.device.mapped(staging.target, "the state of a run");
    this.#idle.push(staging);
    let from = staging.stampBytes;
    const content = ranges.map(({ sizeBytes }) => {
      from += sizeBytes;
      return bytes.slice(from - sizeBytes, from);
    });
    const [begin, end] = new BigUint64Array(bytes, 0, staging.stampBytes / 8);
    return { content, time: staging.timed && { begin, end } };
  }

  destroy(): void {
    for (const staging of this.#all) staging.destroy();
    this.#all.clear();
    this.#idle.length = 0;
  }

  /** Buffers for a number of bytes that no run uses. */
  #take(sizeBytes: number): Staging {
    const k = this.#idle.findIndex((staging) => staging.sizeBytes >= sizeBytes);
    if (k >= 0) return this.#idle.splice(k, 1)[0];
    // Those left are too small, since they served fewer slots.
    for (const staging of this.#idle.splice(0)) {
      this.#all.delete(staging);
      staging.destroy();
    }
    const staging = new Staging(this.device, sizeBytes);
    this.#all.add(staging);
    return staging;
  }
}

/** The buffers of one run. */
class Staging {
  readonly target: GPUBuffer;
  readonly timed: { writes: GPUComputePassTimestampWrites; querySet: GPUQuerySet; resolved: GPUBuffer } | undefined;
  /** Bytes of the timestamps, which come before the ranges. */
  readonly stampBytes: number;

  constructor(
    { gpu }: Device,
    /** Bytes of the ranges. */
    readonly sizeBytes: number,
  ) {
    const hasTimestamps = gpu.features.has("timestamp-query");
    this.stampBytes = hasTimestamps ? 16 : 0;
    const label = "readback of a run";
    this.target = gpu.createBuffer({
      label,
      size: this.stampBytes + sizeBytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    if (!hasTimestamps) return;
    const querySet = gpu.createQuerySet({ label, type: "timestamp", count: 2 });
    this.timed = {
      querySet,
      writes: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
      resolved: gpu.createBuffer({ label, size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC }),
    };
  }

  /** Copies the timestamps to the target; returns where the ranges start. */
  encodeTime(encoder: GPUCommandEncoder): number {
    if (this.timed) {
      encoder.resolveQuerySet(this.timed.querySet, 0, 2, this.timed.resolved, 0);
      encoder.copyBufferToBuffer(this.timed.resolved, 0, this.target, 0, 16);
    }
    return this.stampBytes;
  }

  destroy(): void {
    this.target.destroy();
    this.timed?.querySet.destroy();
    this.timed?.resolved.destroy();
  }
}
