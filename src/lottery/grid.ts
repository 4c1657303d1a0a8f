import { InputError } from "../base/errors.ts";
import { listKeys, type SpecInput } from "./spec_schema.ts";

/** Runs of one population at most; more are a slip of the keyboard. */
export const mostRuns = 100_000;

type Several<Value> = Value | readonly Exclude<Value, undefined>[];

/** A spec in which any key may have several values, a list where one value stands: every combination is a spec. Seeds are a list anyway. */
export type GridInput = {
  readonly [Key in keyof SpecInput]: Key extends "seeds" ? SpecInput[Key] : Several<SpecInput[Key]>;
};

/** The values of a key: one, or those of a list that stands where one value belongs. */
function valuesOf(key: string, value: unknown): readonly unknown[] {
  if (key === "seeds" || !Array.isArray(value) || value.length === 0) return [value];
  return listKeys.includes(key) && !Array.isArray(value[0]) ? [value] : value;
}

/** How many runs a grid comes to: the product of the numbers of values, seeds included. */
export function gridRuns(grid: Readonly<Record<string, unknown>>): number {
  const seeds = Array.isArray(grid.seeds) ? Math.max(1, grid.seeds.length) : 1;
  return Object.entries(grid).reduce((runs, [key, value]) => runs * valuesOf(key, value).length, seeds);
}

/**
 * Every combination of a grid's values as a spec, the first key varying slowest; a spec without lists is its only point.
 * @param where names the file or preset in messages
 * @throws InputError when it comes to more than {@link mostRuns} runs
 */
export function gridPoints(grid: Readonly<Record<string, unknown>>, where: string): Record<string, unknown>[] {
  const runs = gridRuns(grid);
  if (runs > mostRuns) {
    const several = Object.entries(grid).filter(([key, value]) => key === "seeds" || valuesOf(key, value).length > 1);
    throw new InputError(
      `${where}: ${several.map(([key]) => key).join(" x ")} come to ${runs} runs, at most ${mostRuns}: give fewer values or seeds`,
    );
  }
  let points: Record<string, unknown>[] = [{}];
  for (const [key, value] of Object.entries(grid)) {
    const values = valuesOf(key, value);
    points = points.flatMap((point) => values.map((one) => ({ ...point, [key]: one })));
  }
  return points;
}
