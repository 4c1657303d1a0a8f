import { shown } from "./visible.ts";

/**
 * Reads JSON from outside. Unlike `JSON.parse` alone, it bounds the nesting, so that no function that walks the value
 * overflows the stack, and refuses a key that stands twice in one object, of which `JSON.parse` keeps the last without a
 * word (RFC 8259, section 4: the behaviour of readers is unpredictable).
 */

/** A text that is not read as JSON; the message says what it is, for the caller's sentence: `not JSON (..)`. */
export class JsonError extends Error {
  override name = "JsonError";
}

/** Lists and objects within each other: far more than any format of ours has, far fewer than a stack holds. */
const mostDepth = 100;
/** Lists and objects of a text: each takes a hundred times the memory of its two characters. */
const mostLists = 1_000_000;
/** Bytes of a text that is parsed at once: its lists and numbers take several times as much of main memory. */
const mostBytes = 100_000_000;

const codes = { quote: 0x22, colon: 0x3a, backslash: 0x5c, openList: 0x5b, closeList: 0x5d, open: 0x7b, close: 0x7d };

/**
 * Parses JSON in UTF-8; a byte order mark before it is passed over.
 * @throws JsonError when the bytes are more than 100 MB, not UTF-8, or refused by {@link parseJsonText}
 */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  if (bytes.length > mostBytes) throw new JsonError(`JSON of ${bytes.length} bytes, at most ${mostBytes} are read`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new JsonError("not UTF-8");
  }
  return parseJsonText(text);
}

/**
 * Parses a JSON text.
 * @throws JsonError when it is not JSON, has more than 100 lists and objects within each other or 1,000,000 in all, a key twice in one object,
 * or a number that float64 does not hold
 */
export function parseJsonText(text: string): unknown {
  // Before the parser, which would build whatever is nested.
  const repeated = scanned(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonError(`not JSON (${(error as Error).message})`);
  }
  if (mayOverflow.test(text)) refuseOverflow(value);
  if (repeated !== undefined) throw new JsonError(`JSON with the key "${shown(repeated)}" twice in one object`);
  return value;
}

/** Digits of a number that float64 may not hold. */
const mayOverflow = /\d[eE]\+?0*[1-9]\d{2}|\d{300}/;

/** Refuses numbers that became infinite. */
function refuseOverflow(value: unknown): void {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    throw new JsonError("JSON with a number beyond float64");
  }
  if (typeof value === "object" && value !== null) Object.values(value).forEach(refuseOverflow);
}

/**
 * The first key that stands twice in one object of a JSON text; undefined if there is none or the text is no JSON.
 * @throws JsonError when the nesting is too deep, or there are too many lists
 */
function scanned(text: string): string | undefined {
  /** Keys of each open object so far; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let repeated: string | undefined;
  let lists = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === codes.openList || code === codes.open) {
      if (open.length === mostDepth) {
        throw new JsonError(`JSON of more than ${mostDepth} lists and objects within each other, at character ${at}`);
      }
      if (++lists > mostLists) throw new JsonError(`JSON of more than ${mostLists} lists and objects`);
      open.push(code === codes.open ? new Set() : undefined);
    } else if (code === codes.closeList || code === codes.close) open.pop();
    else if (code === codes.quote) {
      const end = endOfString(text, at);
      if (end < 0) return undefined;
      const keys = open.at(-1);
      if (keys && repeated === undefined && isBeforeColon(text, end)) {
        const key = stringAt(text, at, end);
        if (keys.has(key)) repeated = key;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return repeated;
}

/** The position behind the string that begins at a quotation mark; -1 if it does not end. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === codes.backslash) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return -1;
}

function isBeforeColon(text: string, end: number): boolean {
  let at = end;
  // Blank, tab and line ends are the white space of JSON; no other character below them may stand here.
  while (text.charCodeAt(at) <= 0x20) at++;
  return text.charCodeAt(at) === codes.colon;
}

function stringAt(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end - 1);
  if (!inside.includes("\\")) return inside;
  try {
    return JSON.parse(text.slice(start, end));
  } catch {
    return inside;
  }
}
