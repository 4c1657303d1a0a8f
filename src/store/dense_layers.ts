import { InputError } from "../base/errors.ts";
import { isInteger, isUnreadable, type Tensor } from "./dtype.ts";
import { inParams, isLowRankFactor, type TensorRole, tensorRole } from "./tensor_role.ts";

/** One tensor with its name in the file. */
export interface Named {
  readonly name: string;
  readonly tensor: Tensor;
}

/** The tensors of one dense layer. */
export interface DenseLayer {
  /** The layer's name in the file, such as `net.0`; the tensor's name for a lone layer. */
  readonly name: string;
  /** The name without `params` and `masks`. */
  readonly key: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the matrices are `[in,out]`; else `[out,in]`. */
  readonly transposed: boolean;
  readonly weight?: Named;
  /** All must keep a weight; where there is none, the zeros of the weight are pruned. */
  readonly masks: readonly Named[];
  readonly bias?: Named;
  readonly biasMasks: readonly Named[];
}

/** The content of a ticket's file. */
export interface LayersOfFile {
  /** In the order of the file. */
  readonly layers: readonly DenseLayer[];
  /** Tensors that belong to no dense layer, in the order of the file. */
  readonly others: readonly Named[];
}

type Part = { readonly [Form in TensorRole["form"]]: Named[] };

/** The tensors of one layer of any kind. */
interface Group {
  readonly key: string;
  name: string;
  transposed: boolean;
  readonly weight: Part;
  readonly bias: Part;
}

const emptyPart = (): Part => ({ plain: [], original: [], mask: [], "stateless-mask": [], derived: [], packed: [] });
const allOf = ({ weight, bias }: Group): Named[] => [...Object.values(weight), ...Object.values(bias)].flat();

/**
 * Groups the tensors of a file by dense layer: those whose weight or mask is a matrix.
 * @param file name of the file, for error messages
 * @throws InputError that names the tensor when there is no dense layer, or the tensors of one contradict each other
 */
export function denseLayers(tensors: ReadonlyMap<string, Tensor>, file: string): LayersOfFile {
  if (tensors.size === 0) throw new InputError(`${file}: it holds no tensors; give a file with at least one weight`);
  const factor = [...tensors.keys()].find(isLowRankFactor);
  if (factor !== undefined) {
    throw new InputError(
      `${file}: tensor ${factor} is a factor of a low-rank update of another weight; add the updates to their weights before they are saved (in PEFT: merge_and_unload())`,
    );
  }
  const others: Named[] = [];
  let layers: DenseLayer[] = [];
  for (const group of groups(tensors, others)) {
    const layer = denseLayer(group, file);
    if (layer) layers.push(layer);
    else others.push(...allOf(group));
  }
  const weighted = layers.some(({ weight }) => weight);
  if (weighted) {
    // A tensor that is named `mask` and nothing else may be that of an attention.
    const isStray = ({ weight, masks }: DenseLayer) => !weight && masks.every(({ name }) => /(^|[./])mask$/.test(name));
    others.push(...layers.filter(isStray).flatMap(({ masks }) => masks));
    layers = layers.filter((layer) => !isStray(layer));
  }
  const weightless = weighted && layers.find(({ weight }) => !weight);
  if (weightless) {
    throw new InputError(
      `${file}: tensor ${weightless.masks[0].name} has no weight beside it though other layers have; give all weights or none`,
    );
  }
  if (layers.length === 0) {
    const [{ name, tensor }] = others;
    throw new InputError(
      `${file}: none of its ${tensors.size} tensors is the weight or mask of a dense layer, such as layers.0.weight [out,in] or Dense_0/kernel [in,out]; the first is ${name} ${tensor.dtype} [${tensor.shape.join(",")}]`,
    );
  }
  const position = new Map([...tensors.keys()].map((name, i) => [name, i]));
  others.sort((a, b) => (position.get(a.name) ?? 0) - (position.get(b.name) ?? 0));
  return { layers, others };
}

function groups(tensors: ReadonlyMap<string, Tensor>, others: Named[]): Iterable<Group> {
  const found = new Map<string, Group>();
  const isFlax = [...tensors.keys()].some(inParams);
  for (const [name, tensor] of tensors) {
    const role = tensorRole(name, isFlax);
    if (!role) {
      others.push({ name, tensor });
      continue;
    }
    const { layer, shownLayer, part, form, transposed } = role;
    let group = found.get(layer);
    if (!group) {
      group = { key: layer, name: shownLayer || name, transposed, weight: emptyPart(), bias: emptyPart() };
      found.set(layer, group);
    }
    if (part === "weight" && (form === "plain" || form === "original")) {
      group.transposed = transposed;
      group.name = shownLayer || name;
    }
    group[part][form].push({ name, tensor });
  }
  joinOpenLthMasks(found);
  return found.values();
}

/** OpenLTH stores the weights of a pruned model below `model.` and its masks beside that. */
function joinOpenLthMasks(found: Map<string, Group>): void {
  for (const [key, group] of found) {
    const model = found.get(`model.${key}`);
    if (!model || !allOf(group).every(({ name }) => name.startsWith("mask_"))) continue;
    model.weight.mask.push(...group.weight.mask);
    model.bias.mask.push(...group.bias.mask);
    found.delete(key);
  }
}

/** The dense layer of a group of tensors; undefined if it is a layer of another kind. */
function denseLayer(group: Group, file: string): DenseLayer | undefined {
  const { key, name, transposed, weight, bias } = group;
  if (Object.values(weight).some((tensors) => tensors.some(({ tensor }) => tensor.shape.length > 2))) return undefined;
  refuseDerived(group, file);
  const values = pickValues(weight, file, `${group.name}.weight_mask`);
  const masks = [...weight.mask, ...weight["stateless-mask"]];
  const matrix = values ?? masks[0];
  if (matrix?.tensor.shape.length !== 2) return undefined;
  const biasMasks = [...bias.mask];
  const biases = pickValues(bias, file, `${group.name}.bias_mask`);
  // A mask of biases may be alone where the mask of the weights is.
  if (biasMasks.length > 0 && !biases && values) {
    throw new InputError(
      `${file}: tensor ${biasMasks[0].name} has no ${biasMasks[0].name.replace(/_mask$/, "")} beside it; add it`,
    );
  }
  const { shape } = matrix.tensor;
  for (const used of [matrix, ...masks, ...(biases ? [biases] : []), ...biasMasks]) refuseUnreadable(used, file);
  if (shape.includes(0)) {
    throw new InputError(
      `${file}: tensor ${matrix.name} has shape [${shape.join(",")}], a layer without ${shape[0] === 0 ? "rows" : "columns"}; leave it out of the file`,
    );
  }
  for (const mask of masks) {
    if (mask.tensor.shape.join() !== shape.join()) {
      throw new InputError(
        `${file}: tensor ${mask.name} has shape [${mask.tensor.shape.join(",")}], its weight [${shape.join(",")}]`,
      );
    }
  }
  const [outputs, inputs] = transposed ? shape.toReversed() : shape;
  checkWidth(inputs, matrix, file);
  checkWidth(outputs, matrix, file);
  const sizes = { name, key, inputs, outputs, transposed };
  if (!values || !isInteger(values.tensor.dtype)) {
    return { ...sizes, ...(values && { weight: values }), masks, ...(biases && { bias: biases }), biasMasks };
  }
  if (masks.length > 0) {
    throw new InputError(
      `${file}: tensor ${values.name} is of dtype ${values.tensor.dtype} with the mask ${masks[0].name} beside it: integer weights are quantised; convert them to F32`,
    );
  }
  return { ...sizes, masks: [values], biasMasks: [] };
}

/** Either the values as they are or those before the mask, whichever is there. */
function pickValues(
  { plain, original, mask, "stateless-mask": statelessMask }: Part,
  file: string,
  maskName: string,
): Named | undefined {
  const [first, second] = [...plain, ...original];
  if (second) throw new InputError(`${file}: both ${first.name} and ${second.name} are there; keep one of them`);
  if (original.length > 0 && mask.length + statelessMask.length === 0) {
    const [{ name }] = original;
    if (/\bparametrizations\b/.test(name)) {
      throw new InputError(
        `${file}: tensor ${name} has no mask beside it, such as ${name.replace(/original$/, "0.mask")}; call torch.nn.utils.parametrize.remove_parametrizations on the layer before it is saved`,
      );
    }
    const beside = name.endsWith("_orig") ? name.replace(/orig$/, "mask") : maskName;
    throw new InputError(`${file}: tensor ${name} has no ${beside} beside it; add it`);
  }
  return first;
}

function refuseDerived({ weight, bias }: Group, file: string): void {
  const [packed] = weight.packed;
  if (packed) {
    throw new InputError(
      `${file}: tensor ${packed.name} stores a weight sparse or packed; store it dense, with its zeros (in PyTorch: weight.to_dense())`,
    );
  }
  const [derived] = [...weight.derived, ...bias.derived];
  if (!derived) return;
  const remedy = /\bparametrizations\b/.test(derived.name)
    ? "torch.nn.utils.parametrize.remove_parametrizations"
    : weight.original.length > 0
      ? "torch.nn.utils.remove_spectral_norm"
      : "torch.nn.utils.remove_weight_norm";
  throw new InputError(
    `${file}: tensor ${derived.name} is a part of a weight that is computed (by a weight norm or alike), not stored; call ${remedy} on the layer before it is saved`,
  );
}

function refuseUnreadable({ name, tensor: { dtype } }: Named, file: string): void {
  if (!isUnreadable(dtype)) return;
  throw new InputError(`${file}: tensor ${name} is of dtype ${dtype}, which is not read; convert it to F32`);
}

function checkWidth(width: number, { name, tensor }: Named, file: string): void {
  if (width <= 65535) return;
  throw new InputError(
    `${file}: tensor ${name} has shape [${tensor.shape.join(",")}], a layer of ${width} neurons; 65535 are the most`,
  );
}
