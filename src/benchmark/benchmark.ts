import { InputError, invariant } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Device } from "../device/device.ts";
import { DeviceExecutor } from "../engine/shared/device_executor.ts";
import { caseDataset, caseMask, type ShapeCase } from "./cases.ts";
import { measureCeilings } from "./ceilings.ts";
import { type Trained, trainTwin } from "./check.ts";
import { measureThreadCeilings } from "./cpu/ceilings.ts";
import { type EngineName, type Fleet, type Machine, type Opened, openOnAdapter, openOnCpu } from "./engines.ts";
import { type Figure, listFigures } from "./figures.ts";
import { timeKernels } from "./kernel_times.ts";
import type { Pace } from "./measure.ts";
import { ratiosOf } from "./ratios.ts";
import type { BenchmarkResult, Ceilings, KernelTime, LeftOut, Throughput } from "./result.ts";
import { type Timing, timeThroughput } from "./throughput.ts";

export interface BenchmarkOptions {
  /** Names of cases (`caseNames`); none: all that suit the machine. */
  readonly cases: readonly string[];
  /** Engines to benchmark, of those that the machine offers. */
  readonly engines: readonly EngineName[];
  /** Fewer and shorter trials, smaller populations. */
  readonly quick: boolean;
  readonly signal?: AbortSignal;
}

/** What is being measured: one of so many figures. */
export interface BenchmarkProgress {
  /** From 1. */
  readonly number: number;
  readonly total: number;
  /** Such as `resident (4,57,57,2), 3591 weights, population 32`. */
  readonly name: string;
}

const fullPace: Pace = { trialMs: 400, caseMs: 1500, leastTrials: 3 };
const quickPace: Pace = { trialMs: 20, caseMs: 100, leastTrials: 3 };

/** Milliseconds that an epoch of a whole population may take: a case with longer ones is left out. */
const mostEpochMs = 6000;

/**
 * Benchmarks a machine: what its adapter can do at most, how fast its engines train networks of some shapes, densities and
 * populations, and what each kernel takes. Every result is checked before it is timed.
 * @throws InputError when a case is not known or no engine is left; RunError when a result is wrong, and then no figure is told;
 *   DeviceError; the signal's reason
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
  let scene: Scene | undefined;
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
    if (scene?.shapeCase !== shapeCase || scene.weights !== weights) scene = openScene(shapeCase, weights, quick);
    const { shape, batch } = shapeCase;
    const { mask, twin } = scene;
    const fleet: Fleet = { shape, dataset: scene.dataset, batch, population, weights };
    observe({ number: k + 1, total: figures.length, name: describe(figure, fleet) });
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
      invariant(engine !== "cpu", "the CPU engine has no kernels of a device");
      const times = await timeKernels(engine, adapterOf(machine), fleet, mask, timing);
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
    const opened = await openEngine(machine, engine, fleet);
    if ("reason" in opened) {
      leave(opened.reason);
      continue;
    }
    try {
      throughput.push(await timeThroughput(opened.engine, fleet, mask, timing));
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
  invariant(device, "an engine of an adapter, and no adapter");
  return device;
}

async function openEngine(machine: Machine, engine: EngineName, fleet: Fleet): Promise<Opened> {
  if (engine !== "cpu") return openOnAdapter(engine, new DeviceExecutor(adapterOf(machine)), adapterOf(machine), fleet);
  invariant(machine.cpu, "the CPU engine, and nothing to open it");
  return { engine: openOnCpu(machine.cpu, fleet) };
}

/** What all figures of a shape and mask share. */
interface Scene {
  readonly shapeCase: ShapeCase;
  readonly weights: number;
  readonly dataset: Fleet["dataset"];
  readonly mask: ReturnType<typeof caseMask>;
  readonly twin: Timing["twin"];
}

function openScene(shapeCase: ShapeCase, weights: number, isQuick: boolean): Scene {
  const dataset = caseDataset(shapeCase, isQuick);
  const twins = new Map<number, Promise<Trained>>();
  return {
    shapeCase,
    weights,
    dataset,
    mask: caseMask(shapeCase.shape, weights),
    twin: (job) => {
      const trained = twins.get(job.seed) ?? trainTwin(job, dataset);
      twins.set(job.seed, trained);
      return trained;
    },
  };
}

function describe(
  { kind, engine, population }: Exclude<Figure, { kind: "ceilings" }>,
  { shape, weights }: Fleet,
): string {
  const what = kind === "kernels" ? "kernels of " : "";
  return `${what}${engine} ${formatShape(shape)}, ${weights} weights, population ${population}`;
}
