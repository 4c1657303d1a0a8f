import { InputError } from "../base/errors.ts";
import { checkShape, layerCount } from "../base/shape.ts";
import { Mask, maskLayout } from "../mask/mask.ts";

const example = '{"shape":[2,1],"masks":[[[1,0]]]}';

/** A value for an error message, cut to a readable length. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function checkList(value: unknown, length: number, where: string, what: string): asserts value is unknown[] {
  if (!Array.isArray(value)) throw new InputError(`${where}: ${shown(value)} is not a list of ${length} ${what}`);
  if (value.length !== length) {
    throw new InputError(`${where}: ${value.length} ${what}, the shape asks for ${length}`);
  }
}

/**
 * Reads a mask from JSON: `{"shape":[4,8,2],"masks":[..]}` with one matrix `[out][in]` of 0 (pruned) and 1 (kept) per layer.
 * @param text the whole file
 * @param name name of the file, for error messages
 * @throws InputError that names the file, the position in it, the value and the bound
 */
export function readMaskJson(text: string, name: string): Mask {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name}: it is not JSON (${(error as Error).message}); expected ${example}`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new InputError(`${name}: ${shown(content)} is not an object; expected ${example}`);
  }
  const unknownKey = Object.keys(content).find((key) => key !== "shape" && key !== "masks");
  if (unknownKey !== undefined) {
    throw new InputError(`${name}: key ${unknownKey} is unknown; expected only shape and masks`);
  }
  const { shape, masks } = content as { shape?: unknown; masks?: unknown };
  checkShape(shape, `${name}: shape`);
  checkList(masks, layerCount(shape), `${name}: masks`, "matrices");
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  masks.forEach((matrix, layer) => {
    checkList(matrix, shape[layer + 1], `${name}: masks[${layer}]`, "rows");
    matrix.forEach((row, output) => {
      checkList(row, shape[layer], `${name}: masks[${layer}][${output}]`, "entries");
      row.forEach((kept, input) => {
        if (kept !== 0 && kept !== 1) {
          throw new InputError(
            `${name}: masks[${layer}][${output}][${input}] is ${shown(kept)}; a mask holds only 0 (pruned) and 1 (kept)`,
          );
        }
        mask.set(layer, output, input, kept === 1);
      });
    });
  });
  return mask;
}
