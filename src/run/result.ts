import type { FunctionAnalysis } from "../function/analyze_function.ts";
import type { BranchedRun } from "../lottery/branch/branch_run.ts";
import type { StabilityLine } from "../lottery/branch/stability_line.ts";
import type { LotteryRun } from "../lottery/lottery.ts";
import type { LevelState } from "../store/level_record.ts";
import type { HeldRun } from "./options.ts";
import type { PlannedExperiment } from "./run_plan.ts";

/** An experiment and its results. */
export interface ExperimentResult extends Omit<PlannedExperiment, "diskBytesPerRun"> {
  /** The completed runs, in the order of the seeds. */
  readonly runs: readonly LotteryRun[];
  /** The runs that failed, in the order of the seeds. */
  readonly failed: readonly FailedRun[];
  /** The runs that other processes were training and that were passed over; empty unless that was asked for. */
  readonly passedOver: readonly Omit<HeldRun, "experiment">[];
}

/** A run that failed and did not stop the others; its finished levels are kept. */
export interface FailedRun {
  readonly seed: number;
  readonly message: string;
  /**
   * `diverged`: its training did, and would again; `machine`: threads failed; `input`: its folder cannot be used; `storage`:
   * storing it failed.
   */
  readonly kind: "diverged" | "machine" | "input" | "storage";
}

/** The results of all experiments. */
export interface RunResult {
  /** What did the arithmetic. */
  readonly executor: string;
  readonly experiments: readonly ExperimentResult[];
}

/** Trained branches. */
export interface BranchRuns extends RunResult {
  /** The runs, in the order given, with their branches. A branch that failed or was passed over is left out. */
  readonly sources: readonly BranchedRun[];
}

/** The stability of the tickets of some runs, with the copies among the branches. */
export interface Stability extends BranchRuns {
  /** By run, level and copies. */
  readonly lines: readonly StabilityLine[];
}

/** What the ticket of a stored level computes. */
export interface StoredFunction extends FunctionAnalysis {
  /** The run's folder. */
  readonly path: string;
  readonly name: string;
  readonly seed: number;
  readonly level: number;
  readonly weights: number;
  readonly state: LevelState;
  /** Validation samples of the run's data, of which the first are used. */
  readonly ofSamples: number;
  /** The scores that the run recorded over all of them, by task in the order of `tasks`. */
  readonly recorded: readonly number[];
}
