import { inThousands, plural, threeDigits } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { CorrectedTest } from "../nulls/correction.ts";
import type { NullTest } from "../nulls/null_test.ts";
import { statistics } from "../nulls/statistics.ts";
import { formatStatistic, modelLines, significantBelow, swapWords } from "./null_words.ts";
import { type Column, fittingTable } from "./plain_table.ts";

const right = (head: string, spare?: number): Column => ({ head, align: "right", ...(spare && { spare }) });
const left = (head: string, spare?: number): Column => ({ head, align: "left", ...(spare && { spare }) });

/**
 * A ticket among its nulls as a text: a table of statistics by model, then what is to be said of each model.
 * @returns lines without a line end after the last
 */
export function nullTable({ masks, seed, models }: NullTest): string {
  const columns: Column[] = [
    left("null model"),
    left("statistic"),
    right("ticket"),
    right("mean of\nnulls"),
    left("95 % of\nnulls", 1),
    right("as ex-\ntreme"),
    right("of", 2),
    right("p"),
    left("95 % interval\nof p"),
  ];
  const rows = Object.entries(models).flatMap(([model, { statistics: found }]) =>
    Object.entries(found).map(([statistic, { observed, of, extreme, p, low, high, mean, quantiles }], at) => [
      at === 0 ? model : "",
      statistic,
      formatStatistic(observed),
      formatStatistic(mean),
      quantiles.length > 0 ? `${formatStatistic(quantiles[1])} to ${formatStatistic(quantiles[5])}` : "",
      p === null ? "" : inThousands(extreme),
      inThousands(of),
      formatStatistic(p),
      low === null || high === null ? "" : `${threeDigits(low)} to ${threeDigits(high)}`,
    ]),
  );
  return [
    `null models: ${plural(masks, "mask")} of each, seed ${seed}; p = (as extreme + 1) / (of + 1), ${tails()}`,
    ...(rows.length > 0 ? [fittingTable(columns, rows)] : []),
    ...Object.entries(models).flatMap(([model, result]) => modelLines(model, result)),
  ].join("\n");
}

/** `as extreme: at most for mixing, at least for the others`. */
function tails(): string {
  const less = statistics.entries.filter(({ tail }) => tail === "less").map(({ name }) => name);
  return `as extreme: at most the ticket's ${less.join(" and ")}, at least its other values`;
}

/** A ticket among several. */
export interface NullTicketRow {
  /** Names it, such as its path. */
  readonly ticket: string;
  readonly state: string;
  readonly test: CorrectedTest;
}

/**
 * Many tickets among their nulls as a text: for each model a table of p-values with q-values behind them, a row a ticket, and how many
 * tickets each statement holds for.
 * @param rows at least one
 * @returns lines without a line end after the last
 */
export function nullTicketsTable(rows: readonly NullTicketRow[]): string {
  const [{ test }] = rows;
  const { masks, seed } = test;
  const names = statistics.names;
  return [
    `null models: ${plural(masks, "mask")} of each for each of ${plural(rows.length, "ticket")}, seed ${seed}; p, and q in brackets: corrected over the tickets (Benjamini and Hochberg)`,
    ...Object.keys(test.models).flatMap((model) => [
      `\n${model}`,
      fittingTable(
        [left("ticket"), left("state"), ...names.map((name) => right(name.replaceAll("-", "-\n")))],
        rows.map(({ ticket, state, test: { models } }) => [
          visible(ticket),
          state,
          ...names.map((name) => {
            const found = models[model].statistics[name];
            if (found === undefined || found.p === null) return "none";
            return `${shortP(found.p)} (${shortP(found.q ?? 1)})`;
          }),
        ]),
      ),
      significantLine(rows, model),
      ...leftOutLines(rows, model),
    ]),
  ].join("\n");
}

/** Two digits: `0.0071`, `1e-5`, `1`. */
const shortP = (p: number) => threeDigits(Number(p.toPrecision(2)));

/** `q < 0.05: separated 9 of 24, ..`. */
function significantLine(rows: readonly NullTicketRow[], model: string): string {
  const counts = statistics.names.map((name) => {
    const found = rows.flatMap(({ test }) => test.models[model].statistics[name] ?? []);
    const having = found.filter(({ p }) => p !== null);
    const low = having.filter(({ q }) => (q ?? 1) < significantBelow).length;
    return `${name} ${low} of ${having.length}`;
  });
  return `q < ${significantBelow}: ${counts.join(", ")}`;
}

/** Tickets without nulls by a model, by the reason, and chains that are too short. */
function leftOutLines(rows: readonly NullTicketRow[], model: string): string[] {
  const reasons = new Map<string, string[]>();
  for (const { ticket, test } of rows) {
    const { impossible, swaps } = test.models[model];
    const reason = impossible ?? (swaps && !swaps.isStationary ? swapWords(swaps) : undefined);
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), ticket]);
  }
  return [...reasons].map(
    ([reason, tickets]) =>
      `${visible(tickets[0])}${tickets.length > 1 ? ` and ${tickets.length - 1} more` : ""}: ${reason}`,
  );
}
