import { invariant } from "../base/errors.ts";
import { layerCount } from "../base/shape.ts";
import { bitIndices, lowestBit } from "../mask/bits.ts";
import { biasBits, type Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import type { Need, RankedLevel } from "./ranked_level.ts";

/**
 * The kept weights of a layer, by ascending flat index: output by output, within one by input. Where biases are ranked too,
 * the kept ones follow, by neuron: they are the weights of one more input, `fanIn`, which is 1 for every sample. Arrays are
 * `[kept weight]`; those of values that the criterion does not need are empty.
 */
export interface KeptLayer {
  /** Numbers of input and output neurons of the layer, the input of the biases not counted. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** Index of the neuron that the weight comes from, and of that which it leads to. */
  readonly inputs: Uint16Array;
  readonly outputs: Uint16Array;
  /** `[output + 1]`: position of the first weight that leads to each output, and of the end of all weights; without biases. */
  readonly rows: Uint32Array;
  readonly trained: Float32Array;
  readonly start: Float32Array;
  readonly initial: Float32Array;
  readonly gradients: Float32Array;
  readonly startGradients: Float32Array;
  readonly startHessianGradients: Float32Array;
}

/**
 * The kept weights of every layer, with the values that a criterion needs.
 * @param mask which weights are kept: the level's mask or a subset
 * @param withBiases whether the kept biases follow
 */
export function keptLayers(level: RankedLevel, mask: Mask, needs: readonly Need[], withBiases = false): KeptLayer[] {
  return Array.from({ length: layerCount(mask.shape) }, (_, layer) => {
    const positions = keptPositions(mask, layer, withBiases);
    const values = (need: Need, parameters: Parameters | undefined) => {
      if (!needs.includes(need)) return new Float32Array(0);
      invariant(parameters, `a criterion needs ${need}, which were not given`);
      return valuesAt(parameters, layer, positions);
    };
    return {
      fanIn: mask.shape[layer],
      fanOut: mask.shape[layer + 1],
      ...positions,
      trained: values("trained weights", level.trained),
      start: values("start weights", level.start),
      initial: values("initial weights", level.initial),
      gradients: values("gradients", level.gradients),
      startGradients: values("start gradients", level.startGradients),
      startHessianGradients: values("start Hessian gradients", level.startHessianGradients),
    };
  });
}

/** A layer with copies of its values. */
export function withOwnValues(layer: KeptLayer): KeptLayer {
  const copies = Object.entries(layer).flatMap(([name, values]) =>
    values instanceof Float32Array ? [[name, values.slice()]] : [],
  );
  return { ...layer, ...Object.fromEntries(copies) };
}

/** The values of a layer that its criterion needs: all that {@link keptLayers} has filled. */
export function valuesOf(layer: KeptLayer): Float32Array[] {
  return Object.values(layer).filter((values) => values instanceof Float32Array && values.length > 0);
}

function keptPositions(mask: Mask, layer: number, withBiases: boolean): Pick<KeptLayer, "inputs" | "outputs" | "rows"> {
  const { rowWords, wordOffset } = mask.layout;
  const biases = withBiases ? bitIndices(biasBits(mask, layer)) : [];
  const kept = mask.count(layer) + biases.length;
  const inputs = new Uint16Array(kept);
  const outputs = new Uint16Array(kept);
  const rows = new Uint32Array(mask.shape[layer + 1] + 1);
  let at = 0;
  for (let output = 0; output < mask.shape[layer + 1]; output++) {
    for (let word = 0; word < rowWords[layer]; word++) {
      const bits = mask.words[wordOffset[layer] + output * rowWords[layer] + word];
      for (let rest = bits; rest !== 0; rest &= rest - 1) {
        inputs[at] = word * 32 + lowestBit(rest);
        outputs[at++] = output;
      }
    }
    rows[output + 1] = at;
  }
  inputs.fill(mask.shape[layer], at);
  outputs.set(biases, at);
  return { inputs, outputs, rows };
}

function valuesAt(
  { shape, layout, values }: Parameters,
  layer: number,
  { inputs, outputs }: Pick<KeptLayer, "inputs" | "outputs">,
): Float32Array {
  const [first, stride] = [layout.weightOffset[layer], layout.rowStride[layer]];
  const kept = new Float32Array(inputs.length);
  for (let at = 0; at < kept.length; at++) {
    const isBias = inputs[at] === shape[layer];
    kept[at] = values[isBias ? layout.biasOffset[layer] + outputs[at] : first + outputs[at] * stride + inputs[at]];
  }
  return kept;
}
