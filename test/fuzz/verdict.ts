import { InputError } from "../../src/base/errors.ts";

/** What a reader must never do; the message says what. */
export class Finding extends Error {
  override name = "Finding";
}

/**
 * Characters that no text for people may hold, listed apart from those that the program replaces: control characters but
 * for line ends, marks of direction, separators of lines, halves of characters, characters without width.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched
const unsafe = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u;
/** Of a sentence, 640, and of what may stand before it. */
const mostMessage = 660;

/** Checks a line for people. */
export function checkLine(text: string, what: string, most = mostMessage): void {
  if (text.length > most) throw new Finding(`${what} of ${text.length} characters`);
  checkText(text, what);
  if (text.includes("\n")) throw new Finding(`${what} of several lines: ${JSON.stringify(text)}`);
}

/** Checks a text of several lines for people. */
export function checkText(text: string, what: string): void {
  const found = unsafe.exec(text);
  if (found) {
    const around = text.slice(Math.max(0, found.index - 20), found.index + 20);
    throw new Finding(`${what} with ${JSON.stringify(found[0])}: ${JSON.stringify(around)}`);
  }
  if (text.includes("\nINJECTED")) throw new Finding(`${what} with a line that an input began`);
}

/** Checks a document with markup: SVG, HTML, Markdown, GraphML. */
export function checkMarkup(text: string, what: string, scripts = 0): void {
  checkText(text.replaceAll("\t", " "), what);
  const found = text.match(/<script|<img|<!--/gi) ?? [];
  if (found.length > scripts) throw new Finding(`${what} with ${found.join(" ")}`);
}

/** Checks that a value holds finite numbers, and no undefined in a list. */
export function checkFinite(value: unknown, path = "value"): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Finding(`${path} is ${value}`);
  } else if (Array.isArray(value)) {
    value.forEach((inner, i) => {
      if (inner === undefined) throw new Finding(`${path}.${i} is undefined`);
      checkFinite(inner, `${path}.${i}`);
    });
  } else if (value instanceof Float32Array || value instanceof Float64Array) {
    const at = value.findIndex((one: number) => !Number.isFinite(one));
    if (at >= 0) throw new Finding(`${path}.${at} is ${value[at]}`);
  } else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const [key, inner] of Object.entries(value)) checkFinite(inner, `${path}.${key}`);
  }
}

/**
 * Accepts an error that refuses an input in one line; any other is a finding.
 * @param given texts that were given beside the input
 */
export function checkRefusal(error: unknown, input: unknown, given: readonly string[] = []): void {
  if (error instanceof Finding) throw error;
  if (!(error instanceof InputError)) {
    const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    throw new Finding(stack.slice(0, 1500));
  }
  checkLine(error.message, "message");
  if (error.message.trim() === "") throw new Finding("an empty message");
  const own = error.message.replace(/"[^"]*"|received (undefined|NaN)|(the first|\]:) -?(NaN|Infinity)/g, "");
  const [word] = /\bundefined\b|\bNaN\b|\[object Object\]/.exec(own) ?? [];
  if (word !== undefined && ![textOf(input), ...given].some((text) => text.includes(word))) {
    throw new Finding(`message: ${error.message}`);
  }
  for (const line of error.lines) checkLine(line, "line to copy", 12_000);
}

/** An input as a text that holds all of its words. */
function textOf(input: unknown): string {
  const plain = (_key: string, value: unknown) =>
    value instanceof Map ? [...value] : value instanceof Uint8Array ? new TextDecoder("latin1").decode(value) : value;
  return input instanceof Uint8Array ? new TextDecoder("latin1").decode(input) : JSON.stringify(input, plain);
}
