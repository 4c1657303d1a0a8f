import type { MeasureValue } from "../analysis/measures/measure.ts";
import { leftOutForSize, measureMask, readMeasures } from "../analysis/measures/measures.ts";
import { plural } from "../base/format.ts";
import { checkTasks } from "../dataset/tasks.ts";
import { runOutline } from "../lottery/run_outline.ts";
import type { StoredRun } from "../store/stored_run.ts";
import { storedMask } from "./stored_mask.ts";

/** The option of the commands that read runs. */
export const measuresOption = {
  flags: "--measures <names>",
  description:
    "compute structural measures of the levels from their masks: names joined by commas, usual (all but the slow ones), or all",
} as const;

/** Adds structural measures to the levels of stored runs, each computed once from the masks unless the run has stored it. */
export class MeasuredRuns {
  readonly #names: readonly string[];
  readonly #computed = new Map<string, Readonly<Record<string, MeasureValue>>[]>();
  readonly #leftOut = new Map<string, number>();

  /**
   * @param text after `--measures`; undefined: runs stay as they are
   * @throws InputError when a name is not known
   */
  constructor(text: string | undefined) {
    this.#names = text === undefined ? [] : readMeasures(text);
  }

  /** The run with the measures in the records of its levels, in the order of the registry, after those stored. */
  async measured(run: StoredRun): Promise<StoredRun> {
    // Masks that are not what the run wrote are not measured; commands tell which files differ.
    if (this.#names.length === 0 || run.differing.length > 0) return run;
    const { path, record } = run.folder;
    let computed = this.#computed.get(path);
    if (!computed) {
      computed = [];
      for (const level of run.levels) {
        const missing = this.#names.filter((name) => level.measures?.[name] === undefined);
        if (missing.length === 0) {
          computed.push({});
          continue;
        }
        const mask = await storedMask(run.folder, level.level);
        const { tasks } = runOutline(record, path);
        checkTasks(tasks, mask.shape[0], mask.shape[mask.shape.length - 1]);
        computed.push(measureMask(mask, tasks, missing));
        const left = leftOutForSize(missing, level.weights.active);
        if (left !== undefined) this.#leftOut.set(left, (this.#leftOut.get(left) ?? 0) + 1);
      }
      this.#computed.set(path, computed);
    }
    const levels = run.levels.map((level, i) => ({ ...level, measures: { ...level.measures, ...computed[i] } }));
    return { ...run, levels };
  }

  /** A line for each size of levels for which measures were left out. */
  notes(): string[] {
    return [...this.#leftOut].map(([line, levels]) => `${line} (${plural(levels, "level")})`);
  }
}
