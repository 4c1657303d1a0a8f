import type { Dataset } from "../../dataset/dataset.ts";
import { deviceDatasetBytes } from "./dataset_memory.ts";

/** Bytes that the buffers of a population may take in all: a modest adapter's memory, and well within a laptop's. */
export const memoryBudgetBytes = 1536 * 2 ** 20;
/** The largest storage binding that every adapter grants. */
const bindingBytes = 128 * 2 ** 20;

/** A population's plan, with as many slots as fit, and what it needs of a device. */
export interface Fitted<Plan> {
  readonly plan: Plan;
  /** Bytes of all buffers, the dataset's included. */
  readonly memoryBytes: number;
  /** Bytes of the largest buffer; above 128 MiB a device must be asked for it. */
  readonly largestBindingBytes: number;
}

/**
 * Fits a population into memory: as many slots as wanted, fewer where the buffers would pass the budget or the binding that every
 * adapter grants, at least one. Sizes grow with the slots, so the number is found by bisection.
 * @param network the plan but for its slots
 * @param wanted networks to train, from 1
 * @param bytesOf bytes of each buffer of a plan, the dataset's aside
 */
export function fitSlots<Network extends { readonly dataset: Dataset }>(
  network: Network,
  wanted: number,
  bytesOf: (plan: Network & { readonly slots: number }) => Readonly<Record<string, number>>,
  budgetBytes: number,
): Fitted<Network & { readonly slots: number }> {
  const needs = (slots: number): Fitted<Network & { readonly slots: number }> => {
    const plan = { ...network, slots };
    const bytes = [...Object.values(bytesOf(plan)), deviceDatasetBytes(plan.dataset)];
    return {
      plan,
      memoryBytes: bytes.reduce((sum, size) => sum + size, 0),
      largestBindingBytes: Math.max(...bytes),
    };
  };
  let [good, bad] = [1, wanted + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const { memoryBytes, largestBindingBytes } = needs(middle);
    if (memoryBytes <= budgetBytes && largestBindingBytes <= bindingBytes) good = middle;
    else bad = middle;
  }
  return needs(good);
}
