import { type Command, Option } from "commander";
import { type Analysis, analyze } from "../analysis/analyze.ts";
import { sharedInputs } from "../analysis/coverage.ts";
import { MaskStructure } from "../analysis/measures/mask_structure.ts";
import { leftOutForSize, measureStructure, readMeasures } from "../analysis/measures/measures.ts";
import { columnSet, formatColumns, hasColumn } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import { type CoverageKind, coverageKinds, type Task } from "../base/task.ts";
import { checkTasks, isByPosition, parseTasks } from "../dataset/tasks.ts";
import type { Mask } from "../mask/mask.ts";
import { ticketFigure } from "../report/ticket_figure.ts";
import { writeOutput } from "../store/node.ts";
import type { TicketReading } from "../store/ticket_file.ts";
import { type AnalysisOutline, analysisSummary, type Measured } from "./analysis_summary.ts";
import { printHiddenTasks, unknownTasks } from "./hidden_tasks.ts";
import { checkFigure } from "./output_file.ts";
import type { Shell } from "./shell.ts";
import { readTicketInput, type TicketInput } from "./ticket_input.ts";
import { printWithWeightStates } from "./weight_states_json.ts";

interface AnalyzeOptions {
  readonly tasks?: string;
  readonly coverage?: CoverageKind;
  readonly layers?: string;
  readonly measures?: string;
  readonly json?: true;
  readonly svg?: string;
  readonly activation?: string;
}

/** Adds `split-ticket analyze`. */
export function addAnalyze(program: Command, shell: Shell): void {
  program
    .command("analyze")
    .description("analyse whether a network's mask has split into one subnetwork per task")
    .argument(
      "<ticket>",
      "safetensors with the weights or masks of dense layers (names of PyTorch, Flax or Keras), masks.json, or a run's folder",
    )
    .option(
      "--tasks <tasks>",
      "name:inputs:outputs[:loss] of every task by numbers in column order, such as circles:2:1,moons:2:1, or by positions from 0, such as a:0+1:0,b:1..2:1; unknown: find them (default: those of the file, else of its run)",
    )
    .addOption(
      new Option(
        "--coverage <kind>",
        "what makes a subnetwork touch a task (default: that of the file, else of its run, else total, or output where tasks share inputs)",
      ).choices(coverageKinds),
    )
    .option(
      "--layers <names>",
      "names of the dense layers in their order, such as embed,hidden,out (default: by their widths, else by the numbers in their names)",
    )
    .option(
      "--measures <names>",
      "structural measures: names joined by commas, usual (all but the slow ones), or all (default: usual)",
    )
    .option(
      "--activation <name>",
      "activation of hidden neurons, for the gradients of --tasks unknown (default: that of the run, else relu)",
    )
    .option("--json", "print one JSON document")
    .option("--svg <file>", "draw the ticket")
    .addHelpText(
      "after",
      `
A masks.json holds {"shape":[4,8,2],"masks":[..]}: per layer a matrix [out][in] of 0 (pruned) and 1 (kept);
or tensors by name as nested lists: {"fc1.weight_mask":[[1,0],..],..}.
Tickets that the page saves carry their tasks and coverage, and level files have those of the run.json beside them; other
files need --tasks. A run's folder stands for its first separated level, else its last one.

Examples:
  split-ticket analyze moons-circles-seed-7-level-06.safetensors
  split-ticket analyze ticket.safetensors --tasks circles:2:1,moons:2:1
  split-ticket analyze ticket.safetensors --tasks a:0+1:0,b:1..2:1
  split-ticket analyze runs/moons-circles-<hash>/seed-0
  split-ticket analyze model.safetensors --tasks a:2:1,b:2:1 --layers embed,hidden,out
  split-ticket analyze runs/moons-circles-<hash>/seed-0 --tasks unknown
  split-ticket analyze masks.json --tasks mnist:784:10,fashion:784:10 --coverage output --json`,
    )
    .action((path: string, options: AnalyzeOptions) => runAnalyze(path, options, shell));
}

async function runAnalyze(given: string, options: AnalyzeOptions, shell: Shell): Promise<void> {
  if (options.svg !== undefined) await checkFigure(options.svg, [given]);
  const names = readMeasures(options.measures ?? "usual");
  const layers = options.layers?.split(",").map((name) => name.trim());
  if (options.tasks === unknownTasks) {
    if (options.measures !== undefined) {
      throw new InputError(
        `--measures ${options.measures}: measures need tasks, which --tasks ${unknownTasks} leaves to be found; leave --measures out, or name the tasks`,
      );
    }
    await printHiddenTasks(given, { ...options, layers }, shell);
    return;
  }
  if (options.activation !== undefined) {
    throw new InputError(
      `--activation ${options.activation}: structure does not depend on it; give it with --tasks ${unknownTasks}, or leave it out`,
    );
  }
  const asksRun = options.tasks === undefined || options.coverage === undefined;
  const input = await readTicketInput(given, { layers, asksRun });
  const { path, ticket } = input;
  const { mask } = ticket;
  const outline = outlineOf(input, options);
  const { tasks, coverage } = outline;
  const analysis = analyze(mask, tasks, coverage);
  const structure = new MaskStructure(mask, tasks);
  const measured = measureStructure(structure, names);
  const hasCut = (measured["task-cut"] ?? null) !== null;
  const more = { paths: structure.paths, taskCut: hasCut ? structure.cuts.all : null, measured };
  for (const note of [...input.notes, ...taskNotes(outline, mask.shape[0])]) shell.note(note);
  const leftOut = leftOutForSize(names, analysis.weights.active);
  if (leftOut !== undefined) shell.note(leftOut);
  if (options.json) printDocument(mask, outline, { ...analysis, ...more }, ticket.reading, shell);
  else shell.print(analysisSummary(path, { ...analysis, ...more }, outline));
  if (options.svg !== undefined) {
    await writeOutput(options.svg, ticketFigure({ mask, tasks, ...analysis, title: `${path}: ${analysis.state}` }));
    shell.note(`figure: ${options.svg}`);
  }
}

/**
 * The tasks and the coverage that the analysis uses: each from its option where it is given, else from the file or its run.
 * @throws InputError when neither names the tasks, or when the tasks do not fit the shape
 */
function outlineOf({ path, ticket, outline }: TicketInput, options: AnalyzeOptions): AnalysisOutline {
  const { shape } = ticket;
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  const coverageOf = (tasks: readonly Task[]) =>
    options.coverage ?? outline?.coverage ?? (sharedInputs(tasks).length > 0 ? "output" : "total");
  if (options.tasks !== undefined) {
    const tasks = parseTasks(options.tasks);
    checkTasks(tasks, inputs, outputs, isByPosition(options.tasks));
    return { tasks, tasksFrom: "option", coverage: coverageOf(tasks) };
  }
  if (!outline) {
    throw new InputError(
      `${path}: it names no tasks and --tasks is not given; give --tasks name:inputs:outputs,.. for the ${inputs} inputs and ${outputs} outputs of ${formatShape(shape)}, such as --tasks circles:2:1,moons:2:1`,
    );
  }
  const { tasks, from } = outline;
  try {
    checkTasks(tasks, inputs, outputs);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path}: ${error.message}, or give --tasks`);
  }
  return { tasks, tasksFrom: from, coverage: coverageOf(tasks) };
}

/** What the tasks imply that a user may not expect, one line each. */
function taskNotes({ tasks, coverage }: AnalysisOutline, inputs: number): string[] {
  const notes: string[] = [];
  const shared = sharedInputs(tasks);
  if (shared.length > 0 && coverage !== "output") {
    notes.push(
      `tasks: inputs ${formatColumns(columnSet(shared))} belong to several tasks, which no network separates by ${coverage} coverage; give --coverage output`,
    );
  }
  const left = Array.from({ length: inputs }, (_, input) => input).filter(
    (input) => !tasks.some((task) => hasColumn(task.inputs, input)),
  );
  if (left.length > 0) {
    notes.push(`tasks: inputs ${formatColumns(columnSet(left))} belong to no task: they are drawn and not counted`);
  }
  return notes;
}

/** Prints what `--json` asks for: these keys, in this order. */
function printDocument(
  mask: Mask,
  { tasks, tasksFrom, coverage: coverageKind }: AnalysisOutline,
  analysis: Analysis & Measured,
  { layers, orderedBy, passedOver }: TicketReading,
  shell: Shell,
): void {
  const { shape, remaining, weights, biases, neurons, coverage, state, degree } = analysis;
  const before = {
    shape,
    remaining,
    weights: { active: weights.active, inactive: weights.inactive, zombie: weights.zombie, pruned: weights.pruned },
    ...(biases.pruned > 0 && { biases }),
    neurons: { active: neurons.active, inactive: neurons.inactive, zombie: neurons.zombie },
  };
  const after = {
    neuronStates: analysis.neuronStates,
    subnetworks: analysis.subnetworks.map((subnetwork) => ({
      neurons: subnetwork.neurons,
      weights: subnetwork.weights,
      foreignInputs: subnetwork.foreignInputs,
    })),
    coverage: { input: coverage.input, output: coverage.output, total: coverage.total },
    state,
    degree: { fromOutputs: degree.fromOutputs, fromInputs: degree.fromInputs },
    // Integers without a bound are texts in JSON.
    paths: analysis.paths.map((row) => row.map(String)),
    taskCut: analysis.taskCut,
    measures: analysis.measured,
    tasks: tasks.map(({ name, kind, inputs, outputs }) => ({ name, kind, inputs, outputs })),
    tasksFrom,
    coverageKind,
    layers: layers.map(({ name }) => name),
    orderedBy,
    passedOver,
  };
  printWithWeightStates(before, mask, after, shell);
}
