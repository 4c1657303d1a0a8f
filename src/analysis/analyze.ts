import type { Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "../mask/reachability.ts";
import { type Component, components } from "./components.ts";
import { type Coverage, countCoverage, coverageShares } from "./coverage.ts";
import { type SeparationDegree, separationDegree } from "./degree.ts";
import { foreignInputs } from "./foreign_inputs.ts";
import { type LevelState, levelState } from "./state.ts";
import {
  countBiases,
  countNeurons,
  countWeights,
  type NeuronCounts,
  type NeuronState,
  neuronStates,
  type WeightCounts,
} from "./states.ts";
import { checkTaskColumns } from "./task_columns.ts";
import { type UnusedInputs, unusedInputs } from "./unused_inputs.ts";

/** An independent part of the network: a weakly connected component of its active weights. */
export interface Subnetwork extends Component {
  /** Number of its inputs that belong to other tasks only: tasks without an output in it. */
  readonly foreignInputs: number;
}

/** Structure of a network, derived from its mask; plain values that can be stored as JSON. */
export interface Analysis {
  readonly shape: Shape;
  /** Number of weights kept. */
  readonly remaining: number;
  readonly weights: WeightCounts;
  readonly biases: WeightCounts;
  readonly neurons: NeuronCounts;
  /** `[layer][neuron]`, layer 0 being the inputs. */
  readonly neuronStates: NeuronState[][];
  /** Most weights first; with equal counts, the one with the lowest neuron (layer, then index) first. */
  readonly subnetworks: Subnetwork[];
  /** Rows in the order of the subnetworks, columns in the order of the tasks. */
  readonly coverage: Coverage;
  readonly state: LevelState;
  readonly degree: SeparationDegree;
  /** Sum over the subnetworks. */
  readonly foreignInputs: number;
  /** The inputs of a task that lead to no output of the task any more. */
  readonly unusedInputs: UnusedInputs;
}

/**
 * Analyses whether a network has split into independent subnetworks, one per task. Depends only on the mask, not on
 * the values of weights and biases.
 * @param mask weights and biases kept at this level
 * @param tasks at least one; their columns lie within the mask's inputs and outputs
 * @param coverage which coverage decides that a subnetwork touches a task: the dataset's
 * @throws InputError when a task does not fit the mask's shape
 */
export function analyze(mask: Mask, tasks: readonly Task[], coverage: CoverageKind): Analysis {
  checkTaskColumns(tasks, mask.shape);
  const reach = reachability(mask);
  const states = neuronStates(mask, reach);
  const found = components(mask, reach);
  const counts = countCoverage(found, tasks, mask.shape);
  const foreign = foreignInputs(found, tasks, counts);
  return {
    shape: mask.shape,
    remaining: mask.count(),
    weights: countWeights(mask, reach),
    biases: countBiases(mask, reach),
    neurons: countNeurons(states),
    neuronStates: states,
    subnetworks: found.map((component, i) => ({ ...component, foreignInputs: foreign[i] })),
    coverage: coverageShares(counts, tasks),
    state: levelState(counts, tasks, coverage),
    degree: separationDegree(mask, reach, tasks),
    foreignInputs: foreign.reduce((sum, count) => sum + count, 0),
    unusedInputs: unusedInputs(mask, tasks),
  };
}
