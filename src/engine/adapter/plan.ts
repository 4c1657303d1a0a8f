import { InputError } from "../../base/errors.ts";
import { layerCount, weightCount } from "../../base/shape.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import type { Device } from "../../device/device.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import type { EnginePlan, NetworkSize } from "../plan.ts";
import { planResident, type ResidentPlan, residentMostBatch } from "../resident/population.ts";
import { mostCurveEntries } from "../shared/curves.ts";
import { deviceDatasetBytes } from "../shared/dataset_memory.ts";
import { type Fitted, memoryBudgetBytes } from "../shared/fitted.ts";
import { type PopulationPlan, planPopulation } from "../tiled/population.ts";
import { type AskedKernels, askedCrossover, type Crossover, crossovers, residentMostEdges } from "./cost.ts";

/** The networks and the dataset that an engine is planned for. */
export interface Networks {
  /** One entry for each network to train. */
  readonly networks: readonly NetworkSize[];
  readonly dataset: Dataset;
  /** Activation of the hidden layers; default relu. */
  readonly activation?: string;
}

/** How networks of one size are trained. */
export interface SizePlan extends NetworkSize {
  /**
   * Their population in the tiled engine, for levels too large for a workgroup; undefined if no level is. Sizes with the
   * same number of layers and the same batch share one, as far as all their networks fit into the largest binding.
   */
  readonly tiled: Fitted<PopulationPlan> | undefined;
}

/** Plan of the engine of an adapter. */
export interface AdapterPlan extends EnginePlan {
  readonly kind: "adapter";
  readonly dataset: Dataset;
  readonly sizes: readonly SizePlan[];
  /** The population of networks that fit a workgroup at some level; undefined if there are none. */
  readonly resident: Fitted<ResidentPlan> | undefined;
  /** Maximum bytes of all tiled populations open at the same time, without the dataset; the largest population fits. */
  readonly tiledBytes: number;
  /** Bytes of the largest buffer; above 128 MiB the device must be requested with a higher limit. */
  readonly largestBindingBytes: number;
  /** By kind of adapter, the crossover that chooses the kernels of a level. */
  readonly crossovers: Readonly<Record<Device["kind"], Crossover>>;
}

/**
 * Plans the engine of an adapter: the kernels of each network size and their memory.
 * @param asked the requested kernels; `auto` trains every level with its cheapest kernels
 * @param measured crossover points by kind of adapter; tests override them
 * @throws InputError when `resident` is requested and a batch exceeds the maximum of a workgroup
 */
export function planAdapterEngine(
  { networks, dataset, activation = defaultActivation }: Networks,
  asked: AskedKernels,
  measured: Readonly<Record<Device["kind"], Crossover>> = crossovers,
): AdapterPlan {
  const asPlanned = { software: askedCrossover(asked, measured.software), gpu: askedCrossover(asked, measured.gpu) };
  // The kind of adapter is not known yet, so the plan reserves memory for both.
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
  const curveEntries = mostCurveEntries(networks, dataset.train.samples);
  const small = sizes.filter(({ residentEdges }) => residentEdges > 0);
  const large = sizes.filter(({ isTiled }) => isTiled);
  const free = memoryBudgetBytes - dataBytes;
  const resident =
    small.length === 0
      ? undefined
      : planResident(
          {
            dataset,
            activation,
            mostEdges: Math.max(...small.map(({ residentEdges }) => residentEdges)),
            batch: Math.max(...small.map(({ batch }) => Math.min(batch, dataset.train.samples))),
            curveEntries,
          },
          small,
          // Networks that start in the tiled engine need memory too.
          dataBytes + (large.length > 0 ? free / 2 : free),
        );
  const residentBytes = resident ? resident.memoryBytes - dataBytes : 0;
  const tiled = planTiled({ dataset, activation, sparseUpTo, curveEntries }, large, free - residentBytes);
  const planned = sizes.map((size) => ({
    shape: size.shape,
    batch: size.batch,
    tiled: tiled.get(size),
  }));
  const populations = [...new Set(tiled.values())];
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

/**
 * The tiled population of each size. If not all populations fit at the same time, each gets a share of the memory by what
 * it would take, so that none waits for another to end.
 * @param budgetBytes for all populations, without the dataset
 */
function planTiled(
  network: Omit<TiledNetwork, "batch">,
  sizes: readonly CountedSize[],
  budgetBytes: number,
): ReadonlyMap<CountedSize, Fitted<PopulationPlan>> {
  const dataBytes = deviceDatasetBytes(network.dataset);
  const alike = new Map<string, CountedSize[]>();
  for (const size of sizes) {
    const key = `${layerCount(size.shape)} ${size.batch}`;
    alike.set(key, [...(alike.get(key) ?? []), size]);
  }
  const groups = [...alike.values()].flatMap((group) => together({ ...network, batch: group[0].batch }, group));
  const wantedBytes = groups.map(({ fitted }) => fitted.memoryBytes - dataBytes);
  const allBytes = wantedBytes.reduce((sum, bytes) => sum + bytes, 0);
  return new Map(
    groups.flatMap(({ group, fitted }, index) => {
      const ownBytes = (budgetBytes * wantedBytes[index]) / allBytes;
      const { batch } = group[0];
      const own = allBytes <= budgetBytes ? fitted : planPopulation({ ...network, batch }, group, dataBytes + ownBytes);
      return group.map((size) => [size, own] as const);
    }),
  );
}

/** What a tiled population has in common. */
type TiledNetwork = Pick<PopulationPlan, "dataset" | "activation" | "sparseUpTo" | "curveEntries" | "batch">;

/**
 * Divides sizes into populations, the largest first, each with as many sizes as leave memory for all of their networks in
 * the largest binding. Small networks thus need not wait for large ones, nor step as slowly.
 */
function together(network: TiledNetwork, sizes: readonly CountedSize[]) {
  const groups: { group: CountedSize[]; fitted: Fitted<PopulationPlan> }[] = [];
  for (const size of [...sizes].sort((a, b) => weightCount(b.shape) - weightCount(a.shape))) {
    const last = groups.at(-1);
    const joined = last && [...last.group, size];
    const fitted = joined && planPopulation(network, joined, Number.POSITIVE_INFINITY);
    if (fitted && fitted.plan.slots === joined.reduce((sum, { count }) => sum + count, 0)) {
      groups[groups.length - 1] = { group: joined, fitted };
    } else {
      groups.push({ group: [size], fitted: planPopulation(network, [size], Number.POSITIVE_INFINITY) });
    }
  }
  return groups;
}

function reasonOf(isResident: boolean, isTiled: boolean): string {
  if (!isTiled) return "resident: a workgroup trains a network";
  return isResident
    ? "dense, sparse or resident kernels, whichever cost a level least"
    : "dense or sparse kernels, whichever cost a level less";
}

interface CountedSize extends NetworkSize {
  /** Number of networks. */
  count: number;
}

/** The distinct sizes and the number of networks of each. */
function countedSizes(networks: readonly NetworkSize[]): CountedSize[] {
  const sizes = new Map<string, CountedSize>();
  for (const { shape, batch } of networks) {
    const key = `${shape} ${batch}`;
    sizes.set(key, { shape, batch, count: (sizes.get(key)?.count ?? 0) + 1 });
  }
  return [...sizes.values()];
}
