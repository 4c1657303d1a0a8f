import { sha256 } from "../base/sha256.ts";

/** The lines of a text in which each ends with a line break; what follows the last break counts as a line. */
export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

/** A text of lines, each with its line break. */
export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** What `run.json` keeps of each line: enough to tell which one is damaged. */
export async function lineChecksum(line: string): Promise<string> {
  return (await sha256(line)).slice(0, 16);
}
