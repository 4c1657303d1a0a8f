/** How the next mask is chosen: by which scores, and how many weights stay. */
export interface Selection {
  /** Name of a criterion (`criteria.ts`). */
  readonly criterion: string;
  /**
   * Weights that stay: in the whole network, all layers ranked together; or in each layer, each ranked by itself. At most as many as
   * are kept now.
   */
  readonly keep: number | readonly number[];
}
