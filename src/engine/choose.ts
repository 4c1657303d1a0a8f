import { InputError } from "../base/errors.ts";
import { formatShape, type Shape, weightCount } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Device } from "../device/device.ts";
import { DeviceExecutor } from "./device_executor.ts";
import type { Engine } from "./engine.ts";
import { type Planned, planPopulation, planResident } from "./plan.ts";
import type { PopulationPlan } from "./population.ts";
import { ResidentEngine } from "./resident.ts";
import { type ResidentPlan, residentMostBatch } from "./resident_population.ts";
import { TiledEngine } from "./tiled.ts";

/**
 * Weights up to which one workgroup trains a network faster than many share it, where nothing else is known: a workgroup is one
 * thread of a software adapter, and one of a hundred processors of a GPU.
 */
export const residentMostWeights = 32768;

/** The networks that an engine is chosen for. */
export interface Networks {
  readonly shape: Shape;
  readonly dataset: Dataset;
  readonly batch: number;
  /** Networks to train, from 1. */
  readonly count: number;
}

/** An engine of an adapter, chosen and planned. */
export type AdapterEngine = { readonly reason: string } & (
  | ({ readonly name: "resident" } & Planned<ResidentPlan>)
  | ({ readonly name: "tiled" } & Planned<PopulationPlan>)
);

/**
 * Chooses between the engines of an adapter and plans the choice's memory.
 * @param asked `auto` is resident where a network fits one workgroup, else tiled
 * @throws InputError when resident is asked for and a network does not fit
 */
export function chooseAdapterEngine(
  { shape, dataset, batch, count }: Networks,
  asked: "auto" | "resident" | "tiled",
): AdapterEngine {
  const weights = weightCount(shape);
  const used = Math.min(batch, dataset.train.samples);
  const isSmall = weights <= residentMostWeights && used <= residentMostBatch;
  const size = `${weights} weights, batch ${used}`;
  const tooLarge = `one workgroup takes ${residentMostWeights} weights and a batch of ${residentMostBatch}`;
  if (asked === "resident" && !isSmall) {
    throw new InputError(
      `--engine resident: shape ${formatShape(shape)} with ${size} is too large, ${tooLarge}: choose --engine tiled or auto`,
    );
  }
  if (asked === "tiled" || !isSmall) {
    const reason = asked === "tiled" ? "asked for" : `${size}: ${tooLarge}`;
    return { name: "tiled", reason, ...planPopulation({ shape, dataset, batch }, count) };
  }
  const reason = asked === "resident" ? "asked for" : `${size}: one workgroup trains one network`;
  return { name: "resident", reason, ...planResident({ shapes: [shape], dataset, batch }, count) };
}

/** Workgroups of the resident kernel, pairs of sample quads by groups: a software adapter runs one on one thread, eight lanes wide. */
export const residentWorkgroups = { software: [8, 1], gpu: [8, 32] } as const;

/** Opens a chosen engine on a device, which stays the caller's. */
export function openAdapterEngine(chosen: AdapterEngine, device: Device): Promise<Engine> {
  const executor = new DeviceExecutor(device);
  if (chosen.name === "tiled") return TiledEngine.open(executor, chosen.plan);
  return ResidentEngine.open(executor, { ...chosen.plan, workgroup: residentWorkgroups[device.kind] });
}
