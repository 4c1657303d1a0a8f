import { InputError } from "../../base/errors.ts";
import type { Files } from "../../base/files.ts";
import { datasets, isDataPath } from "../../dataset/registry.ts";
import { parseJson } from "../../store/json_text.ts";
import { presets } from "../presets.ts";
import type { BranchRequest } from "./experiments.ts";

/**
 * The keys of another dataset.
 * @param given name of a preset or a dataset, path of a spec file (.json), or of own data
 * @throws InputError when it is none of them
 */
export async function branchData(
  given: string,
  files: Pick<Files, "read">,
): Promise<NonNullable<BranchRequest["data"]>> {
  return { where: given, keys: await keysOf(given, files) };
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
