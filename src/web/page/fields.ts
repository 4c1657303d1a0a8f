import type { z } from "zod";
import { measures } from "../../analysis/measures/measures.ts";
import { coverageKinds } from "../../base/task.ts";
import { datasetOptions, datasets, namedDatasetKeys } from "../../dataset/registry.ts";
import { presets } from "../../lottery/presets.ts";
import { activations, defaultActivation } from "../../network/activations/index.ts";
import { defaultInitializer, initializers } from "../../network/initializers/index.ts";
import { defaultOptimizer, optimizers } from "../../network/optimizers/index.ts";
import { defaultSchedule, scheduleChoice } from "../../network/schedules/index.ts";
import { deviceChoices, engineChoices } from "../protocol.ts";

/** A control: a spec key, what people call it, and its choices where it has few. */
export interface Field {
  readonly key: string;
  readonly label: string;
  readonly hint?: string;
  readonly choices?: readonly string[];
  /** What holds where neither preset nor visitor says. */
  readonly standard?: string;
  readonly isWide?: boolean;
}

/** Always seen. */
export const mainFields: readonly Field[] = [
  { key: "seeds", label: "Seeds", hint: "a population: 0..15, or 1,5", standard: "0" },
  { key: "extension", label: "Extension", hint: "prunings back to the base shape" },
];

/** The options of the datasets known by name: a page reads no files of the visitor's as data. */
function datasetFields(): Field[] {
  const schemas: Readonly<Record<string, z.ZodType>> = datasetOptions;
  return namedDatasetKeys.map((key) => ({ key, label: inWords(key), hint: schemas[key].description ?? "" }));
}

/** `Samples per class` for `samplesPerClass`. */
function inWords(key: string): string {
  const words = key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0].toUpperCase() + words.slice(1);
}

/** Folded away until they are wanted. */
export const groups: readonly { readonly title: string; readonly fields: readonly Field[] }[] = [
  {
    title: "Network and pruning",
    fields: [
      { key: "base", label: "Base shape", hint: "4,8,8,2", isWide: true },
      { key: "shape", label: "Shape, in place of a base", hint: "4,57,57,2", isWide: true },
      { key: "rate", label: "Pruning rate", hint: "share per round" },
      { key: "levels", label: "Levels", hint: "prunings" },
      { key: "target", label: "Target", hint: "weights left" },
      { key: "scope", label: "Scope", choices: ["global", "layer"], standard: "global" },
      { key: "criterion", label: "Criterion", choices: ["magnitude", "random"], standard: "magnitude" },
    ],
  },
  {
    title: "Data",
    fields: [
      { key: "dataset", label: "Dataset", choices: datasets.names, isWide: true },
      ...datasetFields(),
      { key: "dataSeed", label: "Data seed", standard: "0" },
      { key: "validation", label: "Validation", hint: "test, or a share", standard: "test" },
    ],
  },
  {
    title: "Training and stop rules",
    fields: [
      { key: "activation", label: "Activation", choices: activations.names, standard: defaultActivation },
      { key: "initializer", label: "Initial weights", choices: initializers.names, standard: defaultInitializer },
      { key: "optimizer", label: "Optimiser", choices: optimizers.names, standard: defaultOptimizer },
      { key: "lr", label: "Learning rate", standard: "0.001" },
      { key: "schedule", label: "Schedule", hint: scheduleChoice, standard: defaultSchedule },
      { key: "weightDecay", label: "Weight decay", standard: "0" },
      { key: "batch", label: "Batch", standard: "64" },
      { key: "maxEpochs", label: "Most epochs", standard: "3000" },
      { key: "patience", label: "Patience", standard: "30" },
      { key: "keep", label: "Keep", choices: ["last", "best"], standard: "last" },
      { key: "stopAt", label: "Stop at", choices: ["none", "degraded", "separated"], standard: "none" },
      { key: "tolerance", label: "Tolerance", hint: "of a winning ticket", standard: "0.01" },
      { key: "coverage", label: "Coverage", choices: coverageKinds, hint: "default: the dataset's" },
      { key: "measures", label: "Measures", hint: measures.names.join(), isWide: true },
      { key: "keepTrained", label: "Keep trained", choices: ["false", "true"], standard: "false" },
    ],
  },
];

/** What is no key of a spec: where it computes, and what lies under the visitor's keys. */
export const placeFields: readonly Field[] = [
  { key: "device", label: "Device", choices: deviceChoices, standard: "auto" },
  { key: "engine", label: "Engine", choices: engineChoices, standard: "auto" },
  { key: "preset", label: "Preset under all keys", choices: presets.names, isWide: true },
];
