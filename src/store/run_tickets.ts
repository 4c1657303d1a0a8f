import type { Mask } from "../mask/mask.ts";
import type { Parameters } from "../network/parameters.ts";
import { writeTicket } from "./ticket_file.ts";

/** The bytes of `init.safetensors`. */
export function initialTicket(parameters: Parameters): Uint8Array {
  return writeTicket({ parameters, metadata: {} });
}

/** The bytes of the file of a level, with its trained weights where they are given. */
export function levelTicket(level: number, mask: Mask, trained?: Parameters): Uint8Array {
  return writeTicket({ mask, parameters: trained, metadata: { level: String(level) } });
}
