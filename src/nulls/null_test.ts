import type { CoverageKind, Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import { checkNullCount } from "./count.ts";
import type { InitialDistribution, NullTicket, SwapCheck } from "./models/model.ts";
import { nullModels } from "./models.ts";
import { type SimulatedP, simulatedP } from "./p_value.ts";
import { type NullPlan, NullSource, preparationStream, ticketKey, tooManyTasks, tooMuchWork } from "./plan.ts";
import { statistics } from "./statistics.ts";
import { NullStructure } from "./structure.ts";
import { WeightLists } from "./weight_lists.ts";

/** The shares of nulls below the quantiles that are told of a statistic. */
export const quantileShares = [0, 0.025, 0.25, 0.5, 0.75, 0.975, 1] as const;

/** A statistic of the ticket among those of its nulls. */
export interface NullStatistic {
  /** Of the ticket; null where it is not defined, such as the modularity of a ticket without active weights. */
  readonly observed: number | null;
  /** Nulls for which it is defined: p is that of a ticket among these. */
  readonly of: number;
  /** Of these, the nulls at least as extreme as the ticket, by the tail of the statistic. */
  readonly extreme: number;
  /** Null where the statistic of the ticket, or that of every null, is not defined. */
  readonly p: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Mean of the nulls, and their quantiles at {@link quantileShares}; null, and none, where it is defined for no null. */
  readonly mean: number | null;
  readonly quantiles: readonly number[];
}

/** A ticket among the nulls of one model. */
export interface NullModelResult {
  /** Why the model has no nulls but the ticket itself, or why they were not drawn; the other fields are then empty. */
  readonly impossible?: string | undefined;
  readonly notes: readonly string[];
  /** Of the rewiring. */
  readonly swaps?: SwapCheck | undefined;
  /** By name of the statistic, in the order of the registry. */
  readonly statistics: Readonly<Record<string, NullStatistic>>;
}

/** A ticket among its nulls: the result of {@link testNulls}. */
export interface NullTest {
  /** Nulls of each model. */
  readonly masks: number;
  readonly seed: number;
  /** By name of the model. */
  readonly models: Readonly<Record<string, NullModelResult>>;
}

/** What nulls are drawn for. */
export interface NullRequest {
  readonly mask: Mask;
  /** At least one; their columns lie within the mask's inputs and outputs. */
  readonly tasks: readonly Task[];
  readonly coverage: CoverageKind;
  /** How the run that the ticket comes from draws initial weights, or why that is not known; see {@link initialDistribution}. */
  readonly initial: NullTicket["initial"];
  /** Nulls of each model, from 1. */
  readonly count: number;
  /** Default 0. */
  readonly seed?: number;
  /** Names of models; default all. */
  readonly models?: readonly string[];
  /** Hears the values of all nulls of a model, `[statistic][null]`, NaN where one is not defined. */
  readonly hear?: (model: string, values: Float64Array) => void;
}

/** Measures the nulls of a plan, on whatever threads there are: `[statistic][null]`. */
export type MeasureNulls = (plan: NullPlan, model: string, count: number) => Promise<Float64Array>;

/** On the thread that asks, at once. */
export const measureHere: MeasureNulls = async (plan, model, count) => new NullSource(plan).values(model, 0, count);

/**
 * Holds the structural statements about a ticket against masks by chance.
 * @throws InputError when the count is out of range, or a model is not known
 */
export async function testNulls(request: NullRequest, measure: MeasureNulls = measureHere): Promise<NullTest> {
  const { mask, tasks, coverage, initial, count, seed = 0, models = nullModels.names, hear } = request;
  checkNullCount(count, "nulls");
  const { shape, words } = mask;
  const plain = { shape, words, initial, tasks: tasks.map(plainTask), coverage, seed };
  const refused = tooManyTasks(tasks) ?? tooMuchWork(count, mask.count());
  if (refused !== undefined) {
    return { masks: count, seed, models: Object.fromEntries(models.map((model) => [model, withoutNulls(refused)])) };
  }
  const structure = new NullStructure(shape, tasks, coverage);
  const key = ticketKey(shape, words);
  const ticket = { mask, initial };
  // All are prepared first, while threads start.
  const prepared = models.map((name) => {
    const { impossible, prepare, purpose } = nullModels.get(name);
    const reason = impossible(ticket);
    if (reason !== undefined) return { name, reason };
    return { name, preparation: prepare(ticket, preparationStream(purpose, seed, key), structure) };
  });
  structure.find(WeightLists.of(mask));
  const observed = statistics.entries.map(({ of }) => of(structure));
  const results = prepared.map(async ({ name, reason, preparation }): Promise<[string, NullModelResult]> => {
    if (!preparation) return [name, withoutNulls(reason)];
    const values = await measure({ ...plain, preparations: { [name]: preparation } }, name, count);
    hear?.(name, values);
    const { notes, swaps } = preparation;
    const found = statistics.entries.map(({ name: statistic, tail }, at) => [
      statistic,
      amongNulls(observed[at], values.subarray(at * count, (at + 1) * count), tail),
    ]);
    return [name, { notes, ...(swaps && { swaps }), statistics: Object.fromEntries(found) }];
  });
  return { masks: count, seed, models: Object.fromEntries(await Promise.all(results)) };
}

const withoutNulls = (impossible: string): NullModelResult => ({ impossible, notes: [], statistics: {} });

/** Threads exchange plain values; classes of labels are not needed. */
const plainTask = ({ name, kind, inputs, outputs }: Task): Task => ({ name, kind, inputs, outputs });

/** @param values of all nulls, NaN where it is not defined */
function amongNulls(observed: number, values: Float64Array, tail: "greater" | "less"): NullStatistic {
  const defined = values.filter((value) => !Number.isNaN(value)).sort();
  const of = defined.length;
  const extreme = defined.reduce(
    (sum, value) => sum + (tail === "greater" ? (value >= observed ? 1 : 0) : value <= observed ? 1 : 0),
    0,
  );
  const hasP = of > 0 && !Number.isNaN(observed);
  const found: SimulatedP | undefined = hasP ? simulatedP(extreme, of) : undefined;
  return {
    observed: Number.isNaN(observed) ? null : observed,
    of,
    extreme,
    p: found?.p ?? null,
    low: found?.low ?? null,
    high: found?.high ?? null,
    mean: of === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / of,
    quantiles: of === 0 ? [] : quantileShares.map((share) => defined[Math.round(share * (of - 1))]),
  };
}

export type { InitialDistribution };
