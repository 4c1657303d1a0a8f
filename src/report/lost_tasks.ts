import type { LevelRecord } from "../store/level_record.ts";

/**
 * `a: never learnt, b: lost`: the tasks of a level that are at or below their baselines. A task was never learnt if it
 * is so at every level from 0 on. Empty where there is none, or where an older version did not store it.
 * @param levels of the run, in order, from level 0 to this one at least
 */
export function lostTasks({ level, lost = [] }: LevelRecord, levels: readonly LevelRecord[]): string {
  const before = levels.slice(0, level);
  const isNeverLearnt = (task: string) => before.every((record) => record.lost?.includes(task));
  return lost.map((task) => `${task}: ${isNeverLearnt(task) ? "never learnt" : "lost"}`).join(", ");
}

/** `winning`, or `not winning` with the tasks that are lost. */
export function winningWords(record: LevelRecord, levels: readonly LevelRecord[]): string {
  const lost = lostTasks(record, levels);
  return `${record.winning ? "winning" : "not winning"}${lost === "" ? "" : `, ${lost}`}`;
}

/**
 * `a: never learnt (levels 0 to 3), lost at level 5; b: lost at levels 7 to 9`: for every task, the levels at which it
 * is lost. Undefined where no task is lost at any level.
 * @param levels in order, from level 0
 */
export function lostLevels(levels: readonly LevelRecord[]): string | undefined {
  const tasks = [...new Set(levels.flatMap(({ lost = [] }) => lost))];
  if (tasks.length === 0) return undefined;
  return tasks
    .map((task) => {
      const stretches: [number, number][] = [];
      for (const { level, lost } of levels) {
        if (!lost?.includes(task)) continue;
        const last = stretches.at(-1);
        if (last && last[1] === level - 1) last[1] = level;
        else stretches.push([level, level]);
      }
      const range = ([first, last]: [number, number]) => (first === last ? `${first}` : `${first} to ${last}`);
      const [first] = stretches;
      const never = first[0] === 0;
      const later = never ? stretches.slice(1) : stretches;
      const plural = later.length > 1 || later.some(([from, to]) => from !== to) ? "levels" : "level";
      const parts = [
        ...(never ? [`never learnt at ${first[1] > 0 ? "levels" : "level"} ${range(first)}`] : []),
        ...(later.length > 0 ? [`lost at ${plural} ${later.map(range).join(", ")}`] : []),
      ];
      return `${task}: ${parts.join(", ")}`;
    })
    .join("; ");
}
