import type { RunEvent } from "../node.ts";

/** The levels in training, and which of them have a checkpoint in their run folder, by the messages of their runs. */
export class LevelsInTraining {
  readonly #levels = new Map<string, boolean>();

  hear({ kind, experiment, seed }: RunEvent): void {
    const run = `${experiment} ${seed}`;
    if (kind === "start") this.#levels.set(run, false);
    else if (kind === "stored") this.#levels.set(run, true);
    else if (kind === "level" || kind === "outcome" || kind === "failed") this.#levels.delete(run);
  }

  /** ` and the level in training`, ` and 2 of 3 levels in training`; empty if none is stored. */
  stored(): string {
    const all = [...this.#levels.values()];
    const count = all.filter((isStored) => isStored).length;
    if (count === 0) return "";
    if (count < all.length) return ` and ${count} of ${all.length} levels in training`;
    return count === 1 ? " and the level in training" : ` and the ${count} levels in training`;
  }
}
