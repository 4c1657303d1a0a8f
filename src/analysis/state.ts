import type { CoverageKind, Task } from "../base/task.ts";
import { type CoverageCounts, coverageUnits } from "./coverage.ts";

/** How the subnetworks of one level relate to the tasks; {@link levelState} defines the values. */
export type LevelState = "degraded" | "interconnected" | "separated" | "fragmented";

/**
 * The state of a level. A subnetwork touches a task when its coverage of the task is above 0. The first condition that
 * holds decides:
 * `degraded`: some task's coverage, summed over the subnetworks, is below 1;
 * `interconnected`: some subnetwork touches two tasks, or there is one task with one subnetwork: nothing to separate;
 * `separated`: as many subnetworks as tasks, so each task has its own subnetwork;
 * `fragmented`: otherwise; some task lies in several subnetworks (Burger 2024 has no name for it: counted as degraded).
 * Subnetworks that touch no task (all their columns belong to none) are not counted.
 * Tasks may share inputs. An input lies in one subnetwork, so a shared input cannot lie in the subnetworks of two
 * separated tasks: by total or input coverage such tasks are never separated, and output coverage must decide.
 * @param kind the coverage that decides, given by the dataset
 */
export function levelState(counts: CoverageCounts, tasks: readonly Task[], kind: CoverageKind): LevelState {
  const { covered, whole } = coverageUnits(counts, tasks, kind);
  const sums = whole.map((_, task) => covered.reduce((sum, row) => sum + row[task], 0));
  if (sums.some((sum, task) => sum < whole[task])) return "degraded";
  const touched = covered.map((row) => row.filter((units) => units > 0).length).filter((count) => count > 0);
  if (touched.some((count) => count > 1)) return "interconnected";
  if (tasks.length === 1 && touched.length === 1) return "interconnected";
  return touched.length === tasks.length ? "separated" : "fragmented";
}
