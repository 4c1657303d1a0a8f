import { InputError, invariant } from "../base/errors.ts";
import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { DenseLayer, Named } from "./dense_layers.ts";
import { asFloat32, elementWords, shownElement } from "./dtype.ts";

/**
 * Reads the mask of a layer, from its masks or the zeros of its weight.
 * @param mask all weights of the layer are pruned in it; set where the layer keeps them
 * @throws InputError when a mask has another value than 0 and 1, with the tensor and position of the first
 */
export function readMaskOf(layer: DenseLayer, index: number, mask: Mask, file: string): void {
  const [first, ...others] = layer.masks;
  const zeros = first ?? layer.weight;
  invariant(zeros, "a layer with neither weights nor mask");
  if (layer.transposed) setKeptTransposed(zeros, first !== undefined, index, mask, file);
  else setKept(zeros, first !== undefined, index, mask, file);
  for (const other of others) {
    checkMask(other, file);
    clearPruned(other, layer.transposed, index, mask);
  }
}

/** Keeps the weights where a tensor `[out,in]` is not 0. The mask's words are filled 32 weights at a time. */
function setKept(named: Named, isMask: boolean, index: number, mask: Mask, file: string): void {
  const { words, magnitude, one } = elementWords(named.tensor);
  const inputs = mask.shape[index];
  const kept = mask.words;
  let word = mask.layout.wordOffset[index];
  let at = 0;
  for (let output = 0; output < mask.shape[index + 1]; output++) {
    for (let input = 0; input < inputs; input += 32) {
      const count = Math.min(32, inputs - input);
      let bits = 0;
      for (let bit = 0; bit < count; bit++, at++) {
        const value = words[at];
        if ((value & magnitude) === 0) continue;
        if (isMask && value !== one) refuseMaskValue(named, at, file);
        bits |= 1 << bit;
      }
      kept[word++] = bits;
    }
  }
}

/** Keeps the weights where a tensor `[in,out]` is not 0. */
function setKeptTransposed(named: Named, isMask: boolean, index: number, mask: Mask, file: string): void {
  const { words, magnitude, one } = elementWords(named.tensor);
  const kept = mask.words;
  const stride = mask.layout.rowWords[index];
  let at = 0;
  for (let input = 0; input < mask.shape[index]; input++) {
    const bit = 1 << (input & 31);
    let word = mask.layout.wordOffset[index] + (input >>> 5);
    for (let output = 0; output < mask.shape[index + 1]; output++, at++, word += stride) {
      const value = words[at];
      if ((value & magnitude) === 0) continue;
      if (isMask && value !== one) refuseMaskValue(named, at, file);
      kept[word] |= bit;
    }
  }
}

/** Prunes the weights where a mask is 0. */
function clearPruned({ tensor }: Named, transposed: boolean, index: number, mask: Mask): void {
  const { words, one } = elementWords(tensor);
  const inputs = mask.shape[index];
  const outputs = mask.shape[index + 1];
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const at = transposed ? input * outputs + output : output * inputs + input;
      if (words[at] !== one) mask.set(index, output, input, false);
    }
  }
}

function checkMask(named: Named, file: string): void {
  const { words, magnitude, one } = elementWords(named.tensor);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word !== one && (word & magnitude) !== 0) refuseMaskValue(named, i, file);
  }
}

function refuseMaskValue({ name, tensor }: Named, index: number, file: string): never {
  throw new InputError(
    `${file}: tensor ${name} holds ${shownElement(tensor, index)} at ${place(index, tensor.shape)}; a mask holds only 0 (pruned) and 1 (kept)`,
  );
}

/**
 * Checks the weights and biases of a layer, as {@link readParametersOf} does.
 * @throws InputError when a value is NaN or infinite, or a bias does not fit the layer
 */
export function checkParametersOf({ weight, bias, ...layer }: DenseLayer, file: string): void {
  if (weight) finiteValues(weight, file);
  if (bias) biasValues({ ...layer, bias }, file);
}

/**
 * Prunes the biases of a layer where one of its masks of biases is 0.
 * @param mask all biases of the layer are kept in it
 * @throws InputError when a mask does not fit the layer, or has another value than 0 and 1
 */
export function readBiasMaskOf(layer: DenseLayer, index: number, mask: Mask, file: string): void {
  for (const biasMask of layer.biasMasks) {
    checkBiasShape(layer, biasMask, file);
    checkMask(biasMask, file);
    const { words, one } = elementWords(biasMask.tensor);
    for (let output = 0; output < layer.outputs; output++) {
      if (words[output] !== one) mask.setBias(index, output, false);
    }
  }
}

/**
 * Reads the weights and biases of a layer; pruned weights and biases become 0.
 * @throws InputError when a value is NaN or infinite, or a bias does not fit the layer
 */
export function readParametersOf(
  { weight, bias, ...layer }: DenseLayer,
  index: number,
  mask: Mask,
  parameters: Parameters,
  file: string,
): void {
  if (weight) {
    const values = finiteValues(weight, file);
    parameters.setWeights(index, layer.transposed ? transpose(values, layer.inputs, layer.outputs) : values);
    clearWeights(parameters, index, mask);
  }
  if (!bias) return;
  const values = biasValues({ ...layer, bias }, file);
  parameters.biases(index).set(values.map((value, output) => (mask.hasBias(index, output) ? value : 0)));
}

/** The biases of a layer, as the file has them. */
function biasValues({ bias, ...layer }: DenseLayer & { bias: Named }, file: string): Float32Array {
  checkBiasShape(layer, bias, file);
  return finiteValues(bias, file);
}

/** @throws InputError when a tensor of biases, or of their mask, has not a number for each output */
function checkBiasShape(
  { transposed, inputs, outputs }: Pick<DenseLayer, "transposed" | "inputs" | "outputs">,
  { name, tensor }: Named,
  file: string,
): void {
  if (tensor.shape.length === 1 && tensor.shape[0] === outputs) return;
  const hint =
    tensor.shape.join() === String(inputs) ? `, if its weight is ${transposed ? "[in,out]" : "[out,in]"}` : "";
  throw new InputError(
    `${file}: tensor ${name} has shape [${tensor.shape.join(",")}], its layer has ${outputs} outputs${hint}`,
  );
}

function clearWeights({ values, layout }: Parameters, index: number, mask: Mask): void {
  const inputs = mask.shape[index];
  for (let output = 0; output < mask.shape[index + 1]; output++) {
    const row = layout.weightOffset[index] + output * layout.rowStride[index];
    const words = mask.layout.wordOffset[index] + output * mask.layout.rowWords[index];
    for (let input = 0; input < inputs; input++) {
      if (((mask.words[words + (input >>> 5)] >>> (input & 31)) & 1) === 0) values[row + input] = 0;
    }
  }
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const transposed = new Float32Array(values.length);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) transposed[column * rows + row] = values[at++];
  }
  return transposed;
}

/** `[3]` or `[1,2]`: the position of flat element `index` in a tensor of this shape. */
function place(index: number, shape: readonly number[]): string {
  return shape.length === 2 ? `[${Math.floor(index / shape[1])},${index % shape[1]}]` : `[${index}]`;
}

/**
 * The values of a tensor as f32.
 * @throws InputError when one is NaN or infinite, or beyond f32
 */
function finiteValues({ name, tensor }: Named, file: string): Float32Array {
  const values = asFloat32(tensor);
  let sum = 0;
  // The difference is 0, but NaN for NaN and infinities.
  for (let i = 0; i < values.length; i++) sum += values[i] - values[i];
  if (sum === 0) return values;
  const wrong = values.filter((value) => !Number.isFinite(value));
  const first = values.findIndex((value) => !Number.isFinite(value));
  throw new InputError(
    `${file}: tensor ${name} has ${wrong.length} of ${values.length} values that are no finite f32, the first ${values[first]} at ${place(first, tensor.shape)}`,
  );
}
