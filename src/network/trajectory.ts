import { InputError } from "../base/errors.ts";

/** The four numbers of a pruning trajectory: three of them give the fourth. */
export interface TrajectoryNumbers {
  /** N: prunable weights of the dense network, or weights and biases, from 1. */
  readonly weights?: number | undefined;
  /** p: share of the remaining weights that a round prunes, above 0 and below 1. */
  readonly rate?: number | undefined;
  /** L: rounds of pruning, from 0. */
  readonly levels?: number | undefined;
  /** T: weights left at the last level, from 1. */
  readonly target?: number | undefined;
}

/** A layer of a trajectory that prunes its layers at rates of their own. */
export interface RatedLayer {
  /** Prunable weights of the dense layer. */
  readonly weights: number;
  /** Factor of the rate in this layer, from 0. */
  readonly factor: number;
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
 *
 * Where layers have factors f_l of the rate, layer l of N_l weights has `round(N_l (1 - p f_l)^i)` of them at level i, and
 * the network their sum.
 * @param layers those of a network with factors, which sum to N
 * @param what is pruned, for messages
 * @throws InputError when not exactly three are given, one is out of its range, or T is above N
 */
export function pruningTrajectory(
  numbers: TrajectoryNumbers,
  layers?: readonly RatedLayer[],
  what = "weights",
): Trajectory {
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined);
  if (given.length !== 3) {
    const names = given.map(([name]) => name).join(", ") || "none";
    throw new InputError(
      `a trajectory needs exactly three of weights, rate, levels and target, got ${given.length} (${names}): ${given.length > 3 ? "leave one out, or give two of rate, levels and target, which replace those of a preset" : "add one of the others"}`,
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
    throw new InputError(`target ${target} is not an integer from 1: give the ${what} left at the last level`);
  }
  const weights = numbers.weights ?? Math.round(target! / (1 - rate!) ** levels!);
  if (!(Number.isInteger(weights) && weights >= 1)) {
    throw new InputError(`weights ${weights} is not an integer from 1`);
  }
  if (target !== undefined && target > weights) {
    throw new InputError(`target ${target} is above the ${weights} ${what} of the network: choose at most ${weights}`);
  }
  if (levels === 0 && target !== undefined && target < weights) {
    throw new InputError(`levels 0 prunes nothing, but target ${target} is below the ${weights} ${what}: raise levels`);
  }

  if (layers) checkRatedLayers(layers, numbers, what);
  const left = (p: number, level: number) =>
    layers
      ? layers.reduce((sum, layer) => sum + Math.round(layer.weights * (1 - p * layer.factor) ** level), 0)
      : Math.round(weights * (1 - p) ** level);
  const rateTo = (last: number) => (layers ? ratedRate(layers, last, target!) : 1 - (target! / weights) ** (1 / last));
  const p = rate ?? (levels === 0 ? 0 : rateTo(levels!));
  const count = levels ?? levelsToReach((level) => left(p, level), p, weights, target!);
  const remaining = Array.from({ length: count + 1 }, (_, level) => Math.max(left(p, level), target ?? 0));
  if (target !== undefined) remaining[count] = target;
  return { rate: p, remaining };
}

/** @throws InputError when a layer would lose all of its weights at once, or the target is below what is never pruned */
function checkRatedLayers(layers: readonly RatedLayer[], { rate, target }: TrajectoryNumbers, what: string): void {
  const most = Math.max(...layers.map(({ factor }) => factor));
  if (rate !== undefined && rate * most >= 1) {
    throw new InputError(
      `rate ${rate} times layerRates ${most} is ${Number((rate * most).toPrecision(6))}, which must be below 1: lower the rate or the factor`,
    );
  }
  const fixed = layers.reduce((sum, { weights, factor }) => sum + (factor === 0 ? weights : 0), 0);
  if (target !== undefined && target < fixed) {
    throw new InputError(
      `target ${target} is below the ${fixed} ${what} of the layers with layerRates 0, which are not pruned: raise the target`,
    );
  }
}

/** The rate at which layers have `target` weights after some prunings, by bisection of the unrounded sum. */
function ratedRate(layers: readonly RatedLayer[], levels: number, target: number): number {
  const left = (rate: number) =>
    layers.reduce((sum, { weights, factor }) => sum + weights * (1 - rate * factor) ** levels, 0);
  let low = 0;
  let high = 1 / Math.max(...layers.map(({ factor }) => factor));
  if (left(high) > target) {
    throw new InputError(
      `levels ${levels} with these layerRates leave ${Math.ceil(left(high))} weights at least, target is ${target}: raise levels or the target`,
    );
  }
  // Each step gives a bit; a float64 has 53.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (left(middle) > target) low = middle;
    else high = middle;
  }
  return high;
}

function levelsToReach(left: (level: number) => number, rate: number, weights: number, target: number): number {
  let level = 0;
  while (left(level) > target) {
    if (++level > mostLevels) {
      throw new InputError(
        `rate ${rate} needs more than ${mostLevels} levels from ${weights} weights to target ${target}: raise the rate`,
      );
    }
  }
  return level;
}
