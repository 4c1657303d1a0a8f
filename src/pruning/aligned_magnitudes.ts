import { ascendingOrder } from "./ascending_order.ts";
import type { KeptLayer } from "./kept_layer.ts";
import { scoreKey } from "./score_key.ts";

/**
 * Magnitudes of the trained weights of a layer, put on the scale of the initial ones by percentile: for each kept weight the
 * initial magnitude with the rank, ascending, that the weight's trained magnitude has among the kept weights of the layer.
 * Equal magnitudes have one rank, that of the first.
 * @returns [kept weight]
 */
export function alignedMagnitudes({ trained, initial }: Pick<KeptLayer, "trained" | "initial">): Float32Array {
  const keys = magnitudeKeys(trained);
  const order = ascendingOrder(keys);
  const drawn = ascendingOrder(magnitudeKeys(initial));
  const aligned = new Float32Array(trained.length);
  let first = 0;
  for (let rank = 0; rank < order.length; rank++) {
    if (keys[order[rank]] !== keys[order[first]]) first = rank;
    aligned[order[rank]] = Math.abs(initial[drawn[first]]);
  }
  return aligned;
}

function magnitudeKeys(values: Float32Array): Uint32Array {
  const keys = new Uint32Array(values.length);
  for (let at = 0; at < keys.length; at++) keys[at] = scoreKey(values[at]);
  return keys;
}
