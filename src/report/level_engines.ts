import type { LevelRecord } from "../store/level_record.ts";

/**
 * One line on what trained which levels, where that changed in a run: `trained by dense kernels (levels 0-3), sparse (4-9),
 * resident (10-12)`; undefined where one engine trained them all.
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
