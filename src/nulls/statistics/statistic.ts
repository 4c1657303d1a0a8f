import type { RegistryEntry } from "../../base/registry.ts";
import type { NullStructure } from "../structure.ts";

/** A structural statement about a ticket as one number. A new statistic is one file and one line in `statistics.ts`. */
export interface Statistic extends RegistryEntry {
  /** Which values are at least as extreme as the ticket's: those at least as great, or those at most as great. */
  readonly tail: "greater" | "less";
  /** Why that tail. */
  readonly why: string;
  /**
   * @returns NaN where it is not defined for the mask. Made of integers by one division, so that equal structures have equal
   * values, which a comparison of ticket and nulls relies on
   */
  readonly of: (structure: NullStructure) => number;
}
