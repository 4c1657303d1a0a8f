import type * as z from "zod";
import type { RegistryEntry } from "../base/registry.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { DatasetAccess } from "./access.ts";
import type { Dataset } from "./dataset.ts";
import type { SourceName } from "./sources.ts";

/** The options of a dataset as a spec gives them. */
export type OptionsOf<Schemas extends z.ZodRawShape> = z.infer<z.ZodObject<Schemas>>;

/** Arguments for loading a dataset. */
export interface LoadRequest<Schemas extends z.ZodRawShape> {
  /** Name or path, as in the spec. */
  readonly dataset: string;
  /** Unsigned 32-bit integer that determines the samples and how tasks are paired. */
  readonly dataSeed: number;
  /** Checked by the schemas; an option that was not given is absent. */
  readonly options: OptionsOf<Schemas>;
}

/** Properties of a dataset that do not depend on its samples. */
export interface DatasetOutline {
  readonly tasks: readonly Task[];
  /** The coverage that decides which tasks a subnetwork touches, unless the spec names another. */
  readonly coverage: CoverageKind;
}

/** First and last width of a network. */
export interface NetworkColumns {
  readonly inputs: number;
  readonly outputs: number;
}

/** A dataset that a spec can name, or a kind of file that it can give the path of. */
export interface DatasetEntry<Schemas extends z.ZodRawShape = z.ZodRawShape> extends RegistryEntry {
  /**
   * The spec keys that select the content of the dataset, each optional and with its text in {@link keyTexts}. Datasets
   * that share a key share its schema.
   */
  readonly options: Schemas;
  /** Default values of the options. A resolved spec leaves out an option that has its default. */
  readonly defaults?: OptionsOf<Schemas>;
  /**
   * Checks what no schema of one option can.
   * @throws InputError naming the options that contradict each other
   */
  check?(options: OptionsOf<Schemas>): void;
  /** The image sets whose original files the dataset uses; none for generated data and for the user's own data. */
  readonly sources: readonly SourceName[];
  /**
   * Tasks and coverage, without loading the data.
   * @param columns of a network trained on the dataset; they determine the task of own data without declared tasks
   * @returns undefined when the tasks can be read from the data only
   * @throws InputError when own data declares its tasks wrongly
   */
  outline(options: OptionsOf<Schemas>, columns?: NetworkColumns): DatasetOutline | undefined;
  /** @throws InputError when a file is missing or malformed, or does not fit the options */
  load(request: LoadRequest<Schemas>, access: DatasetAccess): Dataset | Promise<Dataset>;
}
