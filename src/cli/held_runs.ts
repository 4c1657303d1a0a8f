import { plural } from "../base/format.ts";
import type { HeldRun, PlannedExperiment } from "../node.ts";
import { describeHolder } from "../store/lock/lock_record.ts";
import { experimentLabels } from "./run_name.ts";

type Experiments = readonly Pick<PlannedExperiment, "name" | "values">[];

/** Most runs of a process that are named. */
const mostNamed = 5;

/**
 * The runs that other processes train, by process: `seed 0, seed 1 (pid 4711 on node-3); extension=3 seed 0 (pid 12 on node-4)`.
 */
function describeHeld(held: readonly HeldRun[], experiments: Experiments): string {
  const labels = experimentLabels(experiments);
  const byHolder = new Map<string, string[]>();
  for (const { experiment, seed, host, pid } of held) {
    const holder = describeHolder(host === undefined || pid === undefined ? undefined : { host, pid });
    byHolder.set(holder, [...(byHolder.get(holder) ?? []), `${labels[experiment]}seed ${seed}`]);
  }
  return [...byHolder]
    .map(([holder, names]) => {
      const others = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
      return `${names.slice(0, mostNamed).join(", ")}${others} (${holder})`;
    })
    .join("; ");
}

/** A line for who waits. */
export function waitingLine(held: readonly HeldRun[], experiments: Experiments): string {
  return `waiting for ${plural(held.length, "run")} that other processes train: ${describeHeld(held, experiments)}`;
}

/** A line for who did not want to wait. */
export function passedOverLine(held: readonly HeldRun[], experiments: Experiments): string {
  return `passed over ${plural(held.length, "run")} that other processes train: ${describeHeld(held, experiments)}`;
}
