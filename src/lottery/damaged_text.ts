import { plural } from "../base/format.ts";
import type { RunMessage } from "./messages.ts";

/** Most problems that a line names. */
const mostNamed = 4;

/** What a run found damaged, and what it does about it, in one line. */
export function damagedText({ problems, finished, kept }: Extract<RunMessage, { kind: "damaged" }>): string {
  const more = problems.length > mostNamed ? ` and ${plural(problems.length - mostNamed, "more problem")}` : "";
  return `damaged: ${problems.slice(0, mostNamed).join(", ")}${more}; ${remedy(finished, kept)}`;
}

function remedy(finished: number, kept: number): string {
  if (kept === finished) return `written again, ${finished === 1 ? "level 0 is" : `all ${finished} levels are`} kept`;
  if (kept === 0) return finished === 1 ? "level 0 is trained again" : `all ${finished} levels are trained again`;
  const before = kept === 1 ? "level 0 is kept" : `levels 0 to ${kept - 1} are kept`;
  return `${before}, ${kept === finished - 1 ? `level ${kept} is` : `levels ${kept} to ${finished - 1} are`} trained again`;
}
