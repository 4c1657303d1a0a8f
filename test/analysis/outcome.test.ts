import { expect, it } from "vitest";
import { type Outcome, runOutcome } from "../../src/analysis/outcome.ts";
import type { LevelState } from "../../src/analysis/state.ts";

const letters: Record<string, LevelState> = {
  i: "interconnected",
  s: "separated",
  d: "degraded",
  f: "fragmented",
};

it.each<[levels: string, outcome: Outcome]>([
  ["i", "interconnected"],
  ["iii", "interconnected"],
  ["is", "separated"],
  ["iss", "separated"],
  ["isd", "separated-degraded"],
  ["issdd", "separated-degraded"],
  ["id", "degraded"],
  ["idd", "degraded"],
  ["iff", "fragmented"],
  ["ifd", "degraded"],
  ["isf", "separated"],
  ["isfd", "separated-degraded"],
  // impossible for nested masks, but possible for unrelated ones: degraded before it separated, not after
  ["ds", "separated"],
])("levels %s come out as %s", (levels, outcome) => {
  expect(runOutcome([...levels].map((letter) => letters[letter]))).toBe(outcome);
});

it("needs a level", () => {
  expect(() => runOutcome([])).toThrow("internal: the outcome of a run without levels");
});
