import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { type ReportedRun, type RunCurves, reportedRun } from "../report/reported_run.ts";
import { mostDrawnCurves, runReport } from "../report/run_report.ts";
import { inOrder } from "../report/run_specs.ts";
import { checkReportPath, writeReport } from "../report/write_report.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/run_folder.ts";
import { readStoredRun, runFoldersIn } from "../store/stored_run.ts";
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

/** Reads runs and writes a report on them. */
export async function reportOnRuns(folders: readonly string[], output: string, shell: Shell): Promise<void> {
  checkReportPath(output);
  // A run that is named twice, by its own folder and by the one above it, counts once.
  const runs = new Map<string, ReportedRun>();
  for (const path of folders) {
    for (const folder of await runFoldersIn(nodeFiles, path)) {
      const stored = await readStoredRun(nodeFiles, folder);
      if (stored.differing.length > 0) {
        shell.note(`left out: ${folder.path}: not what the run wrote: ${stored.differing.join(", ")}`);
        continue;
      }
      const run = await reportedRun(stored);
      if (run) runs.set(run.path, run);
      else shell.note(`left out: ${folder.path}: no level has finished`);
    }
  }
  if (runs.size === 0) {
    throw new InputError(`${folders.join(" ")}: no run with a finished level; give run folders that have one`);
  }
  const ordered = inOrder([...runs.values()]);
  const content = runReport(ordered, packageVersion(), await drawnCurves(ordered, shell));
  await writeReport(nodeFiles, output, content);
  shell.print([...content.summary, `report: ${output} (${plural(runs.size, "run")})`].join("\n"));
}
