import { InputError } from "../base/errors.ts";
import type { Parameters } from "../network/parameters.ts";
import type { RunFolder } from "../store/run_folder.ts";
import { levelFile, runFileNames } from "../store/run_path.ts";
import { defaultRewind, readRewind } from "./rewind.ts";

/**
 * The parameters that a level of a stored run starts from, before its mask.
 * @param level a finished level, or the one after them
 * @returns undefined if the run has not stored them yet
 * @throws InputError when the file is damaged, or holds no such parameters
 */
export async function storedStart(folder: RunFolder, level: number): Promise<Parameters | undefined> {
  const { rewind } = folder.record.spec;
  const { to } = readRewind(typeof rewind === "string" ? rewind : defaultRewind) ?? {};
  if (level === 0 || to === "initial") return folder.readInit();
  const isTrained = to === "trained";
  const found = isTrained ? await folder.readTrained(level - 1) : await folder.readRewind();
  if (found) return found;
  throw new InputError(
    `${folder.path}/${isTrained ? levelFile(level - 1) : runFileNames.rewind}: it holds no weights that level ${level} starts from; restore the file or remove the run folder`,
  );
}
