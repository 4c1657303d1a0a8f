import { InputError } from "../base/errors.ts";
import { compareNaturally } from "../store/natural_order.ts";
import { canonicalJson } from "../store/spec_hash.ts";
import { permutationTests, shareIntervals, sharesOf } from "./chance_tests.ts";
import { mean } from "./mean.ts";
import { meanScore, type ReportedRun, scoreNameOfRuns, separationLevel } from "./reported_run.ts";
import { specValue, variedKeys } from "./run_specs.ts";
import { CrossedDesign, type Factor } from "./variance_components.ts";

/** How much of the variance of one outcome an effect explains. */
export interface EffectShare {
  /** `data`, `data x weights`, or `residual`. */
  readonly effect: string;
  /** Estimated variance, in squared units of the outcome; below 0 it counts as 0 in the shares. */
  readonly variance: number;
  readonly share: number;
  /** 95 % interval of the share; null where a factor has too few levels. */
  readonly low: number | null;
  readonly high: number | null;
  /** Of a permutation test; null for the last effect, which has none. */
  readonly p: number | null;
}

/** The variance of one outcome, by the parts of chance. */
export interface OutcomeShares {
  readonly outcome: string;
  /** Runs that have the outcome. */
  readonly runs: number;
  /** Their mean; null where there are none. */
  readonly mean: number | null;
  /** Whether every combination of seeds has the same number of these runs. */
  readonly balanced: boolean;
  /** Why nothing is divided: all values are equal, or the runs cannot tell the effects apart. */
  readonly undivided?: string;
  readonly effects: readonly EffectShare[];
}

/** What chance does to the runs of one spec, but for its seeds. */
export interface ChanceShares {
  readonly name: string;
  /** The keys by which the spec differs from those of the other tables, seeds aside. */
  readonly values: Readonly<Record<string, string>>;
  /** The parts of chance that vary, with the number of their levels. */
  readonly factors: readonly { readonly name: string; readonly levels: number }[];
  readonly runs: number;
  readonly outcomes: readonly OutcomeShares[];
}

/** The spec keys of the parts of chance. */
const seedKeys = ["dataSeed", "initSeed", "orderSeed"];

/** The outcomes of a run; undefined where it has none. */
const outcomes: readonly { readonly name: string; readonly of: (run: ReportedRun) => number | undefined }[] = [
  { name: "separated", of: (run) => Number(separationLevel(run) !== undefined) },
  { name: "separated and winning", of: (run) => Number(separationLevel(run)?.winning ?? false) },
  { name: "levels to separation", of: (run) => separationLevel(run)?.level },
  { name: "last", of: (run) => meanScore(run.levels[run.levels.length - 1]) },
];

/**
 * Divides the variance of the outcomes of runs among data set, initial weights and order of samples, for each spec by itself.
 * Parts that never vary apart, such as weights and order where one seed gives both, count as one.
 * @param runs ended ones; each run once
 * @throws InputError when nothing can be divided: in every spec fewer than two parts vary
 */
export function chanceShares(runs: readonly ReportedRun[]): ChanceShares[] {
  const groups = new Map<string, ReportedRun[]>();
  // Draws follow the order of the runs, so this is not that in which folders are given.
  for (const run of [...runs].sort(bySeeds)) {
    const key = `${run.name} ${canonicalJson(withoutSeeds(run))}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const divisible = [...groups.values()].filter((group) => canDivide(factorsOf(group)));
  // Keys of runs without a table, such as branches beside the runs, tell no table apart.
  const varied = variedKeys(divisible.flat()).filter((key) => !seedKeys.includes(key));
  const found = divisible.map((group): ChanceShares => {
    const factors = factorsOf(group);
    const [{ name }] = group;
    return {
      name,
      values: Object.fromEntries(varied.map((key) => [key, specValue(group[0], key)])),
      factors: factors.map((factor) => ({ name: factor.name, levels: new Set(factor.levels).size })),
      runs: group.length,
      outcomes: outcomes.map(({ name, of }) => divided(name === "last" ? lastName(group) : name, group, of)),
    };
  });
  if (found.length === 0) {
    throw new InputError(
      "the runs of no spec vary in two of data, weights and order, so there is nothing to divide: run a grid of them first, such as --set dataSeed=0..4 --seeds 0..4, or dataSeed=0..4 initSeed=0..4 orderSeed=0..4",
    );
  }
  const place = ({ name, values }: ChanceShares) => [name, ...Object.values(values)].join("\n");
  return found.sort((a, b) => compareNaturally(place(a), place(b)));
}

const lastName = (runs: readonly ReportedRun[]) => `${scoreNameOfRuns(runs)} at the last level`;

function withoutSeeds({ spec }: ReportedRun) {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !seedKeys.includes(key)));
}

/** Seeds of data set, weights and order, and the model seed. */
function seedsOf({ spec, seed }: ReportedRun): number[] {
  return [...seedKeys.map((key) => Number(spec[key] ?? (key === "dataSeed" ? 0 : seed))), seed];
}

function bySeeds(a: ReportedRun, b: ReportedRun): number {
  const [first, second] = [seedsOf(a), seedsOf(b)];
  const k = first.findIndex((value, i) => value !== second[i]);
  return k < 0 ? 0 : first[k] - second[k];
}

/** A text that runs share if they train alike: where weights and order have seeds of their own, the model seed may differ. */
export function trainedAs(run: ReportedRun): string {
  const [data, init, order, model] = seedsOf(run);
  const drawn = run.spec.criterion === "random" ? [model] : [];
  return `${run.name} ${canonicalJson({ ...withoutSeeds(run), seeds: [data, init, order, ...drawn] })}`;
}

/** Two factors that vary, or one beside which runs differ by something else. */
function canDivide(factors: readonly Factor[]): boolean {
  if (factors.length === 0) return false;
  return factors.length > 1 || new Set(factors[0].levels).size < factors[0].levels.length;
}

/** The parts of chance that vary among some runs. */
function factorsOf(runs: readonly ReportedRun[]): Factor[] {
  const seeds = runs.map(seedsOf);
  const parts: Factor[] = [
    { name: "data", levels: seeds.map(([data]) => data) },
    { name: "weights", levels: seeds.map(([, init], k) => String(runs[k].spec.initSha256 ?? init)) },
    { name: "order", levels: seeds.map(([, , order]) => order) },
  ];
  const found: Factor[] = [];
  for (const part of parts) {
    if (new Set(part.levels).size < 2) continue;
    const same = found.findIndex((other) => varyTogether(other.levels, part.levels));
    if (same < 0) found.push(part);
    else found[same] = { ...found[same], name: `${found[same].name} and ${part.name}` };
  }
  return found;
}

function varyTogether(a: Factor["levels"], b: Factor["levels"]): boolean {
  const pairs = new Set(a.map((level, run) => JSON.stringify([level, b[run]])));
  return pairs.size === new Set(a).size && pairs.size === new Set(b).size;
}

function divided(
  outcome: string,
  runs: readonly ReportedRun[],
  of: (run: ReportedRun) => number | undefined,
): OutcomeShares {
  const having = runs.filter((run) => of(run) !== undefined);
  const values = having.map((run) => of(run) as number);
  if (values.length === 0) {
    return { outcome, runs: 0, mean: null, balanced: false, undivided: "no run has it", effects: [] };
  }
  const told = { outcome, runs: values.length, mean: mean(values) };
  const factors = factorsOf(having);
  if (!canDivide(factors)) {
    return { ...told, balanced: false, undivided: "too few runs have it", effects: [] };
  }
  const design = new CrossedDesign(factors);
  const balanced = design.isBalanced;
  if (values.every((value) => value === values[0])) {
    return { ...told, balanced, undivided: "it is the same in all runs", effects: [] };
  }
  const components = design.components(values);
  if (!components) {
    const undivided = "the runs that have it do not cross the seeds enough to tell the effects apart";
    return { ...told, balanced, undivided, effects: [] };
  }
  const shares = sharesOf(components);
  const intervals = shareIntervals(design, values);
  const tests = permutationTests(design, values);
  const effects = design.effects.map(({ factors: members, isResidual }, k) => ({
    effect: isResidual ? "residual" : members.map((factor) => factors[factor].name).join(" x "),
    variance: components[k],
    share: shares?.[k] ?? 0,
    low: intervals?.[k].low ?? null,
    high: intervals?.[k].high ?? null,
    p: tests[k] ?? null,
  }));
  return { ...told, balanced, effects };
}
