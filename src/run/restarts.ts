import type { DeviceError } from "../base/errors.ts";
import type { CheckpointTurns } from "../lottery/checkpoint_turns.ts";
import type { RunEvent, RunObserver } from "../lottery/messages.ts";
import type { Restart } from "../store/run_record.ts";

/** A run as far as its messages tell, over all devices that have trained it. */
interface Heard {
  /** Number of levels that the observer knows. */
  levels: number;
  /** The level in training. */
  level: number | undefined;
  /** Failures that are not noted in its folder yet. */
  readonly unnoted: Restart[];
}

/** What the runs of an engine have come to, for the case that its device fails. */
export class Restarts {
  readonly #runs = new Map<string, Heard>();
  readonly #checkpoints: CheckpointTurns | undefined;
  /** What was gained before the last failure. */
  #gained = 0;
  #gains = 0;
  #inARow = 0;

  constructor(checkpoints: CheckpointTurns | undefined) {
    this.#checkpoints = checkpoints;
  }

  /** Passes on what the observer does not know: a run that begins again finds the levels that it has finished. */
  observe(event: RunEvent, observe: RunObserver | undefined): void {
    const run = this.#of(event.experiment, event.seed);
    switch (event.kind) {
      case "found":
        if (event.record.level < run.levels) return;
        run.levels = event.record.level + 1;
        break;
      case "start":
        run.level = event.level;
        break;
      case "level":
        run.levels = event.record.level + 1;
        run.level = undefined;
        this.#gains++;
        break;
      case "damaged":
        run.levels = Math.min(run.levels, event.kept);
        break;
      case "outcome":
      case "failed":
        run.level = undefined;
        this.#gains++;
        break;
    }
    observe?.(event);
  }

  /**
   * Counts a failure of the device.
   * @returns how many there were in a row without anything gained, this one included
   */
  failed({ message: cause }: DeviceError): number {
    const gained = this.#gains + (this.#checkpoints?.stored ?? 0);
    this.#inARow = gained > this.#gained ? 1 : this.#inARow + 1;
    this.#gained = gained;
    const at = new Date().toISOString();
    for (const { level, unnoted } of this.#runs.values()) if (level !== undefined) unnoted.push({ level, cause, at });
    return this.#inARow;
  }

  /** Takes the failures that are to be noted in the folder of a run. */
  unnoted(experiment: number, seed: number): Restart[] {
    return this.#of(experiment, seed).unnoted.splice(0);
  }

  #of(experiment: number, seed: number): Heard {
    const key = `${experiment} ${seed}`;
    const run = this.#runs.get(key) ?? { levels: 0, level: undefined, unnoted: [] };
    this.#runs.set(key, run);
    return run;
  }
}
