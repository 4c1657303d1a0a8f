import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { formatLevelRecord, type LevelRecord, parseLevelRecord } from "../../src/store/level_record.ts";
import { levelRecord } from "./records.ts";

const line =
  '{"level":0,"engine":"cpu","remaining":112,"epochs":310,"steps":4960,"trainLoss":0.0125,"valLoss":0.01,"valAccuracy":{"moons":0.998,"circles":1},"winning":true,"weights":{"active":112,"inactive":0,"zombie":0,"pruned":0},"neurons":{"active":22,"inactive":0,"zombie":0},"subnetworks":1,"foreignInputs":0,"coverage":{"input":[[1,1]],"output":[[1,1]],"total":[[1,1]]},"state":"interconnected","degree":{"fromOutputs":[0,0,0,1],"fromInputs":[1,0,null,0]}}';

test("a record is one line with its keys in the format's order, whatever the order they come in", () => {
  expect(formatLevelRecord(levelRecord())).toBe(line);
  const reversed = Object.fromEntries(Object.entries(levelRecord()).reverse()) as unknown as LevelRecord;
  expect(formatLevelRecord(reversed)).toBe(line);
  expect(parseLevelRecord(line, "f")).toEqual(levelRecord());
});

test("scores by class, lost tasks and unused inputs stand in their places; a line without them has none", () => {
  const told = levelRecord({
    valBalancedAccuracy: { moons: 0.5, circles: 1 },
    lost: ["moons"],
    unusedInputs: 2,
    unusedColumns: [1, 3],
  });
  const text = formatLevelRecord(told);
  expect(Object.keys(JSON.parse(text)).slice(7, 11)).toEqual(["valAccuracy", "valBalancedAccuracy", "lost", "winning"]);
  expect(text).toContain('"foreignInputs":0,"unusedInputs":2,"unusedColumns":[1,3],"coverage"');
  expect(parseLevelRecord(text, "f")).toEqual(told);
  expect(parseLevelRecord(line, "f")).not.toHaveProperty("lost");
  const damaged = text.replace('"moons":0.5', '"moons":1.5');
  expect(() => parseLevelRecord(damaged, "f")).toThrow("f: field valBalancedAccuracy.moons: Too big");
});

test("a record that JSON cannot hold is our fault", () => {
  expect(() => formatLevelRecord(levelRecord({ valLoss: Number.NaN }))).toThrow("internal: level record");
});

test("fields that are not known are kept, at any depth, after those that are", () => {
  const later = line.replace('"level":0', '"extra":[1],"level":0').replace('"active":112', '"lost":2,"active":112');
  const record = parseLevelRecord(later, "f");
  expect(record).toMatchObject({ ...levelRecord(), extra: [1], weights: { lost: 2, active: 112 } });
  expect(formatLevelRecord(record)).toBe(
    `${line.slice(0, -1).replace('"pruned":0', '"pruned":0,"lost":2')},"extra":[1]}`,
  );
});

describe("a damaged line is refused by field", () => {
  const cases: [string, string, string][] = [
    [
      "cut off",
      line.slice(0, 50),
      "f: the line is not JSON (Unexpected end of JSON input); restore the file or remove the run folder",
    ],
    ["a wrong type", line.replace('"epochs":310', '"epochs":"310"'), "f: field epochs: Invalid input: expected number"],
    ["a fraction", line.replace('"active":22', '"active":2.5'), "f: field neurons.active: Invalid input: expected int"],
    ["a negative count", line.replace('"steps":4960', '"steps":-1'), "f: field steps: Too small"],
    ["accuracy above 1", line.replace('"circles":1', '"circles":1.5'), "f: field valAccuracy.circles: Too big"],
    [
      "an unknown state",
      line.replace('"interconnected"', '"split"'),
      "f: field state: Invalid option: expected one of",
    ],
    [
      "an engine that is none, as in a folder from before engines were told",
      line.replace('"engine":"cpu",', ""),
      "f: field engine: Invalid option: expected one of",
    ],
    ["a missing field", line.replace('"winning":true,', ""), "f: field winning: Invalid input: expected boolean"],
    ["no object", "3", "f: level record: Invalid input: expected object"],
  ];
  test.each(cases)("%s", (_, text, start) => {
    expect(() => parseLevelRecord(text, "f")).toThrow(InputError);
    expect(() => parseLevelRecord(text, "f")).toThrow(start);
  });
});
