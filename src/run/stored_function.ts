import { InputError } from "../base/errors.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { analyzeFunction } from "../function/analyze_function.ts";
import type { ScoredSamples } from "../function/task_terms.ts";
import { datasetFor, loadSamples, samplesKey } from "../lottery/dataset.ts";
import { labelWords } from "../lottery/scores.ts";
import type { Spec } from "../lottery/spec.ts";
import { defaultActivation } from "../network/activations/index.ts";
import { readRunFolder } from "../store/open_run.ts";
import type { Platform } from "./platform.ts";
import type { StoredFunction } from "./result.ts";

/** Most validation samples that are used if nothing else is asked for. */
export const defaultSamples = 1000;

/** The data of the runs read so far, as long as they are the same, so that many runs on one dataset load it once. */
export class RunData {
  #key: string | undefined;
  #samples: Promise<Dataset> | undefined;

  /** @param datasets where they are loaded from */
  constructor(readonly datasets: Platform["datasets"]) {}

  /** @throws InputError as `openDataset` */
  async of(spec: Spec): Promise<Dataset> {
    const key = samplesKey(spec);
    if (key !== this.#key || !this.#samples) {
      this.#samples = loadSamples(spec, this.datasets);
      this.#key = key;
    }
    return datasetFor(spec, await this.#samples);
  }
}

/**
 * Analyses what the ticket of a stored level computes on the first validation samples of its run.
 * @param path of a run's folder
 * @param samples at most; at least 2
 * @throws InputError when the level has not finished, its trained weights are not stored, or the run's data cannot be loaded
 */
export async function storedFunction(
  { files }: Pick<Platform, "files">,
  data: RunData,
  path: string,
  { level, samples = defaultSamples }: { readonly level: number; readonly samples?: number | undefined },
): Promise<StoredFunction> {
  if (!Number.isSafeInteger(samples) || samples < 2) {
    throw new InputError(`samples ${samples}: an integer from 2 is needed, since an interval takes two`);
  }
  const folder = await readRunFolder(files, path);
  const levels = await folder.finishedLevels();
  const record = levels[level];
  if (!record) {
    throw new InputError(
      `level ${level}: ${path} has ${levels.length === 0 ? "no finished level" : `the finished levels 0 to ${levels.length - 1}`}; choose one of them`,
    );
  }
  const mask = await folder.readLevelMask(level);
  const parameters = await folder.readTrained(level);
  if (!mask || !parameters) {
    throw new InputError(
      `${path}: level ${level} has no trained weights, which lesions and gradients need; run the spec with --set keepTrained=true`,
    );
  }
  const spec = folder.record.spec as unknown as Spec;
  const dataset = await data.of(spec);
  const found = analyzeFunction(
    { mask, parameters, activation: spec.activation ?? defaultActivation },
    validationSamples(dataset, samples),
  );
  const { name, seed } = folder.record;
  return {
    ...{ path, name, seed, level, weights: mask.count(), state: record.state },
    ofSamples: dataset.validation.samples,
    recorded: found.tasks.map((task) => record.valAccuracy[task]),
    ...found,
  };
}

/** The first validation samples, standardised in float64. */
function validationSamples({ validation, inputs, mean, scale, tasks }: Dataset, most: number): ScoredSamples {
  const samples = Math.min(most, validation.samples);
  const columns = new Float64Array(inputs * samples);
  for (let s = 0; s < samples; s++) {
    for (let input = 0; input < inputs; input++) {
      columns[input * samples + s] = (validation.features[s * inputs + input] - mean[input]) * scale[input];
    }
  }
  const labels = tasks.map((_, task) => labelWords(validation, task).slice(0, samples));
  return { samples, inputs: columns, tasks, labels };
}
