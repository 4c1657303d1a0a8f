import Table from "cli-table3";
import type { LevelRecord, LevelState } from "../store/level_record.ts";

/** ANSI select-graphic-rendition codes of the states; interconnected, the usual case, stays in the terminal's own colour. */
const stateColour: Readonly<Record<LevelState, string>> = {
  separated: "32",
  fragmented: "33",
  interconnected: "39",
  degraded: "31",
};

/** Rules above, below the head and at the end; columns are kept apart by space alone, so that a wide run still fits. */
const rules = {
  top: "─",
  "top-mid": "─",
  "top-left": "",
  "top-right": "",
  bottom: "─",
  "bottom-mid": "─",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};

const inThousands = (count: number) => count.toLocaleString("en-US");

/** A loss in at most six characters where it can: enough digits to compare levels, however small it is. */
function formatLoss(loss: number): string {
  return loss !== 0 && Math.abs(loss) < 0.001 ? loss.toExponential(1) : loss.toFixed(4);
}

/**
 * The levels of a run as a text table, one line per level.
 * @param levels in order, at least one; all with the same tasks
 * @param options.color true marks the states with ANSI colours
 * @returns lines without a line end after the last
 */
export function levelTable(levels: readonly LevelRecord[], options: { color: boolean }): string {
  const tasks = Object.keys(levels[0]?.valAccuracy ?? {});
  const numbers = [
    "\nlevel",
    "weights\nleft",
    "\nepochs",
    "valid.\nloss",
    ...tasks.map((task) => `accuracy\n${task}`),
    "weights\nactive",
    "\ninactive",
    "\nzombie",
    "sub-\nnetworks",
  ];
  const table = new Table({
    head: [...numbers, "\nstate", "\nwinning"],
    colAligns: [...numbers.map(() => "right" as const), "left", "left"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
    chars: rules,
  });
  for (const record of levels) {
    table.push([
      record.level,
      inThousands(record.remaining),
      inThousands(record.epochs),
      formatLoss(record.valLoss),
      ...tasks.map((task) => record.valAccuracy[task].toFixed(4)),
      inThousands(record.weights.active),
      inThousands(record.weights.inactive),
      inThousands(record.weights.zombie),
      record.subnetworks,
      options.color ? `\u001b[${stateColour[record.state]}m${record.state}\u001b[39m` : record.state,
      record.winning ? "yes" : "no",
    ]);
  }
  return withHeadRule(table.toString());
}

/**
 * Puts the rule of the table's first line under its two lines of head too, and drops trailing space. The table's own line
 * below the head is the one between any two rows, which the rows do without.
 */
function withHeadRule(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return [...lines.slice(0, 3), lines[0], ...lines.slice(3)].join("\n");
}

/** A run as far as one line tells of it. */
export interface RunSummary {
  readonly name: string;
  readonly seed: number;
  /** Over all levels: separated, separated-degraded, degraded, interconnected or fragmented. */
  readonly outcome: string;
  readonly levels: readonly LevelRecord[];
}

/** `level 6 (111 of 1,120 weights left, 104 active; winning, accuracy moons 0.9990, circles 1.0000)`. */
function describeLevel(record: LevelRecord, dense: LevelRecord): string {
  const accuracies = Object.entries(record.valAccuracy).map(([task, accuracy]) => `${task} ${accuracy.toFixed(4)}`);
  const left = `${inThousands(record.remaining)} of ${inThousands(dense.remaining)} weights left`;
  const winning = record.winning ? "winning" : "not winning";
  return `level ${record.level} (${left}, ${inThousands(record.weights.active)} active; ${winning}, accuracy ${accuracies.join(", ")})`;
}

/**
 * One line on how a run ended: its outcome, the level that decided it, and whether that level's ticket still solves the
 * tasks, because "separated" alone speaks of structure.
 */
export function outcomeLine(run: RunSummary): string {
  const { name, seed, outcome, levels } = run;
  const start = `${name}, seed ${seed}: ${outcome}`;
  if (levels.length === 0) return `${start}, no level finished`;
  const firstWith = (state: LevelState) => levels.find((record) => record.state === state);
  const separated = firstWith("separated");
  const degraded = firstWith("degraded");
  const parts: string[] = [];
  if (separated) parts.push(`separated at ${describeLevel(separated, levels[0])}`);
  if (degraded) {
    parts.push(separated ? `degraded at level ${degraded.level}` : `degraded at ${describeLevel(degraded, levels[0])}`);
  }
  if (parts.length === 0) parts.push(`last ${describeLevel(levels[levels.length - 1], levels[0])}`);
  return `${start}; ${parts.join("; ")}`;
}
