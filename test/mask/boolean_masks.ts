import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { Mask } from "../../src/mask/mask.ts";

/** A mask as plain booleans, `[layer][output][input]`: the reference for the packed words. */
export type BooleanMask = boolean[][][];

/** Packs a reference weight by weight. */
export function pack(shape: Shape, kept: BooleanMask): Mask {
  const mask = Mask.full(shape);
  kept.forEach((rows, layer) => {
    rows.forEach((row, output) => {
      row.forEach((bit, input) => {
        mask.set(layer, output, input, bit);
      });
    });
  });
  return mask;
}

/** Shapes with widths on both sides of a word's edge. */
export const anyShape = fc.array(fc.constantFrom(1, 2, 5, 31, 32, 33, 64, 65), { minLength: 2, maxLength: 4 });

/** A reference of the given shape; sometimes with all weights kept or all pruned. */
export function anyKept(shape: Shape): fc.Arbitrary<BooleanMask> {
  const density = fc.constantFrom(0, 0.05, 0.5, 1);
  return fc
    .tuple(density, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })))
    .map(([share, stream]) =>
      shape
        .slice(1)
        .map((outputs, layer) =>
          Array.from({ length: outputs }, () =>
            Array.from({ length: shape[layer] }, () => (stream.next().value as number) < share),
          ),
        ),
    );
}
