import type { ActiveGraph } from "../graph/active_graph.ts";
import { minimumCut } from "../graph/max_flow.ts";
import type { Terminals } from "./terminals.ts";

/** How many active weights would have to go so that tasks are apart. */
export interface TaskCuts {
  /**
   * `[task][task]`, symmetric: the fewest active weights whose removal leaves no connection between inputs and outputs of the
   * one task and those of the other; exact. null on the diagonal, and for two tasks that share an active column, which no removal separates.
   */
  readonly pairs: (number | null)[][];
  /** The fewest for all tasks at once: exact where both are equal, as for two tasks; null where two tasks share an active column. */
  readonly all: { readonly least: number; readonly most: number } | null;
}

/**
 * The weights that would have to go to separate the tasks. Between two tasks it is a minimum cut with the inputs and outputs
 * of each task as one terminal. For more tasks at once it is a multiterminal cut, which is NP-hard from three terminals on
 * (E. Dahlhaus, D. S. Johnson, C. H. Papadimitriou, P. D. Seymour and M. Yannakakis, "The complexity of multiterminal cuts",
 * SIAM J. Comput. 23, 1994): its bounds are, from above, the isolating cuts (each task from all others) without the largest, at most 2 - 2/K times
 * the fewest; from below, half of their sum and the largest cut between two tasks.
 * A task that keeps no active column is apart from all others. What it takes to leave every task whole is not asked here.
 */
export function taskCuts(graph: ActiveGraph, terminals: readonly Terminals[]): TaskCuts {
  const sets = terminals.map(({ inputs, outputs }) => [...inputs, ...outputs]);
  const overlap = (a: number, b: number) => {
    const others = new Set(sets[b]);
    return sets[a].some((node) => others.has(node));
  };
  const pairs = sets.map(() => new Array<number | null>(sets.length).fill(null));
  let isApart = true;
  for (let a = 0; a < sets.length; a++) {
    for (let b = a + 1; b < sets.length; b++) {
      if (overlap(a, b)) isApart = false;
      else {
        const cut = minimumCut(graph, sets[a], sets[b]);
        pairs[a][b] = cut;
        pairs[b][a] = cut;
      }
    }
  }
  if (!isApart) return { pairs, all: null };
  if (sets.length === 1) return { pairs, all: { least: 0, most: 0 } };
  if (sets.length === 2) return { pairs, all: { least: pairs[0][1] ?? 0, most: pairs[0][1] ?? 0 } };
  const isolating = sets.map((set, task) =>
    minimumCut(
      graph,
      set,
      sets.flatMap((other, each) => (each === task ? [] : other)),
    ),
  );
  const sum = isolating.reduce((total, cut) => total + cut, 0);
  const largestPair = Math.max(...pairs.flat().map((cut) => cut ?? 0));
  return { pairs, all: { least: Math.max(Math.ceil(sum / 2), largestPair), most: sum - Math.max(...isolating) } };
}
