import { type Analysis, analyze } from "../analysis/analyze.ts";
import { components } from "../analysis/components.ts";
import { countWeights, neuronStates } from "../analysis/states.ts";
import { hasColumn } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { inThousands, plural } from "../base/format.ts";
import { formatShape } from "../base/shape.ts";
import type { Task } from "../base/task.ts";
import { visible } from "../base/visible.ts";
import { type DenseNetwork, foldTicket, partOf } from "../export/dense_network.ts";
import { type NetworkOrigin, namesOfInputs, networkMetadata } from "../export/network_metadata.ts";
import { onnxModel } from "../export/onnx.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import { edgeListCsv } from "../report/edge_list.ts";
import { ticketGraphml } from "../report/graphml.ts";
import type { TicketGraph } from "../report/ticket_edges.ts";
import { writeOutput } from "../store/node.ts";
import { writeTicket } from "../store/ticket_file.ts";
import { type ExportFormat, type ExportOptions, exportFormats } from "./export_options.ts";
import { type ExportedTicket, exportedTicket } from "./exported_ticket.ts";
import { inputConstants } from "./input_constants.ts";
import { checkOutput } from "./output_file.ts";
import { outputFormat } from "./output_format.ts";
import type { Shell } from "./shell.ts";

/** A file to write: `path` is `-` for standard output. */
interface OutputFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** What it holds, a line for people. */
  readonly about: string;
}

/** Reads a ticket and writes its network or its graph; nothing is written if anything is wrong. */
export async function exportTicket(given: string, options: ExportOptions, shell: Shell): Promise<void> {
  const { format, isFile } = target(options);
  const isGraph = format === "graphml" || format === "csv";
  if (options.split && isGraph) {
    throw new InputError(
      `--split writes networks, and ${format} is a graph, which names the subnetwork of every weight; leave one out`,
    );
  }
  if (options.split && options.output === "-") {
    throw new InputError("--split writes a file for each task: give a folder or a file with -o, not -");
  }
  const exported = await exportedTicket(given, options);
  const path = isFile ? options.output : `${options.output.replace(/(?<=.)\/+$/, "")}/${exported.stem}.${format}`;
  const { files, lines } = isGraph
    ? { files: [graphFile(exported, format, path)], lines: [] }
    : await networkFiles(exported, format, path, options, shell);
  for (const { path: file } of files) if (file !== "-") await checkOutput(file, [given]);
  for (const line of [...exported.notes, ...lines]) shell.note(line);
  for (const file of files) {
    if (file.path === "-") shell.surroundings.stdout.write(file.content);
    else await writeOutput(file.path, file.content);
    shell.note(`${file.path === "-" ? "" : `${file.path}: `}${file.about}`);
  }
}

/**
 * The format of the output, and whether it is a file: a path with the ending of a format, or standard output. Any other path
 * is a folder.
 */
function target({ output, format: chosen }: ExportOptions): { format: ExportFormat; isFile: boolean } {
  if (output === "") throw new InputError("--output is empty: give a file or a folder, or - for standard output");
  const { format = "safetensors", named } = outputFormat(output, chosen, exportFormats);
  // Such as net.pt: hardly a folder.
  if (named === undefined && /[^/]\.[A-Za-z]\w*$/.test(output)) {
    throw new InputError(
      `${output}: its name must end in .${exportFormats.join(", .")}; or give a folder, with a / at its end`,
    );
  }
  return { format, isFile: output === "-" || named !== undefined };
}

function graphFile(
  { ticket, tasks, source, run }: ExportedTicket,
  format: "graphml" | "csv",
  path: string,
): OutputFile {
  const graph = structure(ticket.mask);
  const content = format === "graphml" ? ticketGraphml(ticket, graph, tasks ?? []) : edgeListCsv(ticket, graph);
  const weights = ticket.parameters
    ? "with weights"
    : `without weights: the ticket has none${run ? " (--weights initial adds those of the run's start)" : ""}`;
  return {
    path,
    content,
    about: `graph of ${source}, ${plural(ticket.mask.count(), "kept weight")}, ${plural(graph.subnetworks.length, "subnetwork")}, ${weights}`,
  };
}

/** The parts of an analysis that need no tasks. */
function structure(mask: Mask): TicketGraph {
  const reach = reachability(mask);
  return { shape: mask.shape, neuronStates: neuronStates(mask, reach), subnetworks: components(mask, reach) };
}

async function networkFiles(
  exported: ExportedTicket,
  format: "safetensors" | "onnx",
  path: string,
  options: ExportOptions,
  shell: Shell,
): Promise<{ files: OutputFile[]; lines: string[] }> {
  const { ticket, weights, activation, tasks, source, run } = exported;
  if (!ticket.parameters) throw new InputError(weightless(exported));
  const network = foldTicket(ticket.mask, ticket.parameters, activation);
  if (!network.parameters.values.every(Number.isFinite)) {
    throw new InputError(
      `${exported.path}: with its zombie weights folded in, biases of the network are no finite f32; write the graph alone, -o <file>.graphml or .csv`,
    );
  }
  const parts = options.split ? networkOfEachTask(network, exported) : [{ network, task: undefined }];
  const names = fileNameParts(parts.map((part) => part.task ?? ""));
  const { constants, reason } = await inputConstants(run, shell);
  const { inputNames } = exported;
  const origin: NetworkOrigin = { source, weights, activation, tasks, inputNames, constants };
  const files = parts.map(({ network: part, task }, number): OutputFile => {
    const metadata = networkMetadata(part, origin);
    return {
      path: task === undefined ? path : path.replace(/(?=\.[^.]*$)/, `-${names[number]}`),
      content:
        format === "onnx"
          ? onnxModel(part, activation, metadata)
          : // Readers take "pt" as the sign of PyTorch's names.
            writeTicket({ parameters: part.parameters, metadata: { format: "pt", ...metadata } }),
      about: `${task === undefined ? "network" : `network of ${task}`} ${formatShape(part.parameters.shape)}, ${activation}, ${weights} weights of ${source}`,
    };
  });
  return { files, lines: understood(exported, network, reason) };
}

/** Why a network cannot be written from a file without weights, and what can be done. */
function weightless({ path, run }: ExportedTicket): string {
  const graph = "write the graph alone, -o <file>.graphml or .csv";
  return run
    ? `${path}: it holds no trained weights, only the mask; run the spec again with --set keepTrained=true, take --weights initial for those that training began with, or ${graph}`
    : `${path}: it holds masks and no weights; give a file with weights, or ${graph}`;
}

/** The network of each task, in the order of the tasks. */
function networkOfEachTask(network: DenseNetwork, { ticket, path, tasks }: ExportedTicket) {
  if (!tasks) throw new InputError(`${path}: --split needs tasks and the file names none; give --tasks`);
  // Only outputs decide which task a subnetwork computes, whatever coverage decides the state of the run's levels.
  const analysis = analyze(ticket.mask, tasks, "output");
  if (analysis.state !== "separated") {
    throw new InputError(
      `${path}: --split needs a subnetwork for each task, and the ticket is ${analysis.state} by its outputs (${describeOutputs(analysis, tasks)}); choose another level, or leave --split out`,
    );
  }
  return tasks.map(({ name }, task) => {
    const own = analysis.coverage.output.findIndex((row) => row[task] > 0);
    return { network: partOf(network, analysis.subnetworks[own].neurons), task: name };
  });
}

/** `subnetwork 1: circles, moons; in none: spirals`. */
function describeOutputs({ coverage }: Analysis, tasks: readonly Task[]): string {
  const held = coverage.output.flatMap((row, number) => {
    const names = tasks.flatMap(({ name }, task) => (row[task] > 0 ? [name] : []));
    return names.length > 0 ? [`subnetwork ${number + 1}: ${names.join(", ")}`] : [];
  });
  const lost = tasks.flatMap(({ name }, task) => (coverage.output.some((row) => row[task] > 0) ? [] : [name]));
  return [...held, ...(lost.length > 0 ? [`in none: ${lost.join(", ")}`] : [])].join("; ");
}

/** The tasks' names as parts of file names; numbered where two would be the same, on systems that ignore case too. */
function fileNameParts(tasks: readonly string[]): string[] {
  const parts = tasks.map((task) => task.replaceAll(/[^\p{L}\p{N}._-]+/gu, "_"));
  const isUnique = new Set(parts.map((part) => part.toLowerCase())).size === parts.length;
  return isUnique ? parts : parts.map((part, number) => `${number + 1}-${part}`);
}

/** Lines on what was left out, folded and assumed. */
function understood(
  { ticket, tasks, inputNames, activation, activationFrom }: ExportedTicket,
  network: DenseNetwork,
  reason?: string,
) {
  const { mask } = ticket;
  const { shape } = mask;
  const reach = reachability(mask);
  const { active, inactive, zombie } = countWeights(mask, reach);
  const states = neuronStates(mask, reach);
  const inputs = network.neurons[0];
  const dropped = Array.from({ length: shape[0] }, (_, column) => column).filter((column) => !inputs.includes(column));
  const outputs = states[shape.length - 1].flatMap((state, output) => (state === "active" ? [] : [output]));
  const of = (output: number) => tasks?.find((task) => hasColumn(task.outputs, output))?.name;
  const constant = outputs.map((output) => (of(output) === undefined ? String(output) : `${output} (${of(output)})`));
  return [
    `ticket ${formatShape(shape)}: ${inThousands(active)} active weights kept, ${inThousands(inactive)} inactive left out, ${inThousands(zombie)} zombie folded into biases`,
    dropped.length === 0
      ? `inputs: all ${shape[0]}`
      : `inputs: ${inputs.length} of ${shape[0]}; without those that reach no output: ${shorten(namesOfInputs(dropped, { tasks, inputNames }))}`,
    ...(constant.length > 0 ? [`constant outputs, which no input reaches: ${shorten(constant)}`] : []),
    ...(activationFrom === "default"
      ? [`activation: ${activation}, since nothing names another; --activation does`]
      : []),
    ...(reason === undefined
      ? []
      : [`the network expects standardised inputs, and their means and scales are not known (${reason})`]),
  ];
}

/** The first names of a list, and how many follow. */
function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(visible).join(", ");
  return names.length > 20 ? `${shown} and ${inThousands(names.length - 20)} more` : shown;
}
