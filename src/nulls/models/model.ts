import type { Purpose, RandomStream } from "../../base/random.ts";
import type { RegistryEntry } from "../../base/registry.ts";
import type { Mask } from "../../mask/mask.ts";
import type { NullStructure } from "../structure.ts";
import type { WeightLists } from "../weight_lists.ts";

/** How the initial weights of an untrained network are distributed, layer by layer. */
export interface InitialDistribution {
  /** Standard deviation of each layer. */
  readonly deviations: readonly number[];
  readonly form: "normal" | "uniform";
}

/** A ticket, and what is known of the run that it comes from. */
export interface NullTicket {
  readonly mask: Mask;
  /** Of the initial weights, ranked in the whole network; or why the untrained network cannot be drawn. */
  readonly initial: InitialDistribution | { readonly unknown: string };
}

/** How the rewiring of a ticket was found to be long enough. */
export interface SwapCheck {
  /** Proposed swaps of a null for each weight of a layer. */
  readonly proposalsPerWeight: number;
  /** Of these, the swaps made, for each weight: by layer, null for a layer in which no swap is possible. */
  readonly swapsPerWeight: readonly (number | null)[];
  /** Chains from each of two starts that were compared. */
  readonly chains: number;
  /** The largest difference of means between the two starts, in its standard errors, and of what. */
  readonly largestDifference: number;
  readonly differing: string;
  /** Whether all differences are small: chains from both starts give the same nulls. */
  readonly isStationary: boolean;
}

/** What a model finds out once for a ticket, before nulls are drawn: plain values that threads can exchange. */
export interface Preparation {
  /** Layers that are the same in all nulls, and why: `layer 3 stays as it is (1 weight)`. */
  readonly notes: readonly string[];
  readonly swaps?: SwapCheck | undefined;
  /** Where the rewiring of nulls begins, and how many swaps are proposed in each layer. */
  readonly hub?: { readonly words: Uint32Array; readonly proposals: readonly number[] } | undefined;
}

/** Draws one null after the other, each from a stream of its own. */
export interface NullSampler {
  readonly draw: (random: RandomStream) => WeightLists;
}

/** Masks by chance that keep something of a ticket. A new model is one file and one line in `models.ts`. */
export interface NullModel extends RegistryEntry {
  /** What nulls share with the ticket, and what chance takes the place of. */
  readonly keeps: string;
  readonly breaks: string;
  /** The paper that the model, or its algorithm, comes from. */
  readonly source: string;
  readonly purpose: Purpose;
  /** Why no null exists but the ticket itself; undefined where there are others. */
  readonly impossible: (ticket: NullTicket) => string | undefined;
  /** @param stream gives streams that no null uses, by number; `structure` is that of the ticket's shape and tasks */
  readonly prepare: (
    ticket: NullTicket,
    stream: (number: number) => RandomStream,
    structure: NullStructure,
  ) => Preparation;
  readonly sampler: (ticket: NullTicket, preparation: Preparation) => NullSampler;
}
