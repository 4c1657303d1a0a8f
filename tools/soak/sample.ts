import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Bound } from "./trend.ts";

const mebibytes = (count: number) => count * 2 ** 20;

/**
 * What is sampled, and by how much each may grow between the first and the last sample. Counts may not grow by one.
 * Memory may by little: allocators keep pages, and V8 moves its limits. A leak of 1 % of a round's memory passes 3 %
 * within three minutes.
 */
export const bounds = {
  residentBytes: { share: 0.04, least: mebibytes(8) },
  heapBytes: { share: 0.03, least: mebibytes(1) },
  bufferBytes: { share: 0.03, least: mebibytes(1) },
  openFiles: { share: 0, least: 1 },
  threads: { share: 0, least: 1 },
  deviceBuffers: { share: 0, least: 1 },
  timers: { share: 0, least: 1 },
  resources: { share: 0, least: 1 },
  listeners: { share: 0, least: 1 },
} satisfies Record<string, Bound>;

export type Measure = keyof typeof bounds;
/** A sample; null where the platform does not tell. */
export type Sample = Readonly<Record<Measure, number | null>>;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const descriptors = "/proc/self/fd";

/**
 * Number of open files, where Linux tells. SwiftShader 5.0.0 leaves a file in memory open for code that it compiled, one
 * with about every fourth device that is opened and closed; these are not ours and not counted.
 */
function openFiles(): number | null {
  try {
    return readdirSync(descriptors).filter((name) => !isOfDriver(name)).length;
  } catch {
    return null;
  }
}

function isOfDriver(descriptor: string): boolean {
  try {
    return readlinkSync(`${descriptors}/${descriptor}`).startsWith("/memfd:swiftshader_jit");
  } catch {
    // That of the listing itself, which is closed by now.
    return false;
  }
}

/**
 * Samples this process between two rounds of work, after a garbage collection.
 * @param deviceBuffers buffers that were created on devices and not destroyed
 */
export async function takeSample(deviceBuffers: number): Promise<Sample> {
  // Finalisers run in a later turn and free what a second collection finds.
  collect();
  await new Promise((resolve) => setTimeout(resolve, 20));
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === "Timeout").length;
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return {
    residentBytes: rss,
    heapBytes: heapUsed,
    bufferBytes: external + arrayBuffers,
    openFiles: openFiles(),
    threads: threadCount(),
    deviceBuffers,
    timers,
    resources: resources.length - timers,
    listeners,
  };
}

function threadCount(): number | null {
  try {
    return Number(/^Threads:\s+(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}
