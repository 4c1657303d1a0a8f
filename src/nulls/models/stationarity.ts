import type { RandomStream } from "../../base/random.ts";
import { layerCount } from "../../base/shape.ts";
import { type Mask, popcount } from "../../mask/mask.ts";
import { statistics } from "../statistics.ts";
import type { NullStructure } from "../structure.ts";
import { layersWithoutSwap, orderedMask } from "./fixed_degrees.ts";
import type { SwapCheck } from "./model.ts";
import { SwapChain } from "./swap_chain.ts";

/** Chains from each start. */
const chains = 200;
/** The first number of proposals for each weight, and the last: a longer chain is tried while the two starts differ. */
const fewestProposals = 16;
const mostProposals = 2048;
/** A difference of means, in standard errors, that counts: of a dozen that only chance makes, one in a thousand tries is above it. */
const largestByChance = 4;
/** Most proposals of all chains of a length, so that the check of a large network takes seconds. */
const mostWork = 2e8;

/** The numbers of proposals for each layer: none where no swap is possible. */
export function proposalsOf(mask: Mask, perWeight: number): number[] {
  return layersWithoutSwap(mask).map((reason, layer) => (reason === undefined ? perWeight * mask.count(layer) : 0));
}

/**
 * Finds how many swaps to propose: chains start from the ticket and from a mask of the same degrees that is far from it
 * ({@link orderedMask}), and are long enough when both kinds share as many weights with the ticket, layer by layer, and have the same
 * means of all statistics. The length is doubled until they do.
 * @param most proposals for each weight at most
 */
export function swapCheck(
  ticket: Mask,
  stream: (number: number) => RandomStream,
  structure: NullStructure,
  most = mostProposals,
): SwapCheck {
  const starts = [new SwapChain(ticket), new SwapChain(orderedMask(ticket))];
  for (let perWeight = fewestProposals; ; perWeight *= 2) {
    const proposals = proposalsOf(ticket, perWeight);
    const work = proposals.reduce((sum, count) => sum + count, 0);
    const each = Math.max(10, Math.min(chains, Math.floor(mostWork / Math.max(1, work))));
    const samples = starts.map((chain, start) => {
      const random = stream(2 * perWeight + start);
      return Array.from({ length: each }, () => {
        chain.reset();
        chain.run(random, proposals);
        structure.find(chain.lists);
        return [...sharedWeights(ticket, chain.words), ...statistics.entries.map(({ of }) => of(structure))];
      });
    });
    const { largest, column } = largestDifference(samples[0], samples[1]);
    const isStationary = largest < largestByChance;
    if (!isStationary && perWeight < most && 2 * work * each <= mostWork) continue;
    const layers = layerCount(ticket.shape);
    return {
      proposalsPerWeight: perWeight,
      // Of the last chain from the ticket.
      swapsPerWeight: proposals.map((count, layer) =>
        count === 0 ? null : starts[0].swaps[layer] / ticket.count(layer),
      ),
      chains: each,
      largestDifference: largest,
      differing:
        column < layers ? `weights of layer ${column + 1} shared with the ticket` : statistics.names[column - layers],
      isStationary,
    };
  }
}

/** Weights that a mask shares with the ticket, by layer. */
function sharedWeights({ words, layout, shape }: Mask, others: Uint32Array): number[] {
  return Array.from({ length: layerCount(shape) }, (_, layer) => {
    const end = layout.wordOffset[layer + 1] ?? layout.words;
    let shared = 0;
    for (let word = layout.wordOffset[layer]; word < end; word++) shared += popcount(words[word] & others[word]);
    return shared;
  });
}

/** The largest difference of the means of a column in two samples, in its standard errors. */
function largestDifference(first: readonly number[][], second: readonly number[][]) {
  let [largest, column] = [0, 0];
  for (let at = 0; at < first[0].length; at++) {
    const [a, b] = [momentsOf(first, at), momentsOf(second, at)];
    const gap = Math.abs(a.mean - b.mean);
    const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
    // Two samples without any variance differ by everything or by nothing.
    const size = gap === 0 || a.count + b.count === 0 ? 0 : error > 0 ? gap / error : Number.MAX_VALUE;
    if (size > largest) [largest, column] = [size, at];
  }
  return { largest, column };
}

/** Mean and variance of a column over the rows in which it is defined. */
function momentsOf(rows: readonly number[][], column: number) {
  const values = rows.map((row) => row[column]).filter((value) => !Number.isNaN(value));
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { count: values.length, mean, variance };
}
