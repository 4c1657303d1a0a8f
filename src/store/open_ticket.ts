import { InputError } from "../base/errors.ts";
import { refuseForeignFormat } from "./foreign_format.ts";
import { orderText } from "./layer_order.ts";
import { readMaskJson } from "./mask_json.ts";
import { type ReadTicket, readTicket, type TicketOptions } from "./ticket_file.ts";

/**
 * Reads a ticket of any format: a mask as JSON (a name that ends in `.json`), else safetensors.
 * @param bytes the whole file
 * @param name name of the file, for its format and for error messages
 * @throws InputError as {@link readTicket} and {@link readMaskJson}; for formats that others store networks in, with the Python that
 * converts the file
 */
export function openTicket(bytes: Uint8Array, name: string, options: TicketOptions = {}): ReadTicket {
  if (!name.toLowerCase().endsWith(".json")) {
    refuseForeignFormat(bytes, name);
    return readTicket(bytes, name, options);
  }
  if (options.layers) throw new InputError(`--layers: ${name} lists its masks in their order; leave the option out`);
  const mask = readMaskJson(new TextDecoder().decode(bytes), name);
  const { shape } = mask;
  const listed = shape.slice(1).map((outputs, i) => ({ name: `masks[${i}]`, inputs: shape[i], outputs }));
  const notes = [`${name}: ${orderText(listed, "file")}`];
  return { shape, mask, reading: { layers: listed, orderedBy: "file", passedOver: [], notes } };
}
