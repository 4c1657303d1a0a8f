import type { LevelRecord } from "../store/level_record.ts";
import type { Spec } from "./spec.ts";

/** Whether the trajectory has ended or the stop rule holds after some finished levels. */
export function hasEnded(spec: Pick<Spec, "stopAt" | "remaining">, levels: readonly LevelRecord[]): boolean {
  if (levels.length === 0) return false;
  const { state } = levels[levels.length - 1];
  if (spec.stopAt !== "none" && state === "degraded") return true;
  if (spec.stopAt === "separated" && state === "separated") return true;
  return levels.length === spec.remaining.length;
}
