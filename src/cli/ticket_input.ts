import { stat } from "node:fs/promises";
import { InputError } from "../base/errors.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { runOutline } from "../lottery/run_outline.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/open_run.ts";
import { openTicket } from "../store/open_ticket.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { levelFile, levelOf, runFileNames } from "../store/run_path.ts";
import { readStoredRun, runFoldersIn } from "../store/stored_run.ts";
import type { ReadTicket } from "../store/ticket_file.ts";
import { levelToShow } from "./level_to_show.ts";

/** A ticket that a command was given. */
export interface TicketInput {
  /** The file of the ticket. */
  readonly path: string;
  readonly ticket: ReadTicket;
  /** Tasks and coverage, where the file or its run names them, and which of the two. */
  readonly outline?: {
    readonly tasks: readonly Task[];
    readonly coverage: CoverageKind;
    readonly from: "file" | "run";
  };
  /** The run that it is a level of, where that was looked for. */
  readonly run: RunFolder | undefined;
  /** Lines that say what was understood. */
  readonly notes: readonly string[];
}

/** How the ticket at a path is read. */
interface TicketChoice {
  /** Names of the layers in their order; undefined: found out. */
  readonly layers: readonly string[] | undefined;
  /** Whether tasks or coverage may be those of the run, and its spec is wanted. */
  readonly asksRun: boolean;
  /** Whether weights are read, beside the mask. */
  readonly withWeights?: boolean;
}

/**
 * Reads the ticket at a path: a file, or the folder of a run, which stands for the first separated level, else the last finished one.
 * Level files have the tasks and the coverage of the `run.json` beside them.
 */
export async function readTicketInput(
  given: string,
  { layers, asksRun, withWeights = false }: TicketChoice,
): Promise<TicketInput> {
  const folder = (await isFolder(given)) ? await oneRun(given) : undefined;
  const level = folder && levelToShow(await folder.finishedLevels(), folder.path);
  const path = folder && level !== undefined ? `${folder.path}/${levelFile(level)}` : given;
  const ticket = openTicket(await nodeFiles.read(path), path, { layers, maskAlone: !withWeights });
  const { notes, maskNotes } = ticket.reading;
  const chosen = folder ? [`${given}: level ${level} (${path})`] : [];
  const { tasks, coverage } = ticket;
  const stored = tasks && coverage && ({ tasks, coverage, from: "file" } as const);
  const run = asksRun && !stored ? (folder ?? (await runBeside(path))) : folder;
  const outline = stored ?? (asksRun ? outlineOfRun(run) : undefined);
  const changed = run ? await changedNotes(run, path) : [];
  return { path, ticket, ...(outline && { outline }), run, notes: [...chosen, ...changed, ...notes, ...maskNotes] };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Reading the file says why.
    return false;
  }
}

async function oneRun(path: string): Promise<RunFolder> {
  const [run, ...others] = await runFoldersIn(nodeFiles, path);
  if (others.length === 0) return run;
  throw new InputError(`${path}: it holds ${others.length + 1} runs; give one of them, such as ${run.path}`);
}

/** The run that a level file or an initial file belongs to; undefined for another file. */
async function runBeside(path: string): Promise<RunFolder | undefined> {
  const match = /^(?:(.*)[/\\])?([^/\\]+)$/s.exec(path);
  const [folder, name] = [match?.[1] ?? ".", match?.[2] ?? ""];
  if (levelOf(name) === undefined && name !== runFileNames.init) return undefined;
  return (await nodeFiles.exists(`${folder}/${runFileNames.record}`)) ? readRunFolder(nodeFiles, folder) : undefined;
}

/** A line where a file of a run is not the one that the run wrote, such as a level under the name of another. */
async function changedNotes(run: RunFolder, path: string): Promise<string[]> {
  const { differing } = await readStoredRun(nodeFiles, run, [path.slice(path.lastIndexOf("/") + 1)]);
  return differing.length > 0 ? [`${path}: not what the run wrote, by the checksums in run.json`] : [];
}

function outlineOfRun(folder: RunFolder | undefined) {
  return folder && ({ ...runOutline(folder.record, folder.path), from: "run" } as const);
}
