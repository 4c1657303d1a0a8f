import { InputError } from "../base/errors.ts";
import { checkShape, layerCount, type Shape } from "../base/shape.ts";
import { shown, shownJson } from "../base/visible.ts";
import { Mask, maskLayout } from "../mask/mask.ts";
import { parseJson } from "./json_text.ts";

/** What a mask as JSON looks like. */
export const maskExample = '{"shape":[2,1],"masks":[[[1,0]]]}';

function checkList(value: unknown, length: number, where: string, what: string): asserts value is unknown[] {
  if (!Array.isArray(value)) throw new InputError(`${where}: ${shownJson(value)} is not a list of ${length} ${what}`);
  if (value.length !== length) {
    throw new InputError(`${where}: ${value.length} ${what}, the shape asks for ${length}`);
  }
}

/** The shape by the sizes of the matrices, for a file that does not name it. */
function shapeOf(masks: unknown, name: string): unknown[] {
  const matrices = Array.isArray(masks) ? masks : [];
  const notMatrix = matrices.findIndex((matrix) => !Array.isArray(matrix) || !Array.isArray(matrix[0]));
  if (matrices.length === 0 || notMatrix >= 0) {
    const where = matrices.length === 0 ? "masks" : `masks[${notMatrix}]`;
    const what = matrices.length === 0 ? masks : matrices[notMatrix];
    throw new InputError(
      `${name}: ${where}: ${shownJson(what)} is not a list of ${where === "masks" ? "matrices" : "rows"}`,
    );
  }
  return [matrices[0][0].length, ...matrices.map((matrix) => matrix.length)];
}

/**
 * Reads a mask from JSON: `{"shape":[4,8,2],"masks":[..]}`, or the list of masks alone, with one matrix `[out][in]` per layer of
 * 0 or false (pruned) and 1 or true (kept).
 * @param text the whole file
 * @param name name of the file, for error messages
 * @throws InputError that names the file, the position in it, the value and the bound
 */
export function readMaskJson(text: string, name: string): Mask {
  return maskOfJson(parseJson(text, name, `expected ${maskExample}`), name);
}

/** As {@link readMaskJson}, of the parsed text. */
export function maskOfJson(content: unknown, name: string): Mask {
  if (typeof content !== "object" || content === null) {
    throw new InputError(`${name}: ${shownJson(content)} is not an object; expected ${maskExample}`);
  }
  const object: { shape?: unknown; masks?: unknown } = Array.isArray(content) ? { masks: content } : content;
  const unknownKey = Object.keys(object).find((key) => key !== "shape" && key !== "masks");
  if (unknownKey !== undefined) {
    throw new InputError(`${name}: key ${shown(unknownKey)} is unknown; expected only shape and masks`);
  }
  const { masks } = object;
  const shape: unknown = object.shape ?? shapeOf(masks, name);
  checkShape(shape, `${name}: shape`);
  checkList(masks, layerCount(shape), `${name}: masks`, "matrices");
  // The sizes of all lists first: a shape says more than a file holds.
  for (let layer = 0; layer < layerCount(shape); layer++) checkLayer(masks[layer], layer, shape, name);
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  for (let layer = 0; layer < layerCount(shape); layer++) readLayer(masks[layer], layer, mask, name);
  return mask;
}

function checkLayer(matrix: unknown, layer: number, shape: Shape, name: string): void {
  checkList(matrix, shape[layer + 1], `${name}: masks[${layer}]`, "rows");
  for (let output = 0; output < matrix.length; output++) {
    checkList(matrix[output], shape[layer], `${name}: masks[${layer}][${output}]`, "entries");
  }
}

/** Reads a layer whose sizes were checked. */
function readLayer(matrix: unknown, layer: number, mask: Mask, name: string): void {
  const { words, layout } = mask;
  const rows = matrix as readonly (readonly unknown[])[];
  let word = layout.wordOffset[layer];
  for (const [output, row] of rows.entries()) {
    for (let input = 0; input < row.length; input += 32) {
      const count = Math.min(32, row.length - input);
      let bits = 0;
      for (let bit = 0; bit < count; bit++) {
        const kept = row[input + bit];
        if (kept === 1 || kept === true) bits |= 1 << bit;
        else if (kept !== 0 && kept !== false) {
          throw new InputError(
            `${name}: masks[${layer}][${output}][${input + bit}] is ${shownJson(kept)}; a mask holds only 0 (pruned) and 1 (kept)`,
          );
        }
      }
      words[word++] = bits;
    }
  }
}
