import type { RegistryEntry } from "../../base/registry.ts";
import type { Task } from "../../base/task.ts";
import type { Mask } from "../../mask/mask.ts";
import type { Reachability } from "../../mask/reachability.ts";
import type { Component } from "../components.ts";
import type { WeightCounts } from "../states.ts";

/** What a measure may look at: a mask, and what follows from the mask alone. */
export interface MaskStructure {
  readonly mask: Mask;
  readonly reach: Reachability;
  /** Numbers of weights in each state. */
  readonly weights: WeightCounts;
  /** The subnetworks, most weights first. */
  readonly subnetworks: readonly Component[];
  readonly tasks: readonly Task[];
}

/** A property of a mask that is one number. A new one is a file of its own and a line in `measures.ts`. */
export interface Measure extends RegistryEntry {
  /** Where the definition comes from: a paper with its section, or this package. */
  readonly source: string;
  /** @returns null where the measure is not defined for the mask */
  readonly compute: (structure: MaskStructure) => number | null;
}
