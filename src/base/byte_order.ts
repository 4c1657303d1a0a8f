import { DeviceError } from "./errors.ts";

/**
 * Checks that this machine stores numbers with their least byte first. Files are little-endian, and so is the memory of
 * devices and of WebAssembly; they are read and written through typed arrays, which have the byte order of the machine.
 * Of the machines that Node runs on, IBM Z has the other order.
 * @param first the first byte of the 32-bit number 1
 * @throws DeviceError on a big-endian machine, where files and training would be wrong without a word
 */
export function checkByteOrder(first: number = new Uint8Array(Uint32Array.of(1).buffer)[0]): void {
  if (first === 1) return;
  throw new DeviceError(
    "this machine stores numbers big-endian, its files would be unreadable elsewhere: use one that is little-endian (x64, arm64)",
  );
}
