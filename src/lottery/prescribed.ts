import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { LevelRecord } from "../store/level_record.ts";

/** The levels of a run whose masks and start weights are known before training, as those of a branch are. */
export interface PrescribedLevels {
  /**
   * [level]: the level of the run it branches from whose ticket each level starts from; part of the key of the sample
   * order, so that the same ticket trains to the same bytes again.
   */
  readonly sourceLevels: readonly number[];
  /** Part of the key of the sample order; undefined: that of the spec. */
  readonly orderSeed?: number | undefined;
  /** The dense level that winning is judged against; undefined: level 0 of the run itself. */
  readonly dense?: LevelRecord | undefined;
  /** The parameters that every level starts from, before its mask. */
  start(): Promise<Parameters>;
  /** The mask of a level, from 0. */
  mask(level: number): Promise<Mask>;
}
