import { describe, expect, test } from "vitest";
import { levelTable, outcomeLine } from "../../src/report/level_table.ts";
import { levelRecord } from "../store/records.ts";

const levels = [
  levelRecord({
    level: 0,
    remaining: 13104,
    epochs: 1310,
    weights: { active: 13104, inactive: 0, zombie: 0, pruned: 0 },
  }),
  levelRecord({
    level: 1,
    remaining: 352,
    valLoss: 0.00045,
    valAccuracy: { moons: 0.9, circles: 1 },
    weights: { active: 104, inactive: 240, zombie: 8, pruned: 12752 },
    subnetworks: 2,
    state: "separated",
    winning: false,
  }),
  levelRecord({
    level: 2,
    remaining: 240,
    valLoss: 0.35,
    valAccuracy: { moons: 0.5, circles: 0.75 },
    weights: { active: 60, inactive: 180, zombie: 0, pruned: 12864 },
    state: "degraded",
    winning: false,
  }),
];

test("one line per level, numbers to the right, within 120 columns", () => {
  const text = levelTable(levels, { color: false });
  expect(text).toBe(
    [
      "─────────────────────────────────────────────────────────────────────────────────────────────────────────────────",
      "       weights          valid.  accuracy  accuracy  weights                        sub-",
      "level     left  epochs    loss     moons   circles   active  inactive  zombie  networks  state           winning",
      "─────────────────────────────────────────────────────────────────────────────────────────────────────────────────",
      "    0   13,104   1,310  0.0100    0.9980    1.0000   13,104         0       0         1  interconnected  yes",
      "    1      352     310  4.5e-4    0.9000    1.0000      104       240       8         2  separated       no",
      "    2      240     310  0.3500    0.5000    0.7500       60       180       0         1  degraded        no",
      "─────────────────────────────────────────────────────────────────────────────────────────────────────────────────",
    ].join("\n"),
  );
});

test("colour only when asked, one per state, and only around the state", () => {
  const plain = levelTable(levels, { color: false });
  expect(levelTable(levels, { color: false, scoreNames: { moons: "R²" } })).toMatch(/R² +accuracy/);
  const coloured = levelTable(levels, { color: true });
  expect(plain).not.toContain("\u001b");
  expect(coloured).toContain("\u001b[32mseparated\u001b[39m");
  expect(coloured).toContain("\u001b[31mdegraded\u001b[39m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI codes start with the escape character
  expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(plain);
});

describe("the outcome line names the deciding level and whether its ticket is winning", () => {
  const run = { name: "moons-circles", seed: 3 };
  test("separated, then degraded", () => {
    expect(outcomeLine({ ...run, outcome: "separated-degraded", levels })).toBe(
      "moons-circles, seed 3: separated-degraded; separated at level 1 (352 of 13,104 weights left, 104 active; not winning, accuracy moons 0.9000, circles 1.0000); degraded at level 2",
    );
  });
  test("degraded only", () => {
    expect(outcomeLine({ ...run, outcome: "degraded", levels: [levels[0], levels[2]] })).toBe(
      "moons-circles, seed 3: degraded; degraded at level 2 (240 of 13,104 weights left, 60 active; not winning, accuracy moons 0.5000, circles 0.7500)",
    );
  });
  test("neither", () => {
    expect(outcomeLine({ ...run, outcome: "interconnected", levels: [levels[0]] })).toBe(
      "moons-circles, seed 3: interconnected; last level 0 (13,104 of 13,104 weights left, 13,104 active; winning, accuracy moons 0.9980, circles 1.0000)",
    );
  });
  test("no level yet", () => {
    expect(outcomeLine({ ...run, outcome: "interrupted", levels: [] })).toBe(
      "moons-circles, seed 3: interrupted, no level finished",
    );
  });
});
