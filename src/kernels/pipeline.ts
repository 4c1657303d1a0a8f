import { DeviceError, invariant } from "../base/errors.ts";
import { StructArray } from "../base/struct_array.ts";
import type { Device } from "../device/device.ts";
import type { Kernel } from "./kernel.ts";
import { overrideValues, reflect, workgroups } from "./reflect.ts";
import { uniformValues } from "./uniform_values.ts";

/** A call of a kernel with bound arguments, ready to be recorded. Owns its uniform buffer. */
export interface BoundCall {
  record(pass: GPUComputePassEncoder): void;
  destroy(): void;
}

/** A kernel compiled for a device. */
export class KernelPipeline {
  private constructor(
    readonly device: Device,
    readonly kernel: Kernel,
    readonly pipeline: GPUComputePipeline,
    readonly bindings: GPUBindGroupLayout,
  ) {}

  /**
   * Compiles a kernel inside an error scope.
   * @throws DeviceError with kernel, file, line and message when the adapter refuses it, and when the device is lost
   */
  static async create(device: Device, kernel: Kernel): Promise<KernelPipeline> {
    const layout = reflect(kernel);
    const [x, y] = kernel.workgroup;
    const { maxComputeInvocationsPerWorkgroup: most } = device.gpu.limits;
    invariant(x * y <= most, `${kernel.name}: workgroup of ${x} x ${y} invocations, the device takes ${most}`);

    device.gpu.pushErrorScope("validation");
    const module = device.gpu.createShaderModule({ label: kernel.name, code: layout.code });
    const bindings = device.gpu.createBindGroupLayout({
      label: kernel.name,
      entries: [
        { binding: layout.uniformBinding, visibility: GPUShaderStage.COMPUTE, buffer: { type: "uniform" } },
        ...layout.storage.map(
          ({ binding, access }): GPUBindGroupLayoutEntry => ({
            binding,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type: access === "read" ? "read-only-storage" : "storage" },
          }),
        ),
      ],
    });
    let pipeline: GPUComputePipeline | undefined;
    let refusal: GPUPipelineError | undefined;
    let invalid: GPUError | null;
    let messages: readonly GPUCompilationMessage[];
    try {
      try {
        // Awaited as a read is: a software adapter compiles for seconds, on the processor that a poll would occupy.
        pipeline = await device.during(
          device.gpu.createComputePipelineAsync({
            label: kernel.name,
            layout: device.gpu.createPipelineLayout({ label: kernel.name, bindGroupLayouts: [bindings] }),
            compute: { module, entryPoint: "main", constants: overrideValues(kernel) },
          }),
        );
      } catch (error) {
        refusal = error as GPUPipelineError;
      }
      invalid = await device.gpu.popErrorScope();
      messages = (await module.getCompilationInfo()).messages.filter((message) => message.type === "error");
    } catch (error) {
      // A lost device may reject any of these calls.
      throw await device.failed(error, `the compilation of kernel ${kernel.name}`);
    }
    const places = messages.map(({ lineNum, linePos, message }) => `${place(kernel, lineNum)}:${linePos}: ${message}`);
    const failure = places.length > 0 ? places.join("; ") : (refusal?.message ?? invalid?.message);
    if (failure !== undefined || !pipeline) {
      // A lost device refuses what it is given, whatever that is.
      await device.lostSoon();
      device.check();
      const mayPass = messages.length === 0 && refusal?.reason === "internal";
      throw new DeviceError(`kernel ${kernel.name} on ${device.name}: ${failure}`, mayPass);
    }
    device.check();
    return new KernelPipeline(device, kernel, pipeline, bindings);
  }

  /**
   * Binds one call's arguments.
   * @param uniform value of every uniform member: an unsigned integer or a number, as the WGSL declares it
   * @param buffers one buffer for every storage binding
   * @param population the grid's third dimension, from 1
   * @throws InternalError when a name is missing or a value, count or size does not fit
   */
  bind(
    uniform: Readonly<Record<string, number>>,
    buffers: Readonly<Record<string, GPUBuffer>>,
    population: number,
  ): BoundCall {
    const { kernel, device } = this;
    const layout = reflect(kernel);
    const values = new StructArray(layout.uniform, new ArrayBuffer(Math.max(16, layout.uniform.sizeBytes)));
    for (const [name, value] of Object.entries(uniformValues(kernel, uniform))) values.set(0, name, value);
    for (const { name, elementBytes } of layout.storage) {
      const buffer = buffers[name];
      invariant(buffer, `${kernel.name}: no buffer for ${name}`);
      invariant(
        buffer.size % elementBytes === 0,
        `${kernel.name}: ${name} of ${buffer.size} bytes, elements take ${elementBytes}`,
      );
    }
    const grid = workgroups(kernel, uniform, population);
    const most = device.gpu.limits.maxComputeWorkgroupsPerDimension;
    invariant(Math.max(...grid) <= most, `${kernel.name}: grid ${grid.join(" x ")}, the device takes ${most} a side`);

    const uniformBuffer = device.gpu.createBuffer({
      label: `${kernel.name} uniform`,
      size: values.bytes.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    device.gpu.queue.writeBuffer(uniformBuffer, 0, values.bytes);
    const bindGroup = device.gpu.createBindGroup({
      label: kernel.name,
      layout: this.bindings,
      entries: [
        { binding: layout.uniformBinding, resource: { buffer: uniformBuffer } },
        ...layout.storage.map(({ name, binding }) => ({ binding, resource: { buffer: buffers[name] } })),
      ],
    });
    return {
      record: (pass) => {
        pass.setPipeline(this.pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(...grid);
      },
      destroy: () => uniformBuffer.destroy(),
    };
  }
}

/** File and line of a line of the joined sources. */
function place(kernel: Kernel, line: number): string {
  let first = 1;
  for (const { file, text } of kernel.sources) {
    const lines = text.split("\n").length;
    if (line < first + lines) return `shaders/${file}:${line - first + 1}`;
    first += lines;
  }
  return `${kernel.name}:${line}`;
}
