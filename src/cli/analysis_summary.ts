import type { Analysis } from "../analysis/analyze.ts";
import type { TaskCuts } from "../analysis/between/task_cuts.ts";
import type { MeasureValue } from "../analysis/measures/measure.ts";
import { type Columns, columnCount, columnList, formatColumns, isRange } from "../base/columns.ts";
import { inThousands, plural, threeDigits } from "../base/format.ts";
import { formatShape, weightCount } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { visible } from "../base/visible.ts";
import { defaultLoss } from "../loss/index.ts";
import { unusedInputsWords } from "../report/unused_inputs.ts";

/** Most subnetworks that have a line of their own. */
const mostSubnetworks = 12;

/** What named the tasks, for a person. */
const sources = { option: "--tasks", file: "the file", run: "run.json" } as const;

/** What an analysis assumes of its ticket. */
export interface AnalysisOutline {
  readonly tasks: readonly Task[];
  /** What names the tasks. */
  readonly tasksFrom: "option" | "file" | "run";
  /** The coverage that decides the state. */
  readonly coverage: CoverageKind;
}

/** What is measured beside the analysis. */
export interface Measured {
  /** Numbers of paths, `[input task][output task]`. */
  readonly paths: readonly (readonly bigint[])[];
  /** The fewest weights that would have to go to separate all tasks, with its bounds; null where it was not computed or no removal separates them. */
  readonly taskCut: TaskCuts["all"];
  /** Structural measures by name. */
  readonly measured: Readonly<Record<string, MeasureValue>>;
}

/**
 * The text of an analysis: state, tasks, counts, one line per subnetwork with its coverage of each task, degree of
 * separation, paths between tasks, measures.
 * @param path names the ticket
 * @returns lines without a line end after the last
 */
export function analysisSummary(
  path: string,
  analysis: Analysis & Measured,
  { tasks: given, tasksFrom, coverage }: AnalysisOutline,
): string {
  const { shape, remaining, weights, biases, neurons, state, subnetworks, degree, paths, taskCut, measured } = analysis;
  const tasks = given.map((task) => ({ ...task, name: visible(task.name) }));
  const described = subnetworks
    .slice(0, mostSubnetworks)
    .map((_, number) => describeSubnetwork(analysis, number, tasks));
  const others = subnetworks.length - described.length;
  const { count, columns } = analysis.unusedInputs;
  const unused = unusedInputsWords({ unusedInputs: count, unusedColumns: columns });
  return [
    `${visible(path)}: ${state}, by ${coverage} coverage of the tasks (structure alone: scores need data)`,
    `tasks         ${formatTasks(tasks)} (from ${sources[tasksFrom]})`,
    `shape         ${formatShape(shape)}, ${inThousands(remaining)} of ${inThousands(weightCount(shape))} weights left`,
    `weights       ${counts(weights)}, ${inThousands(weights.pruned)} pruned`,
    ...(biases.pruned > 0 ? [`biases        ${counts(biases)}, ${inThousands(biases.pruned)} pruned`] : []),
    `neurons       ${counts(neurons)}`,
    ...(unused ? [`inputs        ${unused}`] : []),
    `subnetworks   ${inThousands(subnetworks.length)}`,
    ...described,
    ...(others > 0 ? [`  and ${inThousands(others)} smaller ones`] : []),
    ...(taskCut ? [describeCut(taskCut)] : []),
    "degree of separation, per layer from the inputs to the outputs",
    `  seen from outputs   ${degree.fromOutputs.map(formatDegree).join("  ")}`,
    `  seen from inputs    ${degree.fromInputs.map(formatDegree).join("  ")}`,
    "paths, a row for each task by its inputs, a column for each by its outputs",
    ...describePaths(paths, tasks),
    "measures, those for every two tasks in such rows",
    ...Object.entries(measured).map(([name, value]) => `  ${name.padEnd(18)}  ${formatMeasure(value)}`),
  ].join("\n");
}

/** `circles:2:1` or `circles:0+2:1`, as after `--tasks`; with the loss where it is not the default. */
function formatTasks(tasks: readonly Task[]): string {
  const next = { inputs: 0, outputs: 0 };
  const followsOn = tasks.every((task) =>
    (["inputs", "outputs"] as const).every((side) => {
      const columns = task[side];
      const follows = isRange(columns) && columns.start === next[side];
      next[side] += columnCount(columns);
      return follows;
    }),
  );
  // Plain numbers alone would be counts.
  const areSingle = tasks.every(({ inputs, outputs }) => columnCount(inputs) * columnCount(outputs) === 1);
  const positions = (columns: Columns) =>
    areSingle ? `${columnList(columns)}..${columnList(columns)}` : formatColumns(columns);
  const written = (columns: Columns) => (followsOn ? columnCount(columns) : positions(columns));
  const formatTask = ({ name, kind, inputs, outputs }: Task) => {
    const loss = kind === defaultLoss(columnCount(outputs)) ? "" : `:${kind}`;
    return `${name}:${written(inputs)}:${written(outputs)}${loss}`;
  };
  return tasks.map(formatTask).join(", ");
}

function counts(of: { active: number; inactive: number; zombie: number }): string {
  return `${inThousands(of.active)} active, ${inThousands(of.inactive)} inactive, ${inThousands(of.zombie)} zombie`;
}

/** `  1: 6 weights, 7 neurons; circles (inputs 100 %, outputs 100 %)`, naming the tasks that it holds a column of. */
function describeSubnetwork({ subnetworks, coverage }: Analysis, number: number, tasks: readonly Task[]): string {
  const { weights, neurons, foreignInputs } = subnetworks[number];
  const [inputs, outputs] = [coverage.input[number], coverage.output[number]];
  const covered = tasks.flatMap(({ name }, task) =>
    inputs[task] > 0 || outputs[task] > 0
      ? [`${name} (inputs ${formatShare(inputs[task])}, outputs ${formatShare(outputs[task])})`]
      : [],
  );
  const foreign = foreignInputs > 0 ? `; ${plural(foreignInputs, "foreign input")}` : "";
  return `  ${number + 1}: ${plural(weights, "weight")}, ${plural(neurons.length, "neuron")}; ${covered.join(", ")}${foreign}`;
}

/** A share in per cent, rounded so that only all is 100 % and only none is 0 %. */
function formatShare(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(Math.max(share * 100, 0.1), 99.9).toFixed(1)} %`;
}

/** `  circles   1,204     0`, one line for each task. */
function describePaths(paths: Measured["paths"], tasks: readonly Task[]): string[] {
  const cells = paths.map((row) => row.map((count) => count.toLocaleString("en-US")));
  const width = Math.max(...cells.flat().map(({ length }) => length));
  const nameWidth = Math.max(...tasks.map(({ name }) => name.length));
  return cells.map((row, task) =>
    ["", tasks[task].name.padEnd(nameWidth), ...row.map((cell) => cell.padStart(width))].join("  "),
  );
}

function describeCut({ least, most }: NonNullable<Measured["taskCut"]>): string {
  const weights = least === most ? inThousands(most) : `${inThousands(least)} to ${inThousands(most)}`;
  return `to separate   ${weights} active ${most === 1 ? "weight" : "weights"} would have to go`;
}

function formatMeasure(value: MeasureValue): string {
  if (typeof value === "object" && value !== null) {
    return value.map((row) => row.map(formatMeasure).join("  ")).join(" | ");
  }
  return value === null ? "none" : Number.isInteger(value) ? inThousands(value) : threeDigits(value);
}

function formatDegree(degree: number | null): string {
  return degree === null ? "none" : degree.toFixed(2);
}
