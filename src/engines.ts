import { InputError } from "./base/errors.ts";
import type { Dataset } from "./dataset/dataset.ts";
import type { Device } from "./device/device.ts";
import { type AdapterEngine, chooseAdapterEngine, openAdapterEngine } from "./engine/choose.ts";
import { type CpuPlan, openCpuEngine, planCpuEngine } from "./engine/cpu.ts";
import type { Engine } from "./engine/engine.ts";
import { planResident } from "./engine/plan.ts";
import type { NetworkSize } from "./engine/simd/sizes.ts";
import type { Platform } from "./platform.ts";

/** Where to compute. */
export interface EngineChoice {
  /**
   * `auto`: a hardware adapter that this process sees, else the CPU; `gpu` and `software` accept that kind of adapter only;
   * `cpu` uses none.
   */
  readonly device?: "auto" | "gpu" | "software" | "cpu";
  /**
   * `resident` and `tiled` need an adapter of any kind, `cpu` none; `auto` is, on the device's adapter, resident where a network
   * fits one workgroup and tiled where not, and cpu without an adapter.
   */
  readonly engine?: "auto" | "resident" | "tiled" | "cpu";
}

/** The networks of one dataset that are to be trained, one entry a run. */
export interface Work {
  readonly dataset: Dataset;
  readonly networks: readonly NetworkSize[];
}

/** An engine as it will be, known before anything is opened. */
export type EnginePlan = {
  readonly name: "resident" | "tiled" | "cpu";
  /** Why this engine, in a few words. */
  readonly reason: string;
  /** The runs that it trains: places in the work's networks. */
  readonly runs: readonly number[];
  /** Networks that train at the same time. */
  readonly atOnce: number;
  /** Networks that it holds at the same time. */
  readonly slots: number;
  /** Bytes on the device; 0 on the CPU. */
  readonly deviceBytes: number;
  /** Bytes in main memory, those that runs take between their levels aside; 0 on an adapter. */
  readonly hostBytes: number;
} & ({ readonly adapter: AdapterEngine } | { readonly cpu: CpuPlan });

/** The engines that some work will be done by. */
export interface Engines {
  /** Engines of each work, in the order of the works. */
  readonly plans: readonly (readonly EnginePlan[])[];
  /** The device to open them on; undefined for the CPU. The caller's to destroy. */
  readonly device: Device | undefined;
}

/**
 * Chooses and plans engines, and opens the device that they need.
 * @throws InputError when the choice cannot be met, or something does not fit the adapter's limits or the CPU's memory
 */
export async function chooseEngines(
  works: readonly Work[],
  choice: EngineChoice,
  platform: Platform,
): Promise<Engines> {
  const { device: wanted = "auto", engine = "auto" } = choice;
  const needsAdapter = engine === "resident" || engine === "tiled";
  if (needsAdapter && wanted === "cpu") {
    throw new InputError(`--engine ${engine} needs an adapter and --device cpu has none: choose one of them`);
  }
  const onCpu = (reason: string): Engines => ({
    plans: works.map((work) => [planOnCpu(work, reason, platform)]),
    device: undefined,
  });
  if (engine === "cpu" || wanted === "cpu") return onCpu("asked for");
  const plans = works.map((work) => planOnAdapter(work, engine));
  // A software adapter runs on the same cores as the CPU engine, which uses them better: it is taken only when asked for.
  const accept = wanted !== "auto" ? wanted : needsAdapter ? "any" : "gpu";
  const largestBindingBytes = Math.max(...plans.flat().map(({ adapter }) => adapter.largestBindingBytes));
  try {
    return { plans, device: await platform.openDevice({ accept, largestBindingBytes }) };
  } catch (error) {
    if (!(error instanceof InputError) || wanted !== "auto" || needsAdapter) throw error;
    return onCpu("no hardware adapter");
  }
}

/** Opens a planned engine; the device, where it needs one, stays the caller's. */
export async function openEngine(plan: EnginePlan, device: Device | undefined, platform: Platform): Promise<Engine> {
  if ("cpu" in plan) return openCpuEngine(plan.cpu, platform.startThread);
  if (!device) throw new InputError(`--engine ${plan.name} needs an adapter`);
  return openAdapterEngine(plan.adapter, device);
}

function planOnCpu({ dataset, networks }: Work, reason: string, platform: Platform): EnginePlan {
  const cpu = planCpuEngine(
    { dataset, networks: distinct(networks) },
    // Half of the memory: the other programs of the machine want some too.
    { networks: networks.length, cores: platform.cores, memoryBytes: platform.memoryBytes / 2 },
  );
  const { threads, slots, memoryBytes } = cpu;
  const runs = networks.map((_, run) => run);
  return { name: "cpu", reason, runs, atOnce: threads, slots, deviceBytes: 0, hostBytes: memoryBytes, cpu };
}

/** One resident engine for all networks that are small enough for it, and a tiled one for each other size. */
function planOnAdapter({ dataset, networks }: Work, asked: "auto" | "resident" | "tiled") {
  const partOfSize = new Map(
    distinct(networks).map((size) => {
      const { name } = chooseAdapterEngine({ ...size, dataset, count: 1 }, asked);
      return [sizeKey(size), name === "resident" ? name : sizeKey(size)];
    }),
  );
  const parts = new Map<string, number[]>();
  networks.forEach((size, run) => {
    const part = partOfSize.get(sizeKey(size)) ?? "";
    const runs = parts.get(part);
    if (runs) runs.push(run);
    else parts.set(part, [run]);
  });
  return [...parts.values()].map((runs) => {
    const sizes = distinct(runs.map((run) => networks[run]));
    const first = chooseAdapterEngine({ ...sizes[0], dataset, count: runs.length }, asked);
    const batch = Math.max(...sizes.map((size) => size.batch));
    const adapter: AdapterEngine =
      first.name === "resident"
        ? { ...first, ...planResident({ shapes: sizes.map(({ shape }) => shape), dataset, batch }, runs.length) }
        : first;
    const { name, reason, plan, memoryBytes: deviceBytes } = adapter;
    const { slots } = plan;
    return { name, reason, runs, atOnce: slots, slots, deviceBytes, hostBytes: 0, adapter };
  });
}

const sizeKey = ({ shape, batch }: NetworkSize) => `${shape} ${batch}`;

function distinct(networks: readonly NetworkSize[]): NetworkSize[] {
  return [...new Map(networks.map((network) => [sizeKey(network), network])).values()];
}
