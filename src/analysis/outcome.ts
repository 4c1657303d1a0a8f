import { invariant } from "../base/errors.ts";
import type { LevelState } from "./state.ts";

/** Outcome of a run over all its levels; {@link runOutcome} defines the values. */
export type Outcome = "separated" | "separated-degraded" | "degraded" | "interconnected" | "fragmented";

/**
 * The outcome of a run. The first condition that holds decides:
 * `separated-degraded`: some level was separated and a later one degraded;
 * `separated`: some level was separated (a task's subnetwork may fragment later; the tasks stay separated);
 * `degraded`: some level was degraded, none separated;
 * `fragmented`: some level was fragmented, none separated or degraded;
 * `interconnected`: every level was interconnected.
 * @param states of the run's levels in order, at least one
 */
export function runOutcome(states: readonly LevelState[]): Outcome {
  invariant(states.length > 0, "the outcome of a run without levels");
  const separatedAt = states.indexOf("separated");
  if (separatedAt !== -1) return states.includes("degraded", separatedAt) ? "separated-degraded" : "separated";
  if (states.includes("degraded")) return "degraded";
  return states.includes("fragmented") ? "fragmented" : "interconnected";
}
