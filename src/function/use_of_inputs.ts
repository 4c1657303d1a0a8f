import { columnList } from "../base/columns.ts";
import { RandomStream } from "../base/random.ts";
import type { FunctionNetwork } from "./network.ts";
import { type ScoreDrop, type ScoredSamples, scoreDrop, scoreTerms } from "./task_terms.ts";

/** What the outputs of each task make of the inputs of each task: rows are the tasks of the outputs, columns those of the inputs. */
export interface UseOfInputs {
  /**
   * Share of the sensitivity of the task's outputs that falls on the inputs, by sums of {@link sensitivity}; null where the task's
   * outputs depend on no input. An input of several tasks counts for each. Exactly 0 where no path joins the two.
   */
  readonly sensitivity: readonly (readonly (number | null)[])[];
  /** What the task loses where these inputs are those of other samples. Exactly 0 where no path joins the two. */
  readonly shuffled: readonly (readonly ScoreDrop[])[];
}

/**
 * How much each task uses the inputs of each: by gradients, and by what a task loses where the inputs of one task are permuted over the
 * samples together (Breiman, Random forests, Machine Learning 2001, section 10: permutation importance).
 * @param bySensitivity `[output][input]`, of `sensitivity` at these samples
 * @param intact score terms by task
 */
export function useOfInputs(
  network: FunctionNetwork,
  scored: ScoredSamples,
  bySensitivity: readonly Float64Array[],
  intact: readonly Float64Array[],
): UseOfInputs {
  const { tasks, samples, inputs } = scored;
  const sumOver = (outputs: Iterable<number>, columns: Iterable<number>) => {
    const list = [...columns];
    return [...outputs].reduce(
      (sum, output) => sum + list.reduce((part, input) => part + bySensitivity[output][input], 0),
      0,
    );
  };
  const all = Array.from({ length: network.shape[0] }, (_, input) => input);
  // One order for every network.
  const order = new RandomStream(1, "functionInputs").shuffled(samples);
  const changed = tasks.map((task) => {
    const moved = inputs.slice();
    for (const input of columnList(task.inputs)) {
      for (let s = 0; s < samples; s++) moved[input * samples + s] = inputs[input * samples + order[s]];
    }
    return scoreTerms(scored, outputsOf(network, moved, samples));
  });
  return {
    sensitivity: tasks.map(({ outputs }) => {
      const total = sumOver(columnList(outputs), all);
      return tasks.map((from) => (total > 0 ? sumOver(columnList(outputs), columnList(from.inputs)) / total : null));
    }),
    shuffled: tasks.map((_, t) => tasks.map((_, from) => scoreDrop(intact[t], changed[from][t]))),
  };
}

/** The weighted sums of the outputs. */
export function outputsOf(network: FunctionNetwork, inputs: Float64Array, samples: number): Float64Array {
  return network.forward(inputs, samples)[network.shape.length - 1];
}
