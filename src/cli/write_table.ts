import { once } from "node:events";
import { InputError } from "../base/errors.ts";
import { inThousands, plural } from "../base/format.ts";
import { visibleLines } from "../base/visible.ts";
import { nodeFiles, writeOutput } from "../store/node.ts";
import { readRunFolder } from "../store/open_run.ts";
import { runFileNames } from "../store/run_path.ts";
import { readStoredRun, type StoredRun } from "../store/stored_run.ts";
import { TableColumns } from "../table/columns.ts";
import type { Row } from "../table/flatten.ts";
import { knownColumnType, levelRows, runRow } from "../table/run_rows.ts";
import { givenRuns } from "./given_runs.ts";
import { MeasuredRuns } from "./measured_runs.ts";
import { checkOutput } from "./output_file.ts";
import { readAhead } from "./read_ahead.ts";
import { RepeatedRuns } from "./repeated_runs.ts";
import type { Shell } from "./shell.ts";
import { tableFormatOf, tableWriters } from "./table_file.ts";
import type { TableOptions } from "./table_options.ts";

/** Runs that are read at the same time: one by one, half of a table's time was waiting for small reads. */
const runsAhead = 16;

/**
 * Writes the table of some runs. The runs are read twice, first to check them and to find the columns, so that nothing is
 * written if anything is wrong and no table is ever held in memory.
 */
export async function writeTable(folders: readonly string[], options: TableOptions, shell: Shell): Promise<void> {
  const measuring = new MeasuredRuns(options.measures);
  const format = tableFormatOf(options.output, options.format);
  if (options.output !== "-") await checkOutput(options.output, []);
  const paths = await givenRuns(folders, shell);
  const repeated = new RepeatedRuns();

  const found = new TableColumns(knownColumnType);
  const faults: string[] = [];
  let rows = 0;
  const checked = (path: string) =>
    readRun(path, options).catch((error: unknown) => {
      if (error instanceof InputError) return error;
      throw error;
    });
  for await (const run of readAhead(paths, runsAhead, checked)) {
    if (run instanceof InputError) {
      faults.push(run.message);
      continue;
    }
    repeated.add({ ...run.folder.record, path: run.folder.path });
    for (const row of rowsOf(await measuring.measured(run), options)) {
      found.add(row);
      rows++;
    }
  }
  if (faults.length > 0) {
    const others =
      faults.length > 1 ? ` (and ${inThousands(faults.length - 1)} more of the ${plural(paths.length, "run")})` : "";
    throw new InputError(`${faults[0]}${others}`);
  }
  if (rows === 0) throw new InputError(`${folders.join(" ")}: no level has finished; let a run finish one first`);

  const columns = found.columns();
  const pieces = tableWriters[format](columns, tableRows(paths, measuring, options));
  const { output } = options;
  if (output !== "-") await writeOutput(output, pieces);
  else {
    const { stdout } = shell.surroundings;
    // Waits for a slow reader, so that a large table is not kept in memory.
    for await (const piece of pieces) {
      const shown = typeof piece === "string" && stdout.isTTY ? visibleLines(piece) : piece;
      if (!stdout.write(shown)) await once(stdout, "drain");
    }
  }
  const note = repeated.note();
  for (const line of [...(note === undefined ? [] : [note]), ...measuring.notes()]) shell.note(line);
  const size = `${plural(rows, "row")} (${options.rows}) of ${plural(paths.length, "run")}, ${plural(columns.length, "column")}`;
  shell.note(output === "-" ? `table: ${size}` : `table: ${output}, ${size}`);
}

/**
 * Reads a run and checks the file that the table is made of.
 * @throws InputError when it is damaged, or has not ended and unfinished runs are not wanted
 */
async function readRun(path: string, { unfinished, measures }: TableOptions): Promise<StoredRun> {
  // Measures are made from the masks, so all files are checked then.
  const checked = measures === undefined ? [runFileNames.levels] : undefined;
  const run = await readStoredRun(nodeFiles, await readRunFolder(nodeFiles, path), checked);
  if (run.differing.length > 0) {
    throw new InputError(
      `${path}/${run.differing[0]}: not what the run wrote, by the checksums in run.json; restore it, give the run's command again, or leave the run out`,
    );
  }
  if (run.outcome === undefined && !unfinished) {
    const { diverged } = run.folder.record;
    const what = diverged
      ? `level ${diverged.level} of the run diverged, as it would again; leave it out`
      : "the run has not ended; let it end, leave it out";
    throw new InputError(`${path}: ${what}, or give --unfinished for the levels that it has finished`);
  }
  return run;
}

function* rowsOf(run: StoredRun, { rows }: TableOptions): Generator<Row> {
  if (rows === "levels") yield* levelRows(run);
  else if (run.levels.length > 0) yield runRow(run);
}

async function* tableRows(
  paths: Iterable<string>,
  measuring: MeasuredRuns,
  options: TableOptions,
): AsyncGenerator<Row> {
  for await (const run of readAhead(paths, runsAhead, (path) => readRun(path, options))) {
    yield* rowsOf(await measuring.measured(run), options);
  }
}
