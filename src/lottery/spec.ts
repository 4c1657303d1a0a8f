import type { z } from "zod";
import { measures } from "../analysis/measures/measures.ts";
import { InputError } from "../base/errors.ts";
import { checkShape, formatShape, type Shape, weightCount } from "../base/shape.ts";
import type { CoverageKind } from "../base/task.ts";
import { shown, shownJson } from "../base/visible.ts";
import type { DatasetRequest } from "../dataset/load.ts";
import { checkOptions } from "../dataset/options.ts";
import { extendedShape, extensionTrajectory } from "../network/extension.ts";
import { pruningTrajectory } from "../network/trajectory.ts";
import type { Branch } from "./branch/branch.ts";
import { exampleSpec, howToGive, type SpecInput, specDefaults, specKeys, specSchema } from "./spec_schema.ts";

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
  /** Weights that each level trains with; `remaining[0]` is the dense network's. */
  readonly remaining: readonly number[];
  /** Of the hidden layers; undefined: relu. */
  readonly activation?: string | undefined;
  /** How initial weights are drawn; undefined: kaiming-normal. */
  readonly initializer?: string | undefined;
  readonly optimizer: string;
  readonly lr: number;
  /** How the learning rate changes over a level; undefined: constant. */
  readonly schedule?: string | undefined;
  /** Decoupled weight decay; undefined: 0. */
  readonly weightDecay?: number | undefined;
  readonly batch: number;
  readonly maxEpochs: number;
  readonly patience: number;
  readonly keep: "last" | "best";
  /** `test`: validate on the test split, as the thesis does; a number: hold out that share of the training split. */
  readonly validation: "test" | number;
  readonly scope: "global" | "layer";
  /** Name of a pruning criterion. */
  readonly criterion: string;
  /** Which coverage decides; undefined: the dataset's. */
  readonly coverage?: CoverageKind | undefined;
  /** `degraded`: stop after the first degraded level; `separated`: after the first separated or degraded one. */
  readonly stopAt: "none" | "degraded" | "separated";
  /** Accuracy, and balanced accuracy, that a winning ticket may lose against level 0. */
  readonly tolerance: number;
  /** Store the trained weights of every level. */
  readonly keepTrained: boolean;
  /** Store losses and scores of every epoch; undefined: false. */
  readonly keepCurves?: boolean | undefined;
  /** Structural measures stored with every level, in the order of their registry; undefined: none. */
  readonly measures?: readonly string[] | undefined;
  /** Of a branch of a run: what it branches from; no key that a person gives. */
  readonly branch?: Branch | undefined;
}

/** Most epochs of a level whose values are kept: memory for all of them is taken before the level begins. */
const mostCurveEpochs = 1_000_000;

/**
 * Checks a spec and fills in its defaults, the thesis' where it has one.
 * @param where names the file or preset in messages
 * @throws InputError naming the key, its value, its bound and what to give
 */
export function resolveSpec(input: unknown, where: string): { spec: Spec; seeds: number[] } {
  const checked = specSchema.safeParse(input);
  if (!checked.success) throw new InputError(`${where}: ${describeIssue(checked.error.issues[0], input)}`);
  const keys = checked.data;
  const { shape, remaining, extension } = shapeAndTrajectory(keys, where);
  const spec: Spec = {
    dataset: { dataset: keys.dataset, ...datasetOptionsOf(keys, where) },
    dataSeed: keys.dataSeed ?? specDefaults.dataSeed,
    initSeed: keys.initSeed,
    orderSeed: keys.orderSeed,
    shape,
    extension,
    remaining,
    activation: unlessDefault(keys.activation, specDefaults.activation),
    initializer: unlessDefault(keys.initializer, specDefaults.initializer),
    optimizer: keys.optimizer ?? specDefaults.optimizer,
    lr: keys.lr ?? specDefaults.lr,
    schedule: unlessDefault(keys.schedule, specDefaults.schedule),
    weightDecay: unlessDefault(keys.weightDecay, specDefaults.weightDecay),
    batch: keys.batch ?? specDefaults.batch,
    maxEpochs: keys.maxEpochs ?? specDefaults.maxEpochs,
    patience: keys.patience ?? specDefaults.patience,
    keep: keys.keep ?? specDefaults.keep,
    validation: keys.validation ?? specDefaults.validation,
    scope: keys.scope ?? specDefaults.scope,
    criterion: keys.criterion ?? specDefaults.criterion,
    coverage: keys.coverage,
    stopAt: keys.stopAt ?? specDefaults.stopAt,
    tolerance: keys.tolerance ?? specDefaults.tolerance,
    keepTrained: keys.keepTrained ?? specDefaults.keepTrained,
    keepCurves: unlessDefault(keys.keepCurves, specDefaults.keepCurves),
    // In one order and each once, so that the same choice is the same spec.
    measures: keys.measures && measures.names.filter((name) => keys.measures?.includes(name)),
  };
  if (spec.keepCurves && spec.maxEpochs > mostCurveEpochs) {
    throw new InputError(
      `${where}: maxEpochs ${spec.maxEpochs} with keepCurves is above ${mostCurveEpochs}, the most epochs of a level that are kept: give maxEpochs up to ${mostCurveEpochs} or leave keepCurves out`,
    );
  }
  const seeds = [...new Set(keys.seeds ?? specDefaults.seeds)];
  return { spec, seeds };
}

/** A key is left out of a spec while it has its default where specs were stored before there was such a key: their hashes stay. */
function unlessDefault<Value>(value: Value | undefined, standard: Value): Value | undefined {
  return value === standard ? undefined : value;
}

function datasetOptionsOf(keys: SpecInput, where: string) {
  try {
    return checkOptions(keys.dataset, keys);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

function shapeAndTrajectory(keys: SpecInput, where: string): Pick<Spec, "shape" | "remaining" | "extension"> {
  const { shape, base, extension, rate, levels, target } = keys;
  try {
    if (shape) {
      if (base) throw new InputError("shape and base exclude each other: leave one out");
      if (extension !== undefined) throw new InputError("shape and extension exclude each other: leave one out");
      checkShape(shape, "shape");
      const trajectory = pruningTrajectory({ weights: weightCount(shape), rate, levels, target });
      return { shape, remaining: trajectory.remaining, extension: undefined };
    }
    if (!base) throw new InputError("shape is missing: give shape, or base with extension and rate");
    if (extension === undefined)
      throw new InputError("extension is missing: base needs extension and rate, or give shape");
    if (rate === undefined) throw new InputError("rate is missing: base needs extension and rate, or give shape");
    const extra = levels !== undefined ? "levels" : target !== undefined ? "target" : undefined;
    if (extra) {
      throw new InputError(
        `${extra} contradicts extension ${extension} of ${formatShape(base)}, which fixes the levels: leave one out`,
      );
    }
    return {
      shape: extendedShape(base, rate, extension),
      remaining: extensionTrajectory(base, rate, extension),
      extension: { base, level: extension, rate },
    };
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

/** One line on the first thing that is wrong: key, value, what was expected, what to give. */
function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === "unrecognized_keys") {
    return `unknown key ${shown(issue.keys[0])}: the keys are ${specKeys.join(", ")}`;
  }
  const key = String(issue.path[0] ?? "");
  if (key === "") return `a spec is a JSON object such as ${exampleSpec}, got ${shownJson(input)}`;
  const value = (input as Record<string, unknown>)[key];
  if (value === undefined) return `${key} is missing: give ${howToGive(key)}`;
  return `${key} ${shownJson(value)} does not fit (${issue.message}): give ${howToGive(key)}`;
}
