import type { RegistryEntry } from "../../base/registry.ts";
import type { MaskStructure } from "./mask_structure.ts";

/**
 * The value of a measure: one number, or one for every two tasks, `[task][task]`; null where it is not defined, not found, or left out
 * for the size of the mask.
 */
export type MeasureValue = number | null | readonly (readonly (number | null)[])[];

/** A property of a mask. A new measure is one file and one line in `measures.ts`. */
export interface Measure extends RegistryEntry {
  /** Source of the definition: a paper with its section, or this package. */
  readonly source: string;
  /** True for a measure with a value for every two tasks. */
  readonly isMatrix?: true;
  /** True for a measure that takes long: it is computed only where it is named. */
  readonly isCostly?: true;
  /** Most active weights of a mask for which it is computed; others have null. Undefined: no bound. */
  readonly mostActive?: number;
  readonly compute: (structure: MaskStructure) => MeasureValue;
}

/** Most active weights of measures of the graph: 4,194,304 take about 80 MB and some seconds. */
export const mostActiveOfGraph = 2 ** 22;
