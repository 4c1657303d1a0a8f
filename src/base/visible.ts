/**
 * Characters that a terminal obeys or that change what stands around them: control characters, marks of text direction,
 * line and paragraph separators, and halves of characters beyond 16 bits.
 */
const invisible = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The control characters below space have pictures from this code on; delete has its own. */
const pictures = 0x2400;
const pictureOfDelete = "\u2421";

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(pictures + code);
  return code === 0x7f ? pictureOfDelete : "\ufffd";
}

/**
 * A name from outside as a terminal, a page or a file may show it, on one line: `␛` for an escape character, `␊` for a
 * line end.
 */
export function visible(text: string): string {
  return text.replace(invisible, picture);
}

/** As {@link visible}, for a text of several lines: line ends and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(invisible, (character) => (/[\n\t]/.test(character) ? character : picture(character)));
}

/** JSON that shows such characters by their codes, which a reader of JSON turns back. */
export function visibleJson(document: unknown): string {
  return JSON.stringify(document).replace(
    invisible,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
