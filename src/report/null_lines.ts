import { plural, threeDigits } from "../base/format.ts";
import { statistics } from "../nulls/statistics.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { NullRecord } from "../store/null_record.ts";
import { modelLines } from "./null_words.ts";
import { fittingTable } from "./plain_table.ts";
import { standingLevel } from "./standing_level.ts";

/** The level that stands for a run, whose ticket is told among masks by chance; undefined where it has no nulls. */
export function nullLevel(levels: readonly LevelRecord[]): (LevelRecord & { readonly nulls: NullRecord }) | undefined {
  const record = standingLevel(levels);
  return record?.nulls && { ...record, nulls: record.nulls };
}

/** p of a statistic by a null model, to three digits. */
export function pCell(nulls: NullRecord | undefined, model: string, statistic: string): string {
  const p = nulls?.models[model]?.statistics[statistic]?.p ?? null;
  return p === null ? "none" : threeDigits(p);
}

/** p-values of the ticket that stands for a run, as lines below the table of its levels; none where the run has no nulls. */
export function nullLines(levels: readonly LevelRecord[]): string[] {
  const record = nullLevel(levels);
  if (!record) return [];
  const { level, nulls } = record;
  const models = Object.entries(nulls.models);
  const drawn = models.filter(([, { impossible }]) => impossible === undefined);
  return [
    `level ${level} among masks by chance, ${plural(nulls.masks, "mask")} of each null model: p by model and statistic`,
    ...(drawn.length > 0
      ? [
          fittingTable(
            [
              { head: "null model", align: "left" },
              ...statistics.names.map((head) => ({ head, align: "right" }) as const),
            ],
            drawn.map(([model]) => [model, ...statistics.names.map((statistic) => pCell(nulls, model, statistic))]),
          ),
        ]
      : []),
    ...models.flatMap(([model, result]) =>
      modelLines(model, { ...result, swaps: result.swaps?.isStationary ? undefined : result.swaps }),
    ),
  ];
}
