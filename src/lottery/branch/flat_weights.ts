import { layerCount, type Shape } from "../../base/shape.ts";
import { Mask, maskLayout } from "../../mask/mask.ts";

/**
 * The mask that keeps the weights with the given flat indices, and all biases. Index: layers in order, in each
 * `[output][input]`, row-major.
 */
export function maskOfWeights(shape: Shape, kept: Iterable<number>): Mask {
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  const first = firstWeights(shape);
  for (const weight of kept) {
    let layer = 0;
    while (weight >= first[layer + 1]) layer++;
    const inLayer = weight - first[layer];
    mask.set(layer, Math.floor(inLayer / shape[layer]), inLayer % shape[layer], true);
  }
  return mask;
}

/** The flat index of the first weight of each layer, and the number of all weights. */
export function firstWeights(shape: Shape): number[] {
  const first = [0];
  for (let layer = 0; layer < layerCount(shape); layer++) first.push(first[layer] + shape[layer] * shape[layer + 1]);
  return first;
}

/** The flat indices of the weights that a mask keeps, ascending. */
export function* keptWeights(mask: Mask): Generator<number> {
  const { shape } = mask;
  const first = firstWeights(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) {
        if (mask.has(layer, output, input)) yield first[layer] + output * shape[layer] + input;
      }
    }
  }
}

/** The flat indices of the biases that a mask keeps, ascending. Index: layers in order, in each by output. */
export function* keptBiases(mask: Mask): Generator<number> {
  let first = 0;
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    for (let output = 0; output < mask.shape[layer + 1]; output++)
      if (mask.hasBias(layer, output)) yield first + output;
    first += mask.shape[layer + 1];
  }
}

/** The mask with the biases of the given flat indices, and no others. */
export function withBiases(mask: Mask, kept: Iterable<number>): Mask {
  const changed = new Mask(mask.shape, mask.words, new Uint32Array(mask.layout.biasWords));
  for (const bias of kept) {
    let [layer, output] = [0, bias];
    while (output >= mask.shape[layer + 1]) output -= mask.shape[++layer];
    changed.setBias(layer, output, true);
  }
  return changed;
}
