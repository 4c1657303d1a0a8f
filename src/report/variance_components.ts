import { invariant } from "../base/errors.ts";

/** A part of chance: its name, and its level in each run. */
export interface Factor {
  readonly name: string;
  /** [run] */
  readonly levels: readonly (string | number)[];
}

/** An effect: a factor by itself, factors that interact, or what differs between runs of the same levels of all factors. */
export interface Effect {
  /** Indices of its factors, ascending; all of them for the residual too. */
  readonly factors: readonly number[];
  readonly isResidual: boolean;
}

/** The groups of runs that share the levels of all factors of an effect. */
interface Grouping extends Effect {
  readonly bits: number;
  /** [run]: group of the run. */
  readonly groups: Uint32Array;
  /** [group]: a run of it. */
  readonly members: readonly number[];
}

/**
 * Crossed factors in a model of random effects: a run's value is a mean plus a random part for each level of each factor, for
 * each combination of levels of two factors, and so on up to all of them. Runs of the same levels differ by a residual,
 * which there is only where some levels have several runs: otherwise the interaction of all factors holds it.
 *
 * Components are estimated by MINQUE(0) (Rao, "Estimation of variance and covariance components - MINQUE theory", Journal of
 * Multivariate Analysis 1, 1971; Hartley, Rao and LaMotte, Biometrics 34, 1978): the sums of squares of the groups of each
 * effect are set equal to their expectations. It is unbiased for any pattern of runs, and in a balanced grid it is the
 * analysis-of-variance estimator.
 */
export class CrossedDesign {
  readonly #groupings: readonly Grouping[];
  /** [effect][effect]: the grouping of the factors of both. */
  readonly #unions: readonly (readonly number[])[];
  readonly #ones: Float64Array;

  /** @param factors at least one, all of the same number of runs */
  constructor(readonly factors: readonly Factor[]) {
    const runs = factors[0].levels.length;
    invariant(
      factors.length <= 3 && factors.every(({ levels }) => levels.length === runs),
      "factors of different runs",
    );
    this.#ones = new Float64Array(runs).fill(1);
    const all = 2 ** factors.length - 1;
    const subsets = Array.from({ length: all }, (_, k) => k + 1).sort((a, b) => countOf(a) - countOf(b) || a - b);
    const groupings = subsets.map((bits) => this.#grouping(bits, false));
    if (groupings[groupings.length - 1].members.length < runs) groupings.push(this.#grouping(2 * all + 1, true));
    this.#groupings = groupings;
    this.#unions = groupings.map(({ bits: a }) =>
      groupings.map(({ bits: b }) => groupings.findIndex(({ bits }) => bits === (a | b))),
    );
  }

  /** Factors first, then interactions, then the residual if there is one. */
  get effects(): readonly Effect[] {
    return this.#groupings;
  }

  get runs(): number {
    return this.#ones.length;
  }

  /** Whether every combination of levels has the same number of runs, at least one. */
  get isBalanced(): boolean {
    const cells = this.factors.reduce((product, { levels }) => product * new Set(levels).size, 1);
    const counts = this.cellCounts();
    return counts.length === cells && counts.every((count) => count === counts[0]);
  }

  /** Number of runs of each combination of levels that has any. */
  cellCounts(): number[] {
    const { groups, members } = this.#groupings[2 ** this.factors.length - 2];
    const counts = new Array<number>(members.length).fill(0);
    for (const group of groups) counts[group]++;
    return counts;
  }

  /** The group of every run by an effect: runs that share the levels of its factors. */
  groupsOf(effect: number): Uint32Array {
    return this.#groupings[effect].groups;
  }

  /**
   * The estimated variance of each effect, which may be below 0, as unbiased estimates may.
   * @param values [run]
   * @param counts [run]: how often each run counts, from 0; default once. A run that counts twice is one run taken twice, not
   * two runs that happen to be equal.
   * @returns undefined where the runs cannot tell the effects apart
   */
  components(values: ArrayLike<number>, counts: ArrayLike<number> = this.#ones): number[] | undefined {
    let total = 0;
    let sum = 0;
    for (let run = 0; run < this.runs; run++) {
      total += counts[run];
      sum += counts[run] * values[run];
    }
    const mean = sum / total;
    const sizes = this.#groupings.map(({ groups, members }) => sumsOf(groups, members.length, (run) => counts[run]));
    const squares = (of: Float64Array) => of.reduce((all, each) => all + each * each, 0);
    const found = this.#groupings.map(({ groups, members }) =>
      squares(sumsOf(groups, members.length, (run) => counts[run] * (values[run] - mean))),
    );
    const bySize = sizes.map(squares);
    const expected = this.#groupings.map((a, i) =>
      this.#groupings.map((b, j) => {
        const union = this.#unions[i][j];
        let cross = 0;
        this.#groupings[union].members.forEach((run, group) => {
          cross += sizes[union][group] * sizes[i][a.groups[run]] * sizes[j][b.groups[run]];
        });
        return bySize[union] - (2 * cross) / total + (bySize[i] * bySize[j]) / total ** 2;
      }),
    );
    return solved(expected, found);
  }

  #grouping(bits: number, isResidual: boolean): Grouping {
    const factors = [...this.factors.keys()].filter((factor) => (bits >>> factor) & 1);
    const numbers = new Map<string, number>();
    const members: number[] = [];
    const groups = new Uint32Array(this.runs);
    for (let run = 0; run < this.runs; run++) {
      const key = isResidual ? String(run) : JSON.stringify(factors.map((factor) => this.factors[factor].levels[run]));
      const group = numbers.get(key) ?? members.length;
      if (group === members.length) {
        numbers.set(key, group);
        members.push(run);
      }
      groups[run] = group;
    }
    return { factors, isResidual, bits, groups, members };
  }
}

function countOf(bits: number): number {
  return bits === 0 ? 0 : (bits & 1) + countOf(bits >>> 1);
}

function sumsOf(groups: Uint32Array, size: number, value: (run: number) => number): Float64Array {
  const sums = new Float64Array(size);
  groups.forEach((group, run) => {
    sums[group] += value(run);
  });
  return sums;
}

/** Solves symmetric linear equations by elimination with pivots; undefined where they have no one solution. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const scales = matrix.map((row, i) => row[i]);
  for (let k = 0; k < rows.length; k++) {
    let pivot = k;
    for (let i = k + 1; i < rows.length; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    if (!(Math.abs(rows[pivot][k]) > 1e-9 * Math.max(scales[k], Number.MIN_VALUE))) return undefined;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= rows.length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, k) => row[rows.length] / row[k]);
}
