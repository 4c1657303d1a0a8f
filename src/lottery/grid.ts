import { InputError } from "../base/errors.ts";
import { listKeys, type SpecInput } from "./spec_schema.ts";

/** Maximum number of runs of a population; a larger number is probably a typing error. */
export const mostRuns = 100_000;

type Several<Value> = Value | readonly Exclude<Value, undefined>[];

/**
 * A spec in which any key may have a list of values; every combination of values is a spec. `seeds` is always a list.
 */
export type GridInput = {
  readonly [Key in keyof SpecInput]: Key extends "seeds" ? SpecInput[Key] : Several<SpecInput[Key]>;
};

/** The values of a key: a single value, or the entries of a list. */
function valuesOf(key: string, value: unknown): readonly unknown[] {
  if (key === "seeds" || !Array.isArray(value) || value.length === 0) return [value];
  // A list of objects is one value: the tasks of own data.
  const isOne = typeof value[0] === "object" ? !Array.isArray(value[0]) : listKeys.includes(key);
  return isOne ? [value] : value;
}

/** Number of runs of a grid: the product of the numbers of values, seeds included. */
export function gridRuns(grid: Readonly<Record<string, unknown>>): number {
  const seeds = Array.isArray(grid.seeds) ? Math.max(1, grid.seeds.length) : 1;
  return Object.entries(grid).reduce((runs, [key, value]) => runs * valuesOf(key, value).length, seeds);
}

/**
 * All combinations of a grid's values as specs; the first key varies slowest. A grid without lists has one point.
 * @param where file or preset, for error messages
 * @throws InputError when the grid has more than {@link mostRuns} runs
 */
export function gridPoints(grid: Readonly<Record<string, unknown>>, where: string): Record<string, unknown>[] {
  const runs = gridRuns(grid);
  if (runs > mostRuns) {
    const several = Object.entries(grid).filter(([key, value]) => key === "seeds" || valuesOf(key, value).length > 1);
    throw new InputError(
      `${where}: ${several.map(([key]) => key).join(" x ")} give ${runs} runs, at most ${mostRuns}: give fewer values or seeds`,
    );
  }
  let points: Record<string, unknown>[] = [{}];
  for (const [key, value] of Object.entries(grid)) {
    const values = valuesOf(key, value);
    points = points.flatMap((point) => values.map((one) => ({ ...point, [key]: one })));
  }
  return points;
}
