import type { z } from "zod";
import type { RegistryEntry } from "../base/registry.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { DatasetAccess } from "./access.ts";
import type { Dataset } from "./dataset.ts";
import type { SourceName } from "./sources.ts";

/** The options of a dataset as a spec gives them. */
export type OptionsOf<Schemas extends z.ZodRawShape> = z.infer<z.ZodObject<Schemas>>;

/** What a dataset is told when it is loaded. */
export interface LoadRequest<Schemas extends z.ZodRawShape> {
  /** The name or path that was given. */
  readonly dataset: string;
  /** Unsigned 32-bit integer: what the dataset contains and how its tasks are paired. */
  readonly dataSeed: number;
  /** Checked by the schemas; an option that was not given is absent. */
  readonly options: OptionsOf<Schemas>;
}

/** What is known of a dataset without its samples. */
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
   * The spec keys that choose what of it, each optional and with its text in {@link keyTexts}. Datasets that share a key share its schema.
   */
  readonly options: Schemas;
  /** Values that mean the same as leaving the option out: a resolved spec does not have them. */
  readonly defaults?: OptionsOf<Schemas>;
  /** The image sets whose original files it is made of; none for data that is generated or the user's own. */
  readonly sources: readonly SourceName[];
  /**
   * Tasks and coverage, told without loading anything.
   * @param columns of a network that was trained on it, which tells the tasks of own data that declares none
   * @returns undefined where only the data tells
   * @throws InputError when own data declares its tasks wrongly
   */
  outline(options: OptionsOf<Schemas>, columns?: NetworkColumns): DatasetOutline | undefined;
  /** @throws InputError when a file is missing or malformed, or does not fit the options */
  load(request: LoadRequest<Schemas>, access: DatasetAccess): Dataset | Promise<Dataset>;
}
