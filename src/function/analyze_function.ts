import type { Neuron } from "../analysis/components.ts";
import type { Mask } from "../mask/mask.ts";
import { activations } from "../network/activations/index.ts";
import type { Parameters } from "../network/parameters.ts";
import { correlations, mostCorrelated } from "./correlation.ts";
import { FunctionNetwork } from "./network.ts";
import { lesionParts, type Part } from "./parts.ts";
import { Saliencies } from "./saliency.ts";
import { sensitivity } from "./sensitivity.ts";
import { type ScoreDrop, type ScoredSamples, scoreDrop, scoreOf, scoreTerms } from "./task_terms.ts";
import { type UseOfInputs, useOfInputs } from "./use_of_inputs.ts";

/** A part of a network, and what each task loses without it. */
export interface LesionedPart extends Part {
  /** By task. */
  readonly lesion: readonly ScoreDrop[];
}

/** What a hidden neuron does. */
export interface NeuronFunction {
  readonly neuron: Neuron;
  /** Index of its part; null where it is in none: one of a subnetwork past the largest. */
  readonly part: number | null;
  /** By task: see `Saliencies`. */
  readonly saliency: readonly number[];
  /** Mean |correlation| of its activation with those of other neurons of its part; null where there is none. */
  readonly within: number | null;
  /** The same with neurons of other parts. */
  readonly between: number | null;
}

/** What a ticket computes, part by part and task by task, on some samples. */
export interface FunctionAnalysis {
  readonly samples: number;
  /** Names, in the order of all lists by task. */
  readonly tasks: readonly string[];
  /** Accuracy, or R², by task. */
  readonly scores: readonly number[];
  readonly parts: readonly LesionedPart[];
  readonly inputs: UseOfInputs;
  /** `[part][part]`: mean |correlation| of the activations of two neurons; undefined where there are too many neurons. */
  readonly correlation: readonly (readonly (number | null)[])[] | undefined;
  /** The active hidden neurons, by layer, then index. */
  readonly neurons: readonly NeuronFunction[];
}

/**
 * Analyses what a ticket computes, not only how it is connected: lesions of its subnetworks, or of the neurons of each task where it has not
 * split; the use that each task makes of each task's inputs; saliency and correlation of every hidden neuron (Béna and Goodman, Dynamics of
 * specialization in neural modules under resource constraints, Nature Communications 2025). Computed on the host in float64.
 * @param ticket mask and trained weights, with the name of the activation of hidden neurons
 * @throws InputError when there is no such activation
 */
export function analyzeFunction(
  ticket: { readonly mask: Mask; readonly parameters: Parameters; readonly activation: string },
  scored: ScoredSamples,
): FunctionAnalysis {
  const { mask } = ticket;
  const { samples, tasks } = scored;
  const network = new FunctionNetwork(mask, ticket.parameters, activations.get(ticket.activation));
  const values = network.forward(scored.inputs, samples);
  const intact = scoreTerms(scored, values[values.length - 1]);
  const saliencies = new Saliencies(mask, values, tasks);
  const bySensitivity = sensitivity(network, values, (output, derivatives) => saliencies.add(output, derivatives));
  const saliency = saliencies.all;
  const parts = lesionParts(mask, saliency, tasks.length).map((part): LesionedPart => {
    const silenced = mask.shape.map(
      (_, layer) => new Set(part.neurons.filter(([at]) => at === layer).map(([, index]) => index)),
    );
    const outputs = network.forward(scored.inputs, samples, silenced)[values.length - 1];
    return { ...part, lesion: scoreTerms(scored, outputs).map((terms, task) => scoreDrop(intact[task], terms)) };
  });
  const correlated = saliency.length <= mostCorrelated ? correlations(values, parts, samples) : undefined;
  const places = new Map(
    parts.flatMap(({ neurons }, part) => neurons.map((neuron, at) => [neuron.join(), { part, at }] as const)),
  );
  return {
    samples,
    tasks: tasks.map(({ name }) => name),
    scores: intact.map(scoreOf),
    parts,
    inputs: useOfInputs(network, scored, bySensitivity, intact),
    correlation: correlated?.byParts,
    neurons: saliency.map(({ neuron, byTask }) => {
      const place = places.get(neuron.join());
      const { within = null, between = null } = (place && correlated?.byNeuron[place.part][place.at]) ?? {};
      return { neuron, part: place?.part ?? null, saliency: byTask, within, between };
    }),
  };
}
