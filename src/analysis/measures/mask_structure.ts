import type { Task } from "../../base/task.ts";
import type { Mask } from "../../mask/mask.ts";
import { type Reachability, reachability } from "../../mask/reachability.ts";
import { taskConductance } from "../between/task_conductance.ts";
import { type TaskCuts, taskCuts } from "../between/task_cuts.ts";
import { taskPaths } from "../between/task_paths.ts";
import { taskTerminals } from "../between/terminals.ts";
import { type Component, components } from "../components.ts";
import { type ActiveGraph, activeGraph } from "../graph/active_graph.ts";
import { type NormalizedCut, spectralCut } from "../graph/normalized_cut.ts";
import { countWeights, type WeightCounts } from "../states.ts";

/** Input of measures: a mask, and what is derived from the mask alone, each computed once, when it is first asked for. */
export class MaskStructure {
  readonly reach: Reachability;
  /** Numbers of weights in each state. */
  readonly weights: WeightCounts;
  #subnetworks: Component[] | undefined;
  #graph: ActiveGraph | undefined;
  #paths: bigint[][] | undefined;
  #conductance: (number | null)[][] | undefined;
  #cuts: TaskCuts | undefined;
  #spectral: NormalizedCut | null | undefined;

  /** @param tasks at least one; their columns lie within the mask's inputs and outputs */
  constructor(
    readonly mask: Mask,
    readonly tasks: readonly Task[],
  ) {
    this.reach = reachability(mask);
    this.weights = countWeights(mask, this.reach);
  }

  /** The subnetworks, most weights first. */
  get subnetworks(): readonly Component[] {
    this.#subnetworks ??= components(this.mask, this.reach);
    return this.#subnetworks;
  }

  /** The graph of the active weights. */
  get graph(): ActiveGraph {
    this.#graph ??= activeGraph(this.mask, this.reach);
    return this.#graph;
  }

  /** Numbers of paths, `[input task][output task]`. */
  get paths(): readonly (readonly bigint[])[] {
    this.#paths ??= taskPaths(this.mask, this.tasks);
    return this.#paths;
  }

  /** Effective conductance, `[input task][output task]`. */
  get conductance(): readonly (readonly (number | null)[])[] {
    this.#conductance ??= taskConductance(this.graph, this.#terminals());
    return this.#conductance;
  }

  /** Weights that would have to go to separate the tasks. */
  get cuts(): TaskCuts {
    this.#cuts ??= taskCuts(this.graph, this.#terminals());
    return this.#cuts;
  }

  /** Number of groups of the spectral clustering: one for each task, at least two. */
  get groups(): number {
    return Math.max(2, this.tasks.length);
  }

  /** The n-cut by spectral clustering. */
  get spectral(): NormalizedCut | null {
    if (this.#spectral === undefined) this.#spectral = spectralCut(this.graph, this.groups);
    return this.#spectral;
  }

  #terminals() {
    return taskTerminals(this.graph, this.mask.shape, this.tasks);
  }
}
