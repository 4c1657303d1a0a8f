import { InputError } from "../../base/errors.ts";
import { weightCount } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import type { Device } from "../../device/device.ts";
import type { NetworkSize } from "../cpu/sizes.ts";
import type { Engine } from "../engine.ts";
import { type ResidentPlan, residentMostBatch } from "../resident/population.ts";
import { deviceDatasetBytes } from "../shared/dataset_memory.ts";
import { DeviceExecutor } from "../shared/device_executor.ts";
import { memoryBudgetBytes, type Planned, planPopulation, planResident } from "../shared/memory_plan.ts";
import type { PopulationPlan } from "../tiled/population.ts";
import { AdapterEngine } from "./adapter_engine.ts";
import { type AskedKernels, askedCrossover, type Crossover, crossovers, residentMostEdges } from "./cost.ts";

/** The networks that an engine is chosen for. */
export interface Networks {
  /** One entry for each network that will be trained. */
  readonly networks: readonly NetworkSize[];
  readonly dataset: Dataset;
}

/** How networks of one size are trained. */
export interface SizePlan extends NetworkSize {
  /** Their population in the tiled engine, while they are too large for a workgroup; undefined where they never are. */
  readonly tiled: Planned<PopulationPlan> | undefined;
}

/** The engine of an adapter as it will be, known before the adapter is opened. */
export interface AdapterPlan {
  readonly name: Engine["name"];
  /** Why, in a few words. */
  readonly reason: string;
  readonly dataset: Dataset;
  readonly sizes: readonly SizePlan[];
  /** The population of networks that are small enough for a workgroup, or will be; undefined where none is. */
  readonly resident: Planned<ResidentPlan> | undefined;
  /** Bytes that the tiled populations open at a time may take beside the dataset: the largest fits. */
  readonly tiledBytes: number;
  /** Networks that train at the same time at most. */
  readonly slots: number;
  /** Bytes on the device at most. */
  readonly memoryBytes: number;
  /** Bytes of the largest buffer; above 128 MiB a device must be asked for it. */
  readonly largestBindingBytes: number;
  /** By kind of adapter, which kernels train a level. */
  readonly crossovers: Readonly<Record<Device["kind"], Crossover>>;
}

/**
 * Plans the engine of an adapter: which kernels train which networks, and what memory that takes.
 * @param asked `auto` trains every level by the kernels that are cheapest for it
 * @param measured where kernels cross, by kind of adapter; a knob for tests
 * @throws InputError when resident is asked for and a batch is more than a workgroup takes
 */
export function chooseAdapterEngine(
  { networks, dataset }: Networks,
  asked: AskedKernels,
  measured: Readonly<Record<Device["kind"], Crossover>> = crossovers,
): AdapterPlan {
  const asPlanned = { software: askedCrossover(asked, measured.software), gpu: askedCrossover(asked, measured.gpu) };
  // The adapter's kind is not known yet: there is memory for either.
  const either = [asPlanned.software, asPlanned.gpu];
  const sparseUpTo = Math.max(...either.map((crossover) => crossover.sparseUpTo));
  const sizes = countedSizes(networks).map((size) => {
    const batch = Math.min(size.batch, dataset.train.samples);
    const limits = either.map((crossover) => residentMostEdges(size.shape, batch, crossover));
    return {
      ...size,
      residentEdges: Math.max(...limits),
      isTiled: limits.some((limit) => limit < weightCount(size.shape)),
    };
  });
  const tooLarge = sizes.find(({ isTiled }) => isTiled);
  if (asked === "resident" && tooLarge) {
    throw new InputError(
      `--engine resident: batch ${tooLarge.batch} is above ${residentMostBatch}, the most that a workgroup takes: choose a smaller batch or --engine tiled`,
    );
  }

  const dataBytes = deviceDatasetBytes(dataset);
  const small = sizes.filter(({ residentEdges }) => residentEdges > 0);
  const large = sizes.filter(({ isTiled }) => isTiled);
  const count = (some: readonly { count: number }[]) => some.reduce((sum, size) => sum + size.count, 0);
  const free = memoryBudgetBytes - dataBytes;
  const resident =
    small.length === 0
      ? undefined
      : planResident(
          {
            dataset,
            shapes: small.map(({ shape }) => shape),
            mostEdges: Math.max(...small.map(({ residentEdges }) => residentEdges)),
            batch: Math.max(...small.map(({ batch }) => Math.min(batch, dataset.train.samples))),
          },
          count(small),
          // What trains by matrices first needs room as well.
          dataBytes + (large.length > 0 ? free / 2 : free),
        );
  const residentBytes = resident ? resident.memoryBytes - dataBytes : 0;
  const planned = sizes.map(({ shape, batch, count, isTiled }) => ({
    shape,
    batch,
    tiled: isTiled
      ? planPopulation({ shape, dataset, batch, sparseUpTo }, count, memoryBudgetBytes - residentBytes)
      : undefined,
  }));
  const populations = planned.flatMap(({ tiled }) => tiled ?? []);
  const tiledBytes = populations.map(({ memoryBytes }) => memoryBytes - dataBytes);
  const openBytes = Math.max(
    0,
    ...tiledBytes,
    Math.min(
      free - residentBytes,
      tiledBytes.reduce((a, b) => a + b, 0),
    ),
  );
  const slots = populations.reduce((sum, { plan }) => sum + plan.slots, resident?.plan.slots ?? 0);
  return {
    name: asked === "auto" ? "adapter" : asked,
    reason: asked === "auto" ? reasonOf(small.length > 0, large.length > 0) : "asked for",
    dataset,
    sizes: planned,
    resident,
    tiledBytes: openBytes,
    slots: Math.min(networks.length, slots),
    memoryBytes: dataBytes + residentBytes + openBytes,
    largestBindingBytes: Math.max(
      resident?.largestBindingBytes ?? 0,
      ...populations.map(({ largestBindingBytes }) => largestBindingBytes),
    ),
    crossovers: asPlanned,
  };
}

/**
 * Opens a planned engine on a device, which stays the caller's.
 * @param cores processor cores that a software adapter runs on, from 1
 */
export async function openAdapterEngine(plan: AdapterPlan, device: Device, cores: number): Promise<Engine> {
  return new AdapterEngine(new DeviceExecutor(device), plan, device, cores);
}

function reasonOf(isResident: boolean, isTiled: boolean): string {
  if (!isTiled) return "resident: a workgroup trains a network";
  return isResident
    ? "dense, sparse or resident kernels, whichever cost a level least"
    : "dense or sparse kernels, whichever cost a level less";
}

/** The sizes that differ, and how many networks have each. */
function countedSizes(networks: readonly NetworkSize[]): (NetworkSize & { count: number })[] {
  const sizes = new Map<string, NetworkSize & { count: number }>();
  for (const { shape, batch } of networks) {
    const key = `${shape} ${batch}`;
    sizes.set(key, { shape, batch, count: (sizes.get(key)?.count ?? 0) + 1 });
  }
  return [...sizes.values()];
}
