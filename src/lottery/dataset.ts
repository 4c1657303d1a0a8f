import { InputError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { type DatasetAccess, loadDataset } from "../dataset/load.ts";
import { validationSplit } from "../dataset/split.ts";
import type { Spec } from "./spec.ts";

/**
 * The dataset that a spec names, with the spec's validation split and coverage.
 * @throws InputError when it cannot be had, or the spec's shape does not fit it
 */
export async function openDataset(spec: Spec, access: DatasetAccess): Promise<Dataset> {
  const loaded = await loadDataset({ ...spec.dataset, dataSeed: spec.dataSeed }, access);
  const { shape, validation } = spec;
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  if (inputs !== loaded.inputs || outputs !== loaded.outputs) {
    throw new InputError(
      `shape ${formatShape(shape)} does not fit dataset ${loaded.name}: it has ${loaded.inputs} inputs and ${loaded.outputs} outputs; give a shape that starts with ${loaded.inputs} and ends with ${loaded.outputs}`,
    );
  }
  const dataset = validation === "test" ? loaded : validationSplit(loaded, validation, spec.dataSeed);
  return { ...dataset, coverage: spec.coverage ?? dataset.coverage };
}
