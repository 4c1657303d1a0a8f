import * as z from "zod";
import { InputError } from "../base/errors.ts";
import { keyTexts } from "../base/key_texts.ts";
import { shownJson } from "../base/visible.ts";
import { type DatasetOptions, datasetEntry, datasetOptions } from "./registry.ts";

/**
 * Checks the options of a dataset and leaves out those that are undefined or equal their default.
 * @param dataset name or path
 * @param given options by key; keys that are options of no dataset are ignored
 * @throws InputError when the dataset is not known, an option does not apply to it or is out of range, or two contradict each other
 */
export function checkOptions(dataset: string, given: Readonly<Record<string, unknown>>): DatasetOptions {
  const entry = datasetEntry(dataset);
  const { options, defaults = {} } = entry;
  const keys = Object.keys(datasetOptions).filter((key) => given[key] !== undefined);
  const foreign = keys.find((key) => !Object.hasOwn(options, key));
  if (foreign !== undefined) {
    throw new InputError(
      `${foreign}: ${shownJson(given[foreign])} does not apply to the dataset ${dataset}, which takes ${Object.keys(options).join(", ")}; remove it`,
    );
  }
  const checked = z.object(options).safeParse(given);
  if (!checked.success) {
    const [{ path, message }] = checked.error.issues;
    const key = String(path[0]);
    throw new InputError(
      `${key} ${shownJson(given[key])} does not fit (${message}): give ${keyTexts.get(options[key] as z.ZodType)?.give}`,
    );
  }
  const values: Readonly<Record<string, unknown>> = checked.data;
  entry.check?.(values);
  return Object.fromEntries(keys.filter((key) => values[key] !== defaults[key]).map((key) => [key, values[key]]));
}
