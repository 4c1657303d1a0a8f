import type { Dataset } from "../dataset/dataset.ts";
import type { AdapterPlan } from "../engine/adapter/plan.ts";
import type { CpuPlan } from "../engine/cpu/plan.ts";
import type { Experiment } from "../lottery/experiment.ts";

/** One run: a seed of an experiment. */
export interface RunPlace {
  /** Index in the plan's experiments. */
  readonly number: number;
  readonly experiment: Experiment;
  readonly seed: number;
}

/** The dataset of the test split, by `evaluationData`, and the engine that evaluates on it. */
export interface TestWork {
  readonly dataset: Dataset;
  readonly engine: AdapterPlan | CpuPlan;
}

/** The runs that one engine trains. */
export interface EngineWork {
  readonly dataset: Dataset;
  readonly engine: AdapterPlan | CpuPlan;
  /** What evaluates trained levels on the test split, where they are validated on other samples. */
  readonly test?: TestWork | undefined;
  readonly places: readonly RunPlace[];
}
