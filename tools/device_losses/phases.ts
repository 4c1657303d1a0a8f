import type { Device } from "../../src/device/device.ts";

/** What an engine is at when its device or thread is lost. */
export const phases = ["set-up", "upload", "pipelines", "training", "ranking", "read-back", "checkpoint"] as const;
export type Phase = (typeof phases)[number];

/** Hears of each operation of a device just before it is done. */
export type PhaseListener = (phase: Phase) => void;

/** Tells of the operations of a device, by the labels that the engines give them. Its set-up is told at once. */
export function hearOperations(device: Device, hear: PhaseListener): void {
  const { gpu } = device;
  const { queue } = gpu;
  let isInCheckpoint = false;
  const writeBuffer = queue.writeBuffer.bind(queue);
  queue.writeBuffer = (...args: Parameters<GPUQueue["writeBuffer"]>) => {
    hear("upload");
    return writeBuffer(...args);
  };
  const compile = gpu.createComputePipelineAsync.bind(gpu);
  gpu.createComputePipelineAsync = (descriptor) => {
    hear("pipelines");
    return compile(descriptor);
  };
  const createEncoder = gpu.createCommandEncoder.bind(gpu);
  gpu.createCommandEncoder = (descriptor) => {
    if (descriptor?.label === "run and read") hear("training");
    return createEncoder(descriptor);
  };
  const createBuffer = gpu.createBuffer.bind(gpu);
  gpu.createBuffer = (descriptor) => {
    const { label = "" } = descriptor;
    if (label.startsWith("radix_")) hear("ranking");
    const [, source] = /^readback of (\w+)$/.exec(label) ?? [];
    // The reads of a checkpoint are enqueued in one turn, that of the networks first.
    if (source === "networks") {
      isInCheckpoint = true;
      queueMicrotask(() => {
        isInCheckpoint = false;
      });
    }
    if (source !== undefined) hear(isInCheckpoint ? "checkpoint" : "read-back");
    return createBuffer(descriptor);
  };
  hear("set-up");
}
