import { InputError } from "../../base/errors.ts";
import { weightCount } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import type { Device } from "../../device/device.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import type { EnginePlan, NetworkSize } from "../plan.ts";
import { planResident, type ResidentPlan, residentMostBatch } from "../resident/population.ts";
import { deviceDatasetBytes } from "../shared/dataset_memory.ts";
import { type Fitted, memoryBudgetBytes } from "../shared/fit_slots.ts";
import { type PopulationPlan, planPopulation } from "../tiled/population.ts";
import { type AskedKernels, askedCrossover, type Crossover, crossovers, residentMostEdges } from "./cost.ts";

/** The networks that an engine is planned for. */
export interface Networks {
  /** One entry for each network that will be trained. */
  readonly networks: readonly NetworkSize[];
  readonly dataset: Dataset;
  /** Of their hidden layers; default relu. */
  readonly activation?: string;
}

/** How networks of one size are trained. */
export interface SizePlan extends NetworkSize {
  /** Their population in the tiled engine, while they are too large for a workgroup; undefined where they never are. */
  readonly tiled: Fitted<PopulationPlan> | undefined;
}

/** The engine of an adapter as it will be. */
export interface AdapterPlan extends EnginePlan {
  readonly kind: "adapter";
  readonly dataset: Dataset;
  readonly sizes: readonly SizePlan[];
  /** The population of networks that are small enough for a workgroup, or will be; undefined where none is. */
  readonly resident: Fitted<ResidentPlan> | undefined;
  /** Bytes that the tiled populations open at a time may take beside the dataset: the largest fits. */
  readonly tiledBytes: number;
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
export function planAdapterEngine(
  { networks, dataset, activation = defaultActivation }: Networks,
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
            activation,
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
      ? planPopulation({ shape, dataset, activation, batch, sparseUpTo }, count, memoryBudgetBytes - residentBytes)
      : undefined,
  }));
  const populations = planned.flatMap(({ tiled }) => tiled ?? []);
  const populationBytes = populations.map(({ memoryBytes }) => memoryBytes - dataBytes);
  const allBytes = populationBytes.reduce((a, b) => a + b, 0);
  const tiledBytes = Math.max(0, ...populationBytes, Math.min(free - residentBytes, allBytes));
  const held = populations.reduce((sum, { plan }) => sum + plan.slots, resident?.plan.slots ?? 0);
  const slots = Math.min(networks.length, held);
  return {
    kind: "adapter",
    name: asked === "auto" ? "adapter" : asked,
    reason: asked === "auto" ? reasonOf(small.length > 0, large.length > 0) : "asked for",
    slots,
    atOnce: slots,
    deviceBytes: dataBytes + residentBytes + tiledBytes,
    hostBytes: 0,
    dataset,
    sizes: planned,
    resident,
    tiledBytes,
    largestBindingBytes: Math.max(
      resident?.largestBindingBytes ?? 0,
      ...populations.map(({ largestBindingBytes }) => largestBindingBytes),
    ),
    crossovers: asPlanned,
  };
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
