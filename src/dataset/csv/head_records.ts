/** A record of the first part of a file, with its cells as they stand but for quotes and the blanks around. */
export interface HeadRecord {
  readonly cells: readonly string[];
  /** Where the record starts, and where the next one does. */
  readonly start: number;
  readonly end: number;
  /** Number of line ends in it, its own with them. */
  readonly lines: number;
}

/** Cells into which a record is divided at most; the reader of the records refuses one that has more. */
export const mostColumns = 2 ** 20;

/**
 * Cuts the first records of a text into cells. Empty lines, comments, and records of delimiters only are left out.
 * @param start where the first record starts
 * @param isWhole whether the text is the whole file; else its last record may be cut short and is left out
 * @param most number of records at most
 */
export function headRecords(
  text: string,
  start: number,
  { delimiter, hasComments }: { readonly delimiter: string; readonly hasComments: boolean },
  isWhole: boolean,
  most: number,
): HeadRecord[] {
  const isBlank = delimiter === " ";
  const records: { -readonly [Key in keyof HeadRecord]: HeadRecord[Key] }[] = [];
  let at = start;
  while (at < text.length && records.length < most) {
    const first = at;
    const last = records.at(-1);
    // A file may begin with millions of empty lines.
    if (last && (text[at] === "\n" || text[at] === "\r")) {
      at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
      last.end = at;
      last.lines++;
      continue;
    }
    let cells: string[] = [];
    let lines = 1;
    let isCut = true;
    if (hasComments && text[at] === "#") {
      while (at < text.length && text[at] !== "\n" && text[at] !== "\r") at++;
    } else {
      for (;;) {
        while (text[at] === " " || (text[at] === "\t" && delimiter !== "\t")) at++;
        const open = at;
        if (text[at] === '"') {
          at++;
          while (at < text.length && (text[at] !== '"' || text[at + 1] === '"')) {
            if (text[at] === "\n" || (text[at] === "\r" && text[at + 1] !== "\n")) lines++;
            at += text[at] === '"' ? 2 : 1;
          }
          // A quote that is not closed ends with the text.
          at = Math.min(at + 1, text.length);
        }
        const close = at;
        while (at < text.length && !(text[at] === "\n" || text[at] === "\r" || text[at] === delimiter)) {
          if (isBlank && text[at] === "\t") break;
          at++;
        }
        cells.push(
          withoutBlanks(
            text[open] === '"'
              ? text
                  .slice(open + 1, close - 1)
                  .split('""')
                  .join('"')
              : text.slice(open, at),
          ),
        );
        while (isBlank && (text[at] === " " || text[at] === "\t")) at++;
        if (cells.length > mostColumns) at = text.length;
        if (at >= text.length || text[at] === "\n" || text[at] === "\r") break;
        if (!isBlank) at++;
      }
    }
    if (at < text.length) {
      isCut = false;
      at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    }
    // A trailing delimiter is no cell.
    if (isBlank && cells.at(-1) === "") cells = cells.slice(0, -1);
    if (isCut && !isWhole && records.length > 0) break;
    if (cells.some((cell) => cell !== "")) records.push({ cells, start: first, end: at, lines });
    else if (last) {
      // What is left out belongs to the record before it, so that records follow each other.
      last.end = at;
      last.lines += lines;
    }
  }
  return records;
}

/** Without the blanks of ASCII around it: `trim` takes the byte 0xa0 for a blank, with which "à" ends in UTF-8. */
function withoutBlanks(cell: string): string {
  let [start, end] = [0, cell.length];
  while (start < end && isAsciiBlank(cell.charCodeAt(start))) start++;
  while (start < end && isAsciiBlank(cell.charCodeAt(end - 1))) end--;
  return cell.slice(start, end);
}

function isAsciiBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
