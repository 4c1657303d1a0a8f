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
import { nullModels } from "../nulls/models.ts";
import type { NullTest } from "../nulls/null_test.ts";
import { ticketFigure } from "../report/ticket_figure.ts";
import { writeOutput } from "../store/node.ts";
import type { TicketReading } from "../store/ticket_file.ts";
import { type AnalysisOutline, analysisSummary, type Measured } from "./analysis_summary.ts";
import { printHiddenTasks, unknownTasks } from "./hidden_tasks.ts";
import type { NullOptions, OutlinedTicket } from "./null_tickets.ts";
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
  readonly null?: string;
  readonly nullSeed?: string;
  readonly nullModels?: string;
  readonly nullSvg?: string;
  readonly activation?: string;
}

/** Adds `split-ticket analyze`. */
export function addAnalyze(program: Command, shell: Shell): void {
  program
    .command("analyze")
    .description("analyse whether a network's mask has split into one subnetwork per task")
    .argument(
      "<ticket...>",
      "safetensors with the weights or masks of dense layers (names of PyTorch, Flax or Keras), masks.json, or a run's folder; with --null several of them, or folders of runs",
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
    .option(
      "--null <count>",
      "hold the ticket's structure against so many masks by chance of each null model, such as 10000: p-values with 95 % intervals, corrected over several tickets",
    )
    .option("--null-seed <seed>", "seed of these masks, an integer from 0 to 4294967295 (default: 0)")
    .option("--null-models <names>", `null models, of ${nullModels.names.join(",")} (default: all)`)
    .option("--null-svg <file>", "draw the nulls of one ticket with the ticket's own values")
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
  split-ticket analyze masks.json --tasks mnist:784:10,fashion:784:10 --coverage output --json
  split-ticket analyze runs/moons-circles-<hash>/seed-7 --null 10000 --null-svg nulls.svg
  split-ticket analyze runs/moons-circles-<hash> --null 10000`,
    )
    .action((paths: readonly string[], options: AnalyzeOptions) => runAnalyze(paths, options, shell));
}

async function runAnalyze(given: readonly string[], options: AnalyzeOptions, shell: Shell): Promise<void> {
  const nulls = await nullOptions(options);
  const outputs = [options.svg, options.nullSvg].filter((path) => path !== undefined);
  for (const output of outputs) await checkFigure(output, given);
  if (options.svg !== undefined && options.svg === options.nullSvg) {
    throw new InputError(`--svg and --null-svg both name ${options.svg}: give each a file of its own`);
  }
  const names = readMeasures(options.measures ?? "usual");
  const layers = options.layers?.split(",").map((name) => name.trim());
  if (options.tasks === unknownTasks) {
    if (nulls) {
      throw new InputError(
        `--null ${options.null} holds the structure of named tasks against chance, and --tasks ${unknownTasks} names none: name them, or leave one out`,
      );
    }
    if (options.measures !== undefined) {
      throw new InputError(
        `--measures ${options.measures}: measures need tasks, which --tasks ${unknownTasks} leaves to be found; leave --measures out, or name the tasks`,
      );
    }
    await printHiddenTasks(onlyTicket(given), { ...options, layers }, shell);
    return;
  }
  if (options.activation !== undefined) {
    throw new InputError(
      `--activation ${options.activation}: structure does not depend on it; give it with --tasks ${unknownTasks}, or leave it out`,
    );
  }
  const asksRun = options.tasks === undefined || options.coverage === undefined || nulls !== undefined;
  const read = async (path: string) => {
    const input = await readTicketInput(path, { layers, asksRun });
    return { ...input, outline: outlineOf(input, options) };
  };
  if (nulls) {
    const { nullTickets, testTickets } = await import("./null_tickets.ts");
    const paths = await nullTickets(given);
    if (paths.length > 1) {
      if (outputs.length > 0) {
        throw new InputError(`--svg and --null-svg draw one ticket, and ${paths.length} are given: give one of them`);
      }
      await testTickets(paths, read, nulls, options.json === true, shell);
      return;
    }
    await analyzeTicket(await read(paths[0]), names, options, nulls, shell);
    return;
  }
  await analyzeTicket(await read(onlyTicket(given)), names, options, undefined, shell);
}

/** @throws InputError when several are given */
function onlyTicket(given: readonly string[]): string {
  if (given.length === 1) return given[0];
  throw new InputError(
    `analyze takes one ticket, and ${given.length} are given, such as ${given[1]}: give one, or --null 10000 to hold all of them against chance`,
  );
}

/**
 * What is asked of null models; undefined where nothing is.
 * @throws InputError when a value does not fit, or is given without --null
 */
async function nullOptions(options: AnalyzeOptions): Promise<NullOptions | undefined> {
  const { null: count, nullSeed, nullModels: models, nullSvg } = options;
  if (count === undefined) {
    const others = { "--null-seed": nullSeed, "--null-models": models, "--null-svg": nullSvg };
    const other = Object.entries(others).find(([, value]) => value !== undefined);
    if (!other) return undefined;
    throw new InputError(`${other[0]} ${other[1]} is for masks by chance: give --null 10000 too`);
  }
  const { parseNullOptions } = await import("./null_tickets.ts");
  return parseNullOptions(count, nullSeed, models);
}

async function analyzeTicket(
  input: OutlinedTicket,
  names: ReturnType<typeof readMeasures>,
  options: AnalyzeOptions,
  nulls: NullOptions | undefined,
  shell: Shell,
): Promise<void> {
  const { path, ticket, outline } = input;
  const { mask } = ticket;
  const { tasks, coverage } = outline;
  const analysis = analyze(mask, tasks, coverage);
  const structure = new MaskStructure(mask, tasks);
  const measured = measureStructure(structure, names);
  const hasCut = (measured["task-cut"] ?? null) !== null;
  const more = { paths: structure.paths, taskCut: hasCut ? structure.cuts.all : null, measured };
  for (const note of [...input.notes, ...taskNotes(outline, mask.shape[0])]) shell.note(note);
  const leftOut = leftOutForSize(names, analysis.weights.active);
  if (leftOut !== undefined) shell.note(leftOut);
  const tested = nulls && (await (await import("./null_tickets.ts")).testTicket(input, nulls, options.nullSvg, shell));
  if (options.json) printDocument(mask, outline, { ...analysis, ...more }, ticket.reading, tested?.test, shell);
  else
    shell.print(
      [analysisSummary(path, { ...analysis, ...more }, outline), ...(tested ? [tested.text] : [])].join("\n"),
    );
  if (options.svg !== undefined) {
    await writeOutput(options.svg, ticketFigure({ mask, tasks, ...analysis, title: `${path}: ${analysis.state}` }));
    shell.note(`figure: ${options.svg}`);
  }
}

/**
 * The tasks and the coverage that the analysis uses: each from its option where it is given, else from the file or its run.
 * @throws InputError when neither names the tasks, or when the tasks do not fit the shape
 */
function outlineOf({ path, ticket, outline }: Omit<TicketInput, "notes">, options: AnalyzeOptions): AnalysisOutline {
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
  nulls: NullTest | undefined,
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
    ...(nulls && { nulls }),
  };
  printWithWeightStates(before, mask, after, shell);
}
