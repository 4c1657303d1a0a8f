import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { Task } from "../base/task.ts";
import { checkTasks, isByPosition, parseTasks } from "../dataset/tasks.ts";
import { runOutline } from "../lottery/run_outline.ts";
import { startFile, storedStart } from "../lottery/start_weights.ts";
import { defaultActivation } from "../network/activations/index.ts";
import type { Parameters } from "../network/parameters.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/open_run.ts";
import { openTicket } from "../store/open_ticket.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { levelFile, levelName, levelOf, runFileNames } from "../store/run_path.ts";
import { readStoredRun, runFoldersIn, type StoredRun } from "../store/stored_run.ts";
import { readTicket, type Ticket } from "../store/ticket_file.ts";
import type { ExportOptions } from "./export_options.ts";
import { levelToShow, namedLevel } from "./level_to_show.ts";

/** A ticket with what its file or run tells of it. */
export interface ExportedTicket {
  /** The weights that were asked for; undefined where the file has none. */
  readonly ticket: Ticket;
  /** Path of the file that holds the ticket. */
  readonly path: string;
  /** Which weights these are. */
  readonly weights: ExportOptions["weights"];
  /** For people and metadata: name, spec hash, seed and level of a run, or the file. */
  readonly source: string;
  /** Name of a file to write, without its ending. */
  readonly stem: string;
  readonly activation: string;
  /** What names the activation. */
  readonly activationFrom: "run" | "option" | "default";
  readonly tasks: readonly Task[] | undefined;
  /** Undefined where the data name none. */
  readonly inputNames: readonly string[] | undefined;
  /** Lines that say how the file was understood. */
  readonly notes: readonly string[];
  /** Present for a level of a run. */
  readonly run: RunFolder | undefined;
}

type Choice = Pick<ExportOptions, "level" | "weights" | "activation" | "tasks" | "layers">;

/**
 * Finds the ticket that a path names: a level of a run, by its file or by the run's folder, or any other ticket file.
 * @throws InputError when there is no such ticket, its files are damaged, or an option contradicts it
 */
export async function exportedTicket(given: string, choice: Choice): Promise<ExportedTicket> {
  const cut = given.lastIndexOf("/");
  const name = given.slice(cut + 1);
  // A run's initial weights are those of level 0, where nothing is pruned.
  const level = name === runFileNames.init ? 0 : levelOf(name);
  const folder = cut < 0 ? "." : given.slice(0, cut);
  if (level !== undefined && (await nodeFiles.exists(`${folder}/${runFileNames.record}`))) {
    if (choice.level !== undefined) {
      throw new InputError(`--level ${choice.level}: ${given} is the file of level ${level}; leave --level out`);
    }
    const weights = name === runFileNames.init ? "initial" : choice.weights;
    return levelTicket(await readRunFolder(nodeFiles, folder), String(level), { ...choice, weights });
  }
  if (await nodeFiles.exists(`${given}/`)) {
    const folders = await runFoldersIn(nodeFiles, given);
    if (folders.length > 1) {
      throw new InputError(`${given} holds ${folders.length} runs: give one, such as ${folders[0].path}`);
    }
    return levelTicket(folders[0], choice.level, choice);
  }
  return fileTicket(given, choice);
}

async function levelTicket(folder: RunFolder, wanted: string | undefined, choice: Choice): Promise<ExportedTicket> {
  const { path } = folder;
  for (const [option, value] of [
    ["--activation", choice.activation],
    ["--tasks", choice.tasks],
    ["--layers", choice.layers],
  ] as const) {
    if (value !== undefined)
      throw new InputError(`${option} ${value}: ${path} says itself what its run had; leave it out`);
  }
  const stored = await readStoredRun(nodeFiles, folder, [runFileNames.levels]);
  checkFiles(stored, "its levels");
  const level = chosenLevel(stored, wanted);
  const file = levelFile(level);
  const start = choice.weights === "initial" ? startFile(folder.record.spec, level) : undefined;
  checkFiles(await readStoredRun(nodeFiles, folder, start ? [file, start] : [file]), `level ${level}`);
  const ticket = readTicket(await nodeFiles.read(`${path}/${file}`), `${path}/${file}`);
  const parameters = start ? await startParameters(folder, level, start) : ticket.parameters;
  const { name, specHash, seed, spec, inputNames } = folder.record;
  const { tasks } = runOutline(folder.record, path);
  checkFit(ticket.shape, { tasks, inputNames, parameters }, `${path}/${file}`);
  return {
    ticket: { shape: ticket.shape, mask: ticket.mask, ...(parameters && { parameters }) },
    path: `${path}/${file}`,
    weights: choice.weights,
    source: `${name}-${specHash}, seed ${seed}, level ${level}`,
    stem: levelName(name, seed, level),
    activation: typeof spec.activation === "string" ? spec.activation : defaultActivation,
    activationFrom: "run",
    tasks,
    inputNames,
    notes:
      start && start !== runFileNames.init
        ? [`weights: those that level ${level} started from, by rewind=${spec.rewind}, not those of level 0`]
        : [],
    run: folder,
  };
}

/**
 * Runs of older versions have no checksums, so a file of another run may be in their folder.
 * @throws InputError when a level has not the widths that its run had
 */
function checkFit(
  shape: Shape,
  {
    tasks,
    inputNames,
    parameters,
  }: Pick<ExportedTicket, "tasks" | "inputNames"> & { readonly parameters: Parameters | undefined },
  where: string,
): void {
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  const problems: string[] = [];
  try {
    if (tasks) checkTasks(tasks, inputs, outputs);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    problems.push("its tasks have other inputs or outputs");
  }
  if (inputNames && inputNames.length !== inputs) problems.push(`it names ${plural(inputNames.length, "input")}`);
  if (parameters && parameters.shape.join() !== shape.join())
    problems.push(`its weights are of ${formatShape(parameters.shape)}`);
  if (problems.length === 0) return;
  throw new InputError(
    `${where}: a network of ${formatShape(shape)}, which is not of its run (${problems.join("; ")}); restore the file`,
  );
}

function checkFiles({ folder, differing }: StoredRun, what: string): void {
  if (differing.length === 0) return;
  throw new InputError(
    `${differing.map((name) => `${folder.path}/${name}`).join(", ")}: not what the run wrote, by the checksums in run.json, so ${what} cannot be exported; restore the file, or give the run's command again, which makes it again`,
  );
}

/** The finished level that is asked for; of a run that has ended by default the one that stands for it. */
function chosenLevel({ folder, levels, outcome }: StoredRun, wanted: string | undefined): number {
  const { path } = folder;
  const standing = levelToShow(levels, path);
  if (wanted === undefined) {
    if (outcome !== undefined) return standing;
    const { diverged } = folder.record;
    throw new InputError(
      `${path}: ${diverged ? `level ${diverged.level} of the run diverged` : "the run has not ended"}; choose one of its finished levels by --level, 0 to ${levels.length - 1}${diverged ? "" : ", or let it end"}`,
    );
  }
  return namedLevel(wanted, levels, path);
}

async function startParameters(folder: RunFolder, level: number, file: string): Promise<Parameters> {
  const parameters = await storedStart(folder, level);
  if (!parameters) throw new InputError(`${folder.path}: ${file} is missing; restore the file`);
  return parameters;
}

async function fileTicket(
  path: string,
  { level, weights, activation, tasks, layers }: Choice,
): Promise<ExportedTicket> {
  if (level !== undefined) throw new InputError(`--level ${level}: ${path} is a single ticket; leave --level out`);
  if (weights === "initial") {
    throw new InputError(`--weights initial: ${path} is no level of a run folder; give one, or leave it out`);
  }
  const names = layers?.split(",").map((name) => name.trim());
  const { reading, ...ticket } = openTicket(await nodeFiles.read(path), path, { layers: names });
  const chosen = tasks === undefined ? ticket.tasks : parseTasks(tasks);
  if (chosen) {
    const [inputs, outputs] = [ticket.shape[0], ticket.shape[ticket.shape.length - 1]];
    checkTasks(chosen, inputs, outputs, tasks !== undefined && isByPosition(tasks));
  }
  const file = path.slice(path.lastIndexOf("/") + 1);
  return {
    ticket,
    path,
    weights,
    source: file,
    stem: file.replace(/\.[^.]*$/, ""),
    activation: activation ?? defaultActivation,
    activationFrom: activation === undefined ? "default" : "option",
    tasks: chosen,
    inputNames: undefined,
    notes: [
      ...reading.notes,
      ...reading.maskNotes,
      ...(reading.passedOver.length > 0 ? [`${path}: the network is that of the dense layers alone`] : []),
    ],
    run: undefined,
  };
}
