import type { ActiveGraph } from "../graph/active_graph.ts";
import { effectiveConductance } from "../graph/potentials.ts";
import type { Terminals } from "./terminals.ts";

/**
 * Effective conductance from the inputs of each task to the outputs of each: every active weight is a wire of conductance 1,
 * all active inputs of task a are held at one potential and all active outputs of task b at another; all other neurons, the
 * inputs and outputs of other tasks included, are junctions. Current may flow along a weight in either direction. So it rises with the number
 * of disjoint ways from a to b and falls with their length, and is 0 exactly where no subnetwork holds an input of a and an output of b.
 * @returns `[input task][output task]`; null where the solver does not converge
 */
export function taskConductance(graph: ActiveGraph, terminals: readonly Terminals[]): (number | null)[][] {
  return terminals.map(({ inputs }) => terminals.map(({ outputs }) => effectiveConductance(graph, inputs, outputs)));
}
