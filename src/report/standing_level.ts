import type { LevelRecord } from "../store/level_record.ts";

/** The level that stands for a run: the first separated one, else the last finished one; undefined where none has finished. */
export function standingLevel(levels: readonly LevelRecord[]): LevelRecord | undefined {
  return levels.find(({ state }) => state === "separated") ?? levels[levels.length - 1];
}
