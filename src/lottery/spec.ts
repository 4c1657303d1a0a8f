import { z } from "zod";
import { measures } from "../analysis/measures/measures.ts";
import { InputError } from "../base/errors.ts";
import { checkShape, formatShape, type Shape, weightCount } from "../base/shape.ts";
import { type CoverageKind, coverageKinds } from "../base/task.ts";
import type { DatasetRequest } from "../dataset/load.ts";
import { checkOptions } from "../dataset/options.ts";
import { dataEndings, datasetOptions, datasets } from "../dataset/registry.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";
import { extendedShape, extensionTrajectory } from "../network/extension.ts";
import { defaultInitializer, initializers } from "../network/initializers/index.ts";
import { defaultOptimizer, optimizers } from "../network/optimizers/index.ts";
import { defaultSchedule, parseSchedule, scheduleChoice } from "../network/schedules/index.ts";
import { pruningTrajectory } from "../network/trajectory.ts";
import { criteria } from "../pruning/criteria.ts";

/** The largest seed: seeds are unsigned 32-bit integers. */
const mostSeed = 0xffffffff;
/** Seeds of one spec at most; more are a slip of the keyboard. */
const mostSeeds = 10_000;

const positive = z.int().min(1);
const widths = z.array(z.int().min(1).max(65535)).min(2);

function isSchedule(text: string): boolean {
  try {
    parseSchedule(text);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/**
 * What a person may write in a spec file, after `--set` and in a page's address. Every description completes the sentence
 * "give ..", for error messages.
 */
const specSchema = z.strictObject({
  dataset: z.string().min(1).describe(`a dataset's name or the path of a ${dataEndings} file`),
  ...datasetOptions,
  shape: widths.optional().describe("layer widths such as 4,57,57,2, each from 1 to 65535"),
  base: widths.optional().describe("layer widths such as 4,8,8,2, each from 1 to 65535"),
  extension: z.int().min(0).optional().describe("an integer from 0"),
  rate: z.number().gt(0).lt(1).optional().describe("the share that a round prunes, above 0 and below 1"),
  levels: z.int().min(0).max(1000).optional().describe("the number of prunings, an integer from 0 to 1000"),
  target: positive.optional().describe("the weights left at the last level, an integer from 1"),
  seeds: z
    .array(z.int().min(0).max(mostSeed))
    .min(1)
    .max(mostSeeds)
    .optional()
    .describe(`a list or range of at most ${mostSeeds} seeds such as 0..3 or 1,5, each from 0 to ${mostSeed}`),
  dataSeed: z.int().min(0).max(mostSeed).optional().describe(`an integer from 0 to ${mostSeed}`),
  activation: z.enum(activations.names).optional().describe(activations.choice),
  initializer: z.enum(initializers.names).optional().describe(initializers.choice),
  optimizer: z.enum(optimizers.names).optional().describe(optimizers.choice),
  lr: z.number().gt(0).optional().describe("a learning rate above 0"),
  schedule: z.string().refine(isSchedule, "unknown").optional().describe(scheduleChoice),
  weightDecay: z.number().min(0).optional().describe("a number from 0, such as 0.01"),
  batch: positive.max(65536).optional().describe("samples of a mini-batch, an integer from 1 to 65536"),
  maxEpochs: positive.optional().describe("an integer from 1"),
  patience: positive.optional().describe("an integer from 1"),
  keep: z.enum(["last", "best"]).optional().describe("last or best"),
  validation: z
    .union([z.literal("test"), z.number().gt(0).lt(1)])
    .optional()
    .describe("test, or a share above 0 and below 1"),
  scope: z.enum(["global", "layer"]).optional().describe("global or layer"),
  criterion: z.enum(criteria.names).optional().describe(criteria.choice),
  coverage: z.enum(coverageKinds).optional().describe("total, output or input"),
  stopAt: z.enum(["none", "degraded", "separated"]).optional().describe("none, degraded or separated"),
  tolerance: z.number().min(0).max(1).optional().describe("a share of the samples from 0 to 1"),
  measures: z
    .array(z.enum(measures.names))
    .min(1)
    .optional()
    .describe(`a list of structural measures: ${measures.names.join(",")}`),
  keepTrained: z.boolean().optional().describe("true or false"),
});

/** A spec as a person writes it. */
export type SpecInput = z.infer<typeof specSchema>;

/** Every key that a spec may have. */
export const specKeys: readonly string[] = Object.keys(specSchema.shape);

/** The keys whose value is a list, seeds aside. */
export const listKeys: readonly string[] = Object.entries(specSchema.shape).flatMap(([key, schema]) =>
  key !== "seeds" && schema instanceof z.ZodOptional && schema.unwrap() instanceof z.ZodArray ? [key] : [],
);

/** A spec as messages show it. */
export const exampleSpec = `{"dataset": "${datasets.names[0]}", ..}`;

/** A whole experiment but for its seeds: everything a run depends on, defaults filled in. */
export interface Spec {
  readonly dataset: Omit<DatasetRequest, "dataSeed">;
  /** Seed of what the dataset contains: points, noise, pairing, hold-outs. */
  readonly dataSeed: number;
  /** Shape of level 0. */
  readonly shape: Shape;
  /** Where the shape is a network extension: its base, extension level and rate. */
  readonly extension?: { readonly base: Shape; readonly level: number; readonly rate: number } | undefined;
  /** Weights that each level trains with; `remaining[0]` is the dense network's. */
  readonly remaining: readonly number[];
  /** Of the hidden layers; undefined: {@link defaultActivation}. */
  readonly activation?: string | undefined;
  /** How initial weights are drawn; undefined: {@link defaultInitializer}. */
  readonly initializer?: string | undefined;
  readonly optimizer: string;
  readonly lr: number;
  /** How the learning rate changes over a level; undefined: {@link defaultSchedule}. */
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
  /** Accuracy that a winning ticket may lose against level 0. */
  readonly tolerance: number;
  /** Store the trained weights of every level. */
  readonly keepTrained: boolean;
  /** Structural measures stored with every level, in the order of their registry; undefined: none. */
  readonly measures?: readonly string[] | undefined;
}

/**
 * Turns `key=value` of the command line or an address into a spec's value: numbers, true and false, lists (`4,8,8,2`), ranges
 * of integers (`0..3`); anything else stays text. Several values make a grid: scalars with commas between them or a range,
 * lists with slashes (`4,8,8,2/4,16,16,2`). `tasks`, whose text has commas, takes one.
 */
export function parseSpecValue(key: string, text: string): unknown {
  if (key === "tasks") return text;
  if (key === "seeds") return listOf(text);
  if (listKeys.includes(key)) {
    const lists = text.split("/");
    return lists.length > 1 ? lists.map(listOf) : listOf(text);
  }
  const isOne = !text.includes(",") && rangeOf(text) === undefined;
  return isOne ? scalarOf(text) : listOf(text);
}

function listOf(text: string): unknown[] {
  return text
    .replace(/^\s*\[(.*)\]\s*$/, "$1")
    .split(",")
    .flatMap((part) => rangeOf(part) ?? [scalarOf(part.trim())]);
}

function scalarOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

function rangeOf(text: string): number[] | undefined {
  const range = /^\s*(\d+)\.\.(\d+)\s*$/.exec(text);
  if (!range) return undefined;
  const [first, last] = [Number(range[1]), Number(range[2])];
  if (last < first || last - first >= mostSeeds) return undefined;
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * Lays a person's keys over a preset's or file's. Keys that exclude each other follow the person: a shape replaces base and
 * extension and the other way round, and two of rate, levels and target replace the third.
 */
export function overrideSpec(under: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>) {
  const kept: Record<string, unknown> = { ...under };
  if ("shape" in over) {
    delete kept.base;
    delete kept.extension;
  }
  if ("base" in over || "extension" in over) {
    delete kept.shape;
    delete kept.levels;
    delete kept.target;
  }
  const numbers = ["rate", "levels", "target"];
  if (numbers.filter((key) => key in over).length >= 2) for (const key of numbers) delete kept[key];
  return { ...kept, ...over };
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
  const { shape, remaining, extension } = shapeAndTrajectory(keys, where);
  const spec: Spec = {
    dataset: { dataset: keys.dataset, ...datasetOptionsOf(keys, where) },
    dataSeed: keys.dataSeed ?? 0,
    shape,
    extension,
    remaining,
    activation: unlessDefault(keys.activation, defaultActivation),
    initializer: unlessDefault(keys.initializer, defaultInitializer),
    optimizer: keys.optimizer ?? defaultOptimizer,
    lr: keys.lr ?? 0.001,
    schedule: unlessDefault(keys.schedule, defaultSchedule),
    weightDecay: unlessDefault(keys.weightDecay, 0),
    batch: keys.batch ?? 64,
    maxEpochs: keys.maxEpochs ?? 3000,
    patience: keys.patience ?? 30,
    keep: keys.keep ?? "last",
    validation: keys.validation ?? "test",
    scope: keys.scope ?? "global",
    criterion: keys.criterion ?? "magnitude",
    coverage: keys.coverage,
    stopAt: keys.stopAt ?? "none",
    tolerance: keys.tolerance ?? 0.01,
    keepTrained: keys.keepTrained ?? false,
    // In one order and each once, so that the same choice is the same spec.
    measures: keys.measures && measures.names.filter((name) => keys.measures?.includes(name)),
  };
  const seeds = [...new Set(keys.seeds ?? [0])];
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
    return `unknown key ${issue.keys[0]}: the keys are ${specKeys.join(", ")}`;
  }
  const key = String(issue.path[0] ?? "");
  if (key === "") return `a spec is a JSON object such as ${exampleSpec}, got ${JSON.stringify(input)}`;
  const value = (input as Record<string, unknown>)[key];
  const description = specSchema.shape[key as keyof SpecInput].description;
  if (value === undefined) return `${key} is missing: give ${description}`;
  return `${key} ${JSON.stringify(value)} does not fit (${issue.message}): give ${description}`;
}
