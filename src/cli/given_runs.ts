import { plural } from "../base/format.ts";
import { nodeFiles } from "../store/node.ts";
import { runPathsBelow, runsWithoutRecord } from "../store/stored_run.ts";
import { distinctFolders } from "./repeated_runs.ts";
import type { Shell } from "./shell.ts";

/**
 * Paths of the runs in some folders, each once: a run that is named twice, by its own folder and by the one above it, counts
 * once. Folders that hold files of a run but no `run.json` are told.
 * @throws InputError for a folder without runs
 */
export async function givenRuns(folders: readonly string[], shell: Shell): Promise<string[]> {
  const [paths, lost]: [string[], string[]] = [[], []];
  for (const folder of folders) {
    paths.push(...(await runPathsBelow(nodeFiles, folder)));
    lost.push(...(await runsWithoutRecord(nodeFiles, folder)));
  }
  const [first, ...others] = await distinctFolders(lost);
  if (first !== undefined) {
    const more = others.length > 0 ? ` (and ${plural(others.length, "other folder")})` : "";
    shell.note(`left out: ${first}: run.json is missing, which says which run it is${more}`);
  }
  return distinctFolders(paths);
}
