import { formatAccuracy, inThousands, plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { type Column, plainTable } from "./plain_table.ts";
import { describeScores, type ScoreNames, scoreNameOf, sharedScoreName } from "./score_names.ts";

/** The parts of a run that its line of the table needs. */
export interface PopulationRow {
  readonly name: string;
  /** The spec values in which the run's experiment differs from the others: `{ extension: 7 }`. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly outcome: string;
  readonly levels: readonly LevelRecord[];
  /** Needed if some scores are no accuracies. */
  readonly scoreNames?: ScoreNames;
}

/** A spec's value as it is written after `--set`: lists with commas. */
export function formatValue(value: unknown): string {
  return value === undefined ? "" : visible(Array.isArray(value) ? value.join() : String(value));
}

/**
 * The runs of a population as a text table, one line per run: the values in which it differs, its outcome, and the
 * weights, scores and winning of its first separated level, because "separated" describes the structure only.
 * @param rows at least one, in the order to be shown
 * @returns lines without a line end after the last
 */
export function populationTable(rows: readonly PopulationRow[]): string {
  const hasNames = new Set(rows.map(({ name }) => name)).size > 1;
  const keys = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const tasksOf = ({ levels }: PopulationRow) => Object.keys(levels[0]?.valAccuracy ?? {});
  const tasks = new Set(rows.map((row) => tasksOf(row).join(", ")));
  const scoreName = sharedScoreName(
    rows.flatMap((row) => tasksOf(row).map((task) => scoreNameOf(task, row.scoreNames))),
  );
  const columns: Column[] = [
    ...(hasNames ? [{ head: "experiment", align: "left" } as const] : []),
    ...keys.map((head) => ({ head, align: "right" }) as const),
    { head: "seed", align: "right" },
    { head: "outcome", align: "left" },
    { head: "levels\ntrained", align: "right" },
    { head: "separated\nat level", align: "right" },
    { head: "weights\nleft", align: "right" },
    { head: "weights\nactive", align: "right" },
    { head: `${scoreName}\n${tasks.size === 1 ? visible([...tasks][0]) : "by task"}`, align: "right" },
    { head: "winning", align: "left" },
  ];
  const lines = rows.map((row) => {
    const separated = row.levels.find(({ state }) => state === "separated");
    return [
      ...(hasNames ? [visible(row.name)] : []),
      ...keys.map((key) => formatValue(row.values[key])),
      row.seed,
      row.outcome,
      row.levels.length,
      ...(separated
        ? separatedCells(separated, scoreName === "score" ? (row.scoreNames ?? {}) : undefined)
        : ["-", "-", "-", "-", "-"]),
    ];
  });
  return plainTable(columns, lines);
}

/** @param names given where the head of the column does not name the scores */
function separatedCells(
  { level, remaining, weights, valAccuracy, winning }: LevelRecord,
  names: ScoreNames | undefined,
): (string | number)[] {
  const scores = names ? describeScores(valAccuracy, names) : Object.values(valAccuracy).map(formatAccuracy).join(", ");
  return [level, inThousands(remaining), inThousands(weights.active), scores, winning ? "yes" : "no"];
}

/** `28 runs: 12 separated, 13 interconnected, 3 degraded; winning where they separated: 11`. */
export function outcomeCounts(rows: readonly Pick<PopulationRow, "outcome" | "levels">[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of rows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const winning = rows.filter(({ levels }) => levels.find(({ state }) => state === "separated")?.winning).length;
  const parts = [...counts]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([outcome, count]) => `${inThousands(count)} ${outcome}`);
  const runs = plural(rows.length, "run");
  const separated = rows.some(({ levels }) => levels.some(({ state }) => state === "separated"));
  return `${runs}: ${parts.join(", ")}${separated ? `; winning where they separated: ${inThousands(winning)}` : ""}`;
}
