import type { ColumnGroup } from "../analysis/hidden_tasks.ts";
import { columnSet, formatColumns } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { inThousands, plural } from "../base/format.ts";
import { formatShape, weightCount } from "../base/shape.ts";
import type { Task } from "../base/task.ts";
import { visible } from "../base/visible.ts";
import { type Agreement, agreement, type FoundTasks, findTasks, samples } from "../function/find_tasks.ts";
import { leastAssortativity } from "../function/grouping.ts";
import type { Mask } from "../mask/mask.ts";
import { activations, defaultActivation } from "../network/activations/index.ts";
import { inputName } from "../report/unused_inputs.ts";
import type { Shell } from "./shell.ts";
import { readTicketInput, type TicketInput } from "./ticket_input.ts";

/** The value of `--tasks` where the tasks are not known. */
export const unknownTasks = "unknown";
/** Most groups that have a line of their own, and most columns that a line names one by one. */
const [mostGroups, mostNamed] = [12, 12];

/** The options of `analyze` that it looks at. */
interface Options {
  readonly layers: readonly string[] | undefined;
  readonly activation?: string;
  readonly coverage?: string;
  readonly json?: true;
  readonly svg?: string;
}

/** Does `analyze --tasks unknown`: prints which inputs and outputs of a ticket belong together. */
export async function printHiddenTasks(given: string, options: Options, shell: Shell): Promise<void> {
  for (const [option, value] of [
    ["--coverage", options.coverage],
    ["--svg", options.svg],
  ] as const) {
    if (value === undefined) continue;
    throw new InputError(
      `${option} ${value}: it needs tasks, which --tasks ${unknownTasks} leaves open; leave one out`,
    );
  }
  const input = await readTicketInput(given, { layers: options.layers, asksRun: true, withWeights: true });
  const { mask, parameters } = input.ticket;
  const activation = activationOf(input, options.activation);
  const found = findTasks(mask, parameters && { parameters, activation });
  for (const note of [...input.notes, ...weightNotes(input, activation, options.activation)]) shell.note(note);
  const known = input.outline?.tasks;
  if (options.json) shell.printJson(documentOf(mask, found, known));
  else shell.print(textOf(input, found, known).join("\n"));
}

/** @throws InputError when an option contradicts the run */
function activationOf({ run }: TicketInput, asked: string | undefined): string {
  if (!run) return activations.get(asked ?? defaultActivation).name;
  const { activation } = run.record.spec;
  const own = typeof activation === "string" ? activation : defaultActivation;
  if (asked !== undefined && asked !== own) {
    throw new InputError(`--activation ${asked}: ${run.path} was trained with ${own}; leave the option out`);
  }
  return own;
}

/** Which weights the gradients are of, or why there are none. */
function weightNotes({ path, ticket, run }: TicketInput, activation: string, asked: string | undefined): string[] {
  if (!ticket.parameters) {
    const remedy = run ? "run the spec with --set keepTrained=true" : "give a file with weights";
    return [`${path}: it holds no trained weights, so that there are no gradients; ${remedy} for these`];
  }
  if (run || asked !== undefined) return [];
  return [`activation: ${activation}, since nothing names another; --activation does`];
}

/** The groups of a way of finding them, with what it leaves out. */
function agreements({ structure, gradients }: FoundTasks, known: readonly Task[] | undefined) {
  const with_ = (groups: readonly ColumnGroup[] | undefined) =>
    known && groups ? agreement(groups, known) : undefined;
  return { structure: with_(structure.tasks), gradients: with_(gradients?.groups) };
}

/** What `--json` prints: these keys, in this order. */
function documentOf(mask: Mask, found: FoundTasks, known: readonly Task[] | undefined) {
  const { structure, gradients } = found;
  return {
    shape: mask.shape,
    remaining: mask.count(),
    structure,
    gradients: gradients ?? null,
    knownTasks: known?.map(({ name, kind, inputs, outputs }) => ({ name, kind, inputs, outputs })) ?? null,
    agreement: known ? agreements(found, known) : null,
  };
}

function textOf(
  { path, ticket: { mask }, run, outline }: TicketInput,
  found: FoundTasks,
  known: readonly Task[] | undefined,
) {
  const { structure, gradients } = found;
  const names = run?.record.inputNames;
  const count = structure.tasks.length;
  const finding =
    count === 0
      ? "no input reaches an output"
      : count === 1
        ? "one, by structure: its inputs and outputs share a subnetwork"
        : `${inThousands(count)} tasks, by structure`;
  const agreed = agreements(found, known);
  return [
    `${visible(path)}: ${finding}`,
    `shape         ${formatShape(mask.shape)}, ${inThousands(mask.count())} of ${inThousands(weightCount(mask.shape))} weights left`,
    `structure     ${plural(count, "subnetwork")}`,
    ...groupLines(
      structure.tasks,
      names,
      ({ weights, neurons }) => `; ${plural(weights, "weight")}, ${plural(neurons, "neuron")}`,
    ),
    ...leftOutLines("inputs no longer used", structure.unusedInputs, names),
    ...leftOutLines("outputs that no input reaches", structure.constantOutputs),
    ...(gradients
      ? [`gradients     ${gradientsWords(gradients)}`, ...groupLines(gradients.groups, names, () => "")]
      : []),
    ...(outline && known ? agreementLines(agreed, known, outline.from === "run" ? "run.json" : "the file") : []),
  ];
}

function gradientsWords({ groups, assortativity, crossShare }: NonNullable<FoundTasks["gradients"]>): string {
  const at = `mean |d output / d input| at ${samples} standard normal inputs`;
  const told = assortativity === null ? "none" : assortativity.toFixed(2);
  if (groups.length > 1) {
    return `${plural(groups.length, "group")}; ${(100 * crossShare).toFixed(1)} % of the dependence crosses them, assortativity ${told} (${at})`;
  }
  if (groups.length === 0) return `no output depends on an input (${at})`;
  return `one group: no division has an assortativity of ${leastAssortativity} (the best: ${told}; ${at})`;
}

function groupLines<Group extends ColumnGroup>(
  groups: readonly Group[],
  names: readonly string[] | undefined,
  more: (group: Group) => string,
): string[] {
  const lines = groups
    .slice(0, mostGroups)
    .map(
      (group, number) =>
        `  ${number + 1}: ${columnWords("input", group.inputs, names)} -> ${columnWords("output", group.outputs)}${more(group)}`,
    );
  const others = groups.length - lines.length;
  return others > 0 ? [...lines, `  and ${inThousands(others)} others`] : lines;
}

function leftOutLines(what: string, columns: readonly number[], names?: readonly string[]): string[] {
  if (columns.length === 0) return [];
  return [
    `  ${what}: ${names && columns.length <= mostNamed ? named(columns, names) : formatColumns(columnSet(columns))}`,
  ];
}

/** `inputs 0..1`, by positions from 0 as `--tasks` takes them, or by the names of the data. */
function columnWords(noun: string, columns: readonly number[], names?: readonly string[]): string {
  if (names && columns.length <= mostNamed) return `${noun}s ${named(columns, names)}`;
  return `${noun}${columns.length === 1 ? "" : "s"} ${formatColumns(columnSet(columns))}`;
}

function named(columns: readonly number[], names: readonly string[]): string {
  return columns.map((column) => inputName(column, names)).join(", ");
}

function agreementLines(
  { structure, gradients }: { structure: Agreement | undefined; gradients: Agreement | undefined },
  known: readonly Task[],
  source: string,
): string[] {
  const tasks = known.map(({ name }) => visible(name)).join(", ");
  if (!structure) {
    return [`agreement     none: the tasks of ${source} (${tasks}) share inputs, so that they divide no columns`];
  }
  const { columns, ofColumns } = structure;
  const left = columns < ofColumns ? `; ${columns} of ${ofColumns} inputs and outputs have a subnetwork` : "";
  return [
    `agreement     with the tasks of ${source} (${tasks}), adjusted Rand index: structure ${structure.adjustedRand.toFixed(2)}${gradients ? `, gradients ${gradients.adjustedRand.toFixed(2)}` : ""}${left}`,
  ];
}
