import * as z from "zod";
import { type FieldType, fieldType } from "./field_type.ts";
import { formatJsonLine, parseJsonLine } from "./json_line.ts";
import { type NullRecord, nullRecordSchema } from "./null_record.ts";

/**
 * Whether the ticket of a level has split into subnetworks; src/analysis/state.ts defines the four states by coverage.
 */
const levelStates = ["degraded", "interconnected", "separated", "fragmented"] as const;
export type LevelState = (typeof levelStates)[number];

/** The kernels that trained a level: dense, sparse or resident kernels of an adapter, or the kernels of the CPU. */
const levelEngines = ["dense", "sparse", "resident", "cpu"] as const;
export type LevelEngine = (typeof levelEngines)[number];

/** The value of a structural measure; src/analysis/measures/measure.ts defines it. */
export type StoredMeasure = number | null | readonly (readonly (number | null)[])[];

/** The record of one level: one line of `levels.jsonl`, keys in this order. */
export interface LevelRecord {
  /** Pruning level; 0 is the dense network. */
  readonly level: number;
  /** Of a level of a branch: the level of the run it branches from whose ticket it starts from. */
  readonly sourceLevel?: number | undefined;
  readonly engine: LevelEngine;
  /** Number of unpruned weights. */
  readonly remaining: number;
  /** Number of finished epochs. */
  readonly epochs: number;
  /** Number of optimiser steps. */
  readonly steps: number;
  /** Number of evaluations. This and the next two are there where the spec has `evaluateEvery` or `maxSteps`. */
  readonly evaluations?: number | undefined;
  /** Number of steps before the evaluation whose weights, losses and scores the level has. */
  readonly keptStep?: number | undefined;
  /**
   * Number of steps before the evaluation of the lowest validation loss, whichever is kept: where early stopping would
   * have stopped (Frankle and Carbin 2019).
   */
  readonly earlyStoppingStep?: number | undefined;
  readonly trainLoss: number;
  readonly valLoss: number;
  /**
   * By task name, in the dataset's order: share of correctly classified validation samples, or R² for a regression (may
   * be below 0).
   */
  readonly valAccuracy: Readonly<Record<string, number>>;
  /**
   * By task name, in the dataset's order: mean recall over the classes that occur in the validation samples; of
   * classifications only. Absent in levels that older versions stored.
   */
  readonly valBalancedAccuracy?: Readonly<Record<string, number>> | undefined;
  /**
   * Names of the tasks whose score is at or below their baseline, in the dataset's order. Absent in levels that older
   * versions stored.
   */
  readonly lost?: readonly string[] | undefined;
  /**
   * Of the kept weights on the test split, as `valLoss`, `valAccuracy` and `valBalancedAccuracy`; only where levels are validated on
   * other samples.
   */
  readonly testLoss?: number | undefined;
  readonly testAccuracy?: Readonly<Record<string, number>> | undefined;
  readonly testBalancedAccuracy?: Readonly<Record<string, number>> | undefined;
  /**
   * Whether no task is lost, and every task's accuracy and balanced accuracy are at least those of level 0 minus the
   * tolerance. Older versions judged by accuracy alone.
   */
  readonly winning: boolean;
  readonly weights: {
    readonly active: number;
    readonly inactive: number;
    readonly zombie: number;
    readonly pruned: number;
  };
  /** The same of biases; only of runs that prune biases. */
  readonly biases?: LevelRecord["weights"] | undefined;
  readonly neurons: { readonly active: number; readonly inactive: number; readonly zombie: number };
  readonly subnetworks: number;
  /** Number of inputs in subnetworks without any output of the input's task, summed over subnetworks. */
  readonly foreignInputs: number;
  /**
   * Number of inputs of a task that lead to no output of the task any more. Absent in levels that older versions stored.
   */
  readonly unusedInputs?: number | undefined;
  /** Their columns, from 0, ascending; only of networks with few inputs. */
  readonly unusedColumns?: readonly number[] | undefined;
  /** Shares `[subnetwork][task]`. */
  readonly coverage: {
    readonly input: readonly (readonly number[])[];
    readonly output: readonly (readonly number[])[];
    readonly total: readonly (readonly number[])[];
  };
  readonly state: LevelState;
  /** Degree of separation of each layer; null for a layer without active neurons. */
  readonly degree: {
    readonly fromOutputs: readonly (number | null)[];
    readonly fromInputs: readonly (number | null)[];
  };
  /**
   * Structural measures by name, if the spec requests any: a number, or `[task][task]`; null for a measure that is not
   * defined for the mask or is left out for its size.
   */
  readonly measures?: Readonly<Record<string, StoredMeasure>> | undefined;
  /** The ticket among masks by chance, if the spec asks for any. */
  readonly nulls?: NullRecord | undefined;
}

/** Number of biases that a level keeps, of a run that prunes biases; undefined of a run that keeps all. */
export function biasesLeft({ biases }: Pick<LevelRecord, "biases">): number | undefined {
  return biases && biases.active + biases.inactive + biases.zombie;
}

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const shares = z.array(z.array(share));
const degrees = z.array(share.nullable());

const states = z.looseObject({ active: count, inactive: count, zombie: count, pruned: count });

// Loose, so that fields added by later versions are kept.
const schema = z.looseObject({
  level: count,
  sourceLevel: count.optional(),
  engine: z.enum(levelEngines),
  remaining: count,
  epochs: count,
  steps: count,
  evaluations: count.optional(),
  keptStep: count.optional(),
  earlyStoppingStep: count.optional(),
  trainLoss: z.number(),
  valLoss: z.number(),
  valAccuracy: z
    .record(z.string(), z.number().max(1))
    .refine((scores) => Object.keys(scores).length > 0, "has no task"),
  valBalancedAccuracy: z.record(z.string(), share).optional(),
  lost: z.array(z.string()).optional(),
  testLoss: z.number().optional(),
  testAccuracy: z.record(z.string(), z.number().max(1)).optional(),
  testBalancedAccuracy: z.record(z.string(), share).optional(),
  winning: z.boolean(),
  weights: states,
  biases: states.optional(),
  neurons: z.looseObject({ active: count, inactive: count, zombie: count }),
  subnetworks: count,
  foreignInputs: count,
  unusedInputs: count.optional(),
  unusedColumns: z.array(count).optional(),
  coverage: z.looseObject({ input: shares, output: shares, total: shares }),
  state: z.enum(levelStates),
  degree: z.looseObject({ fromOutputs: degrees, fromInputs: degrees }),
  measures: z.record(z.string(), z.union([z.number().nullable(), z.array(z.array(z.number().nullable()))])).optional(),
  nulls: nullRecordSchema.optional(),
}) satisfies z.ZodType<LevelRecord>;

/** What a field of a level's record holds, as {@link fieldType} tells. */
export function levelFieldType(name: string): FieldType | undefined {
  return fieldType(schema, name);
}

/** One line of JSON without its line end, keys in the order of {@link LevelRecord}. */
export function formatLevelRecord(record: LevelRecord): string {
  return formatJsonLine(schema, record, "level record");
}

/**
 * Reads one line of `levels.jsonl`.
 * @param where file and line, for error messages
 * @throws InputError that names the invalid field and the reason
 */
export function parseLevelRecord(line: string, where: string): LevelRecord {
  return parseJsonLine(schema, line, "level record", where);
}
