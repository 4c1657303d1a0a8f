import { InputError, invariant } from "../base/errors.ts";
import { checkShape, layerCount, type Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { Mask, maskLayout } from "../mask/mask.ts";
import { Parameters } from "../network/parameters.ts";
import { compareNaturally } from "./natural_order.ts";
import { asFloat32, readSafetensors, type Tensor, writeSafetensors } from "./safetensors.ts";
import { coverageSchema, tasksSchema } from "./task_record.ts";

/** A mask and, if the file contains them, its weights. */
export interface Ticket {
  readonly shape: Shape;
  readonly mask: Mask;
  /** Pruned weights are exactly 0. */
  readonly parameters?: Parameters;
  /** Tasks and coverage for the analysis; both are present or both are absent. */
  readonly tasks?: readonly Task[];
  readonly coverage?: CoverageKind;
}

/**
 * Writes a ticket as safetensors with PyTorch's names: `layers.<i>.weight` `[out,in]` and `layers.<i>.bias` `[out]` in F32,
 * `layers.<i>.weight_mask` `[out,in]` in U8. Equal arguments give equal bytes.
 * @param content a mask, parameters of the same shape, or both; and the tasks and coverage for the analysis, stored as
 * JSON in the metadata `tasks` and as text in the metadata `coverage`
 */
export function writeTicket(content: {
  mask?: Mask | undefined;
  parameters?: Parameters | undefined;
  analysis?: { readonly tasks: readonly Task[]; readonly coverage: CoverageKind } | undefined;
  metadata: Readonly<Record<string, string>>;
}): Uint8Array {
  const { mask, parameters, analysis, metadata } = content;
  const shape = mask?.shape ?? parameters?.shape;
  invariant(shape, "a ticket file without mask and parameters");
  invariant(!parameters || parameters.shape.join() === shape.join(), "mask and parameters of two shapes in one ticket");
  const tensors = new Map<string, Tensor>();
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const matrix = [shape[layer + 1], shape[layer]];
    if (parameters) {
      tensors.set(`layers.${layer}.weight`, { dtype: "F32", shape: matrix, data: parameters.weights(layer) });
      tensors.set(`layers.${layer}.bias`, {
        dtype: "F32",
        shape: [shape[layer + 1]],
        data: parameters.biases(layer).slice(),
      });
    }
    if (mask) {
      tensors.set(`layers.${layer}.weight_mask`, { dtype: "U8", shape: matrix, data: maskBytes(mask, layer) });
    }
  }
  return writeSafetensors(tensors, {
    ...metadata,
    ...(analysis && { tasks: JSON.stringify(analysis.tasks), coverage: analysis.coverage }),
  });
}

/** Layer l of a mask as `[output][input]`, row-major, one byte of 0 or 1 per weight. */
function maskBytes(mask: Mask, layer: number): Uint8Array<ArrayBuffer> {
  const inputs = mask.shape[layer];
  const outputs = mask.shape[layer + 1];
  const bytes = new Uint8Array(inputs * outputs);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      if (mask.has(layer, output, input)) bytes[output * inputs + input] = 1;
    }
  }
  return bytes;
}

/** One tensor with its name in the file. */
interface Named {
  readonly name: string;
  readonly tensor: Tensor;
}

/** The tensors of one dense layer; `weight` and `bias` may be named `weight_orig` and `bias_orig` in the file. */
interface LayerTensors {
  readonly weight?: Named;
  readonly weightMask?: Named;
  readonly bias?: Named;
  readonly biasMask?: Named;
}

const tensorName = /^((?:.*\.)?)(weight|bias)(_orig|_mask)?$/s;

/**
 * Reads a network from a safetensors file. Accepts the names of {@link writeTicket} and the names of PyTorch for
 * sequences of dense layers: `<prefix>.weight_orig` with `<prefix>.weight_mask` after torch.nn.utils.prune, or a plain
 * `<prefix>.weight`; without a mask, its zeros count as pruned. Layers are sorted by the natural order of their names.
 * @param bytes the whole file
 * @param name name of the file, for error messages
 * @throws InputError when the tensors do not form a chain of dense layers, a mask contains values other than 0 and 1, a
 * weight or bias is NaN or infinite, or the stored tasks or coverage are invalid
 */
export function readTicket(bytes: Uint8Array, name: string): Ticket {
  const { tensors: all, metadata } = readSafetensors(bytes, name);
  const layers = groupLayers(all, name);
  const shape = chainShape(layers, name);
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  const parameters = new Parameters(shape);
  layers.forEach((tensors, layer) => {
    const weights = tensors.weight && finiteValues(tensors.weight, name);
    const kept = tensors.weightMask ? maskValues(tensors.weightMask, name) : weights?.map((w) => (w === 0 ? 0 : 1));
    invariant(kept, "a layer with neither weights nor mask");
    setMask(mask, layer, kept);
    if (weights) {
      parameters.setWeights(
        layer,
        weights.map((w, i) => (kept[i] === 1 ? w : 0)),
      );
    }
    if (tensors.bias) parameters.biases(layer).set(biasValues(tensors.bias, tensors.biasMask, shape[layer + 1], name));
  });
  const hasWeights = layers.some((tensors) => tensors.weight);
  return { shape, mask, ...(hasWeights && { parameters }), ...storedAnalysis(metadata, name) };
}

/** Tasks and coverage from a file's metadata; empty if one of them is missing. */
function storedAnalysis({ tasks, coverage }: Readonly<Record<string, string>>, file: string) {
  if (tasks === undefined || coverage === undefined) return {};
  const kind = coverageSchema.safeParse(coverage);
  if (!kind.success) throw new InputError(`${file}: __metadata__.coverage is "${coverage}"; write the ticket again`);
  let content: unknown;
  try {
    content = JSON.parse(tasks);
  } catch {
    throw new InputError(`${file}: __metadata__.tasks is not JSON; write the ticket again`);
  }
  const checked = tasksSchema.safeParse(content);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0];
    throw new InputError(`${file}: __metadata__.${["tasks", ...path].join(".")}: ${message}; write the ticket again`);
  }
  return { tasks: checked.data, coverage: kind.data };
}

/** Groups the tensors of a file by dense layer, in the natural order of their names. */
function groupLayers(tensors: ReadonlyMap<string, Tensor>, file: string): LayerTensors[] {
  const prefixes = new Set<string>();
  for (const name of tensors.keys()) {
    const match = tensorName.exec(name);
    if (!match) {
      throw new InputError(
        `${file}: tensor ${name} is no weight, bias or mask of a dense layer; leave it out of the file`,
      );
    }
    prefixes.add(match[1]);
  }
  if (prefixes.size === 0) throw new InputError(`${file}: it holds no tensors; give a file with at least one weight`);
  const layers = [...prefixes].sort(compareNaturally).map((prefix): LayerTensors => {
    const find = (role: string): Named | undefined => {
      const tensor = tensors.get(prefix + role);
      return tensor && { name: prefix + role, tensor };
    };
    const weight = pickOriginal(find("weight"), find("weight_orig"), find("weight_mask"), file);
    const bias = pickOriginal(find("bias"), find("bias_orig"), find("bias_mask"), file);
    const weightMask = find("weight_mask");
    const biasMask = find("bias_mask");
    if (bias && !weight) throw new InputError(`${file}: tensor ${bias.name} has no ${prefix}weight beside it; add it`);
    if (biasMask && !bias)
      throw new InputError(`${file}: tensor ${biasMask.name} has no ${prefix}bias beside it; add it`);
    return {
      ...(weight && { weight }),
      ...(weightMask && { weightMask }),
      ...(bias && { bias }),
      ...(biasMask && { biasMask }),
    };
  });
  const weightless = layers.find((layer) => !layer.weight);
  if (weightless && layers.some((layer) => layer.weight)) {
    throw new InputError(
      `${file}: tensor ${weightless.weightMask?.name} has no weight beside it though other layers have; give all weights or none`,
    );
  }
  return layers;
}

/** Either `<name>` or `<name>_orig`, whichever is present. */
function pickOriginal(
  plain: Named | undefined,
  original: Named | undefined,
  mask: Named | undefined,
  file: string,
): Named | undefined {
  if (plain && original) {
    throw new InputError(`${file}: both ${plain.name} and ${original.name} are there; keep one of them`);
  }
  if (original && !mask) {
    const maskName = original.name.replace(/orig$/, "mask");
    throw new InputError(`${file}: tensor ${original.name} has no ${maskName} beside it; add it`);
  }
  return original ?? plain;
}

/** Checks the shapes of the tensors and returns the shape of the network. */
function chainShape(layers: readonly LayerTensors[], file: string): Shape {
  const shape: number[] = [];
  let previous = "";
  for (const { weight, weightMask } of layers) {
    const matrix = weight ?? weightMask;
    invariant(matrix, "a layer with neither weights nor mask");
    const size = matrix.tensor.shape;
    if (size.length !== 2) {
      throw new InputError(`${file}: tensor ${matrix.name} has shape [${size.join(",")}], not the two of [out,in]`);
    }
    if (weightMask && weightMask.tensor.shape.join() !== size.join()) {
      throw new InputError(
        `${file}: tensor ${weightMask.name} has shape [${weightMask.tensor.shape.join(",")}], its weight [${size.join(",")}]`,
      );
    }
    const [outputs, inputs] = size;
    if (shape.length === 0) shape.push(inputs);
    else if (inputs !== shape[shape.length - 1]) {
      throw new InputError(
        `${file}: tensor ${matrix.name} takes ${inputs} inputs, but ${previous} before it gives ${shape[shape.length - 1]} outputs; layers are ordered by name and must form a chain`,
      );
    }
    shape.push(outputs);
    previous = matrix.name;
  }
  checkShape(shape, file);
  return shape;
}

/** `[3]` or `[1,2]`: the position of flat element `index` in a tensor of this shape. */
function place(index: number, shape: readonly number[]): string {
  return shape.length === 2 ? `[${Math.floor(index / shape[1])},${index % shape[1]}]` : `[${index}]`;
}

function finiteValues({ name, tensor }: Named, file: string): Float32Array {
  const values = asFloat32(tensor);
  const first = values.findIndex((value) => !Number.isFinite(value));
  if (first >= 0) {
    const count = values.filter((value) => !Number.isFinite(value)).length;
    throw new InputError(
      `${file}: tensor ${name} has ${count} of ${values.length} values that are no finite f32, the first ${values[first]} at ${place(first, tensor.shape)}`,
    );
  }
  return values;
}

function maskValues({ name, tensor }: Named, file: string): Float32Array {
  const values = asFloat32(tensor);
  const wrong = values.findIndex((value) => value !== 0 && value !== 1);
  if (wrong >= 0) {
    throw new InputError(
      `${file}: tensor ${name} holds ${tensor.data[wrong]} at ${place(wrong, tensor.shape)}; a mask holds only 0 (pruned) and 1 (kept)`,
    );
  }
  return values;
}

/** Biases with PyTorch's bias mask applied, since our masks contain weights only. */
function biasValues(bias: Named, biasMask: Named | undefined, outputs: number, file: string): Float32Array {
  for (const { name, tensor } of biasMask ? [bias, biasMask] : [bias]) {
    if (tensor.shape.length !== 1 || tensor.shape[0] !== outputs) {
      throw new InputError(
        `${file}: tensor ${name} has shape [${tensor.shape.join(",")}], its layer has ${outputs} outputs`,
      );
    }
  }
  const values = finiteValues(bias, file);
  if (!biasMask) return values;
  const kept = maskValues(biasMask, file);
  return values.map((value, i) => (kept[i] === 1 ? value : 0));
}

function setMask(mask: Mask, layer: number, kept: Float32Array): void {
  const inputs = mask.shape[layer];
  for (let output = 0; output < mask.shape[layer + 1]; output++) {
    for (let input = 0; input < inputs; input++) {
      if (kept[output * inputs + input] === 1) mask.set(layer, output, input, true);
    }
  }
}
