import { layerCount } from "../../base/shape.ts";
import { bitIndices, lowestBit, rangeBits } from "../../mask/bits.ts";
import { type Mask, popcount } from "../../mask/mask.ts";
import { reachingOutputs } from "../../mask/reachability.ts";
import { parameterLayout } from "../../network/parameters.ts";

/** A layer as a matrix of weights [target][source] between the neurons that are computed. */
export interface DenseLayer {
  readonly kind: "dense";
  readonly targets: number;
  readonly sources: number;
  /** Entries of the matrix that are pruned. */
  readonly holes: Uint32Array;
}

/** A layer as lists of its kept weights: by target for forward and gradient, by source for backward. */
export interface EdgeLayer {
  readonly kind: "edges";
  readonly targets: number;
  readonly sources: number;
  /** The edges of target t are `targetStarts[t]` .. `targetStarts[t + 1] - 1`; the weights have the same order. */
  readonly targetStarts: Uint32Array;
  /** Source of each edge. */
  readonly edgeSources: Uint32Array;
  /**
   * The edges of source s are entries `sourceStarts[s]` .. `sourceStarts[s + 1] - 1` of the next two arrays, by
   * ascending target.
   */
  readonly sourceStarts: Uint32Array;
  readonly edgeTargets: Uint32Array;
  /** Index of the edge in the order by target. */
  readonly edgeNumbers: Uint32Array;
}

export type CompactLayer = DenseLayer | EdgeLayer;

/**
 * The computed part of a masked network. Targets and sources are numbered among the computed neurons only, so that the
 * layers of a pruned network can be small matrices.
 */
export interface CompactNetwork {
  /** The computed neurons of each layer, ascending; layer 0 are the inputs. */
  readonly neurons: readonly Uint32Array[];
  readonly layers: readonly CompactLayer[];
  /** By layer: the computed targets whose bias is pruned. */
  readonly biasHoles: readonly Uint32Array[];
  /**
   * Index of each compact parameter in a {@link parameterLayout}: first the weights of all layers (matrices with their
   * holes, or edges by target), then the biases of all layers.
   */
  readonly elements: Uint32Array;
}

/** How a network is compacted. Training gives the same bits for all choices. */
export interface Compaction {
  /**
   * Leave out neurons without a path to an output: their gradients are 0, so their parameters keep the initial values.
   */
  readonly dropInactive: boolean;
  /** Density of a layer from which it is stored as a matrix with zeros: from 0 (always) to above 1 (never). */
  readonly denseFrom: number;
}

/** The smallest side of a matrix for the dense kernels: one tile. */
const smallestDense = 4;

/** Compacts a masked network; the result does not reference the mask's arrays. */
export function compactNetwork(mask: Mask, { dropInactive, denseFrom }: Compaction): CompactNetwork {
  const { shape } = mask;
  const { rowStride, weightOffset, biasOffset } = parameterLayout(shape);
  const neurons = computedNeurons(mask, dropInactive);
  const layers: CompactLayer[] = [];
  const elements: Uint32Array[] = [];
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const [sources, targets] = [neurons[layer], neurons[layer + 1]];
    const kept = edgesByTarget(mask, layer, sources, targets);
    const entries = sources.length * targets.length;
    const fitsTiles = sources.length >= smallestDense && targets.length >= smallestDense;
    const isDense = fitsTiles && kept.edgeSources.length >= denseFrom * entries;
    layers.push(isDense ? denseLayer(kept, sources.length) : withSourceOrder(kept, sources.length));
    const element = (target: number, source: number) =>
      weightOffset[layer] + targets[target] * rowStride[layer] + sources[source];
    const places = new Uint32Array(isDense ? entries : kept.edgeSources.length);
    let place = 0;
    for (let target = 0; target < targets.length; target++) {
      if (isDense) for (let s = 0; s < sources.length; s++) places[place++] = element(target, s);
      else {
        const end = kept.targetStarts[target + 1];
        for (let edge = place; edge < end; edge++) places[place++] = element(target, kept.edgeSources[edge]);
      }
    }
    elements.push(places);
  }
  for (let layer = 0; layer < layerCount(shape); layer++) {
    elements.push(neurons[layer + 1].map((neuron) => biasOffset[layer] + neuron));
  }
  const biasHoles = layers.map((_, layer) =>
    Uint32Array.from([...neurons[layer + 1].keys()].filter((t) => !mask.hasBias(layer, neurons[layer + 1][t]))),
  );
  return { neurons, layers, biasHoles, elements: joined(elements) };
}

/** All neurons, or those with a path of kept weights to an output. */
function computedNeurons(mask: Mask, dropInactive: boolean): Uint32Array[] {
  const sets = dropInactive ? reachingOutputs(mask) : mask.shape.map((width) => rangeBits(width, 0, width));
  return sets.map((set) => Uint32Array.from(bitIndices(set)));
}

type EdgesByTarget = Pick<EdgeLayer, "targetStarts" | "edgeSources">;

/** The kept weights between the computed neurons of a layer. */
function edgesByTarget(mask: Mask, layer: number, sources: Uint32Array, targets: Uint32Array): EdgesByTarget {
  const { rowWords, wordOffset } = mask.layout;
  const place = new Uint32Array(mask.shape[layer]);
  sources.forEach((neuron, source) => {
    place[neuron] = source;
  });
  const rowOf = (target: number) => wordOffset[layer] + targets[target] * rowWords[layer];
  const targetStarts = new Uint32Array(targets.length + 1);
  for (let target = 0; target < targets.length; target++) {
    const row = rowOf(target);
    let edges = 0;
    for (let word = 0; word < rowWords[layer]; word++) edges += popcount(mask.words[row + word]);
    targetStarts[target + 1] = targetStarts[target] + edges;
  }
  // All sources of a computed target are computed.
  const edgeSources = new Uint32Array(targetStarts[targets.length]);
  let edge = 0;
  for (let target = 0; target < targets.length; target++) {
    const row = rowOf(target);
    for (let word = 0; word < rowWords[layer]; word++) {
      for (let rest = mask.words[row + word]; rest !== 0; rest &= rest - 1) {
        edgeSources[edge++] = place[word * 32 + lowestBit(rest)];
      }
    }
  }
  return { targetStarts, edgeSources };
}

function denseLayer({ targetStarts, edgeSources }: EdgesByTarget, sources: number): DenseLayer {
  const targets = targetStarts.length - 1;
  const holes = new Uint32Array(targets * sources - edgeSources.length);
  let [edge, hole] = [0, 0];
  for (let target = 0; target < targets; target++) {
    for (let source = 0; source < sources; source++) {
      if (edge < targetStarts[target + 1] && edgeSources[edge] === source) edge++;
      else holes[hole++] = target * sources + source;
    }
  }
  return { kind: "dense", targets, sources, holes };
}

/** Adds the order by source with a counting sort, which keeps the targets of a source ascending. */
function withSourceOrder({ targetStarts, edgeSources }: EdgesByTarget, sources: number): EdgeLayer {
  const targets = targetStarts.length - 1;
  const sourceStarts = new Uint32Array(sources + 1);
  for (const source of edgeSources) sourceStarts[source + 1]++;
  for (let source = 0; source < sources; source++) sourceStarts[source + 1] += sourceStarts[source];
  const next = sourceStarts.slice();
  const edgeTargets = new Uint32Array(edgeSources.length);
  const edgeNumbers = new Uint32Array(edgeSources.length);
  for (let target = 0; target < targets; target++) {
    for (let edge = targetStarts[target]; edge < targetStarts[target + 1]; edge++) {
      const at = next[edgeSources[edge]]++;
      edgeTargets[at] = target;
      edgeNumbers[at] = edge;
    }
  }
  return { kind: "edges", targets, sources, targetStarts, edgeSources, sourceStarts, edgeTargets, edgeNumbers };
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
