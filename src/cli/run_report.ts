import { InputError, StorageError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { FunctionAnalysis } from "../function/analyze_function.ts";
import { type ReportedRun, type RunCurves, reportedRun } from "../report/reported_run.ts";
import { mostDrawnCurves, runReport } from "../report/run_report.ts";
import { inOrder } from "../report/run_specs.ts";
import { standingLevel } from "../report/standing_level.ts";
import { checkReportPath, writeReport } from "../report/write_report.ts";
import { nodePlatform } from "../run/node.ts";
import { RunData, storedFunction } from "../run/stored_function.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/open_run.ts";
import { runFileNames } from "../store/run_path.ts";
import { readStoredRun, type StoredRun } from "../store/stored_run.ts";
import { givenRuns } from "./given_runs.ts";
import { MeasuredRuns } from "./measured_runs.ts";
import { checkOutput } from "./output_file.ts";
import { RepeatedRuns } from "./repeated_runs.ts";
import type { Shell } from "./shell.ts";
import { packageVersion } from "./versions.ts";

/** The curves of the first runs that keep them. They are read here, because those of all runs may not fit into memory. */
async function drawnCurves(runs: readonly ReportedRun[], shell: Shell): Promise<RunCurves[]> {
  const keeping = runs.filter(({ spec }) => spec.keepCurves === true);
  const drawn: RunCurves[] = [];
  for (const run of keeping.slice(0, mostDrawnCurves)) {
    const curves = await (await readRunFolder(nodeFiles, run.path)).readCurves();
    if (curves.length > 0) drawn.push({ run, curves });
  }
  if (keeping.length > mostDrawnCurves) {
    shell.note(
      `loss by epoch is drawn of the first ${mostDrawnCurves} of ${keeping.length} runs that keep their curves`,
    );
  }
  return drawn;
}

/** A run, or undefined if a file of it cannot be read, which is told: the others are reported all the same. */
async function readableRun(path: string, shell: Shell): Promise<StoredRun | undefined> {
  try {
    const run = await readStoredRun(nodeFiles, await readRunFolder(nodeFiles, path));
    // The report has the times too.
    await run.folder.readTimings();
    return run;
  } catch (error) {
    if (!(error instanceof InputError || error instanceof StorageError)) throw error;
    shell.note(`left out: ${error.message.includes(path) ? "" : `${path}: `}${error.message}`);
    return undefined;
  }
}

/** Reads runs and writes a report on them. */
export async function reportOnRuns(
  folders: readonly string[],
  output: string,
  measures: string | undefined,
  shell: Shell,
): Promise<void> {
  const measuring = new MeasuredRuns(measures);
  checkReportPath(output);
  await checkOutput(output, []);
  const runs: ReportedRun[] = [];
  const repeated = new RepeatedRuns();
  for (const path of await givenRuns(folders, shell)) {
    const stored = await readableRun(path, shell);
    if (!stored) continue;
    if (stored.differing.length > 0) {
      shell.note(`left out: ${path}: not what the run wrote: ${stored.differing.join(", ")}`);
      continue;
    }
    const { damaged } = await stored.folder.readTimings();
    if (damaged.length > 0) {
      shell.note(
        `${path}/${runFileNames.timings}: ${plural(damaged.length, "line")} passed over that ${damaged.length === 1 ? "is" : "are"} no timing`,
      );
    }
    const run = await reportedRun(await measuring.measured(stored));
    if (!run) {
      shell.note(`left out: ${path}: no level has finished`);
      continue;
    }
    runs.push(run);
    repeated.add(run);
  }
  if (runs.length === 0) {
    throw new InputError(`${folders.join(" ")}: no run with a finished level; give run folders that have one`);
  }
  const ordered = inOrder(runs);
  const functions = await ticketFunctions(ordered, shell);
  const content = runReport(ordered, packageVersion(), await drawnCurves(ordered, shell), functions);
  await writeReport(nodeFiles, output, content);
  const note = repeated.note();
  for (const line of [...(note === undefined ? [] : [note]), ...measuring.notes()]) shell.note(line);
  shell.print([...content.summary.map(visible), `report: ${output} (${plural(runs.length, "run")})`].join("\n"));
}

/** What the tickets of runs with trained weights compute, by path; the others are passed over. */
async function ticketFunctions(runs: readonly ReportedRun[], shell: Shell): Promise<Map<string, FunctionAnalysis>> {
  const functions = new Map<string, FunctionAnalysis>();
  const platform = nodePlatform();
  const data = new RunData(platform.datasets);
  for (const run of runs) {
    const level = standingLevel(run.levels)?.level;
    if (run.spec.keepTrained !== true || level === undefined) continue;
    try {
      functions.set(run.path, await storedFunction(platform, data, run.path, { level }));
    } catch (error) {
      // Such as data that have been moved since the run.
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      shell.note(`no lesions of ${run.path}: ${error.message}`);
    }
  }
  return functions;
}
