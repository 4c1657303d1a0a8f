import { InputError, invariant } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Device } from "../device/device.ts";
import { DeviceExecutor } from "../engine/shared/device_executor.ts";
import { pathMask } from "../mask/path_mask.ts";
import { caseDataset, type ShapeCase } from "./cases.ts";
import { measureCeilings } from "./ceilings.ts";
import { type Trained, trainTwin } from "./check.ts";
import { measureThreadCeilings } from "./cpu/ceilings.ts";
import {
  type BenchmarkPopulation,
  type EngineName,
  type Machine,
  type Opened,
  openOnAdapter,
  openOnCpu,
} from "./engines.ts";
import { type Figure, listFigures } from "./figures.ts";
import { timeKernels } from "./kernel_times.ts";
import type { Pace } from "./measure.ts";
import { ratiosOf } from "./ratios.ts";
import type { BenchmarkResult, Ceilings, KernelTime, LeftOut, Throughput } from "./result.ts";
import { type Timing, timeThroughput } from "./throughput.ts";

export interface BenchmarkOptions {
  /** Names of cases (`caseNames`); empty: all cases that suit the machine. */
  readonly cases: readonly string[];
  /** Engines to benchmark; engines that the machine does not have are ignored. */
  readonly engines: readonly EngineName[];
  /** Fewer and shorter trials, smaller populations. */
  readonly quick: boolean;
  readonly signal?: AbortSignal;
}

/** Progress of a benchmark: the figure that is being measured. */
export interface BenchmarkProgress {
  /** Number of the figure, from 1. */
  readonly number: number;
  readonly total: number;
  /** For example `resident (4,57,57,2), 3591 weights, population 32`. */
  readonly name: string;
}

const fullPace: Pace = { trialMs: 400, caseMs: 1500, leastTrials: 3 };
const quickPace: Pace = { trialMs: 20, caseMs: 100, leastTrials: 3 };

/** Maximum time of an epoch of a whole population in ms; cases with longer epochs are left out. */
const mostEpochMs = 6000;

/**
 * Benchmarks a machine: the ceilings of its adapter and CPU, the training speed of its engines for several shapes,
 * densities and populations, and the time of each kernel. Every result is checked before it is timed.
 * @throws InputError when a case is unknown or no engine is left; RunError when a result is wrong (no figures are
 *   returned); DeviceError when the device fails; the signal's reason
 */
export async function benchmark(
  machine: Machine,
  { cases, engines: asked, quick, signal }: BenchmarkOptions,
  observe: (progress: BenchmarkProgress) => void = () => {},
): Promise<BenchmarkResult> {
  const { device } = machine;
  const engines = offeredEngines(machine).filter((engine) => asked.includes(engine));
  if (engines.length === 0) {
    throw new InputError(
      `bench: this machine has no engine ${asked.join(" or ")}: choose another, or another --device`,
    );
  }
  const hasTimestamps = device?.gpu.features.has("timestamp-query") === true;
  const isHardware = device?.kind === "gpu";
  const threads = machine.cpu?.cores ?? 1;
  const figures = listFigures({ cases, engines, isHardware, hasTimestamps, threads, isQuick: quick });

  const pace = quick ? quickPace : fullPace;
  const throughput: Throughput[] = [];
  const leftOut: LeftOut[] = [];
  const kernels: KernelTime[] = [];
  let clockGrainNs = 0;
  const ceilings: Ceilings[] = [];
  let setup: CaseSetup | undefined;
  for (const [k, figure] of figures.entries()) {
    signal?.throwIfAborted();
    if (figure.kind === "ceilings") {
      observe({ number: k + 1, total: figures.length, name: `ceilings of the ${figure.of}` });
      ceilings.push(
        figure.of === "cpu"
          ? await measureThreadCeilings(pace, signal)
          : await measureCeilings(new DeviceExecutor(adapterOf(machine)), pace, signal),
      );
      continue;
    }
    const { engine, shapeCase, weights, population } = figure;
    if (setup?.shapeCase !== shapeCase || setup.weights !== weights) setup = openCaseSetup(shapeCase, weights, quick);
    const { shape, batch } = shapeCase;
    const { mask, twin } = setup;
    const networks: BenchmarkPopulation = { shape, dataset: setup.dataset, batch, population, weights };
    observe({ number: k + 1, total: figures.length, name: describe(figure, networks) });
    const leave = (reason: string) => {
      leftOut.push({ engine, shape: [...shape], batch, weights, population, reason });
    };
    const side = engine === "cpu" ? "cpu" : "adapter";
    const timing: Timing = {
      pace,
      twin,
      signal,
      ceilings: ceilings.find((one) => one.of === side),
      threads: engine === "cpu" ? Math.min(population, threads) : 1,
    };

    if (figure.kind === "kernels") {
      invariant(engine !== "cpu", "the CPU engine has no device kernels");
      const times = await timeKernels(engine, adapterOf(machine), networks, mask, timing);
      if ("reason" in times) continue;
      kernels.push(...times.calls);
      clockGrainNs = Math.max(clockGrainNs, times.clockGrainNs);
      continue;
    }
    const smaller = throughput.findLast(
      (one) => one.engine === engine && one.shape.join() === shape.join() && one.weights === weights,
    );
    const expectedMs = (smaller?.networkEpochMs.median ?? 0) * population;
    if (expectedMs > mostEpochMs) {
      leave(`an epoch would take about ${Math.round(expectedMs / 1000)} s`);
      continue;
    }
    const opened = await openEngine(machine, engine, networks);
    if ("reason" in opened) {
      leave(opened.reason);
      continue;
    }
    try {
      throughput.push(await timeThroughput(opened.engine, networks, mask, timing));
    } finally {
      opened.engine.close();
    }
  }
  return {
    adapter: device ? { name: device.name, kind: device.kind, hasTimestamps } : null,
    quick,
    ceilings,
    throughput,
    leftOut,
    kernels: kernels.length > 0 ? { clockGrainNs, calls: kernels } : null,
    ratios: ratiosOf(throughput),
  };
}

function offeredEngines({ device, cpu }: Machine): EngineName[] {
  return [...(device ? (["resident", "tiled"] as const) : []), ...(cpu ? (["cpu"] as const) : [])];
}

function adapterOf({ device }: Machine): Device {
  invariant(device, "an adapter engine without an adapter");
  return device;
}

async function openEngine(machine: Machine, engine: EngineName, networks: BenchmarkPopulation): Promise<Opened> {
  if (engine !== "cpu")
    return openOnAdapter(engine, new DeviceExecutor(adapterOf(machine)), adapterOf(machine), networks);
  invariant(machine.cpu, "the CPU engine without a CPU");
  return { engine: openOnCpu(machine.cpu, networks) };
}

/** Shared by all figures of a shape and mask. */
interface CaseSetup {
  readonly shapeCase: ShapeCase;
  readonly weights: number;
  readonly dataset: BenchmarkPopulation["dataset"];
  readonly mask: ReturnType<typeof pathMask>;
  readonly twin: Timing["twin"];
}

function openCaseSetup(shapeCase: ShapeCase, weights: number, isQuick: boolean): CaseSetup {
  const dataset = caseDataset(shapeCase, isQuick);
  const twins = new Map<number, Promise<Trained>>();
  return {
    shapeCase,
    weights,
    dataset,
    mask: pathMask(shapeCase.shape, weights),
    twin: (job) => {
      const trained = twins.get(job.seed) ?? trainTwin(job, dataset);
      twins.set(job.seed, trained);
      return trained;
    },
  };
}

function describe(
  { kind, engine, population }: Exclude<Figure, { kind: "ceilings" }>,
  { shape, weights }: BenchmarkPopulation,
): string {
  const what = kind === "kernels" ? "kernels of " : "";
  return `${what}${engine} ${formatShape(shape)}, ${weights} weights, population ${population}`;
}
