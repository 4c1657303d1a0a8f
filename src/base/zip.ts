import { Inflate, inflateSync } from "fflate";
import { crc32 } from "./crc32.ts";

/**
 * Reads zip files by their central directory (PKWARE, APPNOTE 6.3.10, sections 4.3 to 4.5), stored and deflated
 * members. Unlike fflate's `unzipSync`, it checks the CRC-32 of each member, and unpacks no more than a member says.
 */

/** A zip file that cannot be read; the message is the reason, for the caller's sentence. */
export class ZipError extends Error {
  override name = "ZipError";
}

/** A member of a zip file, as the central directory describes it. */
export interface ZipMember {
  /** As stored: may contain backslashes, `..` or control characters. */
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Place of the local header in the file. */
  readonly offsetBytes: number;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 };
const methods = { stored: 0, deflated: 8 };
/** In 32 bits: the number is in the extra field of zip64. */
const elsewhere = 0xffffffff;
/** Deflate packs no more than 1032 bytes into one (zlib's documentation); the rest allows for short members. */
const mostExpansion = 1032;
const shortBytes = 4096;
/** Packed bytes that are unpacked at once where only the first are wanted: a megabyte at most. */
const pieceBytes = 1024;

/**
 * The members of a zip file in the order of its central directory, folders included.
 * @throws ZipError when the file is no zip file or its directory is damaged
 */
export function zipMembers(bytes: Uint8Array): ZipMember[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const { count, start } = directoryPlace(view);
    const members: ZipMember[] = [];
    let at = start;
    for (let member = 0; member < count; member++) {
      if (view.getUint32(at, true) !== signatures.central) throw new ZipError("damaged zip directory");
      const [nameBytes, extraBytes, noteBytes] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
      if (at + 46 + nameBytes + extraBytes + noteBytes > bytes.length) throw new ZipError("damaged zip directory");
      const name = textOf(bytes.subarray(at + 46, at + 46 + nameBytes));
      const extra = at + 46 + nameBytes;
      // Zip64 stores these three numbers in this order, each only where 32 bits do not hold it.
      const [sizeBytes, packedBytes, offsetBytes] = wideNumbers(view, [24, 20, 42], at, extra, extra + extraBytes);
      members.push({
        name,
        method: view.getUint16(at + 10, true),
        isEncrypted: (view.getUint16(at + 8, true) & 1) !== 0,
        crc32: view.getUint32(at + 16, true),
        packedBytes,
        sizeBytes,
        offsetBytes,
      });
      at = extra + extraBytes + noteBytes;
    }
    return members;
  } catch (error) {
    if (error instanceof RangeError) throw new ZipError("damaged zip directory");
    throw error;
  }
}

/** Number of members and start of the central directory, from the record at the end of the file. */
function directoryPlace(view: DataView): { readonly count: number; readonly start: number } {
  // A comment of up to 65,535 bytes may follow the record of 22.
  let end = view.byteLength - 22;
  const first = Math.max(0, end - 0xffff);
  while (end >= first && view.getUint32(end, true) !== signatures.end) end--;
  if (end < first) throw new ZipError("invalid zip data");
  const locator = end - 20;
  if (locator >= 0 && view.getUint32(locator, true) === signatures.locator) {
    const end64 = Number(view.getBigUint64(locator + 8, true));
    if (view.getUint32(end64, true) !== signatures.end64) throw new ZipError("damaged zip directory");
    return {
      count: Number(view.getBigUint64(end64 + 32, true)),
      start: Number(view.getBigUint64(end64 + 48, true)),
    };
  }
  return { count: view.getUint16(end + 10, true), start: view.getUint32(end + 16, true) };
}

function wideNumbers(
  view: DataView,
  offsets: readonly number[],
  at: number,
  extra: number,
  extraEnd: number,
): number[] {
  let wide = extra;
  // Each extra field is an id, a length and its bytes; zip64 has the id 1.
  while (wide + 4 <= extraEnd && view.getUint16(wide, true) !== 1) wide += 4 + view.getUint16(wide + 2, true);
  wide += 4;
  return offsets.map((offset) => {
    const narrow = view.getUint32(at + offset, true);
    if (narrow !== elsewhere || wide + 8 > extraEnd) return narrow;
    wide += 8;
    return Number(view.getBigUint64(wide - 8, true));
  });
}

/** UTF-8, which tools write with and without its flag; else Latin-1, for tools older than the flag. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

/**
 * The bytes of some members, by name.
 * @param mostBytes bound on the sum of their unpacked sizes
 * @throws ZipError when a name is there twice, a member is encrypted, packed by another method, damaged, or larger than
 * it says, or the sum is above the bound
 */
export function unpackMembers(
  bytes: Uint8Array,
  members: readonly ZipMember[],
  mostBytes: number,
): Map<string, Uint8Array> {
  const total = members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total > mostBytes) {
    throw new ZipError(`it unpacks to ${total} bytes, at most ${mostBytes} are read`);
  }
  const contents = new Map<string, Uint8Array>();
  for (const member of members) {
    if (contents.has(member.name)) throw new ZipError(`"${member.name}" is in it twice`);
    contents.set(member.name, unpacked(bytes, member));
  }
  return contents;
}

/**
 * The first bytes of a member, as many as asked for or as it has; its size and CRC-32 are not checked.
 * @throws ZipError when it is encrypted, packed by another method or damaged
 */
export function firstBytes(bytes: Uint8Array, member: ZipMember, most: number): Uint8Array {
  const packed = packedBytesOf(bytes, member);
  if (member.method === methods.stored) return packed.subarray(0, most);
  const first = new Uint8Array(most);
  let filled = 0;
  const stream = new Inflate((piece) => {
    const part = piece.subarray(0, most - filled);
    first.set(part, filled);
    filled += part.length;
  });
  explainingDamage(member.name, () => {
    for (let at = 0; filled < most && at < packed.length; at += pieceBytes) {
      stream.push(packed.subarray(at, at + pieceBytes), at + pieceBytes >= packed.length);
    }
  });
  return first.subarray(0, filled);
}

/** The bytes of a member as they are in the file. */
function packedBytesOf(bytes: Uint8Array, { name, ...member }: ZipMember): Uint8Array {
  const { method, packedBytes, offsetBytes } = member;
  if (member.isEncrypted) throw new ZipError(`"${name}" is encrypted`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offsetBytes + 30 > bytes.length || view.getUint32(offsetBytes, true) !== signatures.local) {
    throw new ZipError(`"${name}" is damaged: it does not start where the directory says`);
  }
  const start = offsetBytes + 30 + view.getUint16(offsetBytes + 26, true) + view.getUint16(offsetBytes + 28, true);
  if (start + packedBytes > bytes.length) {
    throw new ZipError(`"${name}" is cut short: ${packedBytes} packed bytes at ${start} of ${bytes.length}`);
  }
  if (method !== methods.stored && method !== methods.deflated) {
    throw new ZipError(`"${name}" is packed by method ${method}, stored (0) and deflated (8) members are read`);
  }
  return bytes.subarray(start, start + packedBytes);
}

function unpacked(bytes: Uint8Array, member: ZipMember): Uint8Array {
  const { name, method, sizeBytes } = member;
  const packed = packedBytesOf(bytes, member);
  const content = method === methods.stored ? packed : inflated(packed, sizeBytes, name);
  if (content.length !== sizeBytes) {
    throw new ZipError(`"${name}" unpacks to another size than the ${sizeBytes} bytes that the directory says`);
  }
  const crc = crc32(content);
  if (crc !== member.crc32) {
    const hex = (value: number) => value.toString(16).padStart(8, "0");
    throw new ZipError(`"${name}" is damaged: its CRC-32 is ${hex(crc)}, the directory says ${hex(member.crc32)}`);
  }
  return content;
}

function inflated(packed: Uint8Array, sizeBytes: number, name: string): Uint8Array {
  if (sizeBytes > mostExpansion * packed.length + shortBytes) {
    throw new ZipError(`"${name}" is damaged: ${packed.length} packed bytes cannot hold ${sizeBytes}`);
  }
  // fflate drops what does not fit, so one byte more than expected tells that there is more.
  return explainingDamage(name, () => inflateSync(packed, { out: new Uint8Array(sizeBytes + 1) }));
}

function explainingDamage<T>(name: string, unpack: () => T): T {
  try {
    return unpack();
  } catch (error) {
    throw new ZipError(`"${name}" is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
}
