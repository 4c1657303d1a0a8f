import type { RegistryEntry } from "../../base/registry.ts";
import type { Task } from "../../base/task.ts";
import type { Mask } from "../../mask/mask.ts";
import type { Reachability } from "../../mask/reachability.ts";
import type { Component } from "../components.ts";
import type { WeightCounts } from "../states.ts";

/** Input of a measure: a mask, and values derived from the mask alone. */
export interface MaskStructure {
  readonly mask: Mask;
  readonly reach: Reachability;
  /** Numbers of weights in each state. */
  readonly weights: WeightCounts;
  /** The subnetworks, most weights first. */
  readonly subnetworks: readonly Component[];
  readonly tasks: readonly Task[];
}

/** A property of a mask that is one number. A new measure is one file and one line in `measures.ts`. */
export interface Measure extends RegistryEntry {
  /** Source of the definition: a paper with its section, or this package. */
  readonly source: string;
  /** @returns null where the measure is not defined for the mask */
  readonly compute: (structure: MaskStructure) => number | null;
}
