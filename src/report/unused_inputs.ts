import { inThousands, plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { LevelRecord } from "../store/level_record.ts";

/** Most inputs that a text names. */
const mostNamed = 12;

/** The name of an input for a text: that of its column in the data, on one line, else `input 3`, counted from 1. */
export function inputName(column: number, names?: readonly string[]): string {
  return visible(names?.[column] ?? `input ${column + 1}`);
}

/**
 * `inputs no longer used: a_noise, b_noise`; of many inputs their number. Undefined where every input is used, or where
 * an older version did not store it.
 * @param names of all inputs, where the data name them
 */
export function unusedInputsWords(
  { unusedInputs = 0, unusedColumns }: Pick<LevelRecord, "unusedInputs" | "unusedColumns">,
  names?: readonly string[],
): string | undefined {
  if (unusedInputs === 0) return undefined;
  if (!unusedColumns || unusedInputs > mostNamed) return `${plural(unusedInputs, "input")} no longer used`;
  const noun = unusedInputs === 1 ? "input" : "inputs";
  return `${noun} no longer used: ${unusedColumns.map((column) => inputName(column, names)).join(", ")}`;
}

/** As a cell of a table: their number, and of few inputs their names. */
export function unusedInputsCell({ unusedInputs, unusedColumns }: LevelRecord, names?: readonly string[]): string {
  if (unusedInputs === undefined) return "not stored";
  if (unusedInputs === 0 || !unusedColumns || unusedInputs > mostNamed) return inThousands(unusedInputs);
  return unusedColumns.map((column) => inputName(column, names)).join(", ");
}
