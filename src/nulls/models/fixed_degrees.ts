import { plural } from "../../base/format.ts";
import { layerCount } from "../../base/shape.ts";
import { Mask, maskLayout, popcount } from "../../mask/mask.ts";
import { layerSize } from "./drawn_layers.ts";

/**
 * Why no double edge swap is possible in a layer, by layer; undefined where one is. A swap needs two outputs, each with an input
 * that the other has not, so none is possible where the inputs of every output hold those of all outputs with fewer.
 */
export function layersWithoutSwap(mask: Mask): (string | undefined)[] {
  return Array.from({ length: layerCount(mask.shape) }, (_, layer) => {
    const kept = mask.count(layer);
    if (kept === 0) return "is empty";
    if (kept === layerSize(mask.shape, layer)) return "is full";
    if (kept === 1) return "has one weight";
    return isNested(mask, layer)
      ? `has ${plural(kept, "weight")}, of which the degrees allow one arrangement`
      : undefined;
  });
}

function isNested({ words, layout, shape }: Mask, layer: number): boolean {
  const width = layout.rowWords[layer];
  const rows = Array.from({ length: shape[layer + 1] }, (_, output) => {
    const start = layout.wordOffset[layer] + output * width;
    return words.subarray(start, start + width);
  });
  const size = (row: Uint32Array) => row.reduce((sum, word) => sum + popcount(word), 0);
  const ordered = rows.map((row) => ({ row, size: size(row) })).sort((a, b) => a.size - b.size);
  return ordered.every(({ row }, at) => at === 0 || ordered[at - 1].row.every((word, i) => (word & ~row[i]) === 0));
}

/**
 * Another mask with the degrees of each layer, far from most: outputs in descending order of their weights each take the inputs
 * that still want the most (Gale 1957, Ryser 1957). Of those that want alike the first go before the last, or the last before the first,
 * whichever shares fewer weights of the layer with the mask.
 */
export function orderedMask(mask: Mask): Mask {
  const { shape, layout } = mask;
  const ordered = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const [first, last] = [1, -1].map((direction) => orderedLayer(mask, layer, direction));
    const [from, to] = [layout.wordOffset[layer], layout.wordOffset[layer + 1] ?? layout.words];
    const shared = (words: Uint32Array) =>
      words.reduce((sum, word, at) => sum + popcount(word & mask.words[from + at]), 0);
    ordered.words.subarray(from, to).set(shared(first) <= shared(last) ? first : last);
  }
  return ordered;
}

/** The words of a layer by the degrees of a mask; `direction` 1 takes the first input of those that want alike, -1 the last. */
function orderedLayer(mask: Mask, layer: number, direction: number): Uint32Array {
  const [inputs, outputs] = [mask.shape[layer], mask.shape[layer + 1]];
  const wanted = new Uint32Array(inputs);
  const sizes = new Uint32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      if (!mask.has(layer, output, input)) continue;
      wanted[input]++;
      sizes[output]++;
    }
  }
  const rowWords = mask.layout.rowWords[layer];
  const words = new Uint32Array(rowWords * outputs);
  const byWant = Uint32Array.from({ length: inputs }, (_, input) => input);
  for (const output of Uint32Array.from({ length: outputs }, (_, each) => each).sort((a, b) => sizes[b] - sizes[a])) {
    if (sizes[output] === 0) break;
    byWant.sort((a, b) => wanted[b] - wanted[a] || direction * (a - b));
    for (const input of byWant.subarray(0, sizes[output])) {
      words[output * rowWords + (input >>> 5)] |= 1 << (input & 31);
      wanted[input]--;
    }
  }
  return words;
}
