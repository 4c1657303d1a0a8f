import { formatAccuracy, formatLoss, inThousands } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { LevelRecord, LevelState } from "../store/level_record.ts";
import { type Column, plainTable } from "./plain_table.ts";
import { describeScores, type ScoreNames, scoreNameOf } from "./score_names.ts";

/** ANSI select-graphic-rendition codes of the states; interconnected, the usual state, keeps the terminal's colour. */
const stateColour: Readonly<Record<LevelState, string>> = {
  separated: "32",
  fragmented: "33",
  interconnected: "39",
  degraded: "31",
};

/**
 * The levels of a run as a text table, one line per level.
 * @param levels in order, at least one; all with the same tasks
 * @param options.color true marks the states with ANSI colours
 * @param options.scoreNames needed if some scores are no accuracies
 * @returns lines without a line end after the last
 */
export function levelTable(
  levels: readonly LevelRecord[],
  options: { color: boolean; scoreNames?: ScoreNames },
): string {
  const tasks = Object.keys(levels[0]?.valAccuracy ?? {});
  const numbers = [
    "level",
    "weights\nleft",
    "epochs",
    "valid.\nloss",
    ...tasks.map((task) => `${scoreNameOf(task, options.scoreNames)}\n${visible(task)}`),
    "weights\nactive",
    "inactive",
    "zombie",
    "sub-\nnetworks",
  ];
  const columns: Column[] = [
    ...numbers.map((head) => ({ head, align: "right" }) as const),
    { head: "state", align: "left" },
    { head: "winning", align: "left" },
  ];
  const rows = levels.map((record) => [
    record.level,
    inThousands(record.remaining),
    inThousands(record.epochs),
    formatLoss(record.valLoss),
    ...tasks.map((task) => formatAccuracy(record.valAccuracy[task])),
    inThousands(record.weights.active),
    inThousands(record.weights.inactive),
    inThousands(record.weights.zombie),
    record.subnetworks,
    options.color ? `\u001b[${stateColour[record.state]}m${record.state}\u001b[39m` : record.state,
    record.winning ? "yes" : "no",
  ]);
  return plainTable(columns, rows);
}

/** The parts of a run that its outcome line needs. */
export interface RunSummary {
  readonly name: string;
  readonly seed: number;
  /** Over all levels: separated, separated-degraded, degraded, interconnected or fragmented. */
  readonly outcome: string;
  readonly levels: readonly LevelRecord[];
  /** Needed if some scores are no accuracies. */
  readonly scoreNames?: ScoreNames;
}

/** `level 6 (111 of 1,120 weights left, 104 active; winning, accuracy moons 0.9990, circles 1.0000)`. */
function describeLevel(record: LevelRecord, dense: LevelRecord, scoreNames: ScoreNames = {}): string {
  const scores = describeScores(record.valAccuracy, scoreNames);
  const left = `${inThousands(record.remaining)} of ${inThousands(dense.remaining)} weights left`;
  const winning = record.winning ? "winning" : "not winning";
  return `level ${record.level} (${left}, ${inThousands(record.weights.active)} active; ${winning}, ${scores})`;
}

/**
 * One line on how a run ended: its outcome, the level that decided it, and whether that level's ticket still solves the
 * tasks, because "separated" describes the structure only.
 */
export function outcomeLine(run: RunSummary): string {
  const { name, seed, outcome, levels, scoreNames } = run;
  const start = `${visible(name)}, seed ${seed}: ${outcome}`;
  if (levels.length === 0) return `${start}, no level finished`;
  const firstWith = (state: LevelState) => levels.find((record) => record.state === state);
  const separated = firstWith("separated");
  const degraded = firstWith("degraded");
  const parts: string[] = [];
  if (separated) parts.push(`separated at ${describeLevel(separated, levels[0], scoreNames)}`);
  if (degraded) {
    parts.push(
      separated
        ? `degraded at level ${degraded.level}`
        : `degraded at ${describeLevel(degraded, levels[0], scoreNames)}`,
    );
  }
  if (parts.length === 0) parts.push(`last ${describeLevel(levels[levels.length - 1], levels[0], scoreNames)}`);
  return `${start}; ${parts.join("; ")}`;
}
