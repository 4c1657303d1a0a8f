import { nullModels } from "./models.ts";
import type { NullModelResult, NullStatistic, NullTest } from "./null_test.ts";
import { benjaminiHochberg } from "./p_value.ts";
import { statistics } from "./statistics.ts";

/** A statistic of one of many tickets. */
export interface CorrectedStatistic extends NullStatistic {
  /** p corrected for the number of tickets; null where p is. */
  readonly q: number | null;
}

export interface CorrectedModel extends Omit<NullModelResult, "statistics"> {
  readonly statistics: Readonly<Record<string, CorrectedStatistic>>;
}

/** As {@link NullTest}, of one of many tickets. */
export interface CorrectedTest extends Omit<NullTest, "models"> {
  readonly models: Readonly<Record<string, CorrectedModel>>;
}

/**
 * Corrects the p-values of many tickets: each statement, which is a statistic by a null model, is one family, of the tickets that have a
 * p-value for it (Benjamini and Hochberg 1995).
 * @returns in the order of the tests
 */
export function correctedTests(tests: readonly NullTest[]): CorrectedTest[] {
  const qs = tests.map(() => new Map<string, number>());
  for (const model of nullModels.names) {
    for (const statistic of statistics.names) {
      const having = tests.flatMap(({ models }, ticket) => {
        const p = models[model]?.statistics[statistic]?.p ?? null;
        return p === null ? [] : [{ ticket, p }];
      });
      benjaminiHochberg(having.map(({ p }) => p)).forEach((q, at) => {
        qs[having[at].ticket].set(`${model} ${statistic}`, q);
      });
    }
  }
  return tests.map((test, ticket) => ({
    ...test,
    models: Object.fromEntries(
      Object.entries(test.models).map(([model, result]) => [
        model,
        {
          ...result,
          statistics: Object.fromEntries(
            Object.entries(result.statistics).map(([name, found]) => [
              name,
              { ...found, q: qs[ticket].get(`${model} ${name}`) ?? null },
            ]),
          ),
        },
      ]),
    ),
  }));
}
