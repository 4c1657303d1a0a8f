import { InputError } from "../base/errors.ts";
import type { Dataset } from "./dataset.ts";
import { type IdxReader, type ImageSetName, imageSet, imageSets } from "./image_sets.ts";
import { moonsCircles } from "./moons_circles.ts";
import { csvDataset, npzDataset, type OwnDataOptions } from "./own_data.ts";
import { parseTasks } from "./tasks.ts";

/** Which dataset, and what of it; options that do not apply to the dataset are refused. */
export interface DatasetRequest {
  /** `moons-circles`, `mnist`, `fashion-mnist`, `mnist-fashion`, `mnist-fashion-half`, or a path that ends in .npz or .csv. */
  readonly dataset: string;
  /** Unsigned 32-bit integer: what the dataset contains and how its tasks are paired. */
  readonly dataSeed: number;
  /** Image sets: training images per class; the test split gets a tenth. */
  readonly samplesPerClass?: number | undefined;
  /** Image sets: the classes kept, relabelled in this order. */
  readonly classes?: readonly number[] | undefined;
  /** Own data: tasks in column order, `name:inputs:outputs,..`. */
  readonly tasks?: string | undefined;
  /** Own data: whether inputs are standardised, default true. */
  readonly standardize?: boolean | undefined;
  /** Own data without a test split: share of the samples held out, default 0.2. */
  readonly holdout?: number | undefined;
  /** Moons-Circles: number of samples, default 2,000. */
  readonly samples?: number | undefined;
  /** Moons-Circles: standard deviation of the noise, default 0.1. */
  readonly noise?: number | undefined;
  /** Moons-Circles: radius of the inner circle, default 0.35. */
  readonly factor?: number | undefined;
}

/** How files are reached on a platform; `node.ts` has Node's. */
export interface DatasetAccess {
  /** Verified bytes of one original IDX file, decompressed. */
  readonly idxFile: IdxReader;
  /** The whole content of a file of the user's. Throws an InputError naming the path when it cannot be read. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** The datasets known by name. */
export const datasetNames: readonly string[] = ["moons-circles", ...Object.keys(imageSets)];

type OptionKey = Exclude<keyof DatasetRequest, "dataset" | "dataSeed">;
const moonsCirclesKeys = ["samples", "noise", "factor"] as const;
const imageSetKeys = ["samplesPerClass", "classes"] as const;
const ownDataKeys = ["tasks", "standardize", "holdout"] as const;
const optionKeys: readonly OptionKey[] = [...moonsCirclesKeys, ...imageSetKeys, ...ownDataKeys];

/** The options that apply, without those left undefined. */
function pick<K extends OptionKey>(request: DatasetRequest, keys: readonly K[]) {
  const applies: readonly OptionKey[] = keys;
  const foreign = optionKeys.find((key) => request[key] !== undefined && !applies.includes(key));
  if (foreign !== undefined) {
    throw new InputError(
      `${foreign}: ${JSON.stringify(request[foreign])} does not apply to the dataset ${request.dataset}, which takes ${keys.join(", ")}; remove it`,
    );
  }
  return Object.fromEntries(keys.flatMap((key) => (request[key] === undefined ? [] : [[key, request[key]]]))) as {
    [key in K]?: Exclude<DatasetRequest[key], undefined>;
  };
}

function isImageSet(name: string): name is ImageSetName {
  return Object.hasOwn(imageSets, name);
}

/**
 * Makes or reads the dataset that a request names.
 * @throws InputError when the name is unknown, an option does not apply or is out of range, or a file is missing or malformed
 */
export async function loadDataset(request: DatasetRequest, access: DatasetAccess): Promise<Dataset> {
  const { dataset, dataSeed } = request;
  if (!Number.isInteger(dataSeed) || dataSeed < 0 || dataSeed > 0xffffffff) {
    throw new InputError(`dataSeed: ${dataSeed} is not an integer from 0 to ${0xffffffff}; choose one`);
  }
  if (dataset === "moons-circles") return moonsCircles(dataSeed, pick(request, moonsCirclesKeys));
  if (isImageSet(dataset)) return imageSet(dataset, dataSeed, access.idxFile, pick(request, imageSetKeys));
  const format = /\.(npz|csv)$/i.exec(dataset)?.[1].toLowerCase();
  if (format === undefined) {
    throw new InputError(
      `dataset: "${dataset}" is not known; choose ${datasetNames.join(", ")}, or a path that ends in .npz or .csv`,
    );
  }
  const { tasks, ...rest } = pick(request, ownDataKeys);
  const options: OwnDataOptions = { ...rest, dataSeed, ...(tasks === undefined ? {} : { tasks: parseTasks(tasks) }) };
  const bytes = await access.readFile(dataset);
  return format === "npz" ? npzDataset(bytes, dataset, options) : csvDataset(bytes, dataset, options);
}
