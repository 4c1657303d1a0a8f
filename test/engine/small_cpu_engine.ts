import { type CpuEngine, openCpuEngine } from "../../src/engine/cpu.ts";
import { startNodeThread } from "../../src/engine/simd/worker/node.ts";
import { batch, dataset, shape } from "./small_networks.ts";

/** The CPU engine with so many threads, whatever the machine has. */
export function openSmallCpuEngine(threads: number): CpuEngine {
  const limits = { networks: threads, cores: threads, memoryBytes: 2 ** 30 };
  return openCpuEngine({ shape, dataset, batch }, startNodeThread, limits);
}
