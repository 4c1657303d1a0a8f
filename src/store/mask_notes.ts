import type { Mask } from "../mask/mask.ts";
import type { DenseLayer } from "./dense_layers.ts";
import { elementWords } from "./dtype.ts";

/**
 * Lines on where the mask of a ticket comes from, if a person may have meant another: layers whose zeros count as pruned because there
 * is no mask, and masks that seem to be inverted.
 * @param layers in the order of the mask's layers
 */
export function maskNotes(layers: readonly DenseLayer[], mask: Mask): string[] {
  const unmasked = layers.filter(({ masks }) => masks.length === 0);
  const hasZeros = layers.some((layer, index) => layer.masks.length === 0 && prunesAny(mask, index));
  const inverted = layers.filter((layer, index) => keepsZerosOnly(layer, index, mask));
  const names = (some: readonly DenseLayer[]) => some.map(({ name }) => name).join(", ");
  return [
    ...(unmasked.length > 0 && unmasked.length < layers.length
      ? [`no mask for ${names(unmasked)}: weights that are 0 count as pruned there`]
      : hasZeros
        ? ["no masks: weights that are 0 count as pruned"]
        : []),
    ...(inverted.length > 0
      ? [
          `the masks of ${names(inverted)} keep only weights that are 0 and prune others: if 1 means pruned, store 1 - mask`,
        ]
      : []),
  ];
}

function prunesAny(mask: Mask, index: number): boolean {
  for (let output = 0; output < mask.shape[index + 1]; output++) {
    for (let input = 0; input < mask.shape[index]; input++) if (!mask.has(index, output, input)) return true;
  }
  return false;
}

/** Whether the weight beside a mask is 0 wherever the mask keeps it, and not where the mask prunes it. */
function keepsZerosOnly(
  { masks, weight, transposed, inputs, outputs }: DenseLayer,
  index: number,
  mask: Mask,
): boolean {
  if (!weight || masks.length === 0) return false;
  const { words, magnitude } = elementWords(weight.tensor);
  let kept = false;
  let prunedValue = false;
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const isZero = (words[transposed ? input * outputs + output : output * inputs + input] & magnitude) === 0;
      if (mask.has(index, output, input)) {
        // The usual mask ends the search here.
        if (!isZero) return false;
        kept = true;
      } else if (!isZero) prunedValue = true;
    }
  }
  return kept && prunedValue;
}
