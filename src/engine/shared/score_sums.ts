import type { Dataset } from "../../dataset/dataset.ts";
import { losses } from "../../loss/index.ts";
import { scoreSumStarts } from "../../loss/score_sums.ts";

type ScoredDataset = Pick<Dataset, "tasks" | "validation">;

/**
 * The score sums of a network, as kernels store them. Kernels count the wrong answers of each class: they are rarer than
 * the right ones, and each takes an atomic addition. The right ones are the others of the class' validation samples.
 */
export class ScoreSums {
  /** [tasks + 1]: where the sums of each task start, then {@link length}. */
  readonly starts: readonly number[];
  /** Number of sums of a network. */
  readonly length: number;
  readonly #dataset: ScoredDataset;
  #counted: Uint32Array | undefined;

  constructor(dataset: ScoredDataset) {
    this.#dataset = dataset;
    this.starts = scoreSumStarts(dataset.tasks);
    this.length = this.starts[dataset.tasks.length];
  }

  /**
   * The score sums of each task.
   * @param words [sum]: numbers of wrong answers, or bits of an f32
   */
  read(words: Uint32Array): number[][] {
    const numbers = new Float32Array(words.buffer, words.byteOffset, words.length);
    const samples = this.#samples();
    return this.#dataset.tasks.map(({ kind }, t) => {
      const areCounts = losses.get(kind).labels === "class";
      const sums: number[] = [];
      for (let at = this.starts[t]; at < this.starts[t + 1]; at++) {
        sums.push(areCounts ? samples[at] - words[at] : numbers[at]);
      }
      return sums;
    });
  }

  /** [sum]: number of validation samples that belong to it. Counted at the first use: a plan needs the sizes only. */
  #samples(): Uint32Array {
    if (this.#counted) return this.#counted;
    const { tasks, validation } = this.#dataset;
    const { labels, samples } = validation;
    const counts = new Uint32Array(this.length);
    tasks.forEach(({ kind }, t) => {
      const { sumOf } = losses.get(kind);
      for (let s = 0; s < samples; s++) counts[this.starts[t] + sumOf(labels[t * samples + s])]++;
    });
    this.#counted = counts;
    return counts;
  }
}
