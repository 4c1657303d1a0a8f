import { InputError } from "../base/errors.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { DatasetAccess } from "../dataset/access.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { DatasetOutline } from "../dataset/entry.ts";
import { datasetOutline, loadDataset } from "../dataset/load.ts";
import { validationSplit } from "../dataset/split.ts";
import { losses } from "../loss/index.ts";
import { canonicalJson } from "../store/spec_hash.ts";
import type { Spec } from "./spec.ts";

/** Two specs train on the same samples exactly when these texts are equal. */
export function samplesKey({ dataset, dataSeed, validation }: Spec): string {
  return canonicalJson({ dataset, dataSeed, validation });
}

/**
 * The samples that a spec trains and validates on.
 * @throws InputError when they cannot be had
 */
export async function loadSamples({ dataset, dataSeed, validation }: Spec, access: DatasetAccess): Promise<Dataset> {
  const loaded = await loadDataset({ ...dataset, dataSeed }, access);
  const samples = validation === "test" ? loaded : validationSplit(loaded, validation, dataSeed);
  samples.tasks.forEach((task, t) => {
    const { scoreName, scale } = losses.get(task.kind);
    if (scale(labelsOf(samples, t)) > 0) return;
    throw new InputError(
      `${samples.name}: task "${task.name}" has the same target in all ${samples.validation.samples} validation samples, so there is no ${scoreName}: mend the data, or hold out others`,
    );
  });
  return samples;
}

/** The label words of a task in the validation split. */
function labelsOf({ validation: { labels, samples } }: Dataset, task: number): Uint32Array {
  return labels.subarray(task * samples, (task + 1) * samples);
}

/** Each task's score, by its name: accuracy, or R² of a regression. */
export function taskScores(dataset: Dataset, sums: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    dataset.tasks.map(({ name, kind }, t) => {
      const { score, scale } = losses.get(kind);
      return [name, score(sums[t], scale(labelsOf(dataset, t)))];
    }),
  );
}

/**
 * A dataset as a spec sees it: with the spec's coverage.
 * @throws InputError when the spec's shape does not fit it
 */
export function datasetFor({ shape, coverage }: Spec, dataset: Dataset): Dataset {
  const { name, inputs, outputs } = dataset;
  checkFit(shape, name, inputs, outputs);
  return { ...dataset, coverage: coverage ?? dataset.coverage };
}

/**
 * Tasks and coverage that a spec's runs are analysed by, told without loading its dataset.
 * @returns undefined where only the data tells
 * @throws InputError when the spec's shape does not fit the dataset
 */
export function outlineFor({ dataset, shape, coverage }: Spec): DatasetOutline | undefined {
  const outline = datasetOutline(dataset);
  if (!outline) return undefined;
  const columns = (side: "inputs" | "outputs") => outline.tasks.reduce((sum, task) => sum + task[side].count, 0);
  checkFit(shape, dataset.dataset, columns("inputs"), columns("outputs"));
  return { tasks: outline.tasks, coverage: coverage ?? outline.coverage };
}

function checkFit(shape: Shape, name: string, inputs: number, outputs: number): void {
  if (inputs !== shape[0] || outputs !== shape[shape.length - 1]) {
    throw new InputError(
      `shape ${formatShape(shape)} does not fit dataset ${name}: it has ${inputs} inputs and ${outputs} outputs; give a shape that starts with ${inputs} and ends with ${outputs}`,
    );
  }
}

/**
 * The dataset that a spec names, with the spec's validation split and coverage.
 * @throws InputError when it cannot be had, or the spec's shape does not fit it
 */
export async function openDataset(spec: Spec, access: DatasetAccess): Promise<Dataset> {
  return datasetFor(spec, await loadSamples(spec, access));
}
