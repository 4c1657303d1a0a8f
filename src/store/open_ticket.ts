import { InputError } from "../base/errors.ts";
import { noteLine } from "../base/visible.ts";
import type { Tensor } from "./dtype.ts";
import { refuseForeignFormat } from "./foreign_format.ts";
import { tensorsOfJson } from "./json_tensors.ts";
import { parseJson } from "./json_text.ts";
import { orderText } from "./layer_order.ts";
import { maskExample, maskOfJson } from "./mask_json.ts";
import { tensorRole } from "./tensor_role.ts";
import { type ReadTicket, readTicket, type TicketOptions, ticketOf } from "./ticket_file.ts";

/**
 * Reads a ticket of any format: JSON (a name that ends in `.json`, or a name without an ending, such as that of a pipe, and
 * a first byte of `{`), which holds masks in their order, or tensors by name as nested lists;
 * else safetensors.
 * @param bytes the whole file
 * @param name name of the file, for its format and for error messages
 * @throws InputError as {@link readTicket} and {@link maskOfJson}; for formats that others store networks in, with the Python that
 * converts the file
 */
export function openTicket(bytes: Uint8Array, name: string, options: TicketOptions = {}): ReadTicket {
  const isJson = name.toLowerCase().endsWith(".json") || (!/\.[^./\\]+$/.test(name) && startsObject(bytes));
  if (!isJson) {
    refuseForeignFormat(bytes, name);
    return readTicket(bytes, name, options);
  }
  const content = parseJson(bytes, name, `expected ${maskExample}`);
  if (isNamedLists(content)) return ticketOf(namedMasks(tensorsOfJson(content, name)), {}, name, options);
  if (options.layers) throw new InputError(`--layers: ${name} lists its masks in their order; leave the option out`);
  const mask = maskOfJson(content, name);
  const { shape } = mask;
  const listed = shape.slice(1).map((outputs, i) => ({ name: `masks[${i}]`, inputs: shape[i], outputs }));
  const notes = [noteLine(`${name}: ${orderText(listed, "file")}`)];
  return { shape, mask, reading: { layers: listed, orderedBy: "file", passedOver: [], notes, maskNotes: [] } };
}

/** Whether the first byte that is no white space is `{`, and safetensors do not begin so: with a header of 123 bytes. */
function startsObject(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => ![9, 10, 13, 32].includes(byte));
  return first === 0x7b && bytes[7] !== 0;
}

/** Whether the content of a JSON file names its lists, and does not list them as `masks`. */
function isNamedLists(content: unknown): content is Record<string, unknown> {
  if (typeof content !== "object" || content === null || Array.isArray(content)) return false;
  if ("shape" in content || ("masks" in content && Array.isArray(content.masks))) return false;
  const leaves = leavesOf(content);
  return (
    leaves.some(Array.isArray) && leaves.every((leaf) => Array.isArray(leaf) || /^(number|boolean)$/.test(typeof leaf))
  );
}

/** The values of an object and of the objects in it. */
function leavesOf(fields: object): unknown[] {
  return Object.values(fields).flatMap((value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? leavesOf(value) : [value],
  );
}

/** Names matrices that carry the name of a layer alone as the masks that they are. */
function namedMasks(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      tensor.shape.length === 2 && !tensorRole(name, false) ? `${name}.weight_mask` : name,
      tensor,
    ]),
  );
}
