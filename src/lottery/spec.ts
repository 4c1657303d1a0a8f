import type * as z from "zod";
import { measureNames } from "../analysis/measures/names.ts";
import { InputError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { checkShape, formatShape, layerCount, type Shape } from "../base/shape.ts";
import type { CoverageKind } from "../base/task.ts";
import { shown, shownJson } from "../base/visible.ts";
import type { DatasetRequest } from "../dataset/load.ts";
import { checkOptions } from "../dataset/options.ts";
import { extendedShape, extensionTrajectory } from "../network/extension.ts";
import { checkDrawable } from "../network/initial.ts";
import { optimizers } from "../network/optimizers/index.ts";
import { plainSchedule } from "../network/schedules/index.ts";
import { pruningTrajectory, type RatedLayer } from "../network/trajectory.ts";
import type { Branch } from "./branch/branch.ts";
import { checkTakesGradients } from "./gradient_batches.ts";
import { checkLength } from "./length.ts";
import { checkRanksBiases, layerSizes, prunableCount, prunableText } from "./prunable.ts";
import { checkRewind, startsTrained } from "./rewind.ts";
import {
  activeTarget,
  exampleSpec,
  howToGive,
  type SpecInput,
  specDefaults,
  specKeys,
  specSchema,
} from "./spec_schema.ts";

/** A whole experiment but for its seeds: everything a run depends on, defaults filled in. */
export interface Spec {
  readonly dataset: Omit<DatasetRequest, "dataSeed">;
  /** Seed of what the dataset contains: points, noise, pairing, hold-outs. */
  readonly dataSeed: number;
  /** Seed of the initial weights of all runs; undefined: each run's own seed. */
  readonly initSeed?: number | undefined;
  /** Seed of the order of the samples of all runs; undefined: each run's own seed. */
  readonly orderSeed?: number | undefined;
  /** Shape of level 0. */
  readonly shape: Shape;
  /** Where the shape is a network extension: its base, extension level and rate. */
  readonly extension?: { readonly base: Shape; readonly level: number; readonly rate: number } | undefined;
  /** Weights that each level trains with, and biases where these are prunable; `remaining[0]` is the dense network's. */
  readonly remaining: readonly number[];
  /** `active`: `remaining` are the most active weights of each level; undefined: all unpruned ones, exactly. */
  readonly counts?: "active" | undefined;
  /** Of the hidden layers; undefined: relu. */
  readonly activation?: string | undefined;
  /** How initial weights are drawn; undefined: kaiming-normal. */
  readonly initializer?: string | undefined;
  readonly optimizer: string;
  readonly lr: number;
  /** Momentum of SGD; undefined: 0.9. */
  readonly momentum?: number | undefined;
  /** How the learning rate changes over a level; undefined: constant. */
  readonly schedule?: string | undefined;
  /** Decoupled weight decay; undefined: 0. */
  readonly weightDecay?: number | undefined;
  /** L1 penalty by a proximal step; undefined: 0. */
  readonly l1?: number | undefined;
  readonly batch: number;
  /** Most epochs of a level; undefined where `maxSteps` is given. */
  readonly maxEpochs?: number | undefined;
  /** Most steps of a level, a multiple of the steps between two evaluations. */
  readonly maxSteps?: number | undefined;
  /** Steps between two evaluations; undefined: those of an epoch. */
  readonly evaluateEvery?: number | undefined;
  /** Evaluations without a lower validation loss that end a level. */
  readonly patience: number;
  readonly keep: "last" | "best";
  /** `test`: validate on the test split, as the thesis does; a number: hold out that part of the training split, a share below 1 or so many samples. */
  readonly validation: "test" | number;
  readonly scope: "global" | "layer" | "erk";
  /** Factors of the pruning rate by layer, in a global ranking 1 or 0 (not pruned); undefined: 1 everywhere. */
  readonly layerRates?: readonly number[] | undefined;
  /** Name of a pruning criterion. */
  readonly criterion: string;
  /** Mini-batches that a criterion takes gradients of; undefined: all training samples. */
  readonly gradientBatches?: number | undefined;
  /** `parameters`: biases are pruned too; undefined: weights alone. */
  readonly prunable?: "parameters" | undefined;
  /** Which weights go before all others; undefined: none. */
  readonly pruneFirst?: "unused" | undefined;
  /** Which coverage decides; undefined: the dataset's. */
  readonly coverage?: CoverageKind | undefined;
  /** What a level after level 0 starts from, in the notation of `readRewind`; undefined: the initial weights. */
  readonly rewind?: string | undefined;
  /** `degraded`: stop after the first degraded level; `separated`: after the first separated or degraded one. */
  readonly stopAt: "none" | "degraded" | "separated";
  /** Accuracy, and balanced accuracy, that a winning ticket may lose against level 0. */
  readonly tolerance: number;
  /** Store the trained weights of every level. */
  readonly keepTrained: boolean;
  /** Store losses and scores of every evaluation; undefined: false. */
  readonly keepCurves?: boolean | undefined;
  /** Structural measures stored with every level, in the order of their registry; undefined: none. */
  readonly measures?: readonly string[] | undefined;
  /** Masks by chance of each null model that every level's ticket is held against; undefined: none. */
  readonly nulls?: number | undefined;
  /** Of a branch of a run: what it branches from; no key that a person gives. */
  readonly branch?: Branch | undefined;
}

/**
 * Checks a spec and fills in its defaults, the thesis' where it has one.
 * @param where names the file or preset in messages
 * @throws InputError naming the key, its value, its bound and what to give
 */
export function resolveSpec(input: unknown, where: string): { spec: Spec; seeds: number[] } {
  const checked = specSchema.safeParse(input);
  if (!checked.success) throw new InputError(`${where}: ${describeIssue(checked.error.issues[0], input)}`);
  const keys = checked.data;
  const { shape, remaining, extension, counts, layerRates } = shapeAndTrajectory(keys, where);
  const spec: Spec = {
    dataset: { dataset: keys.dataset, ...datasetOptionsOf(keys, where) },
    dataSeed: keys.dataSeed ?? specDefaults.dataSeed,
    initSeed: keys.initSeed,
    orderSeed: keys.orderSeed,
    shape,
    extension,
    remaining,
    counts,
    activation: unlessDefault(keys.activation, specDefaults.activation),
    initializer: unlessDefault(keys.initializer, specDefaults.initializer),
    optimizer: keys.optimizer ?? specDefaults.optimizer,
    lr: keys.lr ?? specDefaults.lr,
    momentum: momentumOf(keys, where),
    schedule: unlessDefault(keys.schedule && plainSchedule(keys.schedule), specDefaults.schedule),
    weightDecay: unlessDefault(keys.weightDecay, specDefaults.weightDecay),
    l1: unlessDefault(keys.l1, specDefaults.l1),
    batch: keys.batch ?? specDefaults.batch,
    maxEpochs: keys.maxSteps === undefined ? (keys.maxEpochs ?? specDefaults.maxEpochs) : undefined,
    maxSteps: keys.maxSteps,
    evaluateEvery: keys.evaluateEvery,
    patience: keys.patience ?? specDefaults.patience,
    keep: keys.keep ?? specDefaults.keep,
    validation: keys.validation ?? specDefaults.validation,
    scope: keys.scope ?? specDefaults.scope,
    layerRates,
    criterion: keys.criterion ?? specDefaults.criterion,
    gradientBatches: keys.gradientBatches,
    prunable: prunableOf(keys),
    pruneFirst: keys.pruneFirst === "unused" ? keys.pruneFirst : undefined,
    coverage: keys.coverage,
    rewind: unlessDefault(keys.rewind, specDefaults.rewind),
    stopAt: keys.stopAt ?? specDefaults.stopAt,
    tolerance: keys.tolerance ?? specDefaults.tolerance,
    keepTrained: keys.keepTrained ?? startsTrained(keys),
    keepCurves: unlessDefault(keys.keepCurves, specDefaults.keepCurves),
    // In one order and each once, so that the same choice is the same spec.
    measures: keys.measures && measureNames.filter((name) => keys.measures?.includes(name)),
    nulls: unlessDefault(keys.nulls, specDefaults.nulls),
  };
  if (keys.maxEpochs !== undefined && keys.maxSteps !== undefined) {
    throw new InputError(
      `${where}: maxEpochs ${keys.maxEpochs} and maxSteps ${keys.maxSteps} exclude each other: leave one out`,
    );
  }
  try {
    checkLength(spec);
    checkRewind(spec, keys.keepTrained);
    checkRanksBiases(spec);
    checkTakesGradients(spec);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
  const seeds = [...new Set(keys.seeds ?? specDefaults.seeds)];
  return { spec, seeds };
}

/** A key is left out of a spec while it has its default where specs were stored before there was such a key: their hashes stay. */
function unlessDefault<Value>(value: Value | undefined, standard: Value): Value | undefined {
  return value === standard ? undefined : value;
}

/** @throws InputError when the optimiser takes no momentum */
function momentumOf({ optimizer = specDefaults.optimizer, momentum }: SpecInput, where: string): number | undefined {
  if (momentum !== undefined && !optimizers.get(optimizer).takesMomentum) {
    const takers = optimizers.entries.filter(({ takesMomentum }) => takesMomentum).map(({ name }) => name);
    throw new InputError(
      `${where}: momentum ${momentum} contradicts optimizer ${optimizer}, which takes none: leave momentum out, or give optimizer=${takers.join(" or ")}`,
    );
  }
  return unlessDefault(momentum, specDefaults.momentum);
}

function datasetOptionsOf(keys: SpecInput, where: string) {
  try {
    return checkOptions(keys.dataset, keys);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

/** What of a spec follows from shape and pruning keys. */
type Plan = Pick<Spec, "shape" | "remaining" | "extension" | "counts" | "layerRates">;

function shapeAndTrajectory(keys: SpecInput, where: string): Plan {
  try {
    const plan = keys.shape ? plannedByShape(keys, keys.shape) : plannedByExtension(keys);
    checkDrawable(plan.shape, keys);
    return plan;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

function plannedByShape(keys: SpecInput, shape: Shape): Plan {
  const { base, extension, rate, levels } = keys;
  if (base) throw new InputError("shape and base exclude each other: leave one out");
  if (extension !== undefined) throw new InputError("shape and extension exclude each other: leave one out");
  checkShape(shape, "shape");
  const { target, counts } = targetOf(keys);
  const layerRates = layerRatesOf(keys, shape);
  const prunable = { prunable: prunableOf(keys) };
  const sizes = layerSizes(prunable, shape);
  const layers = layerRates?.map((factor, layer) => ({ weights: sizes[layer], factor }));
  const isGlobal = (keys.scope ?? specDefaults.scope) === "global";
  // In a global ranking the rate is a share of all weights, those of layers that are not pruned included.
  const rated = isGlobal ? undefined : layers;
  const weights = prunableCount(prunable, shape);
  const { remaining } = pruningTrajectory({ weights, rate, levels, target }, rated, prunableText(prunable));
  if (isGlobal && layers) checkWholeLayers(layers, remaining, prunableText(prunable));
  return { shape, remaining, extension: undefined, counts, layerRates };
}

function plannedByExtension(keys: SpecInput): Plan {
  const { base, extension, rate, levels } = keys;
  if (!base) throw new InputError("shape is missing: give shape, or base with extension and rate");
  if (extension === undefined)
    throw new InputError("extension is missing: base needs extension and rate, or give shape");
  if (rate === undefined) throw new InputError("rate is missing: base needs extension and rate, or give shape");
  const { target, counts } = targetOf(keys);
  const countOf = (of: Shape) => prunableCount({ prunable: prunableOf(keys) }, of);
  const isBase = counts === "active" && target === countOf(base);
  const extra = levels !== undefined ? "levels" : target !== undefined && !isBase ? "target" : undefined;
  if (extra) {
    const or = counts ? ` or give target=active:${countOf(base)}` : "";
    throw new InputError(
      `${extra} contradicts extension ${extension} of ${formatShape(base)}, which fixes the levels: leave one out${or}`,
    );
  }
  const shape = extendedShape(base, rate, extension);
  const layerRates = layerRatesOf(keys, shape);
  if (layerRates) {
    throw new InputError(
      `layerRates contradicts extension ${extension} of ${formatShape(base)}, which fixes the weights of each level: leave one out, or give shape`,
    );
  }
  const remaining = extensionTrajectory(base, rate, extension, countOf);
  return { shape, remaining, extension: { base, level: extension, rate }, counts, layerRates };
}

/** What of a network is pruned, where that is not weights alone. */
function prunableOf({ prunable }: SpecInput): Spec["prunable"] {
  return prunable === "parameters" ? prunable : undefined;
}

/** The target, and which weights it counts. */
function targetOf({ target }: SpecInput): { target: number | undefined; counts: Spec["counts"] } {
  if (typeof target !== "string") return { target, counts: undefined };
  return { target: Number(target.slice(activeTarget.length)), counts: "active" };
}

/** @throws InputError when a level of a global ranking keeps fewer weights than the layers that are not pruned have */
function checkWholeLayers(layers: readonly RatedLayer[], remaining: readonly number[], counted: string): void {
  const whole = layers.reduce((sum, { weights, factor }) => sum + (factor === 0 ? weights : 0), 0);
  const level = remaining.findIndex((count) => count < whole);
  if (level === -1) return;
  throw new InputError(
    `level ${level} keeps ${remaining[level]} ${counted}, fewer than the ${whole} of the layers with layerRates 0, which are not pruned: give a target from ${whole}, or fewer levels`,
  );
}

/** The factors of the layers; undefined where all are 1. */
function layerRatesOf({ layerRates, scope = specDefaults.scope }: SpecInput, shape: Shape): Spec["layerRates"] {
  if (!layerRates) return undefined;
  if (scope === "erk") {
    throw new InputError(
      "layerRates needs scope=layer, got scope=erk, which gives layers their numbers: give scope=layer or leave layerRates out",
    );
  }
  if (scope === "global" && layerRates.some((factor) => factor !== 0 && factor !== 1)) {
    throw new InputError(
      `layerRates ${layerRates.join(",")} needs scope=layer, got scope=global, which ranks all layers together: give scope=layer, or 1 for layers that are ranked and 0 for those that are not pruned`,
    );
  }
  if (layerRates.length !== layerCount(shape)) {
    throw new InputError(
      `layerRates ${layerRates.join(",")} has ${layerRates.length} factors, shape ${formatShape(shape)} has ${layerCount(shape)} layers of weights: give one for each`,
    );
  }
  if (layerRates.every((factor) => factor === 0)) {
    throw new InputError(`layerRates ${layerRates.join(",")} prune no layer: give a factor above 0`);
  }
  return layerRates.every((factor) => factor === 1) ? undefined : layerRates;
}

/** One line on a key that is none of those that there are. */
export function unknownKey(key: string, keys: readonly string[]): string {
  return `unknown key ${shown(key)}, nearest to ${nearestFirst(key.trim(), keys)[0]}: the keys are ${keys.join(", ")}`;
}

/** A value as it was given; JSON has no Infinity. */
function given(value: unknown): string {
  return typeof value === "number" ? String(value) : shownJson(value);
}

/** One line on the first thing that is wrong: key, value, what was expected, what to give. */
function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === "unrecognized_keys") {
    return unknownKey(issue.keys[0], specKeys);
  }
  const key = String(issue.path[0] ?? "");
  if (key === "") return `a spec is a JSON object such as ${exampleSpec}, got ${shownJson(input)}`;
  const value = (input as Record<string, unknown>)[key];
  if (value === undefined) return `${key} is missing: give ${howToGive(key)}`;
  if (issue.code === "custom" && issue.params?.isWhole) return issue.message;
  // The choices, which are the end of the line too, would make it too long.
  const problem = issue.code === "invalid_value" ? "not known" : issue.message;
  return `${key} ${given(value)} does not fit (${problem}): give ${howToGive(key)}`;
}
