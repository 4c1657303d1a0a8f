import { randomNumbers } from "../crash/random.mjs";
import { type AdapterEngine, adapterEngines, DeviceTrials } from "./device_trials.ts";
import type { Phase } from "./phases.ts";
import type { TrialResult } from "./runs.ts";
import { type ThreadFault, type ThreadPhase, ThreadTrials } from "./thread_trials.ts";

/** A run that a lane is asked for. */
export interface Trial {
  /** Name of a kind of losses. */
  readonly kind: string;
  readonly phases: readonly Phase[];
}

/**
 * Runs what the parent process asks for, one run after the other, until it is told no more. A process of its own, since a
 * software adapter compiles on one core, which takes most of the time.
 * @param device kind of the adapter
 */
export function serveTrials(device: "gpu" | "software", seed: number): void {
  const random = randomNumbers(seed);
  const [devices, threads] = [new DeviceTrials(device, random), new ThreadTrials(random)];
  let stray: string | undefined;
  process.on("unhandledRejection", (error) => {
    stray ??= `unhandled rejection: ${(error as Error).stack}`;
  });
  process.on("message", async ({ kind, phases }: Trial) => {
    const result: TrialResult = adapterEngines.includes(kind as AdapterEngine)
      ? await devices.next(kind as AdapterEngine, phases)
      : await threads.next(kind as ThreadFault, phases as ThreadPhase[]);
    process.send?.({ ...result, problem: result.problem ?? stray });
    stray = undefined;
  });
  process.on("disconnect", () => process.exit());
}
