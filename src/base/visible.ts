/**
 * Texts from outside, made safe to show: names in files, values, file names, messages of other programs. All texts of
 * errors pass through {@link sentence} (src/base/errors.ts).
 */

/**
 * Characters that a terminal obeys, that change what stands around them, or that show nothing: control characters, marks
 * of text direction, line and paragraph separators, halves of characters beyond 16 bits, characters without width, and
 * tags. A joiner stays where it joins: emoji, and letters of the scripts without case, such as Arabic and Devanagari.
 */
const invisible =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|(?<![\p{Lo}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d]|[\u200c\u200d](?![\p{Lo}\p{Extended_Pictographic}\u2640\u2642])/gu;

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
  return JSON.stringify(document).replace(invisible, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      const code = character.charCodeAt(i).toString(16);
      return `\\u${code.padStart(4, "0")}`;
    }).join(""),
  );
}

/** Characters of a name or value within a sentence, of a sentence, and of a note on what was understood. */
const [mostOfName, mostOfSentence, mostOfNote] = [80, 640, 1000];
/** What stands for the characters that are left out. */
const gap = " .. ";

/** A text without its middle where it is longer than `most` characters: beginning and end tell most of it. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - gap.length) / 3);
  return `${text.slice(0, most - gap.length - end)}${gap}${text.slice(-end)}`;
}

/** A name or value from outside within a sentence: visible, on one line, of at most 80 characters. */
export function shown(text: string): string {
  return visible(cut(text, mostOfName));
}

/** A value from outside within a sentence as JSON, as {@link shown}; `nothing` for undefined. */
export function shownJson(value: unknown): string {
  try {
    // A text is cut first, since the end of its JSON is a quotation mark.
    const text = JSON.stringify(typeof value === "string" ? cut(value, mostOfName - 2) : value);
    return shown(text ?? "nothing");
  } catch {
    // Values of programs, not of files: circles, BigInt.
    return shown(String(value));
  }
}

/**
 * A sentence with texts from outside: visible, on one line, of at most 640 characters. Line ends, which messages of
 * other programs have, become semicolons.
 */
export function sentence(text: string): string {
  // Cut before the search too, whose time grows with the square of a run of blanks.
  const short = cut(text.trim(), 4 * mostOfSentence);
  return visible(cut(short.trim().replaceAll(/\s*\n\s*/g, "; "), mostOfSentence));
}

/** A line on what was understood of an input, which may list its parts: visible, of at most 1,000 characters. */
export function noteLine(text: string): string {
  return visible(cut(text, mostOfNote));
}

/** The characters with which a formula begins in a spreadsheet (OWASP, "CSV Injection"). */
const formula = /^[=+\-@\t\r]/;

/** A text as a cell of CSV: one that a spreadsheet would take for a formula has an apostrophe before it. */
export function csvText(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}
