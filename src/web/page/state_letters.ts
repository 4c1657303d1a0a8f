import type { LevelState } from "../../store/level_record.ts";

/** Letters of the states and outcomes, so that colour is never the only sign; as in the thesis' tables. */
export const stateLetters: Readonly<Record<LevelState | "separated-degraded", string>> = {
  separated: "S",
  "separated-degraded": "D",
  degraded: "X",
  interconnected: "I",
  fragmented: "F",
};
