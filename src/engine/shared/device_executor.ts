import { isShared } from "../../base/buffers.ts";
import { invariant } from "../../base/errors.ts";
import type { Device } from "../../device/device.ts";
import { mostTimedPasses, type PassTime, timePasses } from "../../device/pass_times.ts";
import { Readbacks } from "../../device/readback.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { type BoundCall, KernelPipeline } from "../../kernels/pipeline.ts";
import type { DataBuffer, DataRange, Executor, PreparedCall, RunResult } from "./executor.ts";

class GpuData implements DataBuffer {
  constructor(
    readonly gpu: GPUBuffer,
    readonly label: string,
    readonly sizeBytes: number,
  ) {}
}

class GpuCall implements PreparedCall {
  /** @param owner the executor's calls, which this is one of until it is destroyed */
  constructor(
    readonly kernel: Kernel,
    readonly bound: BoundCall,
    readonly owner: Set<GpuCall>,
  ) {
    owner.add(this);
  }

  destroy(): void {
    this.owner.delete(this);
    this.bound.destroy();
  }
}

/** Maximum bytes of one write to the queue: Dawn keeps a copy of each until the device has read it. */
const uploadBytes = 8 * 2 ** 20;

/** The kernels compiled for a device, shared by its executors. */
class DevicePipelines {
  readonly #compiled = new Map<Kernel, KernelPipeline>();
  #loading: Promise<void> = Promise.resolve();

  constructor(readonly device: Device) {}

  get(kernel: Kernel): KernelPipeline | undefined {
    return this.#compiled.get(kernel);
  }

  load(kernels: readonly Kernel[]): Promise<void> {
    const compile = async () => {
      for (const kernel of kernels) {
        if (!this.#compiled.has(kernel)) this.#compiled.set(kernel, await KernelPipeline.create(this.device, kernel));
      }
    };
    // Sequential, also after a failure: engines that open concurrently share kernels and the device's stack of error
    // scopes.
    this.#loading = this.#loading.then(compile, compile);
    return this.#loading;
  }
}

const ofDevices = new WeakMap<Device, DevicePipelines>();

function pipelinesOf(device: Device): DevicePipelines {
  const pipelines = ofDevices.get(device) ?? new DevicePipelines(device);
  ofDevices.set(device, pipelines);
  return pipelines;
}

/** Runs the shaders on a WebGPU device. Owns its buffers and the calls that it prepared, not the device. */
export class DeviceExecutor implements Executor {
  readonly #pipelines: DevicePipelines;
  readonly #buffers = new Set<GPUBuffer>();
  readonly #calls = new Set<GpuCall>();
  readonly #readbacks: Readbacks;

  constructor(readonly device: Device) {
    this.#pipelines = pipelinesOf(device);
    this.#readbacks = new Readbacks(device);
  }

  get isSoftware(): boolean {
    return this.device.kind === "software";
  }

  /** A software adapter gets more, since its submissions cost more of its time. */
  get targetMs(): number {
    return this.isSoftware ? 50 : 10;
  }

  get name(): string {
    return this.device.name;
  }

  load(kernels: readonly Kernel[]): Promise<void> {
    return this.#pipelines.load(kernels);
  }

  createBuffer(label: string, sizeBytes: number): DataBuffer {
    const gpu = this.device.storageBuffer(label, sizeBytes);
    this.#buffers.add(gpu);
    return new GpuData(gpu, label, sizeBytes);
  }

  free(buffer: DataBuffer): void {
    const gpu = gpuBuffer(buffer);
    this.#buffers.delete(gpu);
    gpu.destroy();
  }

  write(target: DataBuffer, data: ArrayBufferView, offsetBytes = 0): void {
    for (let at = 0; at < data.byteLength; at += uploadBytes) {
      const size = Math.min(uploadBytes, data.byteLength - at);
      const bytes = new Uint8Array(data.buffer, data.byteOffset + at, size);
      // Not every WebGPU takes memory that threads share.
      const piece = isShared(data) ? bytes.slice() : bytes;
      this.device.gpu.queue.writeBuffer(gpuBuffer(target), offsetBytes + at, piece.buffer, piece.byteOffset, size);
    }
  }

  clear(target: DataBuffer, offsetBytes: number, sizeBytes: number): void {
    const encoder = this.device.gpu.createCommandEncoder({ label: `clear ${target.label}` });
    encoder.clearBuffer(gpuBuffer(target), offsetBytes, sizeBytes);
    this.device.gpu.queue.submit([encoder.finish()]);
  }

  copy(source: DataBuffer, target: DataBuffer, offsetBytes: number, sizeBytes: number): void {
    const encoder = this.device.gpu.createCommandEncoder({ label: `${source.label} to ${target.label}` });
    encoder.copyBufferToBuffer(gpuBuffer(source), offsetBytes, gpuBuffer(target), offsetBytes, sizeBytes);
    this.device.gpu.queue.submit([encoder.finish()]);
  }

  prepare(
    kernel: Kernel,
    uniform: Readonly<Record<string, number>>,
    buffers: Readonly<Record<string, DataBuffer>>,
    population: number,
  ): PreparedCall {
    const pipeline = this.#pipelines.get(kernel);
    invariant(pipeline, `kernel ${kernel.name} was not loaded`);
    const bound = Object.fromEntries(Object.entries(buffers).map(([name, data]) => [name, gpuBuffer(data)]));
    return new GpuCall(kernel, pipeline.bind(uniform, bound, population), this.#calls);
  }

  run(calls: readonly PreparedCall[]): void {
    this.device.check();
    const encoder = this.device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    recordCalls(pass, calls);
    pass.end();
    this.device.gpu.queue.submit([encoder.finish()]);
  }

  runAndRead(calls: readonly PreparedCall[], ranges: readonly DataRange[]): Promise<RunResult> {
    return this.#readbacks.run(
      (pass) => recordCalls(pass, calls),
      ranges.map(({ source, ...range }) => ({ ...range, buffer: gpuBuffer(source) })),
    );
  }

  /** Whether {@link runTimed} can be used. */
  get hasTimestamps(): boolean {
    return this.device.gpu.features.has("timestamp-query");
  }

  /**
   * Runs calls as {@link run} does, each in its own pass, and returns the start and end of each pass by the device's
   * clock.
   * @param repeats number of runs of each call within its pass, from 1
   * @throws InternalError when the device has no timestamps
   */
  async runTimed(calls: readonly PreparedCall[], repeats: readonly number[]): Promise<PassTime[]> {
    this.device.check();
    const passes = calls.map((call, k) => {
      invariant(call instanceof GpuCall, "a call prepared by another executor");
      return (pass: GPUComputePassEncoder) => {
        for (let repeat = 0; repeat < repeats[k]; repeat++) call.bound.record(pass);
      };
    });
    const times: Promise<PassTime[]>[] = [];
    // Enqueue all passes before the first await, so that later calls are ordered after them.
    for (let first = 0; first < passes.length; first += mostTimedPasses) {
      times.push(timePasses(this.device, passes.slice(first, first + mostTimedPasses)));
    }
    return (await Promise.all(times)).flat();
  }

  read(source: DataBuffer, offsetBytes: number, sizeBytes: number): Promise<ArrayBuffer> {
    return this.device.read(gpuBuffer(source), offsetBytes, sizeBytes);
  }

  destroy(): void {
    this.#readbacks.destroy();
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
    for (const call of this.#calls) call.destroy();
  }
}

function recordCalls(pass: GPUComputePassEncoder, calls: readonly PreparedCall[]): void {
  for (const call of calls) {
    invariant(call instanceof GpuCall, "a call prepared by another executor");
    call.bound.record(pass);
  }
}

function gpuBuffer(data: DataBuffer): GPUBuffer {
  invariant(data instanceof GpuData, `buffer ${data.label} belongs to another executor`);
  return data.gpu;
}
