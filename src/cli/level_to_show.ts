import { InputError } from "../base/errors.ts";
import { standingLevel } from "../report/standing_level.ts";
import type { LevelRecord } from "../store/level_record.ts";

/**
 * The level that stands for a run: the first separated one, else the last finished one.
 * @param where path of the run, for the error message
 * @throws InputError when no level has finished
 */
export function levelToShow(levels: readonly LevelRecord[], where: string): number {
  const standing = standingLevel(levels);
  if (!standing) throw new InputError(`${where}: no level has finished; let the run finish one first`);
  return standing.level;
}

/**
 * The finished level that `--level` names.
 * @throws InputError when it is no number of a finished level
 */
export function namedLevel(wanted: string, levels: readonly LevelRecord[], where: string): number {
  if (!/^\d+$/.test(wanted) || !levels[Number(wanted)]) {
    throw new InputError(
      `--level ${wanted}: ${where} has the finished levels 0 to ${levels.length - 1}; choose one of them`,
    );
  }
  return Number(wanted);
}
