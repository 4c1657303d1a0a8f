import { Mask } from "../../mask/mask.ts";
import { layersWithoutSwap } from "./fixed_degrees.ts";
import type { NullModel } from "./model.ts";
import { proposalsOf, swapCheck } from "./stationarity.ts";
import { SwapChain } from "./swap_chain.ts";

/** The stream by which the ticket itself is rewired to the mask that all nulls begin at. */
const ofHub = 0;

/**
 * Each neuron keeps its numbers of weights in and out. A chain of swaps leads from the ticket to a *hub*, and from the hub one of the
 * same length to each null. As a chain read backwards is as likely, ticket and nulls are exchangeable, so that p-values hold for chains of
 * any length (Besag and Clifford 1989, the parallel method); whether the nulls are far enough from each other is checked beside it.
 */
export const rewired: NullModel = {
  name: "rewired",
  summary: "double edge swaps within each layer: every neuron keeps its numbers of weights",
  keeps: "the number of weights into and out of every neuron, layer by layer",
  breaks: "which neurons the weights join",
  source: "Maslov and Sneppen 2002; Besag and Clifford 1989",
  purpose: "rewiredNull",
  impossible: ({ mask }) => {
    const reasons = layersWithoutSwap(mask);
    if (reasons.some((reason) => reason === undefined)) return undefined;
    return `no swap is possible: ${reasons.map((reason, layer) => `layer ${layer + 1} ${reason}`).join(", ")}`;
  },
  prepare: ({ mask }, stream, structure) => {
    const swaps = swapCheck(mask, stream, structure);
    const proposals = proposalsOf(mask, swaps.proposalsPerWeight);
    const chain = new SwapChain(mask);
    chain.run(stream(ofHub), proposals);
    const notes = layersWithoutSwap(mask).flatMap((reason, layer) =>
      reason === undefined ? [] : [`layer ${layer + 1} is the same in all nulls, no swap is possible: it ${reason}`],
    );
    return { notes, swaps, hub: { words: chain.words.slice(), proposals } };
  },
  sampler: ({ mask }, { hub }) => {
    const { words, proposals } = hub as NonNullable<typeof hub>;
    const chain = new SwapChain(new Mask(mask.shape, words));
    return {
      draw: (random) => {
        chain.reset();
        chain.run(random, proposals);
        return chain.lists;
      },
    };
  },
};
