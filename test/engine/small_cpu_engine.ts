import { type CpuEngine, openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import { batch, dataset, shape } from "./small_networks.ts";

/** The CPU engine with a given number of threads, independent of the machine. */
export function openSmallCpuEngine(threads: number, activation = "relu", data = dataset): CpuEngine {
  const limits = { networks: threads, cores: threads, memoryBytes: 2 ** 30 };
  const training = { networks: [{ shape, batch }], dataset: data, activation };
  return openCpuEngine(planCpuEngine(training, limits, "a test"), startNodeThread);
}
