import { InputError } from "../base/errors.ts";
import type { Mask } from "../mask/mask.ts";
import type { RunFolder } from "../store/run_folder.ts";

/**
 * The mask that a stored level trained with.
 * @throws InputError when its file is missing
 */
export async function storedMask(folder: RunFolder, level: number): Promise<Mask> {
  const mask = await folder.readLevelMask(level);
  if (!mask) throw new InputError(`${folder.path}: the mask of level ${level} is missing; restore the file`);
  return mask;
}
