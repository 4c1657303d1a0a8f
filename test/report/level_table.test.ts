import { describe, expect, test } from "vitest";
import { levelNotes, levelTable, outcomeLine } from "../../src/report/level_table.ts";
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

test("one line per level, numbers to the right, within 100 columns", () => {
  const rule = "─".repeat(100);
  expect(levelTable(levels, { color: false })).toBe(
    [
      rule,
      "                                 accu-    accu-",
      "       weights          valid.    racy     racy             in-          sub-",
      "level     left  epochs    loss   moons  circles  active  active  zombie  nets  state           wins",
      rule,
      "    0   13,104   1,310  0.0100  0.9980   1.0000  13,104       0       0     1  interconnected  yes",
      "    1      352     310  4.5e-4  0.9000   1.0000     104     240       8     2  separated       no",
      "    2      240     310  0.3500  0.5000   0.7500      60     180       0     1  degraded        no",
      rule,
    ].join("\n"),
  );
});

test("biases left have a column and their part of the outcome where a run prunes them", () => {
  const biases = (pruned: number) => ({ active: 10 - pruned, inactive: 3, zombie: 2, pruned });
  const run = [
    levelRecord({ remaining: 160, biases: biases(0), weights: { active: 160, inactive: 0, zombie: 0, pruned: 0 } }),
    levelRecord({
      ...{ level: 1, remaining: 112, biases: biases(4) },
      weights: { active: 100, inactive: 8, zombie: 4, pruned: 48 },
    }),
  ];
  const [, , , head, , first, second] = levelTable(run, { color: false }).split("\n");
  expect(head.slice(0, 23)).toBe("level     left    left ");
  expect([first, second].map((line) => line.trim().split(/ +/).slice(0, 3))).toEqual([
    ["0", "160", "15"],
    ["1", "112", "11"],
  ]);
  expect(outcomeLine({ name: "n", seed: 0, outcome: "interconnected", levels: run })).toContain(
    "last level 1 (112 of 160 weights and 11 of 15 biases left, ",
  );
});

/** Levels of a run that loses task a, whose classes are unbalanced, at level 1. */
const losing = [
  levelRecord({
    valAccuracy: { a: 0.99, b: 0.98 },
    valBalancedAccuracy: { a: 0.8333, b: 0.981 },
    lost: [],
    unusedInputs: 0,
    unusedColumns: [],
  }),
  levelRecord({
    level: 1,
    remaining: 60,
    valAccuracy: { a: 0.98, b: 0.98 },
    valBalancedAccuracy: { a: 0.5, b: 0.981 },
    lost: ["a"],
    winning: false,
    state: "separated",
    unusedInputs: 2,
    unusedColumns: [2, 5],
  }),
];

test("balanced accuracy where it differs, and lost tasks; the least needed columns make room", () => {
  const [rule, ...lines] = levelTable(losing, { color: false }).split("\n");
  expect(rule.length).toBeLessThanOrEqual(100);
  expect(lines[2]).toMatch(/ a {3}anced +b {2}active +nets {2}state {11}wins {2}lost$/);
  expect(lines[4]).toMatch(/ 0\.9900 {2}0\.8333 {2}0\.9800 +112 +1 {2}interconnected {2}yes$/);
  expect(lines[5]).toMatch(/ 0\.9800 {2}0\.5000 {2}0\.9800 +112 +1 {2}separated {7}no {4}a$/);
  expect(lines.at(-1)).toBe("left out to fit 100 columns: inactive, zombie (--json has all)");
});

test("a lost task whose name has control characters does not break its row", () => {
  const name = "a\nb\u001b[1m";
  const found = levelTable([levelRecord({ valAccuracy: { [name]: 0.5 }, lost: [name], winning: false })], {
    color: false,
  });
  expect(found).toMatch(/no {4}\S+$/m);
  expect(found).not.toContain("\u001b");
  expect(found).not.toContain("a\nb");
});

test("tasks named as properties of all objects have the scores that are stored, and no others", () => {
  const records = [levelRecord({ valAccuracy: { constructor: 0.5, toString: 0.75 }, valBalancedAccuracy: {} })];
  expect(levelTable(records, { color: false })).toContain("0.5000    0.7500");
  const run = { name: "r", seed: 0, outcome: "interconnected", levels: records };
  expect(outcomeLine(run)).toContain("accuracy constructor 0.5000, toString 0.7500)");
});

test("what does not fit even so is said to be wider; the lost tasks are in the notes", () => {
  const named = (length: number) =>
    losing.map((level) => ({
      ...level,
      valAccuracy: { ["a".repeat(length)]: 0.5, b: 0.9 },
      lost: ["a".repeat(length)],
    }));
  const [rule, ...lines] = levelTable(named(22), { color: false }).split("\n");
  expect(rule.length).toBeLessThanOrEqual(100);
  expect(lines.at(-1)).toBe("left out to fit 100 columns: epochs, inactive, zombie, subnets, lost (--json has all)");
  expect(levelTable(named(80), { color: false })).toMatch(
    /\nleft out of a table wider than 100 columns: epochs, inactive, zombie, subnets, lost \(--json has all\)$/,
  );
});

describe("the notes below the table", () => {
  test("tell the levels at which a task is lost", () => {
    expect(levelNotes(losing)).toEqual(["a: lost at level 1"]);
    const lostAt = (...lost: string[][]) =>
      levelNotes(lost.map((tasks, level) => levelRecord({ level, lost: tasks }))).at(0);
    expect(lostAt(["circles"], ["circles"], ["moons", "circles"])).toBe(
      "moons: lost at level 2; circles: never learnt",
    );
    expect(lostAt(["moons"], [], ["moons"], ["moons"])).toBe("moons: lost at levels 0, 2 to 3");
    expect(lostAt([], [])).toBeUndefined();
  });

  test("say what an older version did not store, and invent nothing", () => {
    expect(levelNotes(levels)).toEqual([
      "balanced accuracy and lost tasks of all levels: not stored; an older version judged winning by accuracy alone",
    ]);
    const resumed = [{ ...losing[0], lost: undefined, valBalancedAccuracy: undefined }, losing[1]];
    expect(levelNotes(resumed)).toEqual([
      "a: lost at level 1",
      "balanced accuracy and lost tasks of 1 level: not stored; an older version judged winning by accuracy alone",
    ]);
  });
});

test("colour only when asked, one per state, and only around the state", () => {
  const plain = levelTable(levels, { color: false });
  expect(levelTable(levels, { color: false, scoreNames: { moons: "R²" } })).toMatch(/R² +racy/);
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
      "moons-circles, seed 3: separated-degraded; separated at level 1 (352 of 13,104 weights left, 104 active: density 0.0269, effective 0.00794; not winning, accuracy moons 0.9000, circles 1.0000); degraded at level 2",
    );
  });
  test("degraded only", () => {
    expect(outcomeLine({ ...run, outcome: "degraded", levels: [levels[0], levels[2]] })).toBe(
      "moons-circles, seed 3: degraded; degraded at level 2 (240 of 13,104 weights left, 60 active: density 0.0183, effective 0.00458; not winning, accuracy moons 0.5000, circles 0.7500)",
    );
  });
  test("of a branch, whose first level is not dense, with the level of the run", () => {
    const branched = [
      { ...levels[1], level: 0, sourceLevel: 7 },
      { ...levels[2], level: 1, sourceLevel: 9 },
    ];
    expect(outcomeLine({ ...run, outcome: "degraded", levels: branched.slice(1) })).toBe(
      "moons-circles, seed 3: degraded; degraded at level 1, level 9 of the run (240 of 13,104 weights left, 60 active: density 0.0183, effective 0.00458; not winning, accuracy moons 0.5000, circles 0.7500)",
    );
  });
  test("neither", () => {
    expect(outcomeLine({ ...run, outcome: "interconnected", levels: [levels[0]] })).toBe(
      "moons-circles, seed 3: interconnected; last level 0 (13,104 of 13,104 weights left, 13,104 active: density 1, effective 1; winning, accuracy moons 0.9980, circles 1.0000)",
    );
  });
  test("with lost tasks, balanced accuracy and the inputs that fell away, by name", () => {
    const told = { ...run, outcome: "separated", levels: losing };
    const ticket = (unused: string) =>
      `moons-circles, seed 3: separated; separated at level 1 (60 of 112 weights left, 112 active: density 1, effective 1; not winning, a: lost, accuracy a 0.9800 (balanced 0.5000), b 0.9800 (balanced 0.9810); ${unused})`;
    const inputNames = ["a1", "a2", "a_noise", "b1", "b2", "b_noise"];
    expect(outcomeLine({ ...told, inputNames })).toBe(ticket("inputs no longer used: a_noise, b_noise"));
    expect(outcomeLine(told)).toBe(ticket("inputs no longer used: input 3, input 6"));
    const lines = ["", "", "a\nnoise", "", "", "\u001b[2J"];
    expect(outcomeLine({ ...told, inputNames: lines })).toBe(ticket("inputs no longer used: a␊noise, ␛[2J"));
    const never = losing.map((level) => ({ ...level, lost: ["a"], unusedInputs: 740, unusedColumns: undefined }));
    expect(outcomeLine({ ...told, levels: never })).toBe(
      ticket("740 inputs no longer used").replace("a: lost", "a: never learnt"),
    );
  });
  test("no level yet", () => {
    expect(outcomeLine({ ...run, outcome: "interrupted", levels: [] })).toBe(
      "moons-circles, seed 3: interrupted, no level finished",
    );
  });
});
