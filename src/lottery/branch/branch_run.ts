import type { LevelRecord } from "../../store/level_record.ts";

/** A trained branch of a run. */
export interface BranchRun {
  /** Name of the kind. */
  readonly kind: string;
  /** Whether the kind decides whether a level is trivial. */
  readonly isControl: boolean;
  /** Seed of the run that it branches from. */
  readonly seed: number;
  /** Undefined where the kind uses none. */
  readonly branchSeed: number | undefined;
  /** Folder of the branch; null if nothing is stored. */
  readonly folder: string | null;
  /** In order, at least one; `sourceLevel` is the level of the run. */
  readonly levels: readonly LevelRecord[];
}

/** A run with its branches. */
export interface BranchedRun {
  readonly path: string;
  readonly name: string;
  readonly seed: number;
  /** Engine and adapter that it was trained on. */
  readonly executor: string;
  /** The finished levels of the run. */
  readonly levels: readonly LevelRecord[];
  readonly branches: readonly BranchRun[];
}
