import type { LevelRecord } from "../store/level_record.ts";

/**
 * One line on the kernels that trained the levels of a run, if they changed: `trained by dense kernels (levels 0-3),
 * sparse (4-9), resident (10-12)`; undefined if the same kernels trained all levels.
 * @param levels in order
 */
export function levelEnginesLine(levels: readonly LevelRecord[]): string | undefined {
  const stretches: { engine: string; first: number; last: number }[] = [];
  for (const { level, engine } of levels) {
    const current = stretches.at(-1);
    if (current?.engine === engine) current.last = level;
    else stretches.push({ engine, first: level, last: level });
  }
  if (stretches.length < 2) return undefined;
  const parts = stretches.map(({ engine, first, last }, index) => {
    const range = first === last ? `${first}` : `${first}-${last}`;
    return index === 0 ? `${engine} kernels (levels ${range})` : `${engine} (${range})`;
  });
  return `trained by ${parts.join(", ")}`;
}
