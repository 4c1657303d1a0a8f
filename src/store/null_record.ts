import * as z from "zod";

const count = z.int().nonnegative();
const probability = z.number().min(0).max(1).nullable();

/** A statistic of the level's ticket among those of masks by chance; src/nulls says what each number is. */
const statistic = z.looseObject({
  observed: z.number().nullable(),
  of: count,
  extreme: count,
  p: probability,
  low: probability,
  high: probability,
  mean: z.number().nullable(),
  quantiles: z.array(z.number()),
});

const swaps = z.looseObject({
  proposalsPerWeight: z.number(),
  swapsPerWeight: z.array(z.number().nullable()),
  chains: count,
  largestDifference: z.number(),
  differing: z.string(),
  isStationary: z.boolean(),
});

const model = z.looseObject({
  impossible: z.string().optional(),
  notes: z.array(z.string()),
  swaps: swaps.optional(),
  statistics: z.record(z.string(), statistic),
});

/** The schema of {@link NullRecord}; loose, so that fields added by later versions are kept. */
export const nullRecordSchema = z.looseObject({
  masks: count,
  seed: count,
  models: z.record(z.string(), model),
});

/** A level's ticket among masks by chance, as src/nulls/null_test.ts gives it. */
export interface NullRecord {
  readonly masks: number;
  readonly seed: number;
  /** By name of the null model. */
  readonly models: Readonly<Record<string, NullModelRecord>>;
}

/** One null model of a {@link NullRecord}. */
export interface NullModelRecord {
  /** Why there are no nulls; the other fields are then empty. */
  readonly impossible?: string | undefined;
  readonly notes: readonly string[];
  readonly swaps?: NullSwapsRecord | undefined;
  /** By name of the statistic. */
  readonly statistics: Readonly<Record<string, NullStatisticRecord>>;
}

export interface NullSwapsRecord {
  readonly proposalsPerWeight: number;
  readonly swapsPerWeight: readonly (number | null)[];
  readonly chains: number;
  readonly largestDifference: number;
  readonly differing: string;
  readonly isStationary: boolean;
}

export interface NullStatisticRecord {
  readonly observed: number | null;
  readonly of: number;
  readonly extreme: number;
  readonly p: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly mean: number | null;
  readonly quantiles: readonly number[];
}
