import { InputError } from "../base/errors.ts";
import { dataFolder, localPlaces, nodeDatasetAccess } from "../dataset/node.ts";
import { wholeStandardization } from "../dataset/standardize.ts";
import type { InputConstants } from "../export/network_metadata.ts";
import { loadSamples } from "../lottery/dataset.ts";
import type { Spec } from "../lottery/spec.ts";
import { nodeFiles } from "../store/node.ts";
import type { RunFolder } from "../store/run_folder.ts";
import type { Shell } from "./shell.ts";

/**
 * The constants that a run standardised its inputs with. They are not stored with the run, so its data are loaded; files
 * that are not here are not fetched.
 * @param run undefined for a ticket of no run
 * @returns the constants, or the reason why they are not known
 */
export async function inputConstants(
  run: RunFolder | undefined,
  shell: Shell,
): Promise<{ constants?: InputConstants; reason?: string }> {
  if (!run) return { reason: "no run folder tells of its data" };
  const access = nodeDatasetAccess(undefined, { cacheFolder: dataFolder(shell.env), places: localPlaces });
  const { datasetSha256, ...spec } = run.record.spec as unknown as Spec & { readonly datasetSha256?: string };
  if (typeof spec.dataset?.dataset !== "string") return { reason: "its record names no dataset" };
  try {
    // Own data may have changed since the run.
    if (datasetSha256 !== undefined && (await nodeFiles.sha256(spec.dataset.dataset)) !== datasetSha256) {
      return { reason: `${spec.dataset.dataset} is not the file that the run read` };
    }
    return { constants: wholeStandardization(await loadSamples(spec, access)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { reason: error.message };
  }
}
