import type { CoverageKind, Task } from "../base/task.ts";
import type { EnginePlan } from "../engine/plan.ts";
import type { Spec } from "../lottery/spec.ts";

/** The plan of one spec. */
export interface PlannedExperiment {
  readonly name: string;
  /** The keys that differ between the experiments of this name, with the values of this one: `{ extension: 7 }`. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly spec: Spec;
  readonly seeds: readonly number[];
  /** Tasks of the dataset. */
  readonly tasks: readonly Task[];
  /** The coverage of the analysis: the spec's, else the dataset's. */
  readonly coverage: CoverageKind;
  /** Name of each input, where the data name them. */
  readonly inputNames?: readonly string[];
  /** By task name: the score that needs no look at the inputs, at or below which a task is lost. */
  readonly baselines: Readonly<Record<string, number>>;
  /** What data, tolerance and initial weights let expect, a line each. */
  readonly notices: readonly string[];
  /** Folder that contains one folder per seed; null if nothing is stored. */
  readonly folder: string | null;
  /** Estimated bytes on the disk of the folder of a seed with all levels. */
  readonly diskBytesPerRun: number;
}

/** The plan of an engine and of its runs; `hostBytes` includes the runs in progress. */
export interface PlannedEngine extends Pick<EnginePlan, "name" | "reason" | "atOnce" | "deviceBytes" | "hostBytes"> {
  /** Name of the dataset. */
  readonly dataset: string;
  readonly runs: number;
}

/** Everything known before a run starts. */
export interface RunPlan {
  /** Folder of all runs; null if nothing is stored. */
  readonly out: string | null;
  readonly experiments: readonly PlannedExperiment[];
  /** What should be known before training: the notices of all experiments, and on runs that were begun before. */
  readonly notices: readonly string[];
  readonly kind: "gpu" | "software" | "cpu";
  /** What does the arithmetic: `SwiftShader driver 5.0.0`, `WebAssembly SIMD`. */
  readonly executor: string;
  /** Name of a hardware adapter that is there and not used; undefined if there is none or it was not looked for. */
  readonly idleAdapter: string | undefined;
  /** The engines run one after another; the runs of an engine train concurrently. */
  readonly engines: readonly PlannedEngine[];
  /** Maximum bytes on the device. */
  readonly deviceBytes: number;
  /**
   * Most bytes of main memory: the program, datasets, engine, results, and the memory of a software adapter. On a page
   * without the program itself.
   */
  readonly hostBytes: number;
  /** Main memory that this process may have in all, by what is free now, and what sets that limit. */
  readonly memoryBytes: number;
  readonly memoryLimit: string;
  /** Estimated bytes on the disk that the runs are still to write; finished runs write nothing. */
  readonly diskBytes: number;
  /** Bytes that this user may still write there, without a quota, which is not known; null where it is not known. */
  readonly freeDiskBytes: number | null;
  /** A line for each need that is above what is free; then nothing is trained. */
  readonly shortages: readonly string[];
}
