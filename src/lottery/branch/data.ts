import { InputError } from "../../base/errors.ts";
import type { Files } from "../../base/files.ts";
import { datasetOptions, datasets, isDataPath } from "../../dataset/registry.ts";
import { parseJson } from "../../store/json_text.ts";
import { presets } from "../presets.ts";

/** The keys of a spec that choose what networks learn. */
export const dataKeys: readonly string[] = ["dataset", "dataSeed", ...Object.keys(datasetOptions)];

/** Another dataset for a branch. */
export interface BranchData {
  /** What its keys were read from. */
  readonly where: string;
  /** Keys of a spec, those of the data alone. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** Other keys of the spec file that names it, which the run decides. */
  readonly leftOut: readonly string[];
}

/** Another dataset as a person gives it: what names it, and the seed of its samples where it is not that of the named data. */
export interface NamedData {
  /** Name of a preset or a dataset, path of a spec file (.json), or of own data. */
  readonly name: string;
  readonly dataSeed?: number | undefined;
}

/**
 * The keys of another dataset.
 * @throws InputError when the name is that of no preset, dataset or file
 */
export async function branchData({ name, dataSeed }: NamedData, files: Pick<Files, "read">): Promise<BranchData> {
  const all = Object.entries(await keysOf(name, files));
  const keys = Object.fromEntries(all.filter(([key]) => dataKeys.includes(key)));
  const others = all.flatMap(([key]) => (key in keys ? [] : [key]));
  return {
    where: dataSeed === undefined ? name : `${name}, dataSeed ${dataSeed}`,
    keys: dataSeed === undefined ? keys : { ...keys, dataSeed },
    // A preset is named for its data; a file may have keys that its author expects to hold.
    leftOut: presets.has(name) ? [] : others,
  };
}

async function keysOf(given: string, files: Pick<Files, "read">): Promise<Readonly<Record<string, unknown>>> {
  if (isDataPath(given)) return { dataset: given };
  if (given.endsWith(".json")) {
    const content = parseJson(await files.read(given), given, "give a spec with a dataset");
    if (typeof content === "object" && content !== null && "dataset" in content) return { ...content };
    throw new InputError(`${given}: it names no dataset; give a spec such as {"dataset":"moons-circles","dataSeed":1}`);
  }
  if (presets.has(given)) return { ...presets.get(given).spec };
  if (datasets.has(given)) return { dataset: given };
  throw new InputError(
    `--data ${given}: no preset, dataset or file is named so; give ${[...new Set([...presets.names, ...datasets.names])].join(", ")}, a spec file or a file of data`,
  );
}
