import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { type ReportedRun, reportedRun } from "../report/reported_run.ts";
import { runReport } from "../report/run_report.ts";
import { inOrder } from "../report/run_specs.ts";
import { checkReportPath, writeReport } from "../report/write_report.ts";
import { nodeFiles } from "../store/node.ts";
import { readStoredRun, runFoldersIn } from "../store/stored_run.ts";
import type { Shell } from "./shell.ts";
import { packageVersion } from "./versions.ts";

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
  const content = runReport(inOrder([...runs.values()]), packageVersion());
  await writeReport(nodeFiles, output, content);
  shell.print([...content.summary, `report: ${output} (${plural(runs.size, "run")})`].join("\n"));
}
