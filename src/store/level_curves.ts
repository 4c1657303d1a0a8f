import * as z from "zod";
import { InputError } from "../base/errors.ts";
import { formatJsonLine, parseJsonLine } from "./json_line.ts";

/** The curves of one level: one line of `curves.jsonl`, keys in this order. Lists are [evaluation]: one after each epoch, but for `steps`. */
export interface LevelCurvesRecord {
  readonly level: number;
  /** Number of steps before each evaluation, where the spec has `evaluateEvery` or `maxSteps`. */
  readonly steps?: readonly number[] | undefined;
  /** As `trainLoss` and `valLoss` of a level record, at each evaluation. */
  readonly trainLoss: readonly number[];
  readonly valLoss: readonly number[];
  /** By task name, in the dataset's order: accuracy, or R² for a regression, at each evaluation. */
  readonly valAccuracy: Readonly<Record<string, readonly number[]>>;
  /** By name of a classification, its balanced accuracy at each evaluation. */
  readonly valBalancedAccuracy: Readonly<Record<string, readonly number[]>>;
}

const values = z.array(z.number());

// Loose, so that fields added by later versions are kept.
const schema = z.looseObject({
  level: z.int().nonnegative(),
  steps: z.array(z.int().nonnegative()).optional(),
  trainLoss: values,
  valLoss: values,
  valAccuracy: z.record(z.string(), values),
  valBalancedAccuracy: z.record(z.string(), values),
}) satisfies z.ZodType<LevelCurvesRecord>;

/** One line of JSON without its line end, keys in the order of {@link LevelCurvesRecord}. */
export function formatLevelCurves(curves: LevelCurvesRecord): string {
  return formatJsonLine(schema, curves, "level curves");
}

/**
 * Reads one line of `curves.jsonl`.
 * @param level that the line must hold
 * @param where file and line, for error messages
 * @throws InputError that names the invalid field and the reason
 */
export function parseLevelCurves(line: string, level: number, where: string): LevelCurvesRecord {
  const curves = parseJsonLine(schema, line, "level curves", where);
  if (curves.level !== level) {
    throw new InputError(
      `${where}: level ${curves.level} stands where level ${level} belongs; restore the file or remove the run folder`,
    );
  }
  return curves;
}
