import type { Kernel, UniformOf } from "../../kernels/kernel.ts";

/** Memory that an executor owns, filled with zeros when made. */
export interface DataBuffer {
  readonly label: string;
  readonly sizeBytes: number;
}

/** A kernel with its arguments, ready to run any number of times. */
export interface PreparedCall {
  readonly kernel: Kernel;
  destroy(): void;
}

/** The buffers that a kernel takes, by name. */
export type BuffersOf<K> =
  K extends Kernel<infer _, infer Buffers> ? { readonly [Name in keyof Buffers]: DataBuffer } : never;

/**
 * What carries out kernel calls: a device that runs the shaders, or the CPU that runs their twins. Training is handed one and
 * does not know which, so a twin can stand in for its kernel anywhere; the resident kernel alone runs on a device only.
 *
 * Order: writes, copies, runs and reads take effect in the order in which they are called.
 */
export interface Executor {
  /** Who runs the calls: `SwiftShader driver 5.0.0`, `CPU twins`. */
  readonly name: string;
  /** Makes kernels ready for {@link prepare}; to be awaited before it. */
  load(kernels: readonly Kernel[]): Promise<void>;
  createBuffer(label: string, sizeBytes: number): DataBuffer;
  /** Frees a buffer that no later call takes. */
  free(buffer: DataBuffer): void;
  write(target: DataBuffer, data: ArrayBufferView, offsetBytes?: number): void;
  copy(source: DataBuffer, target: DataBuffer, offsetBytes: number, sizeBytes: number): void;
  /** Binds a call's arguments. `population` is the third dimension of the grid. */
  prepare<K extends Kernel>(kernel: K, uniform: UniformOf<K>, buffers: BuffersOf<K>, population: number): PreparedCall;
  /** Runs calls one after the other, each seeing what those before it wrote. */
  run(calls: readonly PreparedCall[]): void;
  /** A copy of a range of a buffer once everything before it is done; rejects with what failed on the way. */
  read(source: DataBuffer, offsetBytes: number, sizeBytes: number): Promise<ArrayBuffer>;
  /** Frees every buffer that is left; the executor ends. */
  destroy(): void;
}
