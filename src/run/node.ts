import { availableParallelism, cpus } from "node:os";
import { nodeDatasetAccess, processMemory } from "../dataset/node.ts";
import { packageVersion } from "../device/environment/node.ts";
import { openNodeDevice } from "../device/node.ts";
import { startNodeThread } from "../engine/cpu/worker/node.ts";
import { nodeFiles } from "../store/node.ts";
import type { Platform } from "./platform.ts";
import { nodeTimes } from "./speed/node.ts";

/** The platform services of Node on this machine. */
export function nodePlatform(): Platform {
  return {
    files: nodeFiles,
    datasets: nodeDatasetAccess(),
    openDevice: openNodeDevice,
    startThread: startNodeThread,
    cores: availableParallelism(),
    memoryBytes: processMemory(),
    times: nodeTimes(),
    version: packageVersion(),
    machine: { cpu: cpus()[0]?.model ?? "", node: process.version },
  };
}
