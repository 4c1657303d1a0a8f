/** How the next mask is chosen. */
export interface Selection {
  /** Weights that stay, in the whole network; at most as many as are kept now. */
  readonly remaining: number;
  /** Rank all layers together, or prune each layer by the same share. */
  readonly scope: "global" | "layer";
  /** Smallest |w| first, or at random as a control. */
  readonly criterion: "magnitude" | "random";
}
