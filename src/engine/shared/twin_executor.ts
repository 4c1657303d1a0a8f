import { invariant } from "../../base/errors.ts";
import { nextTurn } from "../../base/next_turn.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { reflect } from "../../kernels/reflect.ts";
import { uniformValues } from "../../kernels/uniform_values.ts";
import { arithmeticCeiling } from "../../twin/arithmetic_ceiling.ts";
import { bandwidthCeiling } from "../../twin/bandwidth_ceiling.ts";
import { checkFinite } from "../../twin/check_finite.ts";
import { denseBackward } from "../../twin/dense_backward.ts";
import { denseForward } from "../../twin/dense_forward.ts";
import { denseUpdate } from "../../twin/dense_update.ts";
import { earlyStopping } from "../../twin/early_stopping.ts";
import { gatherBatch } from "../../twin/gather_batch.ts";
import { keepBest } from "../../twin/keep_best.ts";
import { pruneMask } from "../../twin/prune_mask.ts";
import { radixHistogram } from "../../twin/radix_histogram.ts";
import { radixPick } from "../../twin/radix_pick.ts";
import { sparseBackward } from "../../twin/sparse_backward.ts";
import { sparseForward } from "../../twin/sparse_forward.ts";
import { sparseUpdate } from "../../twin/sparse_update.ts";
import { taskLoss } from "../../twin/task_loss.ts";
import type { DataBuffer, DataRange, Executor, PreparedCall, RunResult } from "./executor.ts";

/** Any twin. Its arguments are checked by name against the WGSL when a call is prepared, so this type omits them. */
type AnyTwin = (uniform: never, buffers: never, population: number, variant?: string) => void;

/** Twins by kernel name. `resident_epoch` is missing: its twin takes a network, not the kernel's lists. */
const twins: Readonly<Record<string, AnyTwin>> = {
  arithmetic_ceiling: arithmeticCeiling,
  bandwidth_ceiling: bandwidthCeiling,
  check_finite: checkFinite,
  dense_backward: denseBackward,
  dense_forward: denseForward,
  dense_update: denseUpdate,
  early_stopping: earlyStopping,
  gather_batch: gatherBatch,
  keep_best: keepBest,
  prune_mask: pruneMask,
  radix_histogram: radixHistogram,
  radix_pick: radixPick,
  sparse_backward: sparseBackward,
  sparse_forward: sparseForward,
  sparse_update: sparseUpdate,
  task_loss: taskLoss,
};

class HostData implements DataBuffer {
  bytes: ArrayBuffer;

  constructor(
    readonly label: string,
    readonly sizeBytes: number,
  ) {
    this.bytes = new ArrayBuffer(sizeBytes);
  }
}

class TwinCall implements PreparedCall {
  constructor(
    readonly kernel: Kernel,
    readonly run: () => void,
  ) {}

  destroy(): void {}
}

/** Runs the twins of the tiled engine's kernels on the calling thread, as the reference for tests. */
export class TwinExecutor implements Executor {
  readonly name = "CPU twins";
  readonly isSoftware = true;
  readonly targetMs = 50;

  async load(kernels: readonly Kernel[]): Promise<void> {
    for (const { name } of kernels) {
      invariant(twins[name], `kernel ${name} has no twin that takes its buffers: run ${name} on a device`);
    }
  }

  createBuffer(label: string, sizeBytes: number): DataBuffer {
    return new HostData(label, sizeBytes);
  }

  free(buffer: DataBuffer): void {
    invariant(buffer instanceof HostData, `buffer ${buffer.label} belongs to another executor`);
    buffer.bytes = new ArrayBuffer(0);
  }

  write(target: DataBuffer, data: ArrayBufferView, offsetBytes = 0): void {
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(hostBytes(target)).set(source, offsetBytes);
  }

  clear(target: DataBuffer, offsetBytes: number, sizeBytes: number): void {
    new Uint8Array(hostBytes(target), offsetBytes, sizeBytes).fill(0);
  }

  copy(source: DataBuffer, target: DataBuffer, offsetBytes: number, sizeBytes: number): void {
    this.write(target, new Uint8Array(hostBytes(source), offsetBytes, sizeBytes), offsetBytes);
  }

  prepare(
    kernel: Kernel,
    uniform: Readonly<Record<string, number>>,
    buffers: Readonly<Record<string, DataBuffer>>,
    population: number,
  ): PreparedCall {
    const views: Record<string, Float32Array | Uint32Array | StructArray> = {};
    for (const { name, kind, struct } of reflect(kernel).storage) {
      invariant(buffers[name], `${kernel.name}: no buffer for ${name}`);
      const bytes = hostBytes(buffers[name]);
      if (struct) views[name] = new StructArray(struct, bytes);
      else views[name] = kind === "f32" ? new Float32Array(bytes) : new Uint32Array(bytes);
    }
    const twin = twins[kernel.name];
    const values = uniformValues(kernel, uniform);
    return new TwinCall(kernel, () => twin(values as never, views as never, population, kernel.variant));
  }

  run(calls: readonly PreparedCall[]): void {
    for (const call of calls) {
      invariant(call instanceof TwinCall, "a call prepared by another executor");
      call.run();
    }
  }

  async runAndRead(calls: readonly PreparedCall[], ranges: readonly DataRange[]): Promise<RunResult> {
    this.run(calls);
    const content = ranges.map(({ source, offsetBytes, sizeBytes }) => this.read(source, offsetBytes, sizeBytes));
    return { content: await Promise.all(content), time: undefined };
  }

  /**
   * Yields to the event loop before it resolves, so that timers, files and signals are served during a long training.
   */
  async read(source: DataBuffer, offsetBytes: number, sizeBytes: number): Promise<ArrayBuffer> {
    const copy = hostBytes(source).slice(offsetBytes, offsetBytes + sizeBytes);
    await nextTurn();
    return copy;
  }

  destroy(): void {}
}

function hostBytes(data: DataBuffer): ArrayBuffer {
  invariant(data instanceof HostData, `buffer ${data.label} belongs to another executor`);
  return data.bytes;
}
