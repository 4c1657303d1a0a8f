import { InputError } from "../base/errors.ts";

/** The four numbers of a pruning trajectory: three of them give the fourth. */
export interface TrajectoryNumbers {
  /** N: prunable weights of the dense network, from 1. */
  readonly weights?: number | undefined;
  /** p: share of the remaining weights that a round prunes, above 0 and below 1. */
  readonly rate?: number | undefined;
  /** L: rounds of pruning, from 0. */
  readonly levels?: number | undefined;
  /** T: weights left at the last level, from 1. */
  readonly target?: number | undefined;
}

/** A whole trajectory. */
export interface Trajectory {
  /** Effective rate p. */
  readonly rate: number;
  /** Weights that each level trains with: `remaining[0]` is N, `remaining[L]` the target. */
  readonly remaining: readonly number[];
}

/** Largest number of prunings of a run; a trajectory that needs more has a wrong rate near 0. */
export const mostLevels = 1000;

/**
 * The number of kept weights at each level, `remaining(i) = round(N (1 - p)^i)`, from any three of N, p, L and T
 * (thesis, section 3.2): `p = 1 - (T / N)^(1 / L)`; L is the first level that reaches T and has exactly T weights.
 * @throws InputError when not exactly three are given, one is out of its range, or T is above N
 */
export function pruningTrajectory(numbers: TrajectoryNumbers): Trajectory {
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined);
  if (given.length !== 3) {
    const names = given.map(([name]) => name).join(", ") || "none";
    throw new InputError(
      `a trajectory needs exactly three of weights, rate, levels and target, got ${given.length} (${names}): ${given.length > 3 ? "leave one out" : "add one of the others"}`,
    );
  }
  const { rate, levels, target } = numbers;
  if (rate !== undefined && !(rate > 0 && rate < 1)) {
    throw new InputError(`rate ${rate} is not above 0 and below 1: give the share of weights that a round prunes`);
  }
  if (levels !== undefined && !(Number.isInteger(levels) && levels >= 0 && levels <= mostLevels)) {
    throw new InputError(`levels ${levels} is not an integer from 0 to ${mostLevels}: give the number of prunings`);
  }
  if (target !== undefined && !(Number.isInteger(target) && target >= 1)) {
    throw new InputError(`target ${target} is not an integer from 1: give the weights left at the last level`);
  }
  const weights = numbers.weights ?? Math.round(target! / (1 - rate!) ** levels!);
  if (!(Number.isInteger(weights) && weights >= 1)) {
    throw new InputError(`weights ${weights} is not an integer from 1`);
  }
  if (target !== undefined && target > weights) {
    throw new InputError(`target ${target} is above the ${weights} weights of the network: choose at most ${weights}`);
  }
  if (levels === 0 && target !== undefined && target < weights) {
    throw new InputError(`levels 0 prunes nothing, but target ${target} is below the ${weights} weights: raise levels`);
  }

  const p = rate ?? (levels === 0 ? 0 : 1 - (target! / weights) ** (1 / levels!));
  const count = levels ?? levelsToReach(weights, p, target!);
  const remaining = Array.from({ length: count + 1 }, (_, level) =>
    Math.max(Math.round(weights * (1 - p) ** level), target ?? 0),
  );
  if (target !== undefined) remaining[count] = target;
  return { rate: p, remaining };
}

function levelsToReach(weights: number, rate: number, target: number): number {
  let level = 0;
  while (Math.round(weights * (1 - rate) ** level) > target) {
    if (++level > mostLevels) {
      throw new InputError(
        `rate ${rate} needs more than ${mostLevels} levels from ${weights} weights to target ${target}: raise the rate`,
      );
    }
  }
  return level;
}
