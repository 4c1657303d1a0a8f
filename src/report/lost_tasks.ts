import { visible } from "../base/visible.ts";
import type { LevelRecord } from "../store/level_record.ts";

/**
 * `a: never learnt, b: lost`: the tasks of a level that are at or below their baselines. A task was never learnt if it
 * is so at every level from 0 on. Empty where there is none, or where an older version did not store it.
 * @param levels of the run, in order, from level 0 to this one at least
 */
export function lostTasks({ level, lost = [] }: LevelRecord, levels: readonly LevelRecord[]): string {
  const before = levels.slice(0, level);
  const isNeverLearnt = (task: string) => before.every((record) => record.lost?.includes(task));
  return lost.map((task) => `${visible(task)}: ${isNeverLearnt(task) ? "never learnt" : "lost"}`).join(", ");
}

/** `winning`, or `not winning` with the tasks that are lost. */
export function winningWords(record: LevelRecord, levels: readonly LevelRecord[]): string {
  const lost = lostTasks(record, levels);
  return `${record.winning ? "winning" : "not winning"}${lost === "" ? "" : `, ${lost}`}`;
}

/**
 * `a: never learnt; b: lost at levels 2, 7 to 9`: for every task that is lost at some level, at which ones. Undefined
 * where no task is.
 * @param levels in order, from level 0
 */
export function lostLevels(levels: readonly LevelRecord[]): string | undefined {
  const told = Object.keys(levels[0]?.valAccuracy ?? {}).flatMap((task) => {
    const at = levels.filter(({ lost }) => lost?.includes(task)).map(({ level }) => level);
    if (at.length === 0) return [];
    if (at.length === levels.length) return [`${visible(task)}: never learnt`];
    return [`${visible(task)}: lost at ${at.length === 1 ? "level" : "levels"} ${formatRanges(at)}`];
  });
  return told.length === 0 ? undefined : told.join("; ");
}

/** `2, 7 to 9`. */
function formatRanges(levels: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const level of levels) {
    const last = ranges.at(-1);
    if (last && last[1] === level - 1) last[1] = level;
    else ranges.push([level, level]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`)).join(", ");
}
