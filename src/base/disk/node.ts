import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../errors.ts";
import { isDangling } from "../node.ts";
import { errorCode, explained } from "../system_errors.ts";

/**
 * Bytes that this user may still write into a folder, by the file system of the folder or of the nearest one above it that
 * is there; undefined where the file system does not tell. A quota is not known.
 * @throws InputError for a path at which no folder can be: a file, a device, a link that leads to nothing or in a circle
 */
export async function freeDiskBytes(folder: string): Promise<number | undefined> {
  let place = folder;
  try {
    while (!(await isThere(place))) {
      if (await isDangling(place)) {
        throw new InputError(`cannot write ${folder}: ${place} is a link to what is not there; choose another path`);
      }
      const above = dirname(place);
      if (above === place) break;
      place = above;
    }
    if (!(await stat(place)).isDirectory()) {
      const what = place === folder ? "" : `${place} `;
      throw new InputError(`cannot write ${folder}: ${what}is a file where a folder is needed; choose another path`);
    }
    const { bavail, blocks, bsize } = await statfs(place);
    return blocks === 0 ? undefined : bavail * bsize;
  } catch (error) {
    throw explained("write", folder, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return false;
    throw error;
  }
}
