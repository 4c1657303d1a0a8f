import { expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { maskedParameters } from "../../src/pruning/masked.ts";

// Widths around a word of the mask and around the padding of a row.
it.each([[[4, 31, 2]], [[5, 32, 33, 3]], [[64, 1, 65, 2]]])(
  "of %j keeps each weight of the mask, and the biases",
  (shape) => {
    const start = initialParameters(shape, 3);
    for (let layer = 0; layer < layerCount(shape); layer++) start.biases(layer).fill(layer + 1);
    const before = start.values.slice();
    const stream = new RandomStream(1, "randomPruning");
    for (const density of [0, 0.03, 0.6, 1]) {
      const mask = Mask.full(shape);
      for (let layer = 0; layer < layerCount(shape); layer++) {
        for (let output = 0; output < shape[layer + 1]; output++) {
          for (let input = 0; input < shape[layer]; input++) {
            if (stream.nextUniform() > density) mask.set(layer, output, input, false);
          }
        }
      }
      const masked = maskedParameters(start, mask);
      expect(start.values).toEqual(before);
      for (let layer = 0; layer < layerCount(shape); layer++) {
        const expected = start
          .weights(layer)
          .map((weight, at) => (mask.has(layer, Math.floor(at / shape[layer]), at % shape[layer]) ? weight : 0));
        expect(masked.weights(layer), `density ${density}, layer ${layer}`).toEqual(expected);
        expect(masked.biases(layer)).toEqual(start.biases(layer));
      }
    }
  },
);
