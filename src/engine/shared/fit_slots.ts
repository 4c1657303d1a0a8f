import type { Dataset } from "../../dataset/dataset.ts";
import { deviceDatasetBytes } from "./dataset_memory.ts";

/** Maximum bytes of all buffers of a population: fits a small graphics adapter and the main memory of a laptop. */
export const memoryBudgetBytes = 1536 * 2 ** 20;
/** The largest storage binding that every adapter supports. */
export const bindingBytes = 128 * 2 ** 20;

/** A population's plan with the number of slots that fit, and its device requirements. */
export interface Fitted<Plan> {
  readonly plan: Plan;
  /** Bytes of all buffers, the dataset's included. */
  readonly memoryBytes: number;
  /** Bytes of the largest buffer; above 128 MiB the device must be requested with a higher limit. */
  readonly largestBindingBytes: number;
}

/**
 * Fits a population into memory: at least 1 and at most `wanted` slots, as many as the memory budget and the largest
 * binding that every adapter supports allow. Buffer sizes grow with the slots, so bisection finds the number.
 * @param network the plan without its slots
 * @param wanted number of networks to train, from 1
 * @param bytesOf bytes of each buffer of a plan, without the dataset's
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
