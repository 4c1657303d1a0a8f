import * as z from "zod";
import { measureNames } from "../analysis/measures/names.ts";
import { InputError, invariant } from "../base/errors.ts";
import { type KeyText, keyTexts } from "../base/key_texts.ts";
import { mostLayers, mostWidth } from "../base/shape.ts";
import { fitsFloat, leastFloat, mostFloat } from "../base/single_float.ts";
import { coverageKinds } from "../base/task.ts";
import { dataEndings, datasetOptions, datasets } from "../dataset/registry.ts";
import { givePart, partSchema } from "../dataset/split.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";
import { defaultInitializer, initializers } from "../network/initializers/index.ts";
import { defaultMomentum } from "../network/optimizers/constants.ts";
import { defaultOptimizer, optimizers } from "../network/optimizers/index.ts";
import { defaultSchedule, parseSchedule, scheduleChoice } from "../network/schedules/index.ts";
import { mostSteps } from "../network/schedules/schedule.ts";
import { mostLevels } from "../network/trajectory.ts";
import { mostNulls } from "../nulls/count.ts";
import { criteria, defaultCriterion } from "../pruning/criteria.ts";
import { defaultRewind, readRewind, rewindChoice } from "./rewind.ts";

/** The largest seed: seeds are unsigned 32-bit integers. */
const mostSeed = 0xffffffff;
/** Seeds of one spec at most, so that a mistyped range does not start a month of work. */
export const mostSeeds = 10_000;

/** A number that kernels compute with, as f32. */
const float = z.number().refine(fitsFloat, {
  abort: true,
  error: `numbers other than 0 are from ${leastFloat.toPrecision(3)} to ${mostFloat.toPrecision(3)}, as 32-bit floats`,
});
const positive = z.int().min(1);
const steps = positive.max(mostSteps);
const seed = z.int().min(0).max(mostSeed);
const widths = z
  .array(z.int().min(1).max(mostWidth))
  .min(2)
  .max(mostLayers + 1);

/** How a target of active weights begins: `active:112`. */
export const activeTarget = "active:";

const activeCount = z
  .string()
  .regex(new RegExp(`^${activeTarget}[1-9][0-9]{0,14}$`), "not active: and an integer from 1");

/** Adds what is wrong with a schedule as a whole line, which names the arguments that do not fit. */
function checkSchedule(text: string, context: z.RefinementCtx): void {
  try {
    parseSchedule(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.addIssue({ code: "custom", message: error.message, params: { isWhole: true } });
  }
}

/** A key of a spec. */
function key<Schema extends z.ZodType>(schema: Schema, label: string, meaning: string, give: string): Schema {
  keyTexts.add(schema, { label, meaning, give });
  return schema;
}

const dataKeys = {
  dataset: key(
    z.string().min(1),
    "Dataset",
    "what the networks learn",
    `a dataset's name or the path of a ${dataEndings} file`,
  ),
  ...datasetOptions,
  dataSeed: key(
    seed.optional(),
    "Data seed",
    "seed of the dataset: points, noise, pairing, hold-outs",
    `an integer from 0 to ${mostSeed}`,
  ),
  validation: key(
    z.union([z.literal("test"), partSchema]).optional(),
    "Validation",
    "what levels are validated on: the test split, or a part of the training split that is held out",
    `test, ${givePart}`,
  ),
};

const networkKeys = {
  base: key(
    widths.optional(),
    "Base shape",
    "layer widths that pruning leads back to",
    "layer widths such as 4,8,8,2, each from 1 to 65535",
  ),
  extension: key(
    z.int().min(0).max(mostLevels).optional(),
    "Extension",
    "prunings between the extended shape and its base",
    `an integer from 0 to ${mostLevels}`,
  ),
  shape: key(
    widths.optional(),
    "Shape, in place of a base",
    "layer widths of level 0",
    "layer widths such as 4,57,57,2, each from 1 to 65535",
  ),
  activation: key(
    z.enum(activations.names).optional(),
    "Activation",
    "activation of the hidden layers",
    activations.choice,
  ),
  initializer: key(
    z.enum(initializers.names).optional(),
    "Initialiser",
    "distribution of initial weights",
    initializers.choice,
  ),
};

const trainingKeys = {
  optimizer: key(z.enum(optimizers.names).optional(), "Optimiser", "optimiser of every level", optimizers.choice),
  lr: key(float.gt(0).optional(), "Learning rate", "learning rate", "a number above 0"),
  momentum: key(
    float
      .min(0)
      .refine((momentum) => Math.fround(momentum) < 1, "1 or above, as a 32-bit float")
      .optional(),
    "Momentum",
    "momentum of sgd, which other optimisers do not take",
    "a number from 0, below 1",
  ),
  schedule: key(
    z.string().superRefine(checkSchedule).optional(),
    "Schedule",
    "course of the learning rate over a level",
    scheduleChoice,
  ),
  weightDecay: key(
    float.min(0).optional(),
    "Weight decay",
    "decoupled weight decay, times the learning rate: with adam this is AdamW",
    "a number from 0, such as 0.01",
  ),
  l1: key(
    float.min(0).optional(),
    "L1",
    "L1 penalty: each step moves every parameter by lr times it towards 0, and stops there (a proximal step)",
    "a number from 0, such as 0.0001",
  ),
  batch: key(positive.max(65536).optional(), "Batch", "samples of a mini-batch", "an integer from 1 to 65536"),
  maxEpochs: key(positive.optional(), "Epochs", "epochs of a level at most", "an integer from 1"),
  maxSteps: key(
    steps.optional(),
    "Steps, in place of epochs",
    "steps of a level at most, a multiple of those between two evaluations",
    `an integer from 1 to ${mostSteps}`,
  ),
  evaluateEvery: key(
    steps.optional(),
    "Evaluate every",
    "steps between two evaluations on the validation samples; by default those of an epoch",
    `an integer from 1 to ${mostSteps}`,
  ),
  patience: key(
    positive.optional(),
    "Patience",
    "evaluations, by default epochs, without a lower validation loss that end a level",
    "an integer from 1",
  ),
  keep: key(
    z.enum(["last", "best"]).optional(),
    "Keep",
    "evaluation whose weights a level keeps: the last, or that of the lowest loss",
    "last or best",
  ),
};

const pruningKeys = {
  rate: key(
    z.number().gt(0).lt(1).optional(),
    "Pruning rate",
    "share of the weights that a pruning removes",
    "a share above 0 and below 1",
  ),
  levels: key(
    z.int().min(0).max(mostLevels).optional(),
    "Levels",
    "number of prunings",
    `an integer from 0 to ${mostLevels}`,
  ),
  target: key(
    z.union([positive, activeCount]).optional(),
    "Target",
    "weights left at the last level, or active weights: then each level prunes until at most so many are active as the trajectory says",
    "an integer from 1, or active: and an integer, such as active:112",
  ),
  criterion: key(z.enum(criteria.names).optional(), "Criterion", "which weights are pruned first", criteria.choice),
  gradientBatches: key(
    positive.max(mostSteps).optional(),
    "Gradient batches",
    "mini-batches whose gradient snip, grasp and gradient-saliency take; by default all training samples",
    `an integer from 1 to ${mostSteps}`,
  ),
  scope: key(
    z.enum(["global", "layer", "erk"]).optional(),
    "Scope",
    "rank weights in the whole network, or layer by layer: at one rate, or by Erdos-Renyi budgets (erk)",
    "global, layer or erk",
  ),
  layerRates: key(
    z.array(z.number().min(0).max(100)).min(1).max(mostLayers).optional(),
    "Layer rates",
    "factor of the pruning rate in each layer, inputs first, with scope=layer; with scope=global 1, or 0 for a layer that is not pruned",
    "a number from 0 to 100 for each layer of weights, such as 1,1,0.5",
  ),
  prunable: key(
    z.enum(["weights", "parameters"]).optional(),
    "Prunable",
    "what is pruned and counted by rate, target and levels: weights, or weights and biases (parameters), which a criterion then ranks together",
    "weights or parameters",
  ),
  pruneFirst: key(
    z.enum(["any", "unused"]).optional(),
    "Prune first",
    "whether what is inactive or zombie in the trained mask is pruned before anything active",
    "any or unused",
  ),
  rewind: key(
    z
      .string()
      .refine((text) => readRewind(text) !== undefined, `steps and epochs are integers from 1 to ${mostSteps}`)
      .optional(),
    "Rewind to",
    "what a pruned network starts from: initial weights, those after so many steps or epochs of level 0, or the trained ones with the schedule anew (lr) or at its last rate (none)",
    rewindChoice,
  ),
  stopAt: key(
    z.enum(["none", "degraded", "separated"]).optional(),
    "Stop at",
    "state of a level that ends the run",
    "none, degraded or separated",
  ),
};

const resultKeys = {
  seeds: key(
    z.array(seed).min(1).max(mostSeeds).optional(),
    "Seeds",
    "model seeds, one network each",
    `a list or range of at most ${mostSeeds} seeds such as 0..3 or 1,5, each from 0 to ${mostSeed}`,
  ),
  initSeed: key(
    seed.optional(),
    "Seed of the weights",
    "seed of the initial weights; by default the model seed",
    `an integer from 0 to ${mostSeed}`,
  ),
  orderSeed: key(
    seed.optional(),
    "Seed of the order",
    "seed of the order of the samples; by default the model seed",
    `an integer from 0 to ${mostSeed}`,
  ),
  coverage: key(
    z.enum(coverageKinds).optional(),
    "Coverage",
    "what a subnetwork covers of a task: inputs and outputs, outputs or inputs; by default as the dataset says",
    "total, output or input",
  ),
  tolerance: key(
    z.number().min(0).max(1).optional(),
    "Tolerance",
    "accuracy, and balanced accuracy, that a winning ticket may lose",
    "a share of the samples from 0 to 1",
  ),
  measures: key(
    z.array(z.enum(measureNames)).min(1).optional(),
    "Measures",
    "structural measures stored with each level",
    `names joined by commas, of ${measureNames.join(", ")}`,
  ),
  nulls: key(
    z.int().min(0).max(mostNulls).optional(),
    "Nulls",
    "masks by chance of each null model that the structure of every level's ticket is held against, for p-values",
    `an integer from 0 (none) to ${mostNulls}, such as 1000`,
  ),
  keepTrained: key(z.boolean().optional(), "Keep trained", "store trained weights too, beside masks", "true or false"),
  keepCurves: key(
    z.boolean().optional(),
    "Keep curves",
    "store losses and scores of every evaluation",
    "true or false",
  ),
};

/** What a person may write in a spec file, after `--set` and in a page's address. */
export const specSchema = z.strictObject({
  ...dataKeys,
  ...networkKeys,
  ...trainingKeys,
  ...pruningKeys,
  ...resultKeys,
});

/** A spec as a person writes it. */
export type SpecInput = z.infer<typeof specSchema>;

/** What holds where a spec leaves a key out: the thesis' choice where it has one. Keys not listed have no one default. */
export const specDefaults = {
  dataSeed: 0,
  validation: "test",
  activation: defaultActivation,
  initializer: defaultInitializer,
  optimizer: defaultOptimizer,
  lr: 0.001,
  momentum: defaultMomentum,
  schedule: defaultSchedule,
  weightDecay: 0,
  l1: 0,
  batch: 64,
  maxEpochs: 3000,
  patience: 30,
  keep: "last",
  criterion: defaultCriterion,
  scope: "global",
  prunable: "weights",
  pruneFirst: "any",
  rewind: defaultRewind,
  stopAt: "none",
  seeds: [0],
  tolerance: 0.01,
  nulls: 0,
  keepTrained: false,
  keepCurves: false,
} as const satisfies Partial<{ [Key in keyof SpecInput]: Readonly<SpecInput[Key]> }>;

/** A key as help texts, the README and the page show it. */
export interface SpecKey extends KeyText {
  readonly key: string;
  /** All values it may have, where they are few. */
  readonly choices?: readonly string[];
}

/** Every key in the groups in which they are shown. */
export const specKeyGroups: readonly { readonly title: string; readonly keys: readonly SpecKey[] }[] = [
  { title: "Data", keys: described(dataKeys) },
  { title: "Network", keys: described(networkKeys) },
  { title: "Training", keys: described(trainingKeys) },
  { title: "Pruning", keys: described(pruningKeys) },
  { title: "Seeds and results", keys: described(resultKeys) },
];

/** The names of all keys. */
export const specKeys: readonly string[] = Object.keys(specSchema.shape);

/** The keys whose value is a list, seeds aside. */
export const listKeys: readonly string[] = Object.entries(specSchema.shape).flatMap(([key, schema]) =>
  key !== "seeds" && schema instanceof z.ZodOptional && schema.unwrap() instanceof z.ZodArray ? [key] : [],
);

/** A spec as messages show it. */
export const exampleSpec = `{"dataset": "${datasets.names[0]}", ..}`;

/** How to give a key, as the end of the sentence "give ..". */
export function howToGive(key: string): string {
  return textOf(key, specSchema.shape[key as keyof SpecInput]).give;
}

function textOf(key: string, schema: z.ZodType): KeyText {
  const text = keyTexts.get(schema);
  invariant(text, `nothing says what the spec key ${key} is`);
  return text;
}

function described(schemas: Readonly<Record<string, z.ZodType>>): SpecKey[] {
  const defaults: Readonly<Record<string, unknown>> = specDefaults;
  return Object.entries(schemas).map(([key, schema]) => {
    const choices = key === "dataset" ? datasets.names : choicesOf(schema);
    const standard = defaults[key] === undefined ? {} : { standard: String(defaults[key]) };
    return { key, ...textOf(key, schema), ...(choices && { choices }), ...standard };
  });
}

function choicesOf(schema: z.ZodType): readonly string[] | undefined {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (inner instanceof z.ZodBoolean) return ["false", "true"];
  return inner instanceof z.ZodEnum ? inner.options.map(String) : undefined;
}
