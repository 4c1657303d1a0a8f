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
import type { Fitted } from "../engine/shared/fit_slots.ts";
import { planPopulation } from "../engine/tiled/population.ts";
import { TiledEngine } from "../engine/tiled/tiled_engine.ts";

/** Whose time is told: a workgroup a network, kernels over the whole device (dense or sparse, as `run` chooses), the CPU. */
export type EngineName = "resident" | "tiled" | "cpu";

/** Weights that one workgroup is given at most: more of them take minutes on a software adapter. */
const residentMostWeights = 32768;

/** The CPU as the platform offers it. */
export interface Cpu {
  readonly startThread: StartThread;
  /** Processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Bytes of main memory that this process may use. */
  readonly memoryBytes: number;
}

/** What there is to benchmark. */
export interface Machine {
  /** An open adapter, which stays the caller's. */
  readonly device?: Device;
  readonly cpu?: Cpu;
}

/** A population of networks of one shape, all with the same weights left. */
export interface Fleet {
  readonly shape: Shape;
  readonly dataset: Dataset;
  readonly batch: number;
  readonly population: number;
  /** Weights left in each network. */
  readonly weights: number;
}

/** An engine with room for a population, or why there is none. */
export type Opened = { readonly engine: Engine } | { readonly reason: string };

/** Opens the CPU engine, with as many threads as are of use. */
export function openOnCpu({ startThread, cores, memoryBytes }: Cpu, fleet: Fleet): Engine {
  const { shape, batch, dataset, population } = fleet;
  const training = { networks: [{ shape, batch }], dataset };
  return openCpuEngine(planCpuEngine(training, { networks: population, cores, memoryBytes }, "asked for"), startThread);
}

/**
 * Opens an engine of an adapter.
 * @param executor stays the caller's
 */
export async function openOnAdapter(
  name: "resident" | "tiled",
  executor: Executor,
  device: Device,
  fleet: Fleet,
): Promise<Opened> {
  const { population, weights, shape, dataset, batch } = fleet;
  if (name === "tiled") {
    const { sparseUpTo } = crossovers[device.kind];
    const planned = planPopulation({ shape, dataset, batch, sparseUpTo }, population);
    const reason = lackOfMemory(planned, planned.plan.slots, device, population);
    return reason ? { reason } : { engine: await TiledEngine.open(executor, planned.plan) };
  }
  if (weights > residentMostWeights) {
    return { reason: `one workgroup is not given more than ${residentMostWeights} weights` };
  }
  const planned = planResident({ shapes: [shape], dataset, batch }, population);
  const reason = lackOfMemory(planned, planned.plan.slots, device, population);
  const workgroup = residentWorkgroup(device);
  return reason ? { reason } : { engine: await ResidentEngine.open(executor, { ...planned.plan, workgroup }) };
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
