import { availableParallelism, cpus, totalmem } from "node:os";
import { nodeDatasetAccess } from "../dataset/node.ts";
import { openNodeDevice } from "../device/node.ts";
import { startNodeThread } from "../engine/cpu/worker/node.ts";
import { nodeFiles } from "../store/node.ts";
import type { Platform } from "./platform.ts";
import { nodeTimes } from "./speed/node.ts";

/** The platform services of Node on this machine. */
export function nodePlatform(): Platform {
  // A container may limit the memory; 0 or a value above the machine's memory means no limit.
  const granted = process.constrainedMemory();
  return {
    files: nodeFiles,
    datasets: nodeDatasetAccess(),
    openDevice: openNodeDevice,
    startThread: startNodeThread,
    cores: availableParallelism(),
    memoryBytes: Math.min(granted || Number.POSITIVE_INFINITY, totalmem()),
    times: nodeTimes(),
    machine: { cpu: cpus()[0]?.model ?? "", node: process.version },
  };
}
