import type { Shape } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Device } from "../device/device.ts";
import { residentWorkgroup } from "../engine/adapter/adapter_engine.ts";
import { crossovers } from "../engine/adapter/cost.ts";
import { openCpuEngine } from "../engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../engine/cpu/plan.ts";
import type { StartThread } from "../engine/cpu/thread.ts";
import type { Engine } from "../engine/engine.ts";
import { planResident } from "../engine/resident/population.ts";
import { ResidentEngine } from "../engine/resident/resident_engine.ts";
import type { Executor } from "../engine/shared/executor.ts";
import type { Fitted } from "../engine/shared/fitted.ts";
import { planPopulation } from "../engine/tiled/population.ts";
import { TiledEngine } from "../engine/tiled/tiled_engine.ts";

/**
 * The timed engine: one workgroup per network, kernels over the whole device (dense or sparse, as in `run`), or the
 * CPU.
 */
export type EngineName = "resident" | "tiled" | "cpu";

/** Maximum number of weights for one workgroup; more take minutes on a software adapter. */
const residentMostWeights = 32768;

/** The CPU of the platform. */
export interface Cpu {
  readonly startThread: StartThread;
  /** Number of processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Bytes of main memory that this process may use. */
  readonly memoryBytes: number;
}

/** The hardware to benchmark. */
export interface Machine {
  /** An open adapter, owned by the caller. */
  readonly device?: Device;
  readonly cpu?: Cpu;
}

/** A population of networks of one shape with the same number of kept weights. */
export interface BenchmarkPopulation {
  readonly shape: Shape;
  readonly dataset: Dataset;
  readonly batch: number;
  readonly population: number;
  /** Number of kept weights of each network. */
  readonly weights: number;
}

/** An engine with memory for a population, or the reason why there is none. */
export type Opened = { readonly engine: Engine } | { readonly reason: string };

/** Opens the CPU engine with at most one thread per network. */
export function openOnCpu({ startThread, cores, memoryBytes }: Cpu, networks: BenchmarkPopulation): Engine {
  const { shape, batch, dataset, population } = networks;
  const training = { networks: [{ shape, batch }], dataset };
  return openCpuEngine(planCpuEngine(training, { networks: population, cores, memoryBytes }, "asked for"), startThread);
}

/**
 * Opens an engine of an adapter.
 * @param executor owned by the caller
 */
export async function openOnAdapter(
  name: "resident" | "tiled",
  executor: Executor,
  device: Device,
  networks: BenchmarkPopulation,
): Promise<Opened> {
  const { population, weights, shape, dataset, batch } = networks;
  if (name === "tiled") {
    const { sparseUpTo } = crossovers[device.kind];
    const planned = planPopulation({ dataset, batch, sparseUpTo }, [{ shape, count: population }]);
    const reason = lackOfMemory(planned, planned.plan.slots, device, population);
    return reason ? { reason } : { engine: await TiledEngine.open(executor, planned.plan) };
  }
  if (weights > residentMostWeights) {
    return { reason: `more than ${residentMostWeights} weights, the most for one workgroup` };
  }
  const planned = planResident({ dataset, batch }, [{ shape, count: population }]);
  const reason = lackOfMemory(planned, planned.plan.slots, device, population);
  const own = residentWorkgroup(device);
  return reason ? { reason } : { engine: await ResidentEngine.open(executor, { ...planned.plan, ...own }) };
}

function lackOfMemory(
  { largestBindingBytes }: Fitted<unknown>,
  slots: number,
  device: Device,
  population: number,
): string | undefined {
  if (slots < population) return `memory for ${slots} at a time`;
  const most = device.gpu.limits.maxStorageBufferBindingSize;
  if (largestBindingBytes > most) return `a buffer of ${largestBindingBytes} bytes, the device binds ${most}`;
  return undefined;
}
