import { formatAccuracy, inThousands, plural } from "../base/format.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { type Column, plainTable } from "./plain_table.ts";

/** A run as far as a line of the table tells of it. */
export interface PopulationRow {
  readonly name: string;
  /** What sets the run's experiment apart: `{ extension: 7 }`. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly outcome: string;
  readonly levels: readonly LevelRecord[];
}

/** A spec's value as it is written after `--set`: lists with commas. */
export function formatValue(value: unknown): string {
  return value === undefined ? "" : Array.isArray(value) ? value.join() : String(value);
}

/**
 * The runs of a population as a text table, one line a run: what sets it apart, its outcome, and of the first separated level
 * its weights, accuracy by task and whether it wins, since "separated" alone speaks of structure.
 * @param rows at least one, in the order to be shown
 * @returns lines without a line end after the last
 */
export function populationTable(rows: readonly PopulationRow[]): string {
  const hasNames = new Set(rows.map(({ name }) => name)).size > 1;
  const keys = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const tasksOf = ({ levels }: PopulationRow) => Object.keys(levels[0]?.valAccuracy ?? {});
  const tasks = new Set(rows.map((row) => tasksOf(row).join(", ")));
  const columns: Column[] = [
    ...(hasNames ? [{ head: "experiment", align: "left" } as const] : []),
    ...keys.map((head) => ({ head, align: "right" }) as const),
    { head: "seed", align: "right" },
    { head: "outcome", align: "left" },
    { head: "levels\ntrained", align: "right" },
    { head: "separated\nat level", align: "right" },
    { head: "weights\nleft", align: "right" },
    { head: "weights\nactive", align: "right" },
    { head: `accuracy\n${tasks.size === 1 ? [...tasks][0] : "by task"}`, align: "right" },
    { head: "winning", align: "left" },
  ];
  const lines = rows.map((row) => {
    const separated = row.levels.find(({ state }) => state === "separated");
    return [
      ...(hasNames ? [row.name] : []),
      ...keys.map((key) => formatValue(row.values[key])),
      row.seed,
      row.outcome,
      row.levels.length,
      ...(separated ? separatedCells(separated) : ["-", "-", "-", "-", "-"]),
    ];
  });
  return plainTable(columns, lines);
}

function separatedCells({ level, remaining, weights, valAccuracy, winning }: LevelRecord): (string | number)[] {
  const accuracy = Object.values(valAccuracy).map(formatAccuracy);
  return [level, inThousands(remaining), inThousands(weights.active), accuracy.join(", "), winning ? "yes" : "no"];
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
