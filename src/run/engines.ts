import { InputError } from "../base/errors.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Device } from "../device/device.ts";
import { AdapterEngine } from "../engine/adapter/adapter_engine.ts";
import type { AskedKernels } from "../engine/adapter/cost.ts";
import { type AdapterPlan, planAdapterEngine } from "../engine/adapter/plan.ts";
import { openCpuEngine } from "../engine/cpu/cpu_engine.ts";
import { type CpuPlan, planCpuEngine } from "../engine/cpu/plan.ts";
import type { Engine } from "../engine/engine.ts";
import type { NetworkSize } from "../engine/plan.ts";
import { DeviceExecutor } from "../engine/shared/device_executor.ts";
import { levelsAtOnce } from "../engine/shared/level_pump.ts";
import type { Platform } from "./platform.ts";

/** The requested device and engine. */
export interface EngineChoice {
  /**
   * `auto`: a hardware adapter if this process has one, else the CPU; `gpu` and `software`: an adapter of that kind
   * only; `cpu`: no adapter.
   */
  readonly device?: "auto" | "gpu" | "software" | "cpu";
  /**
   * `cpu` needs no adapter; the others need an adapter of any kind. `auto` is `cpu` without an adapter; with an adapter
   * it trains each level with the kernels of least cost: `dense`, `sparse` (together `tiled`) or `resident`.
   */
  readonly engine?: AskedKernels | "cpu";
}

/** The networks to train on one dataset with one activation, one entry per run. */
export interface Work {
  readonly dataset: Dataset;
  /** Activation of the hidden layers. */
  readonly activation: string;
  readonly networks: readonly NetworkSize[];
}

/** The chosen engines. */
export interface Engines {
  /** The plan of the engine of each work, in the order of the works. */
  readonly plans: readonly (AdapterPlan | CpuPlan)[];
  /** The device of the engines, owned by the caller; undefined for the CPU. */
  readonly device: Device | undefined;
}

/**
 * Chooses and plans engines, and opens the device that they need.
 * @throws InputError when the choice is not available, or the limits of the adapter or the memory of the CPU are
 * exceeded
 */
export async function chooseEngines(
  works: readonly Work[],
  choice: EngineChoice,
  platform: Platform,
): Promise<Engines> {
  const { device: wanted = "auto", engine = "auto" } = choice;
  const needsAdapter = engine !== "auto" && engine !== "cpu";
  if (needsAdapter && wanted === "cpu") {
    throw new InputError(`--engine ${engine} needs an adapter and --device cpu has none: choose one of them`);
  }
  const onCpu = (reason: string): Engines => ({
    plans: works.map((work) => planOnCpu(work, reason, platform)),
    device: undefined,
  });
  if (engine === "cpu" || wanted === "cpu") return onCpu("asked for");
  const plans = works.map((work) => planAdapterEngine(work, engine));
  // A software adapter runs on the same cores as the CPU engine and is slower, so it is used only on request.
  const accept = wanted !== "auto" ? wanted : needsAdapter ? "any" : "gpu";
  const largestBindingBytes = Math.max(...plans.map((plan) => plan.largestBindingBytes));
  try {
    const device = await platform.openDevice({ accept, largestBindingBytes });
    return { plans: plans.map((plan) => ({ ...plan, atOnce: trainedAtOnce(plan, device, platform) })), device };
  } catch (error) {
    if (!(error instanceof InputError) || wanted !== "auto" || needsAdapter) throw error;
    return onCpu("no hardware adapter");
  }
}

/** Opens a planned engine. The caller owns the device. */
export function openEngine(plan: AdapterPlan | CpuPlan, device: Device | undefined, platform: Platform): Engine {
  if (plan.kind === "cpu") return openCpuEngine(plan, platform.startThread);
  if (!device) throw new InputError(`--engine ${plan.name} needs an adapter`);
  return new AdapterEngine(new DeviceExecutor(device), plan, device, platform.cores);
}

function planOnCpu({ networks, ...shared }: Work, reason: string, platform: Platform): CpuPlan {
  return planCpuEngine(
    { ...shared, networks: distinctSizes(networks) },
    // Half of the memory, so that other programs have memory too.
    { networks: networks.length, cores: platform.cores, memoryBytes: platform.memoryBytes / 2 },
    reason,
  );
}

/**
 * Number of levels in training at the same time; on a software adapter the cores limit the useful number of workgroups.
 */
function trainedAtOnce({ sizes, slots }: AdapterPlan, device: Device, platform: Platform): number {
  const isResident = sizes.every(({ tiled }) => !tiled);
  return device.kind === "software" && isResident ? levelsAtOnce(slots, platform.cores) : slots;
}

const sizeKey = ({ shape, batch }: NetworkSize) => `${shape} ${batch}`;

function distinctSizes(networks: readonly NetworkSize[]): NetworkSize[] {
  return [...new Map(networks.map((network) => [sizeKey(network), network])).values()];
}
