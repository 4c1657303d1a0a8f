import type { Mask } from "../mask/mask.ts";

/** How the next mask is selected: the criterion and the number of weights to keep. */
export interface Selection {
  /** Name of a criterion (`criteria.ts`). */
  readonly criterion: string;
  /**
   * Weights to keep: a number for the whole network, with all layers ranked together; or a number for each layer, with
   * each layer ranked separately. At most the number of weights kept now.
   */
  readonly keep: number | readonly number[];
  /** Layers that keep all of their weights where `keep` is a number, which counts these too; default none. */
  readonly wholeLayers?: readonly number[] | undefined;
}

/** How a {@link Selection} on the host differs from one on a device. */
export interface HostSelection extends Selection {
  /** Weights, and biases where they are ranked, that are pruned before any other, among themselves by the criterion; default none. */
  readonly first?: Mask | undefined;
  /** Whether biases are ranked and pruned with the weights, and counted with them in `keep`; default false. */
  readonly withBiases?: boolean | undefined;
}
