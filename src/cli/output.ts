/** Standard output carries results and nothing else; everything said on the way goes to standard error. */

/** Writes a result and a line end. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a document as one line of JSON. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document));
}

/** Says something on the way. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Whether results may carry colours: only on a terminal, and not where NO_COLOR is set (no-color.org). */
export function usesColor(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}
