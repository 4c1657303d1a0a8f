import { formatAccuracy, inThousands, plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { balancedCell, unbalancedTasks } from "./balanced_accuracy.ts";
import { biasesCell, someBiasesPruned } from "./biases_left.ts";
import { type Column, fittingTable } from "./plain_table.ts";
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
  if (value === undefined) return "";
  // Such as tasks that name their columns.
  const isNested = [value].flat().some((part) => typeof part === "object" && part !== null);
  return visible(isNested ? JSON.stringify(value) : String(value));
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
  const separatedLevels = rows.flatMap((row) => separatedLevel(row) ?? []);
  const hasBiases = someBiasesPruned(separatedLevels);
  const hasBalanced = separatedLevels.some((level) => unbalancedTasks([level]).length > 0);
  const hasLost = separatedLevels.some(({ lost = [] }) => lost.length > 0);
  const hasUnused = separatedLevels.some(({ unusedInputs = 0 }) => unusedInputs > 0);
  const taskHead = tasks.size === 1 ? visible([...tasks][0]) : "by task";
  const columns: Column[] = [
    ...(hasNames ? [{ head: "experiment", align: "left" } as const] : []),
    ...keys.map((key) => ({ head: visible(key), align: "right" }) as const),
    { head: "seed", align: "right" },
    { head: "outcome", align: "left" },
    { head: "levels\ntrained", align: "right", spare: 1 },
    { head: "separated\nat level", align: "right" },
    { head: "weights\nleft", align: "right", spare: 2 },
    ...(hasBiases ? [{ head: "biases\nleft", align: "right", spare: 2 } as const] : []),
    { head: "weights\nactive", align: "right" },
    { head: `${scoreName}\n${taskHead}`, align: "right" },
    ...(hasBalanced ? [{ head: `balanced\n${taskHead}`, align: "right" } as const] : []),
    ...(hasUnused ? [{ head: "unused\ninputs", align: "right", spare: 3 } as const] : []),
    { head: "wins", align: "left" },
    ...(hasLost ? [{ head: "lost", align: "left" } as const] : []),
  ];
  const lines = rows.map((row) => {
    const level = separatedLevel(row);
    const scores = (record: LevelRecord) =>
      scoreName === "score"
        ? describeScores({ valAccuracy: record.valAccuracy }, row.scoreNames)
        : tasksOf(row)
            .map((task) => formatAccuracy(record.valAccuracy[task]))
            .join(", ");
    const balanced = (record: LevelRecord) =>
      tasksOf(row)
        .map((task) => balancedCell(record, task))
        .join(", ");
    const cell = (text: (record: LevelRecord) => string | number) => (level ? text(level) : "-");
    return [
      ...(hasNames ? [visible(row.name)] : []),
      ...keys.map((key) => formatValue(row.values[key])),
      row.seed,
      visible(row.outcome),
      row.levels.length,
      cell((record) => record.level),
      cell(({ remaining }) => inThousands(remaining)),
      ...(hasBiases ? [cell(biasesCell)] : []),
      cell(({ weights }) => inThousands(weights.active)),
      cell(scores),
      ...(hasBalanced ? [cell(balanced)] : []),
      ...(hasUnused ? [cell(({ unusedInputs }) => unusedInputs ?? "?")] : []),
      cell(({ winning }) => (winning ? "yes" : "no")),
      ...(hasLost ? [cell(({ lost }) => lost?.map(visible).join(", ") ?? "?")] : []),
    ];
  });
  return fittingTable(columns, lines);
}

/** The first level of a run that is separated. */
function separatedLevel({ levels }: Pick<PopulationRow, "levels">): LevelRecord | undefined {
  return levels.find(({ state }) => state === "separated");
}

/**
 * `28 runs: 12 separated, 13 interconnected, 3 degraded; winning where they separated: 9 (a task lost there: 2); a:
 * never learnt by 2 runs`.
 */
export function outcomeCounts(rows: readonly Pick<PopulationRow, "outcome" | "levels">[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of rows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([outcome, count]) => `${inThousands(count)} ${outcome}`);
  const separated = rows.flatMap((row) => separatedLevel(row) ?? []);
  const winning = separated.filter((level) => level.winning).length;
  const lost = separated.filter((level) => level.lost && level.lost.length > 0).length;
  const never = new Map<string, number>();
  for (const { levels } of rows) {
    const [first = [], ...others] = levels.map((level) => level.lost ?? []);
    for (const task of first) {
      if (others.every((later) => later.includes(task))) never.set(task, (never.get(task) ?? 0) + 1);
    }
  }
  return [
    `${plural(rows.length, "run")}: ${parts.join(", ")}`,
    ...(separated.length > 0
      ? [
          `winning where they separated: ${inThousands(winning)}${lost > 0 ? ` (a task lost there: ${inThousands(lost)})` : ""}`,
        ]
      : []),
    ...[...never].map(([task, runs]) => `${visible(task)}: never learnt by ${plural(runs, "run")}`),
  ].join("; ");
}
