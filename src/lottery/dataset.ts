import { columnList } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { formatShape } from "../base/shape.ts";
import type { DatasetAccess } from "../dataset/access.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { DatasetOutline } from "../dataset/entry.ts";
import { datasetOutline, loadDataset } from "../dataset/load.ts";
import { validationSplit } from "../dataset/split.ts";
import { losses } from "../loss/index.ts";
import { levelSteps } from "../network/level_steps.ts";
import { defaultSchedule, parseSchedule } from "../network/schedules/index.ts";
import { canonicalJson } from "../store/spec_hash.ts";
import { checkGradientBatches } from "./gradient_batches.ts";
import { checkLength } from "./length.ts";
import { rewindPoint } from "./rewind.ts";
import { labelWords } from "./scores.ts";
import type { Spec } from "./spec.ts";

/** Two specs use the same samples if and only if these texts are equal. */
export function samplesKey({ dataset, dataSeed, validation }: Spec): string {
  return canonicalJson({ dataset, dataSeed, validation });
}

/**
 * Loads the training and validation samples of a spec.
 * @throws InputError when they cannot be loaded, or a task's validation targets are constant where its score needs
 * variation
 */
export async function loadSamples({ dataset, dataSeed, validation }: Spec, access: DatasetAccess): Promise<Dataset> {
  const loaded = await loadDataset({ ...dataset, dataSeed }, access);
  const samples = validation === "test" ? loaded : validationSplit(loaded, validation, dataSeed);
  samples.tasks.forEach((task, t) => {
    const { scoreName, scale } = losses.get(task.kind);
    if (scale(labelWords(samples.validation, t)) > 0) return;
    throw new InputError(
      `${samples.name}: task "${task.name}" has the same target in all ${samples.validation.samples} validation samples, so ${scoreName} is not defined: correct the data, or choose another validation split`,
    );
  });
  return samples;
}

/**
 * A dataset with the spec's coverage, if the spec has one.
 * @throws InputError when the spec's shape does not fit the dataset, its levels are no multiple of the steps between two
 * evaluations, or a milestone, the end of the warm-up or the step that the run rewinds to lies past the last step of a level
 */
export function datasetFor(spec: Spec, dataset: Dataset): Dataset {
  const { coverage } = spec;
  const { name, inputs, outputs, notes } = dataset;
  checkFit(spec, name, inputs, outputs, notes);
  checkLength(spec, { name, samples: dataset.train.samples });
  checkMilestones(spec, dataset);
  // The levels of a branch are not pruned, and its data may be fewer.
  if (!spec.branch) checkGradientBatches(spec, dataset);
  rewindPoint(spec, dataset.train.samples);
  return { ...dataset, coverage: coverage ?? dataset.coverage };
}

/**
 * Tasks and coverage for the analysis of a spec's runs, without loading its dataset.
 * @returns undefined if they are known only from the data
 * @throws InputError when the spec's shape does not fit the dataset
 */
export function outlineFor(spec: Spec): DatasetOutline | undefined {
  const { dataset, coverage } = spec;
  const outline = datasetOutline(dataset);
  if (!outline) return undefined;
  const columns = (side: "inputs" | "outputs") => new Set(outline.tasks.flatMap((task) => columnList(task[side]))).size;
  checkFit(spec, dataset.dataset, columns("inputs"), columns("outputs"));
  return { tasks: outline.tasks, coverage: coverage ?? outline.coverage };
}

function checkMilestones(spec: Spec, { name, train }: Dataset): void {
  const { schedule = defaultSchedule, batch, maxEpochs, maxSteps } = spec;
  const { perEpoch, most } = levelSteps(spec, train.samples);
  const { warmupSteps, milestones } = parseSchedule(schedule);
  const beyond = milestones.find((milestone) => milestone >= most);
  const [problem, remedy] =
    warmupSteps > most
      ? ["the learning rate would still grow at the end", `a warm-up of at most ${plural(most, "step")}`]
      : [`after step ${beyond} no step is left`, `milestones below ${most}`];
  if (beyond === undefined && warmupSteps <= most) return;
  throw new InputError(
    maxEpochs === undefined
      ? `schedule ${schedule} contradicts maxSteps ${maxSteps}: ${problem}; give ${remedy} or more steps`
      : `schedule ${schedule} contradicts maxEpochs ${maxEpochs}: ${problem}, since ${plural(maxEpochs, "epoch")} of ${name} have ${most} steps (${perEpoch} each at batch ${batch}); give ${remedy} or more epochs`,
  );
}

/** @param notes what was understood of the data, which may be why they do not fit */
function checkFit(
  { shape, branch }: Pick<Spec, "shape" | "branch">,
  name: string,
  inputs: number,
  outputs: number,
  notes: readonly string[] = [],
): void {
  const [first, last] = [shape[0], shape[shape.length - 1]];
  if (inputs === first && outputs === last) return;
  // The networks of a branch are those of its run, so that its data are chosen, not their shape.
  const give = branch
    ? `data of ${plural(first, "input")} and ${plural(last, "output")}, own data as a spec file with tasks`
    : `a shape that starts with ${inputs} and ends with ${outputs}`;
  throw new InputError(
    `shape ${formatShape(shape)} does not fit dataset ${name}: it has ${plural(inputs, "input")} and ${plural(outputs, "output")}; give ${give}${notes.map((note) => `; ${note}`).join("")}`,
  );
}

/**
 * Loads the dataset of a spec, with the spec's validation split and coverage.
 * @throws InputError when it cannot be loaded, or the spec's shape does not fit it
 */
export async function openDataset(spec: Spec, access: DatasetAccess): Promise<Dataset> {
  return datasetFor(spec, await loadSamples(spec, access));
}
