import type { LevelCurvesRecord } from "../../store/level_curves.ts";
import type { LevelRecord } from "../../store/level_record.ts";
import type { Course } from "./figures.ts";
import { meanOf } from "./measured.ts";
import { type Kind, shownSizes } from "./published.ts";

/** A run, or a branch of one, with what it stored of its training. */
export interface StoredCourses {
  readonly kind: Kind;
  readonly levels: readonly LevelRecord[];
  /** The dense network of the run. */
  readonly dense: LevelRecord;
  readonly curves: readonly LevelCurvesRecord[];
}

/** How near to a shown size a level must be, as a factor. */
const sameSize = 1.1;

/** Means over runs of the validation accuracy along training, of the sizes that are shown; as long as the shortest of them. */
export function meanCourses(stored: readonly StoredCourses[]): Course[] {
  const groups = new Map<
    string,
    { kind: Kind; share: number; all: { steps: readonly number[]; accuracy: number[] }[] }
  >();
  for (const { kind, levels, dense, curves } of stored) {
    for (const { level, steps, valAccuracy } of curves) {
      const record = levels.find((each) => each.level === level);
      const share = record && record.remaining / dense.remaining;
      if (!steps || !share || !shownSizes.some((size) => Math.max(size / share, share / size) < sameSize)) continue;
      const tasks = Object.values(valAccuracy);
      const accuracy = steps.map((_, k) => meanOf(tasks.map((of) => of[k])));
      const key = `${kind} ${share}`;
      const group = groups.get(key) ?? { kind, share, all: [] };
      group.all.push({ steps, accuracy });
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ kind, share, all }) => {
    const length = Math.min(...all.map(({ steps }) => steps.length));
    const [{ steps }] = all;
    const accuracy = Array.from({ length }, (_, k) => meanOf(all.map((each) => each.accuracy[k])));
    return { kind, share, steps: steps.slice(0, length), accuracy };
  });
}
