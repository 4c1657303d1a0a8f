import { InputError } from "../base/errors.ts";
import type { Parameters } from "../network/parameters.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { levelFile, runFileNames } from "../store/run_path.ts";
import type { JsonObject } from "../store/run_record.ts";
import { defaultRewind, readRewind } from "./rewind.ts";

/**
 * The file of a run that holds the parameters that a level starts from, before its mask.
 * @param spec as stored
 * @param level a finished level, or the one after them
 */
export function startFile({ rewind }: JsonObject, level: number): string {
  const { to } = readRewind(typeof rewind === "string" ? rewind : defaultRewind) ?? {};
  if (level === 0 || to === "initial") return runFileNames.init;
  return to === "trained" ? levelFile(level - 1) : runFileNames.rewind;
}

/**
 * The parameters that a level of a stored run starts from, before its mask.
 * @param level a finished level, or the one after them
 * @returns undefined if the run has not stored them yet
 * @throws InputError when the file is damaged, or holds no such parameters
 */
export async function storedStart(folder: RunFolder, level: number): Promise<Parameters | undefined> {
  const file = startFile(folder.record.spec, level);
  if (file === runFileNames.init) return folder.readInit();
  const found = file === runFileNames.rewind ? await folder.readRewind() : await folder.readTrained(level - 1);
  if (found) return found;
  throw new InputError(
    `${folder.path}/${file}: it holds no weights that level ${level} starts from; restore the file or remove the run folder`,
  );
}
