import { type ResidentPlan, ResidentSizes } from "../resident/population.ts";
import { type PopulationPlan, PopulationSizes } from "../tiled/population.ts";
import { deviceDatasetBytes } from "./dataset_memory.ts";

/** Bytes that the buffers of a population may take in all: a modest adapter's memory, and well within a laptop's. */
export const memoryBudgetBytes = 1536 * 2 ** 20;
/** The largest storage binding that every adapter grants. */
const bindingBytes = 128 * 2 ** 20;

/** A plan and what it needs of a device. */
export interface Planned<Plan> {
  readonly plan: Plan;
  /** Bytes of all buffers, the dataset's included. */
  readonly memoryBytes: number;
  /** Bytes of the largest buffer; above 128 MiB a device must be asked for it. */
  readonly largestBindingBytes: number;
}

/**
 * Fits a population of the tiled engine into memory: as many slots as wanted, fewer where the buffers would pass the budget or
 * the binding that every adapter grants, at least one.
 * @param wanted networks to train, from 1
 */
export function planPopulation(
  network: Omit<PopulationPlan, "slots">,
  wanted: number,
  budgetBytes = memoryBudgetBytes,
): Planned<PopulationPlan> {
  return fitSlots(wanted, budgetBytes, (slots) => {
    const plan = { ...network, slots };
    return { plan, bytes: [...Object.values(new PopulationSizes(plan).bytes()), deviceDatasetBytes(plan.dataset)] };
  });
}

/**
 * Fits a population of the resident engine into memory, likewise.
 * @throws InputError when a batch or a shape is more than a workgroup holds
 */
export function planResident(
  network: Omit<ResidentPlan, "slots">,
  wanted: number,
  budgetBytes = memoryBudgetBytes,
): Planned<ResidentPlan> {
  return fitSlots(wanted, budgetBytes, (slots) => {
    const plan = { ...network, slots };
    return { plan, bytes: [...Object.values(new ResidentSizes(plan).bytes()), deviceDatasetBytes(plan.dataset)] };
  });
}

/** The largest number of slots that fits; sizes grow with the slots, so it is found by bisection. */
function fitSlots<Plan>(
  wanted: number,
  budgetBytes: number,
  sizesOf: (slots: number) => { plan: Plan; bytes: readonly number[] },
): Planned<Plan> {
  const needs = (slots: number): Planned<Plan> => {
    const { plan, bytes } = sizesOf(slots);
    const memoryBytes = bytes.reduce((sum, size) => sum + size, 0);
    return { plan, memoryBytes, largestBindingBytes: Math.max(...bytes) };
  };
  const fits = ({ memoryBytes, largestBindingBytes }: Planned<Plan>) =>
    memoryBytes <= budgetBytes && largestBindingBytes <= bindingBytes;
  let [good, bad] = [1, wanted + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(needs(middle))) good = middle;
    else bad = middle;
  }
  return needs(good);
}
