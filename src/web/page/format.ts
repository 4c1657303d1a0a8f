import type { LevelState } from "../../store/level_record.ts";

/** `13,104`. */
export function inThousands(count: number): string {
  return count.toLocaleString("en-US");
}

/** `3 weights`, `1 weight`. */
export function plural(count: number, noun: string): string {
  return `${inThousands(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `12.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A loss with enough digits to see it move, however small it is. */
export function formatLoss(loss: number): string {
  return loss !== 0 && Math.abs(loss) < 0.001 ? loss.toExponential(1) : loss.toFixed(4);
}

/** Letters of the states and outcomes, so that colour never stands alone; as in the thesis' tables. */
export const stateLetters: Readonly<Record<LevelState | "separated-degraded", string>> = {
  separated: "S",
  "separated-degraded": "D",
  degraded: "X",
  interconnected: "I",
  fragmented: "F",
};
