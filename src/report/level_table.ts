import { densityOf } from "../analysis/measures/density.ts";
import { effectiveDensityOf } from "../analysis/measures/effective_density.ts";
import { allWeights } from "../analysis/states.ts";
import { formatAccuracy, formatLoss, inThousands, plural, threeDigits } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { biasesLeft, type LevelRecord, type LevelState } from "../store/level_record.ts";
import { countsSteps } from "../store/trained_length.ts";
import { balancedCell, unbalancedTasks } from "./balanced_accuracy.ts";
import { biasesCell, someBiasesPruned } from "./biases_left.ts";
import { lostLevels, winningWords } from "./lost_tasks.ts";
import { type Column, fittingTable } from "./plain_table.ts";
import { describeScores, type ScoreNames, scoreNameOf, testCell } from "./score_names.ts";
import { unusedInputsWords } from "./unused_inputs.ts";

/** ANSI select-graphic-rendition codes of the states; interconnected, the usual state, keeps the terminal's colour. */
const stateColour: Readonly<Record<LevelState, string>> = {
  separated: "32",
  fragmented: "33",
  interconnected: "39",
  degraded: "31",
};

/**
 * The levels of a run as a text table, one line per level, with balanced accuracy where it differs from accuracy, scores on the
 * test split where levels are validated on other samples, the lost tasks where there are any, and steps in place of epochs where specs count them.
 * Details are left out where the table would be too wide.
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
  const unbalanced = unbalancedTasks(levels);
  const hasLost = levels.some(({ lost = [] }) => lost.length > 0);
  const right = (head: string, spare?: number): Column => ({ head, align: "right", ...(spare && { spare }) });
  const hasTest = levels.some(({ testAccuracy }) => testAccuracy !== undefined);
  const hasBiases = someBiasesPruned(levels);
  const inSteps = levels.some(countsSteps);
  const isBranch = levels.some(({ sourceLevel }) => sourceLevel !== undefined);
  const columns: Column[] = [
    right("level"),
    ...(isBranch ? [right("of the\nrun's")] : []),
    right("weights\nleft"),
    ...(hasBiases ? [right("biases\nleft")] : []),
    right(inSteps ? "steps" : "epochs", 2),
    ...(inSteps ? [right("early\nstop at", 3)] : []),
    right("valid.\nloss"),
    ...tasks.flatMap((task) => [
      right(`${scoreNameOf(task, options.scoreNames).replace("accuracy", "accu-\nracy")}\n${visible(task)}`),
      ...(unbalanced.includes(task) ? [right("bal-\nanced")] : []),
      ...(hasTest ? [right("on\ntest")] : []),
    ]),
    right("active"),
    right("in-\nactive", 1),
    right("zombie", 1),
    right("sub-\nnets", 3),
    { head: "state", align: "left" },
    { head: "wins", align: "left" },
    // The notes below the table name the lost tasks too.
    ...(hasLost ? [{ head: "lost", align: "left", spare: 4 } as const] : []),
  ];
  const rows = levels.map((record) => [
    record.level,
    ...(isBranch ? [record.sourceLevel ?? "-"] : []),
    inThousands(record.remaining),
    ...(hasBiases ? [biasesCell(record)] : []),
    inThousands(inSteps ? record.steps : record.epochs),
    ...(inSteps ? [stepCell(record.earlyStoppingStep)] : []),
    formatLoss(record.valLoss),
    ...tasks.flatMap((task) => [
      formatAccuracy(record.valAccuracy[task]),
      ...(unbalanced.includes(task) ? [balancedCell(record, task)] : []),
      ...(hasTest ? [testCell(record, task)] : []),
    ]),
    inThousands(record.weights.active),
    inThousands(record.weights.inactive),
    inThousands(record.weights.zombie),
    record.subnetworks,
    options.color ? `\u001b[${stateColour[record.state]}m${record.state}\u001b[39m` : record.state,
    record.winning ? "yes" : "no",
    ...(hasLost ? [record.lost?.map(visible).join(", ") ?? "?"] : []),
  ]);
  return fittingTable(columns, rows);
}

function stepCell(step: number | undefined): string {
  return step === undefined ? "-" : inThousands(step);
}

/** Lines below the table of a run's levels: where a task is lost, and what an older version did not store. */
export function levelNotes(levels: readonly LevelRecord[]): string[] {
  const lost = lostLevels(levels);
  const former = levels.filter((record) => record.lost === undefined).length;
  const which = former === levels.length ? "all levels" : plural(former, "level");
  return [
    ...(lost ? [lost] : []),
    ...(former > 0
      ? [`balanced accuracy and lost tasks of ${which}: not stored; an older version judged winning by accuracy alone`]
      : []),
  ];
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
  /** Names of all inputs, where the data name them. */
  readonly inputNames?: readonly string[] | undefined;
}

/**
 * `level 6 (111 of 1,120 weights left, 104 active: density 0.0991, effective 0.0929; not winning, a: lost, accuracy a 0.9833 (balanced 0.5000), b 1.0000;
 * inputs no longer used: b_noise)`.
 */
function describeLevel(record: LevelRecord, { levels, scoreNames = {}, inputNames }: RunSummary): string {
  // The first level of a branch is not dense, so the whole network is counted from the level itself.
  const biases = biasesLeft(record);
  const andBiases =
    record.biases && biases !== undefined
      ? ` and ${inThousands(biases)} of ${inThousands(allWeights(record.biases))} biases`
      : "";
  const left = `${inThousands(record.remaining)} of ${inThousands(allWeights(record.weights))} weights${andBiases} left`;
  const active = `${inThousands(record.weights.active)} active`;
  const densities = `density ${threeDigits(densityOf(record.weights))}, effective ${threeDigits(effectiveDensityOf(record.weights))}`;
  const unused = unusedInputsWords(record, inputNames);
  const end = unused ? `; ${unused}` : "";
  const ofRun = record.sourceLevel === undefined ? "" : `, level ${record.sourceLevel} of the run`;
  return `level ${record.level}${ofRun} (${left}, ${active}: ${densities}; ${winningWords(record, levels)}, ${describeScores(record, scoreNames)}${end})`;
}

/**
 * One line on how a run ended: its outcome, the level that decided it, and whether that level's ticket still solves the
 * tasks, because "separated" describes the structure only.
 */
export function outcomeLine(run: RunSummary): string {
  const { name, seed, outcome, levels } = run;
  const start = `${visible(name)}, seed ${seed}: ${outcome}`;
  if (levels.length === 0) return `${start}, no level finished`;
  const firstWith = (state: LevelState) => levels.find((record) => record.state === state);
  const separated = firstWith("separated");
  const degraded = firstWith("degraded");
  const parts: string[] = [];
  if (separated) parts.push(`separated at ${describeLevel(separated, run)}`);
  if (degraded) {
    parts.push(separated ? `degraded at level ${degraded.level}` : `degraded at ${describeLevel(degraded, run)}`);
  }
  if (parts.length === 0) parts.push(`last ${describeLevel(levels[levels.length - 1], run)}`);
  return `${start}; ${parts.join("; ")}`;
}
