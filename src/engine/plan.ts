import { type PopulationPlan, PopulationSizes } from "./population.ts";

/** Bytes that the buffers of a population may take in all: a modest adapter's memory, and well within a laptop's. */
const memoryBudgetBytes = 1536 * 2 ** 20;
/** The largest storage binding that every adapter grants. */
const bindingBytes = 128 * 2 ** 20;

/** A population's plan and what it needs of a device. */
export interface PlannedPopulation {
  readonly plan: PopulationPlan;
  /** Bytes of all buffers. */
  readonly memoryBytes: number;
  /** Bytes of the largest buffer; above 128 MiB a device must be asked for it. */
  readonly largestBindingBytes: number;
}

/**
 * Fits a population into memory: as many slots as wanted, fewer where the buffers would pass the budget or the binding that
 * every adapter grants, at least one.
 * @param wanted networks to train, from 1
 */
export function planPopulation(network: Omit<PopulationPlan, "slots">, wanted: number): PlannedPopulation {
  const needs = (slots: number): PlannedPopulation => {
    const plan = { ...network, slots };
    const bytes = Object.values(new PopulationSizes(plan).bytes());
    const memoryBytes = bytes.reduce((sum, size) => sum + size, 0);
    return { plan, memoryBytes, largestBindingBytes: Math.max(...bytes) };
  };
  const fits = ({ memoryBytes, largestBindingBytes }: PlannedPopulation) =>
    memoryBytes <= memoryBudgetBytes && largestBindingBytes <= bindingBytes;
  // Sizes grow with the slots, so the largest count that fits is found by bisection.
  let [good, bad] = [1, wanted + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(needs(middle))) good = middle;
    else bad = middle;
  }
  return needs(good);
}
