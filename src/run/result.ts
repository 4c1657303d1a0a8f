import type { LotteryRun } from "../lottery/lottery.ts";
import type { HeldRun } from "./options.ts";
import type { PlannedExperiment } from "./run_plan.ts";

/** An experiment and its results. */
export interface ExperimentResult extends Omit<PlannedExperiment, "diskBytesPerRun"> {
  /** The completed runs, in the order of the seeds. */
  readonly runs: readonly LotteryRun[];
  /** The runs whose training diverged, with the error message. */
  readonly failed: readonly { readonly seed: number; readonly message: string }[];
  /** The runs that other processes were training and that were passed over; empty unless that was asked for. */
  readonly passedOver: readonly Omit<HeldRun, "experiment">[];
}

/** The results of all experiments. */
export interface RunResult {
  /** What did the arithmetic. */
  readonly executor: string;
  readonly experiments: readonly ExperimentResult[];
}
