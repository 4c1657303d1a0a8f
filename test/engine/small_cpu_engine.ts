import { type CpuEngine, openCpuEngine, planCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import { batch, dataset, shape } from "./small_networks.ts";

/**
 * The CPU engine with so many threads, whatever the machine has.
 * @param networks that it is planned for; up to twice as many as threads are held at the same time
 */
export function openSmallCpuEngine(
  threads: number,
  networks = threads,
  activation = "relu",
  data = dataset,
): CpuEngine {
  const limits = { networks, cores: threads, memoryBytes: 2 ** 30 };
  return openCpuEngine(
    planCpuEngine({ networks: [{ shape, batch }], dataset: data, activation }, limits),
    startNodeThread,
  );
}
