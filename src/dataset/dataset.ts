import type { CoverageKind, TrainedTask } from "../base/task.ts";
import type { WideStandardization } from "./standardize.ts";

/** Samples of one split of a dataset: training or validation. */
export interface Split {
  /** Number of samples, at least 1. */
  readonly samples: number;
  /**
   * Inputs `[sample][input]`, row-major. Bytes, such as images, and generated points are raw and standardised on the
   * device; other numbers of a user's file are standardised already, in float64, before they were rounded to f32.
   */
  readonly features: Float32Array | Uint8Array;
  /**
   * Targets `[task][sample]`: 0 or 1 for a binary task, the class index for a multi-class one, the bits of an f32 for a
   * regression.
   */
  readonly labels: Uint32Array;
}

/** Training data of a network: two splits, the tasks, and the constants that standardise the inputs. */
export interface Dataset {
  readonly name: string;
  readonly tasks: readonly TrainedTask[];
  /** The coverage that decides which tasks a subnetwork touches (total for generated data, output for image sets and own data). */
  readonly coverage: CoverageKind;
  /** Number of inputs. */
  readonly inputs: number;
  /** Name of each input, where the data names its columns. */
  readonly inputNames?: readonly string[];
  /** What was understood of a user's file where it could be read in several ways, one line each. */
  readonly notes?: readonly string[];
  /** Number of output columns: the sum of the tasks' output counts. */
  readonly outputs: number;
  readonly train: Split;
  readonly validation: Split;
  /** The test split, where levels are validated on other samples; it takes no part in training. */
  readonly test?: Split | undefined;
  /** False where the inputs are learnt as they are: mean 0 and scale 1, also after another division. Default true. */
  readonly standardizes?: boolean;
  /** Standardised input i is `(x - mean[i]) * scale[i]`; f32, from the training split. */
  readonly mean: Float32Array;
  /** 1 / standard deviation of input i over the training split (population variance), 0 where the input is constant. */
  readonly scale: Float32Array;
  /** What a user's numbers were standardised with before they were stored; absent where inputs are stored raw. */
  readonly applied?: WideStandardization;
}
