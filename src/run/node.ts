import { availableParallelism, cpus } from "node:os";
import { freeDiskBytes } from "../base/disk/node.ts";
import { processMemory, processMemoryLimit } from "../base/memory/node.ts";
import { nodeDatasetAccess } from "../dataset/node.ts";
import { packageVersion } from "../device/environment/node.ts";
import { openNodeDevice } from "../device/node.ts";
import { startNodeThread } from "../engine/cpu/worker/node.ts";
import { nodeNullTester } from "../nulls/worker/node.ts";
import { nodeLocks } from "../store/lock/node.ts";
import { nodeFiles } from "../store/node.ts";
import { keepingPipes } from "./pipes/node.ts";
import type { Platform } from "./platform.ts";
import { nodeTimes } from "./speed/node.ts";

/** The platform services of Node on this machine. */
export function nodePlatform(): Platform {
  const { bytes, by } = processMemoryLimit();
  return {
    ...keepingPipes(nodeFiles, nodeDatasetAccess()),
    locks: nodeLocks,
    openDevice: openNodeDevice,
    startThread: startNodeThread,
    openNulls: nodeNullTester,
    cores: availableParallelism(),
    memoryBytes: bytes,
    memoryLimit: by,
    memoryNow: processMemory,
    freeDiskBytes,
    keepsFilesInMemory: false,
    times: nodeTimes(),
    version: packageVersion(),
    machine: { cpu: cpus()[0]?.model ?? "", node: process.version },
  };
}
