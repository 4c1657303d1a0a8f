import { InputError } from "../base/errors.ts";
import type { DatasetAccess } from "./access.ts";
import type { Dataset } from "./dataset.ts";
import type { DatasetOutline, NetworkColumns } from "./entry.ts";
import { checkOptions } from "./options.ts";
import { type DatasetOptions, datasetEntry } from "./registry.ts";

/** A dataset and its options; options that do not apply to the dataset are refused. */
export type DatasetRequest = {
  /** A dataset's name, or the path of own data. */
  readonly dataset: string;
  /** Unsigned 32-bit integer that determines the samples and how tasks are paired. */
  readonly dataSeed: number;
} & Readonly<DatasetOptions>;

/**
 * Generates or reads the dataset that a request names.
 * @throws InputError when the name is unknown, an option does not apply or is out of range, or a file is missing or
 * malformed
 */
export async function loadDataset(request: DatasetRequest, access: DatasetAccess): Promise<Dataset> {
  const { dataset, dataSeed } = request;
  if (!Number.isInteger(dataSeed) || dataSeed < 0 || dataSeed > 0xffffffff) {
    throw new InputError(`dataSeed: ${dataSeed} is not an integer from 0 to ${0xffffffff}; choose one`);
  }
  const options = checkOptions(dataset, request);
  return datasetEntry(dataset).load({ dataset, dataSeed, options }, access);
}

/**
 * Tasks and coverage of the dataset that a request names, without loading the data.
 * @param columns of a network trained on the dataset; they determine the task of own data without declared tasks
 * @returns undefined when the tasks can be read from the data only
 * @throws InputError as {@link loadDataset} does, except for files
 */
export function datasetOutline(
  request: Omit<DatasetRequest, "dataSeed">,
  columns?: NetworkColumns,
): DatasetOutline | undefined {
  return datasetEntry(request.dataset).outline(checkOptions(request.dataset, request), columns);
}
