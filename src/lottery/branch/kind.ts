import type { RandomStream } from "../../base/random.ts";
import type { RegistryEntry } from "../../base/registry.ts";
import type { Mask } from "../../mask/mask.ts";
import type { Parameters } from "../../network/parameters.ts";

/** The first part of a level's random numbers that is for biases; those before it are for weights. */
export const biasParts = 2 ** 15;

/** Branch seeds unless others are given. */
export const defaultBranchSeeds: readonly number[] = [0, 1, 2, 3, 4];

/** What a kind makes the mask of a level from. */
export interface TicketMask {
  /** Level of the run it branches from. */
  readonly level: number;
  /** The mask of that level. */
  readonly ticket: Mask;
  /** The mask of an earlier level of the run. */
  readonly maskOf: (level: number) => Promise<Mask>;
  /** The trained dense network pruned once to as many weights as the ticket has, by the run's criterion and scope. */
  readonly oneShot: () => Promise<Mask>;
  /** A stream of random numbers by run, branch seed, level and part; part is a number from 0, such as that of a layer. */
  readonly random: (part: number) => RandomStream;
}

/** What a branch changes of a ticket; all else is as in the run. */
export interface BranchKind extends RegistryEntry {
  /** The paper that the kind comes from, if there is one. */
  readonly paper?: string;
  /** Whether the branch seed changes the result. */
  readonly usesSeed: boolean;
  /**
   * Whether chance or inversion takes the place of the mask or of the weights that pruning has found: such a kind decides
   * whether a level is trivial. Kinds that keep a part of what was found, such as its signs, do not.
   */
  readonly isControl: boolean;
  /** Whether samples come in another order, by the branch seed. */
  readonly reorders?: true;
  /** Whether its masks are pruned from the trained dense network of the run. */
  readonly prunesOnce?: true;
  /** What the kind is given beside the run. */
  readonly needs?: "data" | "from";
  /**
   * Changes the initial parameters of the run, of all weights, before the mask.
   * @param original not modified
   * @param redraw draws them again, by the run's initialiser and the branch seed
   */
  readonly start?: (original: Parameters, redraw: () => Promise<Parameters>) => Promise<Parameters>;
  /** Changes the mask of a level; the result keeps as many weights, and as many biases. */
  readonly mask?: (given: TicketMask) => Promise<Mask>;
}
