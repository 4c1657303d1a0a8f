import type { PassTime } from "../../device/pass_times.ts";
import type { Kernel, UniformOf } from "../../kernels/kernel.ts";

/** A buffer of an executor, initialised to zeros. */
export interface DataBuffer {
  readonly label: string;
  readonly sizeBytes: number;
}

/** A kernel with bound arguments; may run any number of times. */
export interface PreparedCall {
  readonly kernel: Kernel;
  destroy(): void;
}

/** A range of a buffer, in bytes; offset and size are multiples of 4. */
export interface DataRange {
  readonly source: DataBuffer;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** What {@link Executor.runAndRead} returns. */
export interface RunResult {
  /** Content of the ranges. */
  readonly content: readonly ArrayBuffer[];
  /** When the calls began and ended, in nanoseconds of the device's own clock; undefined if it has no timestamps. */
  readonly time: PassTime | undefined;
}

/** The buffers that a kernel binds, by name. */
export type BuffersOf<K> =
  K extends Kernel<infer _, infer Buffers> ? { readonly [Name in keyof Buffers]: DataBuffer } : never;

/**
 * Runs kernel calls: a device runs the shaders, the CPU runs their twins. Engines use this interface only, so twins can
 * replace kernels everywhere. Exception: the resident kernel runs on a device only.
 *
 * Order: writes, clears, copies, runs and reads take effect in the order of the calls.
 */
export interface Executor {
  /** What runs the calls: `SwiftShader driver 5.0.0`, `CPU twins`. */
  readonly name: string;
  /** Whether the CPU runs the calls: twins, or a software adapter. */
  readonly isSoftware: boolean;
  /**
   * Target time of a submission in ms: short enough for a responsive page and for the operating system, which resets a
   * graphics processor that does not answer for about 2 s.
   */
  readonly targetMs: number;
  /** Compiles kernels for {@link prepare}, which must not be called before this promise resolves. */
  load(kernels: readonly Kernel[]): Promise<void>;
  createBuffer(label: string, sizeBytes: number): DataBuffer;
  /** Frees a buffer; no later call may use it. */
  free(buffer: DataBuffer): void;
  write(target: DataBuffer, data: ArrayBufferView, offsetBytes?: number): void;
  /** Fills a range with zeros. Offset and size are multiples of 4. */
  clear(target: DataBuffer, offsetBytes: number, sizeBytes: number): void;
  copy(source: DataBuffer, target: DataBuffer, offsetBytes: number, sizeBytes: number): void;
  /** Binds the arguments of a call. `population` is the third dimension of the grid. */
  prepare<K extends Kernel>(kernel: K, uniform: UniformOf<K>, buffers: BuffersOf<K>, population: number): PreparedCall;
  /** Runs calls in order; each call reads what earlier calls wrote. */
  run(calls: readonly PreparedCall[]): void;
  /** Runs calls as {@link run} does, then reads ranges of buffers; all with one wait. Errors as in {@link read}. */
  runAndRead(calls: readonly PreparedCall[], ranges: readonly DataRange[]): Promise<RunResult>;
  /** Copies a range of a buffer after all earlier calls are done; rejects with the error of a call that failed. */
  read(source: DataBuffer, offsetBytes: number, sizeBytes: number): Promise<ArrayBuffer>;
  /** Frees all buffers; the executor must not be used afterwards. */
  destroy(): void;
}
