import { InputError } from "../../base/errors.ts";

/** Position of the first byte that UTF-8 does not allow where it stands; the length if there is none. */
export function invalidByte(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at];
    const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length === 0) return at;
    for (let next = 1; next < length; next++) {
      const byte = bytes[at + next];
      const least = next === 1 && first === 0xe0 ? 0xa0 : next === 1 && first === 0xf0 ? 0x90 : 0x80;
      const most = next === 1 && first === 0xed ? 0x9f : next === 1 && first === 0xf4 ? 0x8f : 0xbf;
      if (byte === undefined || byte < least || byte > most) return at;
    }
    at += length;
  }
  return bytes.length;
}

/** The refusal of a byte that is no UTF-8. */
export function notUtf8(byte: number, position: number, row: number, where: string): InputError {
  return new InputError(
    `${where}: row ${row}: byte ${position} of the file, 0x${byte.toString(16).padStart(2, "0")}, is not UTF-8; save the file as CSV in UTF-8`,
  );
}
