import { realpath } from "node:fs/promises";
import { experimentFolder } from "../store/run_path.ts";

/** Paths of folders without those that lead to the same folder as one before, such as `runs` and `./runs`, or a link to it. */
export async function distinctFolders(paths: Iterable<string>): Promise<string[]> {
  const known = new Map<string, string>();
  for (const path of paths) {
    const real = await realpath(path);
    if (!known.has(real)) known.set(real, path);
  }
  return [...known.values()];
}

/** What names a run. */
interface NamedRun {
  readonly path: string;
  readonly name: string;
  readonly specHash: string;
  readonly seed: number;
}

/** Finds runs of one spec and seed in several folders, such as copies, which count as several. */
export class RepeatedRuns {
  readonly #first = new Map<string, string>();
  #example = "";
  #count = 0;

  add(run: NamedRun): void {
    const which = `${experimentFolder(run)}, seed ${run.seed}`;
    const first = this.#first.get(which);
    if (first === undefined) {
      this.#first.set(which, run.path);
      return;
    }
    if (this.#count === 0) this.#example = `${which} in ${first} and ${run.path}`;
    this.#count++;
  }

  /** A line for a person; undefined where every run is there once. */
  note(): string | undefined {
    if (this.#count === 0) return undefined;
    const others = this.#count > 1 ? ` (and ${this.#count - 1} more)` : "";
    return `runs of one spec and seed count as several: ${this.#example}${others}`;
  }
}
