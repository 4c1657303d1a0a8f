import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { analyze } from "../analysis/analyze.ts";
import { InputError } from "../base/errors.ts";
import { formatSeconds, plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { correctedTests } from "../nulls/correction.ts";
import { checkNullCount } from "../nulls/count.ts";
import { type InitialKeys, initialDistribution } from "../nulls/initial_distribution.ts";
import { nullModels } from "../nulls/models.ts";
import { type NullTest, testNulls } from "../nulls/null_test.ts";
import { NullThreads } from "../nulls/threads.ts";
import { startNodeNullThread } from "../nulls/worker/node.ts";
import { nullTable, nullTicketsTable } from "../report/null_table.ts";
import { nodeFiles, writeOutput } from "../store/node.ts";
import { runPathsBelow } from "../store/stored_run.ts";
import type { AnalysisOutline } from "./analysis_summary.ts";
import { distinctFolders } from "./repeated_runs.ts";
import type { Shell } from "./shell.ts";
import type { TicketInput } from "./ticket_input.ts";

/** What is asked of null models. */
export interface NullOptions {
  readonly count: number;
  readonly seed: number;
  readonly models: readonly string[];
}

/** A ticket with the tasks and the coverage of its analysis. */
export type OutlinedTicket = Omit<TicketInput, "outline"> & { readonly outline: AnalysisOutline };

const mostSeed = 0xffffffff;

/** @throws InputError naming the option, its value and its bound */
export function parseNullOptions(count: string, seed = "0", models = nullModels.names.join(",")): NullOptions {
  const number = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : Number.NaN);
  if (Number.isNaN(number(count))) checkNullCount(Number.NaN, `--null ${JSON.stringify(count)}, read as`);
  checkNullCount(number(count), "--null");
  if (!(number(seed) <= mostSeed)) {
    throw new InputError(`--null-seed ${seed}: it is no integer from 0 to ${mostSeed}; give one, such as 1`);
  }
  const named = models.split(",").map((name) => name.trim());
  for (const name of named) nullModels.get(name);
  return {
    count: number(count),
    seed: number(seed),
    models: nullModels.names.filter((name) => named.includes(name)),
  };
}

/**
 * Paths of the tickets that are meant: files, and all runs of folders, each once.
 * @throws InputError when a folder holds no run
 */
export async function nullTickets(given: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const path of given) {
    if (await isFolder(path)) paths.push(...(await distinctFolders(await runPathsBelow(nodeFiles, path))));
    else paths.push(path);
  }
  const known = new Set(await distinctFolders(paths.filter((path) => path !== "")).catch(() => paths));
  return paths.filter((path) => known.delete(path));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Reading the file says why.
    return false;
  }
}

/** Holds one ticket against its nulls: the result and its text; draws it where a file is given. */
export async function testTicket(
  input: OutlinedTicket,
  options: NullOptions,
  svg: string | undefined,
  shell: Shell,
): Promise<{ test: NullTest; text: string }> {
  const values = new Map<string, Float64Array>();
  const [test] = await timed(
    [input],
    (measure) => testNulls({ ...requestOf(input, options), hear: (model, all) => values.set(model, all) }, measure),
    shell,
  );
  if (svg !== undefined) {
    if (values.size === 0) {
      throw new InputError(
        `--null-svg ${svg}: there is nothing to draw, as no model has nulls of ${input.path}; leave it out`,
      );
    }
    // The plotting library takes 0.2 s to load.
    const { nullDistributions } = await import("../report/figures/null_distributions.ts");
    await writeOutput(svg, nullDistributions(test, values, `${shortPath(input.path)} among masks by chance`).svg);
    shell.note(`figure: ${svg}`);
  }
  return { test, text: nullTable(test) };
}

/** Holds many tickets against their nulls and prints what comes out. */
export async function testTickets(
  paths: readonly string[],
  read: (path: string) => Promise<OutlinedTicket>,
  options: NullOptions,
  json: boolean,
  shell: Shell,
): Promise<void> {
  const inputs: OutlinedTicket[] = [];
  let refused: InputError | undefined;
  for (const path of paths) {
    try {
      inputs.push(await read(path));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused ??= error;
      shell.note(`left out: ${error.message}`);
    }
  }
  if (refused && inputs.length === 0) throw refused;
  for (const note of sharedNotes(inputs)) shell.note(note);
  const tests = await timed(inputs, (measure, input) => testNulls(requestOf(input, options), measure), shell);
  const corrected = correctedTests(tests);
  const rows = inputs.map(({ path, ticket, outline }, at) => ({
    ticket: path,
    state: analyze(ticket.mask, outline.tasks, outline.coverage).state,
    test: corrected[at],
  }));
  if (json) {
    const { count: masks, seed } = options;
    shell.printJson({
      masks,
      seed,
      tickets: rows.map(({ ticket, state, test }) => ({ ticket, state, models: test.models })),
    });
  } else shell.print(nullTicketsTable(rows.map((row) => ({ ...row, ticket: shortPath(row.ticket) }))));
}

/** What was understood of tickets, once for all that it was understood of alike. */
function sharedNotes(inputs: readonly OutlinedTicket[]): string[] {
  const notes = new Map<string, string[]>();
  for (const { path, notes: own } of inputs) {
    for (const note of own) {
      const text = note.startsWith(`${path}: `) ? note.slice(path.length) : undefined;
      // Which level stands for a run is in the table.
      if (text !== undefined) notes.set(text, [...(notes.get(text) ?? []), path]);
      else if (!note.endsWith(` (${path})`)) notes.set(note, []);
    }
  }
  return [...notes].map(([text, [first, ...others]]) =>
    first === undefined ? text : `${first}${others.length > 0 ? ` and ${others.length} more` : ""}${text}`,
  );
}

/** The last folders of a path, which tell the levels of runs apart. */
const shortPath = (path: string) =>
  path
    .split("/")
    .slice(-2)
    .join("/")
    .replace(/\.safetensors$/, "");

function requestOf({ ticket: { mask }, outline: { tasks, coverage }, run }: OutlinedTicket, options: NullOptions) {
  return {
    mask,
    tasks,
    coverage,
    initial: initialDistribution(mask.shape, (run?.record.spec ?? {}) as InitialKeys),
    ...options,
  };
}

/** Tests tickets one after the other on all cores, and says how long that took. */
async function timed<Input>(
  inputs: readonly Input[],
  test: (measure: NullThreads["measure"], input: Input) => Promise<NullTest>,
  shell: Shell,
): Promise<NullTest[]> {
  const cores = availableParallelism();
  const threads = new NullThreads(startNodeNullThread, cores).begin();
  const started = performance.now();
  try {
    const tests: NullTest[] = [];
    for (const input of inputs) tests.push(await test(threads.measure, input));
    const took = formatSeconds(performance.now() - started);
    shell.note(visible(`null models: ${plural(inputs.length, "ticket")} in ${took} on ${plural(cores, "thread")}`));
    return tests;
  } finally {
    threads.close();
  }
}
