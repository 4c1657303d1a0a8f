import { RandomStream } from "../base/random.ts";
import type { CrossedDesign, Effect } from "./variance_components.ts";

/** Rearrangements of a test, and resamples of an interval. */
export const permutations = 1999;
export const resamples = 2000;

/** Fewest levels of every factor for an interval: test/report/chance_tests.test.ts measures how often it holds the truth. */
export const fewestLevels = 5;

/** The stream of permutations; 0 is that of means (src/report/mean_interval.ts). */
const permuted = 1;
const drawn = 2;

/** The share of the whole variance that each effect explains, estimates below 0 counted as 0; undefined without any variance. */
export function sharesOf(components: readonly number[]): number[] | undefined {
  const positive = components.map((variance) => Math.max(variance, 0));
  const whole = positive.reduce((sum, variance) => sum + variance, 0);
  return whole > 0 ? positive.map((variance) => variance / whole) : undefined;
}

/**
 * For each effect, the share of rearrangements of the values whose estimated variance of the effect is at least that of the
 * values as they are, these included: small if the effect is more than chance.
 *
 * A factor by itself: the values of runs that agree in all other factors are rearranged, which is exact if the factor has no
 * part at all. An interaction: what is left of the values by the effects that do not hold it is rearranged among all runs, which is
 * approximate (C. J. F. ter Braak, "Permutation versus bootstrap significance tests in multiple regression and ANOVA", 1992; M. J. Anderson and
 * C. J. F. ter Braak, Journal of Statistical Computation and Simulation 73, 2003).
 * @returns undefined for an effect that has no test: the last one, which holds what nothing else explains
 */
export function permutationTests(design: CrossedDesign, values: readonly number[]): (number | undefined)[] {
  const found = design.components(values);
  return design.effects.map((effect, number) => {
    if (!found || number === design.effects.length - 1) return undefined;
    const random = new RandomStream(0, "bootstrap", permuted, number);
    const rearrange =
      effect.factors.length === 1 ? withinOthers(design, effect, values) : ofResiduals(design, effect, values);
    if (!rearrange) return undefined;
    // A rearrangement that gives the same values may differ in the last digits.
    const bound = found[number] - 1e-9 * Math.abs(found[number]);
    let atLeast = 1;
    for (let k = 0; k < permutations; k++) {
      if ((design.components(rearrange(random))?.[number] ?? 0) >= bound) atLeast++;
    }
    return atLeast / (permutations + 1);
  });
}

type Rearrange = (random: RandomStream) => ArrayLike<number>;

/** Rearranges values among the runs that agree in all factors but one; undefined if no two runs do. */
function withinOthers(
  design: CrossedDesign,
  { factors: [own] }: Effect,
  values: readonly number[],
): Rearrange | undefined {
  const others = [...design.factors.keys()].filter((factor) => factor !== own);
  const strata = new Map<string, number[]>();
  values.forEach((_, run) => {
    const key = JSON.stringify(others.map((factor) => design.factors[factor].levels[run]));
    strata.set(key, [...(strata.get(key) ?? []), run]);
  });
  const several = [...strata.values()].filter((runs) => runs.length > 1);
  if (several.length === 0) return undefined;
  return (random) => {
    const changed = Float64Array.from(values);
    for (const runs of several) {
      random.shuffled(runs.length).forEach((from, to) => {
        changed[runs[to]] = values[runs[from]];
      });
    }
    return changed;
  };
}

/** Rearranges what the effects without all factors of this one leave of the values. */
function ofResiduals(design: CrossedDesign, effect: Effect, values: readonly number[]): Rearrange {
  const others = design.effects.flatMap(({ factors, isResidual }, number) =>
    !isResidual && !effect.factors.every((factor) => factors.includes(factor)) ? [number] : [],
  );
  const left = leftOf(design, others, values);
  return (random) => {
    const order = random.shuffled(values.length);
    return left.map((residual, run) => values[run] - residual + left[order[run]]);
  };
}

/** Sweeps of means: one takes all of a balanced grid, more are needed where runs are missing. */
const sweeps = 50;

/** The residuals of a least-squares fit of some effects, by taking the means of their groups away in turn. */
function leftOf(design: CrossedDesign, effects: readonly number[], values: readonly number[]): Float64Array {
  const left = Float64Array.from(values);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0;
    for (const effect of effects) {
      const groups = design.groupsOf(effect);
      const [sums, counts] = [new Float64Array(left.length), new Float64Array(left.length)];
      groups.forEach((group, run) => {
        sums[group] += left[run];
        counts[group]++;
      });
      groups.forEach((group, run) => {
        const mean = sums[group] / counts[group];
        left[run] -= mean;
        moved = Math.max(moved, Math.abs(mean));
      });
    }
    if (moved < 1e-12) break;
  }
  return left;
}

/**
 * The 95 % interval of each share by a bootstrap over clusters: the levels of every factor are drawn with replacement, each
 * factor by itself, and a run counts as often as all of its levels were drawn (A. B. Owen, "The pigeonhole bootstrap", Annals of Applied
 * Statistics 1, 2007). Percentiles of the shares.
 * @returns undefined where a factor has fewer than {@link fewestLevels} levels
 */
export function shareIntervals(
  design: CrossedDesign,
  values: readonly number[],
): { readonly low: number; readonly high: number }[] | undefined {
  const levels = design.factors.map((factor) => [...new Set(factor.levels)]);
  if (levels.some(({ length }) => length < fewestLevels)) return undefined;
  const numbers = design.factors.map((factor, f) => {
    const places = new Map(levels[f].map((level, place) => [level, place]));
    return factor.levels.map((level) => places.get(level) as number);
  });
  const random = new RandomStream(0, "bootstrap", drawn);
  const samples: number[][] = design.effects.map(() => []);
  const counts = new Float64Array(design.runs);
  for (let k = 0; k < resamples; k++) {
    counts.fill(1);
    for (const [f, { length }] of levels.entries()) {
      const times = new Float64Array(length);
      for (let i = 0; i < length; i++) times[Math.floor((random.nextWord() / 2 ** 32) * length)]++;
      numbers[f].forEach((place, run) => {
        counts[run] *= times[place];
      });
    }
    const components = counts.some((count) => count > 0) ? design.components(values, counts) : undefined;
    const shares = components && sharesOf(components);
    // A draw of one level of a factor, or of equal values, tells nothing of shares.
    shares?.forEach((share, effect) => {
      samples[effect].push(share);
    });
  }
  if (samples[0].length < resamples / 2) return undefined;
  return samples.map((all) => {
    const ordered = Float64Array.from(all).sort();
    const beyond = Math.floor(0.025 * ordered.length);
    return { low: ordered[beyond], high: ordered[ordered.length - 1 - beyond] };
  });
}
