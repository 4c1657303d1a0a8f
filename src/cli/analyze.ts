import { type Command, Option } from "commander";
import { type Analysis, analyze } from "../analysis/analyze.ts";
import { measureMask } from "../analysis/measures/measures.ts";
import { weightStates } from "../analysis/states.ts";
import { InputError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import { type CoverageKind, coverageKinds, type Task } from "../base/task.ts";
import { checkTasks, parseTasks } from "../dataset/tasks.ts";
import type { Mask } from "../mask/mask.ts";
import { ticketFigure } from "../report/ticket_figure.ts";
import { readMaskJson } from "../store/mask_json.ts";
import { nodeFiles } from "../store/node.ts";
import { readTicket } from "../store/ticket_file.ts";
import { analysisSummary } from "./analysis_summary.ts";
import type { Shell } from "./shell.ts";

interface AnalyzeOptions {
  readonly tasks?: string;
  readonly coverage: CoverageKind;
  readonly json?: true;
  readonly svg?: string;
}

/** Adds `split-ticket analyze`. */
export function addAnalyze(program: Command, shell: Shell): void {
  program
    .command("analyze")
    .description("tell whether a network's mask has split into one subnetwork per task")
    .argument(
      "<ticket>",
      "safetensors with layers.<i>.weight or weight_mask (PyTorch's pruning names too), or masks.json",
    )
    .option("--tasks <tasks>", "name:inputs:outputs of every task in column order, such as circles:2:1,moons:2:1")
    .addOption(
      new Option("--coverage <kind>", "what makes a subnetwork touch a task").choices(coverageKinds).default("total"),
    )
    .option("--json", "print one JSON document")
    .option("--svg <file>", "draw the ticket")
    .addHelpText(
      "after",
      `
A masks.json holds {"shape":[4,8,2],"masks":[..]}: per layer a matrix [out][in] of 0 (pruned) and 1 (kept).

Examples:
  split-ticket analyze ticket.safetensors --tasks circles:2:1,moons:2:1
  split-ticket analyze masks.json --tasks mnist:784:10,fashion:784:10 --coverage output --json`,
    )
    .action((path: string, options: AnalyzeOptions) => runAnalyze(path, options, shell));
}

async function runAnalyze(path: string, options: AnalyzeOptions, shell: Shell): Promise<void> {
  const mask = await readMask(path);
  const tasks = tasksFor(mask, options.tasks);
  const analysis = analyze(mask, tasks, options.coverage);
  const measured = measureMask(mask, tasks);
  if (options.json) shell.printJson(analysisDocument(mask, analysis, measured));
  else shell.print(analysisSummary(path, analysis, tasks, options.coverage, measured));
  if (options.svg !== undefined) {
    await nodeFiles.write(options.svg, ticketFigure({ mask, tasks, ...analysis, title: `${path}: ${analysis.state}` }));
    shell.note(`figure: ${options.svg}`);
  }
}

async function readMask(path: string): Promise<Mask> {
  const bytes = await nodeFiles.read(path);
  if (path.toLowerCase().endsWith(".json")) return readMaskJson(new TextDecoder().decode(bytes), path);
  return readTicket(bytes, path).mask;
}

/** The tasks that were declared, each column in exactly one. */
function tasksFor(mask: Mask, declared: string | undefined): Task[] {
  const { shape } = mask;
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  if (declared === undefined) {
    throw new InputError(
      `--tasks is missing: share out the ${inputs} inputs and ${outputs} outputs of ${formatShape(shape)} as name:inputs:outputs,.. such as circles:2:1,moons:2:1`,
    );
  }
  const tasks = parseTasks(declared);
  checkTasks(tasks, inputs, outputs);
  return tasks;
}

/** What `--json` prints: these keys, in this order. */
function analysisDocument(mask: Mask, analysis: Analysis, measured: Readonly<Record<string, number | null>>) {
  const { shape, remaining, weights, neurons, coverage, state, degree } = analysis;
  return {
    shape,
    remaining,
    weights: { active: weights.active, inactive: weights.inactive, zombie: weights.zombie, pruned: weights.pruned },
    neurons: { active: neurons.active, inactive: neurons.inactive, zombie: neurons.zombie },
    weightStates: weightStates(mask),
    neuronStates: analysis.neuronStates,
    subnetworks: analysis.subnetworks.map((subnetwork) => ({
      neurons: subnetwork.neurons,
      weights: subnetwork.weights,
      foreignInputs: subnetwork.foreignInputs,
    })),
    coverage: { input: coverage.input, output: coverage.output, total: coverage.total },
    state,
    degree: { fromOutputs: degree.fromOutputs, fromInputs: degree.fromInputs },
    measures: measured,
  };
}
