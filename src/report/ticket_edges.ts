import type { Analysis, Subnetwork } from "../analysis/analyze.ts";
import { keptWeightState, type NeuronState } from "../analysis/states.ts";
import type { Ticket } from "../store/ticket_file.ts";
import { keptWeights } from "./ticket_layout.ts";

/** The part of an analysis that a ticket's graph shows; it needs no tasks. */
export interface TicketGraph extends Pick<Analysis, "shape" | "neuronStates"> {
  readonly subnetworks: readonly Pick<Subnetwork, "neurons">[];
}

/** An unpruned weight from neuron `source` of layer `layer`, 0 being the inputs, to neuron `target` of the layer after. */
export interface TicketEdge {
  readonly layer: number;
  readonly source: number;
  readonly target: number;
  readonly state: NeuronState;
  /** Number of the subnetwork of an active weight, from 0 in the order of the analysis. */
  readonly subnetwork: number | undefined;
  /** Undefined where the ticket has no weights. */
  readonly weight: number | undefined;
}

/**
 * Every unpruned weight of a ticket, by layer, target, source.
 * @param graph of the ticket's mask
 */
export function* ticketEdges(
  { mask, parameters }: Pick<Ticket, "mask" | "parameters">,
  { shape, neuronStates, subnetworks }: TicketGraph,
): Generator<TicketEdge> {
  const subnetworkOf = shape.map((width) => new Array<number | undefined>(width));
  subnetworks.forEach(({ neurons }, number) => {
    for (const [layer, index] of neurons) subnetworkOf[layer][index] = number;
  });
  for (const [layer, target, source] of keptWeights(mask)) {
    const state = keptWeightState(neuronStates[layer][source], neuronStates[layer + 1][target]);
    const { layout, values } = parameters ?? {};
    yield {
      layer,
      source,
      target,
      state,
      subnetwork: state === "active" ? subnetworkOf[layer][source] : undefined,
      weight: layout && values?.[layout.weightOffset[layer] + target * layout.rowStride[layer] + source],
    };
  }
}
