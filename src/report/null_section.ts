import { inThousands, plural, threeDigits } from "../base/format.ts";
import { type CorrectedTest, correctedTests } from "../nulls/correction.ts";
import { statistics } from "../nulls/statistics.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { TableSection } from "./html.ts";
import { nullLevel } from "./null_lines.ts";
import { significantBelow, swapWords } from "./null_words.ts";
import type { ReportedRun } from "./reported_run.ts";
import type { TableCell } from "./run_table.ts";
import { capitalised } from "./score_names.ts";

/** The tickets of some runs among masks by chance: a sentence for the top of a report, and a table. */
export interface NullReport {
  readonly sentences: readonly string[];
  readonly section: TableSection;
}

/** The tickets that stand for runs among masks by chance, corrected over the runs; undefined where no run has nulls. */
export function nullReport(runs: readonly ReportedRun[]): NullReport | undefined {
  const tickets = runs.flatMap((run) => {
    const record = nullLevel(run.levels);
    return record ? [{ run, record }] : [];
  });
  if (tickets.length === 0) return undefined;
  const corrected = correctedTests(tickets.map(({ record }) => record.nulls));
  const models = [...new Set(corrected.flatMap((test) => Object.keys(test.models)))];
  const rows = tickets.flatMap(({ run, record }, at) =>
    models.flatMap((model) => {
      const result = corrected[at].models[model];
      if (!result) return [];
      const notes = [
        ...(result.impossible === undefined ? [] : [result.impossible]),
        ...(result.swaps && !result.swaps.isStationary ? [swapWords(result.swaps)] : []),
        ...result.notes,
      ];
      return [
        [
          textCell(run.path.split("/").slice(-2).join("/")),
          { text: String(record.level), value: record.level },
          textCell(record.state),
          textCell(model),
          ...statistics.names.map((name) => pairCell(result.statistics[name])),
          textCell(notes.join("; ")),
        ],
      ];
    }),
  );
  return {
    sentences: separatedWords(corrected).map((words) => `${capitalised(words)}.`),
    section: {
      title: "Among masks by chance",
      text: "The ticket at the first separated level of a run, or at its last level, against masks that share something with it: p = (nulls at least as extreme + 1) / (nulls + 1), and in brackets q, corrected over the runs (Benjamini and Hochberg 1995). Low values of mixing are extreme, high values of the others. The models: shuffled keeps the number of weights of each layer, rewired that of each neuron, random-mask that of the network, untrained is magnitude pruning of a new network without training.",
      table: { columns: ["run", "level", "state", "null model", ...statistics.names, "notes"], rows },
    },
  };
}

/**
 * How many tickets are separated beyond chance, as a line; none where no ticket has a p-value for it.
 * @param corrected tests of the tickets that stand for runs
 */
function separatedWords(corrected: readonly CorrectedTest[]): string[] {
  const masks = [...new Set(corrected.map((test) => inThousands(test.masks)))].join(" or ");
  const models = [...new Set(corrected.flatMap((test) => Object.keys(test.models)))];
  const counts = models.flatMap((model) => {
    const found = corrected.flatMap((test) => test.models[model]?.statistics.separated ?? []);
    if (found.length === 0) return [];
    const low = found.filter(({ q }) => q !== null && q < significantBelow).length;
    return [`${low} of ${found.length} by ${model}`];
  });
  if (counts.length === 0) return [];
  return [
    `separated beyond chance (q < ${significantBelow}; ${masks} masks of each null model, p corrected over ${plural(corrected.length, "ticket")} by Benjamini and Hochberg): ${counts.join(", ")}`,
  ];
}

/** The line of {@link separatedWords} for the levels of some runs. */
export function separatedByChance(runs: readonly { readonly levels: readonly LevelRecord[] }[]): string[] {
  return separatedWords(correctedTests(runs.flatMap(({ levels }) => nullLevel(levels)?.nulls ?? [])));
}

const textCell = (text: string): TableCell => ({ text, value: text });

function pairCell(found: { readonly p: number | null; readonly q: number | null } | undefined): TableCell {
  if (!found || found.p === null) return { text: "none", value: null };
  return { text: `${threeDigits(found.p)} (${threeDigits(found.q ?? 1)})`, value: found.p };
}
