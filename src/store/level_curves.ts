import { z } from "zod";
import { InputError, invariant } from "../base/errors.ts";

/** The curves of one level: one line of `curves.jsonl`, keys in this order. Lists are [epoch]; index 0 is epoch 1. */
export interface LevelCurvesRecord {
  readonly level: number;
  /** As `trainLoss` and `valLoss` of a level record, after each epoch. */
  readonly trainLoss: readonly number[];
  readonly valLoss: readonly number[];
  /** By task name, in the dataset's order: accuracy, or R² for a regression, after each epoch. */
  readonly valAccuracy: Readonly<Record<string, readonly number[]>>;
  /** By name of a classification, its balanced accuracy after each epoch. */
  readonly valBalancedAccuracy: Readonly<Record<string, readonly number[]>>;
}

const values = z.array(z.number());

// Loose, so that fields added by later versions are kept.
const schema = z.looseObject({
  level: z.int().nonnegative(),
  trainLoss: values,
  valLoss: values,
  valAccuracy: z.record(z.string(), values),
  valBalancedAccuracy: z.record(z.string(), values),
}) satisfies z.ZodType<LevelCurvesRecord>;

/** One line of JSON without its line end, keys in the order of {@link LevelCurvesRecord}. */
export function formatLevelCurves(curves: LevelCurvesRecord): string {
  const checked = schema.safeParse(curves);
  invariant(checked.success, `level curves that cannot be stored: ${checked.error?.message}`);
  return JSON.stringify(checked.data);
}

/**
 * Reads one line of `curves.jsonl`.
 * @param level that the line must hold
 * @param where file and line, for error messages
 * @throws InputError that names the invalid field and the reason
 */
export function parseLevelCurves(line: string, level: number, where: string): LevelCurvesRecord {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    throw new InputError(`${where}: the line is not JSON; restore the file or remove the run folder`);
  }
  const checked = schema.safeParse(content);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0];
    const field = path.length > 0 ? `field ${path.join(".")}` : "level curves";
    throw new InputError(`${where}: ${field}: ${message}; restore the file or remove the run folder`);
  }
  if (checked.data.level !== level) {
    throw new InputError(
      `${where}: level ${checked.data.level} stands where level ${level} belongs; restore the file or remove the run folder`,
    );
  }
  return checked.data;
}
