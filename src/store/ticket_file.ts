import { InputError, invariant } from "../base/errors.ts";
import { JsonError, parseJsonText } from "../base/json.ts";
import { firstIssue } from "../base/schema_issue.ts";
import { layerCount, mostLayers, type Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { noteLine, shown } from "../base/visible.ts";
import { Mask, maskLayout } from "../mask/mask.ts";
import { Parameters } from "../network/parameters.ts";
import { type DenseLayer, denseLayers, type Named } from "./dense_layers.ts";
import type { Tensor } from "./dtype.ts";
import { type OrderedBy, type OrderedLayers, orderLayers, orderText } from "./layer_order.ts";
import { checkParametersOf, readBiasMaskOf, readMaskOf, readParametersOf } from "./layer_values.ts";
import { maskNotes } from "./mask_notes.ts";
import { passedOverText } from "./passed_over.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { coverageSchema, tasksSchema } from "./task_record.ts";

/** A mask and, if the file contains them, its weights and biases. */
export interface Ticket {
  readonly shape: Shape;
  readonly mask: Mask;
  /** Pruned weights and biases are exactly 0. */
  readonly parameters?: Parameters;
  /** Tasks and coverage for the analysis; both are present or both are absent. */
  readonly tasks?: readonly Task[];
  readonly coverage?: CoverageKind;
}

/**
 * Writes a ticket as safetensors with PyTorch's names: `layers.<i>.weight` `[out,in]` and `layers.<i>.bias` `[out]` in F32,
 * `layers.<i>.weight_mask` `[out,in]` in U8; with these, where the mask prunes biases, `layers.<i>.bias_mask` `[out]` in U8.
 * Equal arguments give equal bytes.
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
    if (mask?.prunesBiases) {
      const data = Uint8Array.from({ length: shape[layer + 1] }, (_, output) => (mask.hasBias(layer, output) ? 1 : 0));
      tensors.set(`layers.${layer}.bias_mask`, { dtype: "U8", shape: [shape[layer + 1]], data });
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

/** How a file was understood. */
export interface TicketReading {
  /** The dense layers, inputs first, by their names in the file. */
  readonly layers: readonly { readonly name: string; readonly inputs: number; readonly outputs: number }[];
  readonly orderedBy: OrderedBy;
  /** Names of the tensors that are not part of the network. */
  readonly passedOver: readonly string[];
  /** Lines for a person: the order of the layers, and what was passed over. */
  readonly notes: readonly string[];
  /** Lines for a person on where the mask comes from, if another may have been meant. */
  readonly maskNotes: readonly string[];
}

/** How a file is to be read. */
export interface TicketOptions {
  /** Names of the layers in their order; undefined: found out. */
  readonly layers?: readonly string[] | undefined;
  /** Reads the mask alone; the weights are checked all the same. */
  readonly maskAlone?: boolean;
}

/** A ticket from a file. */
export type ReadTicket = Ticket & { readonly reading: TicketReading };

/**
 * Reads a network from a safetensors file. Accepts the names of {@link writeTicket}, and those of PyTorch (also after
 * torch.nn.utils.prune), Flax and Keras ({@link tensorRole}) for sequences of dense layers. Without a mask, the zeros of a
 * weight count as pruned; without a mask of biases, every bias is kept. Other tensors are passed over and named. {@link orderLayers} gives the order of the layers.
 * @param bytes the whole file
 * @param name name of the file, for error messages
 * @throws LayersNeeded when the order of the layers cannot be found out
 * @throws InputError when there are no dense layers, the tensors of one contradict each other, a mask contains values other than
 * 0 and 1, a weight or bias is NaN or infinite, or the stored tasks or coverage are invalid
 */
export function readTicket(bytes: Uint8Array, name: string, options: TicketOptions = {}): ReadTicket {
  const { tensors, metadata } = readSafetensors(bytes, name);
  return ticketOf(tensors, metadata, name, options);
}

/** As {@link readTicket}, of tensors from a file of any format. */
export function ticketOf(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
  name: string,
  { layers, maskAlone = false }: TicketOptions,
): ReadTicket {
  const found = denseLayers(tensors, name);
  const ordered = orderLayers(found.layers, layers, name);
  const shape = [ordered.layers[0].inputs, ...ordered.layers.map(({ outputs }) => outputs)];
  if (ordered.layers.length > mostLayers) {
    throw new InputError(
      `${name}: a network of ${ordered.layers.length} layers, at most ${mostLayers} are read; name those that are meant by --layers`,
    );
  }
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  for (const [index, layer] of ordered.layers.entries()) readMaskOf(layer, index, mask, name);
  for (const [index, layer] of ordered.layers.entries()) readBiasMaskOf(layer, index, mask, name);
  const reading = {
    ...readingOf(ordered, found.others, name),
    maskNotes: maskNotes(ordered.layers, mask).map((note) => noteLine(`${name}: ${note}`)),
  };
  const ticket = { shape, mask, ...storedAnalysis(metadata, name), reading };
  if (maskAlone || !ordered.layers[0].weight) {
    for (const layer of ordered.layers) checkParametersOf(layer, name);
    return ticket;
  }
  const parameters = new Parameters(shape);
  for (const [index, layer] of ordered.layers.entries()) readParametersOf(layer, index, mask, parameters, name);
  return { ...ticket, parameters };
}

function readingOf(
  { layers, orderedBy, contradictsNumbers, leftOut }: OrderedLayers,
  others: readonly Named[],
  file: string,
): Omit<TicketReading, "maskNotes"> {
  const tensorsOf = ({ weight, masks, bias, biasMasks }: DenseLayer) =>
    [...(weight ? [weight] : []), ...masks, ...(bias ? [bias] : []), ...biasMasks].map(({ name }) => name);
  const left = passedOverText(
    others,
    leftOut.map(({ name }) => name),
  );
  return {
    layers: layers.map(({ name, inputs, outputs }) => ({ name, inputs, outputs })),
    orderedBy,
    passedOver: [...leftOut.flatMap(tensorsOf), ...others.map(({ name }) => name)],
    notes: [
      orderText(layers, orderedBy, contradictsNumbers),
      ...(left === undefined ? [] : [left]),
      ...unusedMasks(layers, others),
    ].map((note) => noteLine(`${file}: ${note}`)),
  };
}

/** A line for each layer without a mask whose weight has the shape of a tensor that is called a mask and belongs to no layer. */
function unusedMasks(layers: readonly DenseLayer[], others: readonly Named[]): string[] {
  const named = others.filter(({ name }) => /mask/i.test(name)).reverse();
  const byShape = new Map(named.map((other) => [other.tensor.shape.join(), other]));
  return layers.flatMap(({ name, weight, masks }) => {
    const alike = weight && byShape.get(weight.tensor.shape.join());
    if (!weight || masks.length > 0 || !alike) return [];
    return [
      `${alike.name} has the shape of ${weight.name} and is not used: if it is the mask, name it ${name}.weight_mask`,
    ];
  });
}

/** Tasks and coverage from a file's metadata; empty if one of them is missing. */
function storedAnalysis({ tasks, coverage }: Readonly<Record<string, string>>, file: string) {
  if (tasks === undefined || coverage === undefined) return {};
  const kind = coverageSchema.safeParse(coverage);
  if (!kind.success)
    throw new InputError(`${file}: __metadata__.coverage is "${shown(coverage)}"; write the ticket again`);
  let content: unknown;
  try {
    content = parseJsonText(tasks);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InputError(`${file}: __metadata__.tasks is ${error.message}; write the ticket again`);
  }
  const checked = tasksSchema.safeParse(content);
  if (!checked.success) {
    const { field, reason } = firstIssue(checked.error);
    throw new InputError(`${file}: __metadata__.tasks${field && `.${field}`}: ${reason}; write the ticket again`);
  }
  return { tasks: checked.data, coverage: kind.data };
}
