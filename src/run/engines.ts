import { InputError, invariant } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Device } from "../device/device.ts";
import { AdapterEngine } from "../engine/adapter/adapter_engine.ts";
import { type AdapterPlan, planAdapterEngine } from "../engine/adapter/plan.ts";
import { cpuExecutor, openCpuEngine } from "../engine/cpu/cpu_engine.ts";
import { type CpuPlan, planCpuEngine } from "../engine/cpu/plan.ts";
import type { Engine } from "../engine/engine.ts";
import type { NetworkSize } from "../engine/plan.ts";
import { DeviceExecutor } from "../engine/shared/device_executor.ts";
import { levelsAtOnce } from "../engine/shared/level_pump.ts";
import type { EngineChoice } from "./options.ts";
import type { Platform } from "./platform.ts";
import { calibrate, type StepCase } from "./speed/calibration.ts";
import { type Decision, fasterEngine, stepsOf, type TimedNetwork } from "./speed/decision.ts";
import { evaluatedOf, operations } from "./speed/step_times.ts";

/** The network of a run. */
export interface RunNetwork extends NetworkSize {
  /** Number of weights that each level trains with. */
  readonly remaining: readonly number[];
}

/** The networks to train on one dataset with one activation, one entry per run. */
export interface Work {
  readonly dataset: Dataset;
  /** Activation of the hidden layers. */
  readonly activation: string;
  readonly networks: readonly RunNetwork[];
  /** What trained networks are evaluated on too, by `evaluationData`; undefined: nothing. */
  readonly test?: Dataset | undefined;
}

/** The chosen engines. */
export interface Engines {
  /** The plan of the engine of each work, in the order of the works. */
  readonly plans: readonly (AdapterPlan | CpuPlan)[];
  /** The plan of the engine that evaluates on the test split of each work; undefined where it has none. */
  readonly testPlans: readonly (AdapterPlan | CpuPlan | undefined)[];
  /** The device of the engines, owned by the caller; undefined for the CPU. */
  readonly device: Device | undefined;
  /** Name of the hardware adapter that is there and not used; undefined if there is none or it was not looked for. */
  readonly idleAdapter?: string;
}

/**
 * Chooses and plans engines, and opens the device that they need.
 * @param unfinished reads what the unfinished runs began on: engine and executor, as in their records. They can go on
 * there only, so this decides before speed does. Called if the choice is free and there is a hardware adapter
 * @throws InputError when the choice is not available, or the limits of the adapter or the memory of the CPU are
 * exceeded
 */
export async function chooseEngines(
  works: readonly Work[],
  choice: EngineChoice,
  platform: Platform,
  unfinished: () => Promise<readonly string[]>,
): Promise<Engines> {
  const { device: wanted = "auto", engine = "auto" } = choice;
  const needsAdapter = engine !== "auto" && engine !== "cpu";
  if (needsAdapter && wanted === "cpu") {
    throw new InputError(`--engine ${engine} needs an adapter and --device cpu has none: choose one of them`);
  }
  const tests = works.map(testWork);
  const onCpu = (reason: string): Engines => ({
    plans: works.map((work) => planOnCpu(work, work.networks.length, reason, platform)),
    testPlans: tests.map((test) => test && planOnCpu(test, testThreads(platform), reason, platform)),
    device: undefined,
  });
  if (engine === "cpu" || wanted === "cpu") return onCpu("asked for");
  const plans = works.map((work) => planAdapterEngine(work, engine));
  const testPlans = tests.map((test) => test && planAdapterEngine(test, engine));
  // A software adapter runs on the same cores as the CPU engine and is slower, so it is used only on request.
  const accept = wanted !== "auto" ? wanted : needsAdapter ? "any" : "gpu";
  const largestBindingBytes = Math.max(...[...plans, ...testPlans].map((plan) => plan?.largestBindingBytes ?? 0));
  let device: Device;
  try {
    device = await platform.openDevice({ accept, largestBindingBytes });
  } catch (error) {
    if (!(error instanceof InputError) || wanted !== "auto" || needsAdapter) throw error;
    return onCpu("no hardware adapter");
  }
  const onAdapter = (reason?: string): Engines => ({
    plans: plans.map((plan) => ({
      ...plan,
      atOnce: trainedAtOnce(plan, device, platform),
      reason: reason === undefined ? plan.reason : `${plan.reason}; ${reason}`,
    })),
    testPlans,
    device,
  });
  if (wanted !== "auto" || needsAdapter) return onAdapter();
  try {
    const cpu = cpuIfPossible(onCpu, platform);
    if (!cpu) return onAdapter();
    const choice = begunOn(await unfinished(), device) ?? (await faster(works, cpu, device, platform));
    if (choice.engine === "adapter") return onAdapter(choice.reason);
    device.destroy();
    return { ...onCpu(choice.reason), idleAdapter: device.name };
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** The plans of the CPU engine; undefined if a network or an engine exceeds the memory. */
function cpuIfPossible(onCpu: (reason: string) => Engines, { memoryBytes }: Platform): Engines | undefined {
  try {
    const cpu = onCpu("");
    return cpu.plans.every(({ hostBytes }) => hostBytes <= memoryBytes) ? cpu : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** The engine that unfinished runs began on; undefined if there are none, or they began on both or elsewhere. */
function begunOn(unfinished: readonly string[], device: Device): Decision | undefined {
  const count = (executor: string) => unfinished.filter((begun) => begun === executor).length;
  const [cpu, adapter] = [count(`cpu, ${cpuExecutor}`), count(`adapter, ${device.name}`)];
  if (cpu > 0 === adapter > 0) return undefined;
  const reason = `${plural(Math.max(cpu, adapter), "unfinished run")} began on it`;
  return { engine: cpu > 0 ? "cpu" : "adapter", reason };
}

/** Chooses the faster engine for all works together, by estimates or, if they are close, by a measurement. */
function faster(works: readonly Work[], cpu: Engines, device: Device, platform: Platform): Promise<Decision> {
  const timed = works.map(({ networks, dataset }, k) => ({
    networks: networks.map(
      (network): TimedNetwork => ({
        shape: network.shape,
        batch: Math.min(network.batch, dataset.train.samples),
        remaining: network.remaining,
        evaluated: evaluatedOf(network, dataset),
      }),
    ),
    threads: cpu.plans[k].slots,
  }));
  return fasterEngine(timed, device.name, () => {
    let [smallest, largest]: (StepCase | undefined)[] = [];
    for (const [k, { networks }] of timed.entries()) {
      const { dataset, activation } = works[k];
      for (const step of networks.flatMap(stepsOf)) {
        const one = { ...step, dataset, activation, networks: networks.length };
        if (!smallest || operations(one) < operations(smallest)) smallest = one;
        if (!largest || operations(one) > operations(largest)) largest = one;
      }
    }
    invariant(smallest && largest, "no networks to train");
    const hardware = { device, cores: platform.cores, cpu: String(platform.machine.cpu ?? "") };
    return calibrate(smallest, largest, hardware, platform.times);
  });
}

/** Opens a planned engine. The caller owns the device. */
export function openEngine(plan: AdapterPlan | CpuPlan, device: Device | undefined, platform: Platform): Engine {
  if (plan.kind === "cpu") return openCpuEngine(plan, platform.startThread);
  if (!device) throw new InputError(`--engine ${plan.name} needs an adapter`);
  return new AdapterEngine(new DeviceExecutor(device), plan, device, platform.cores);
}

/** Most networks that an adapter is planned to evaluate at the same time. */
const mostTested = 16;

/**
 * The networks of a work, or some of them, as they are evaluated on its test split: few at a time are enough, since an evaluation
 * takes far less time than a level.
 */
function testWork({ test, activation, networks }: Work): Omit<Work, "test"> | undefined {
  if (!test) return undefined;
  const sizes = distinctSizes(networks);
  const some = [...sizes, ...networks.slice(0, Math.max(0, Math.min(networks.length, mostTested) - sizes.length))];
  return { dataset: test, activation, networks: some.map((size) => ({ ...size, keepCurves: false, maxEpochs: 1 })) };
}

/** Threads that evaluate on the test split. */
const testThreads = ({ cores }: Platform) => Math.ceil(cores / 4);

function planOnCpu(
  { dataset, activation, networks }: Work,
  threads: number,
  reason: string,
  platform: Platform,
): CpuPlan {
  return planCpuEngine(
    { dataset, activation, networks: distinctSizes(networks) },
    // Half of the memory, so that other programs have memory too.
    { networks: threads, cores: platform.cores, memoryBytes: platform.memoryBytes / 2 },
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

function distinctSizes<Network extends NetworkSize>(networks: readonly Network[]): Network[] {
  return [...new Map(networks.map((network) => [sizeKey(network), network])).values()];
}
