import { describe, expect, it } from "vitest";
import { MemoryFiles } from "../../src/store/memory.ts";
import { RunFolder } from "../../src/store/run_folder.ts";
import type { RunRecord } from "../../src/store/run_record.ts";
import type { StoredRun } from "../../src/store/stored_run.ts";
import { knownColumnType, levelRows, runRow } from "../../src/table/run_rows.ts";
import { levelRecord } from "../store/records.ts";

/** A run of two levels; its records have fields that this version does not know. */
function storedRun(changes: Record<string, unknown> = {}): StoredRun {
  const record = {
    format: 2,
    name: "moons",
    specHash: "abc",
    seed: 4294967295,
    executor: "cpu",
    spec: { dataset: { dataset: "moons-circles", noise: 0.2 }, lr: 0.01, shape: [4, 8, 2], remaining: [48, 20] },
    tasks: [],
    coverage: "total",
    outcome: { outcome: "separated", levels: 2, tasksLost: 1 },
    checksums: { "levels.jsonl": "0" },
    inputNames: ["x", "y"],
    ...changes,
  } as unknown as RunRecord;
  const later = { valBalancedAccuracy: { moons: 0.5 }, lost: ["circles"], measures: { density: 1, reach: null } };
  const levels = [
    levelRecord(later),
    levelRecord({ level: 1, epochs: 90, steps: 40, state: "separated", winning: false }),
  ];
  return {
    folder: new RunFolder(new MemoryFiles(), "runs/moons-abc/seed-1", record),
    levels,
    outcome: "separated",
    differing: [],
  };
}

const own = [
  ["name", "moons"],
  ["specHash", "abc"],
  ["seed", 4294967295],
  ["outcome", "separated"],
  ["folder", "runs/moons-abc/seed-1"],
  ["spec.dataset", "moons-circles"],
  ["spec.noise", 0.2],
  ["spec.shape", [4, 8, 2]],
  ["spec.levels", 1],
  ["spec.target", 20],
  ["spec.lr", 0.01],
  ["run.executor", "cpu"],
  ["run.coverage", "total"],
  ["run.inputNames", ["x", "y"]],
] as const;

it("a level's row names run and spec, then has every field of its record in its order", () => {
  const [first, second] = [...levelRows(storedRun())].map((row) => [...row]);
  expect(first.slice(0, own.length)).toEqual(own);
  expect(first.slice(own.length).map(([name]) => name)).toEqual([
    "level",
    "engine",
    "remaining",
    "epochs",
    "steps",
    "trainLoss",
    "valLoss",
    "valAccuracy.moons",
    "valAccuracy.circles",
    "winning",
    "weights.active",
    "weights.inactive",
    "weights.zombie",
    "weights.pruned",
    "neurons.active",
    "neurons.inactive",
    "neurons.zombie",
    "subnetworks",
    "foreignInputs",
    "coverage.input",
    "coverage.output",
    "coverage.total",
    "state",
    "degree.fromOutputs",
    "degree.fromInputs",
    "valBalancedAccuracy.moons",
    "lost",
    "measures.density",
    "measures.reach",
    "density",
    "effectiveDensity",
  ]);
  const cells = new Map(first);
  expect([cells.get("valAccuracy.moons"), cells.get("lost"), cells.get("measures.reach")]).toEqual([
    0.998,
    ["circles"],
    undefined,
  ]);
  expect(new Map(second).get("level")).toBe(1);
  expect(new Map(second).has("lost")).toBe(false);
});

describe("a run's row", () => {
  it("has sums, the last winning level, and the first separated and the last level", () => {
    const row = runRow(storedRun());
    expect([...row].slice(0, own.length)).toEqual(own);
    expect(Object.fromEntries([...row].slice(own.length))).toMatchObject({
      levels: 2,
      epochs: 400,
      steps: 5000,
      lastWinningLevel: 0,
      "outcome.tasksLost": 1,
      "separated.level": 1,
      "separated.valAccuracy.moons": 0.998,
      "last.level": 1,
      "last.state": "separated",
      "last.winning": false,
    });
  });

  it("has no cells of a separated level where there is none, and none of an outcome before the end", () => {
    const run = storedRun({ outcome: undefined });
    const row = runRow({ ...run, outcome: undefined, levels: run.levels.slice(0, 1) });
    expect([...row.keys()].filter((name) => name.startsWith("separated."))).toEqual([]);
    expect(row.get("last.level")).toBe(0);
    expect(row.get("outcome")).toBe(undefined);
  });
});

const double = { kind: "double" };
const string = { kind: "string" };
it.each([
  ["valAccuracy.moons", double],
  ["valAccuracy.a.b", double],
  ["valLoss", double],
  ["last.trainLoss", double],
  ["separated.measures.density", double],
  ["epochs", undefined],
  ["weights.active", undefined],
  ["last.weights.active", undefined],
  ["winning", { kind: "boolean" }],
  ["last.state", string],
  ["coverage.input", { kind: "list", depth: 2, of: "double" }],
  ["degree.fromInputs", { kind: "list", depth: 1, of: "double" }],
  ["run.executor", string],
  ["run.coverage", string],
  ["spec.lr", undefined],
  ["added.later", undefined],
  ["valLoss.later", undefined],
])("the type of %s is known to be %j", (name, expected) => {
  expect(knownColumnType(name)).toEqual(expected);
});

it("names the target and the factors of a spec as they are given", () => {
  const spec = { dataset: { dataset: "moons-circles" }, shape: [4, 8, 2], remaining: [48, 20] };
  const [row] = levelRows(storedRun({ spec: { ...spec, counts: "active", layerRates: [1, 0.5] } }));
  expect([row.get("spec.target"), row.get("spec.layerRates")]).toEqual(["active:20", [1, 0.5]]);
  expect(row.has("spec.counts")).toBe(false);
  const extension = { base: [4, 8, 2], level: 1, rate: 0.3 };
  const [extended] = levelRows(storedRun({ spec: { ...spec, counts: "active", extension } }));
  expect(extended.get("spec.target")).toBe("active:20");
});
