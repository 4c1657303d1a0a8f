import { InputError } from "../base/errors.ts";
import { visible } from "../base/visible.ts";
import { type LevelRecord, parseLevelRecord } from "./level_record.ts";
import type { Damage } from "./run_damage.ts";
import { runFileNames } from "./run_path.ts";

/**
 * The records of some lines of `levels.jsonl`, level 0 first.
 * @param folder path of the run folder, for messages
 * @throws InputError for a line that is no record of its level, or has other tasks than level 0
 */
export function parseLevelLines(lines: readonly string[], folder: string): LevelRecord[] {
  const levels: LevelRecord[] = [];
  for (const line of lines) levels.push(parseNext(line, levels, folder));
  return levels;
}

/** As {@link parseLevelLines}, up to the first line that is damaged, with that damage. */
export function readableLevelLines(
  lines: readonly string[],
  folder: string,
): { readonly levels: LevelRecord[]; readonly damage?: Damage } {
  const levels: LevelRecord[] = [];
  for (const line of lines) {
    try {
      levels.push(parseNext(line, levels, folder));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const [file, level] = [runFileNames.levels, levels.length];
      return { levels, damage: { file, line: level + 1, problem: `is damaged (${error.message})`, level } };
    }
  }
  return { levels };
}

function parseNext(line: string, before: readonly LevelRecord[], folder: string): LevelRecord {
  const level = before.length;
  const where = `${folder}/${runFileNames.levels}, line ${level + 1}`;
  const record = parseLevelRecord(line, where);
  if (record.level !== level) {
    throw new InputError(
      `${where}: level ${record.level} stands where level ${level} belongs; restore the file or remove the run folder`,
    );
  }
  const scored = tasksOf(record);
  const tasks = tasksOf(before[0] ?? record);
  if (scored !== tasks) {
    throw new InputError(
      `${where}: field valAccuracy has the tasks ${visible(scored) || "none"}, level 0 has ${visible(tasks) || "none"}; restore the file or remove the run folder`,
    );
  }
  return record;
}

const tasksOf = ({ valAccuracy }: LevelRecord) => Object.keys(valAccuracy).sort().join(", ");
