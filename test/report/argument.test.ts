import { expect, it } from "vitest";
import type { FunctionAnalysis } from "../../src/function/analyze_function.ts";
import { argumentOf, mostArgued } from "../../src/report/argument.ts";
import type { NullRecord } from "../../src/store/null_record.ts";
import { extensionRun } from "./reported.ts";

const exactly = { score: 1, drop: 0, low: 0, high: 0 };
const cost = { score: 0.51, drop: 0.49, low: 0.46, high: 0.52 };

/** A ticket of two subnetworks, each of which one task needs. */
const split: FunctionAnalysis = {
  samples: 1000,
  tasks: ["circles", "moons"],
  scores: [1, 1],
  parts: [
    { kind: "subnetwork", number: 0, neurons: [[1, 0]], lesion: [exactly, cost] },
    { kind: "subnetwork", number: 1, neurons: [[1, 1]], lesion: [cost, exactly] },
  ],
  inputs: {
    sensitivity: [
      [1, 0],
      [0, 1],
    ],
    shuffled: [
      [cost, exactly],
      [exactly, cost],
    ],
  },
  correlation: undefined,
  neurons: [],
};

const separated = {
  ...{ observed: 1, of: 9999, extreme: 0, p: 0.0001, low: 0, high: 0.000369, mean: 0 },
  quantiles: [],
};
const nulls: NullRecord = {
  masks: 9999,
  seed: 0,
  models: { rewired: { notes: [], statistics: { separated } } },
};

it("an argument says what is known in plain words, each statement with its evidence", () => {
  const run = extensionRun(2, 3, ["separated"], { nulls, winning: true, lost: [] });
  const { runs, others, rows } = argumentOf([run], new Map([[run.path, split]]));
  expect(others).toBe(0);
  const [{ run: name, statements }] = runs;
  expect(name).toBe("extension, seed 3");
  const texts = statements.map(({ text }) => text);
  expect(texts[0]).toMatch(/^separated at level 2, with 112 weights, \d+ of them active/);
  expect(texts[1]).toBe("p = 0.0001 by rewiring (0 of 9,999 masks of the same degrees are separated; 0 to 0.000369)");
  expect(texts[2]).toMatch(/^both tasks intact: accuracy of moons \d\.\d{3} \(dense \d\.\d{3}\), circles/);
  expect(texts[3]).toBe(
    "lesions of a subnetwork cost circles 0.490 (0.460 to 0.520) by one and 0 by any other; moons 0.490 (0.460 to 0.520) by one and 0 by any other",
  );
  expect(texts[4]).toBe("gradients between tasks are exactly 0");
  expect(statements.map(({ evidence }) => evidence)).toEqual(["runs", "chance", "runs", "data", "data"]);
  expect(rows).toHaveLength(8);
  expect(rows[1]).toMatchObject({ run: run.path, task: "circles", change: "without subnetwork 2", drop: 0.49 });
});

it("an argument tells what is lost, used across tasks, impossible or not known", () => {
  const lost = extensionRun(2, 0, ["separated"], {
    winning: false,
    lost: ["moons"],
    nulls: { ...nulls, models: { rewired: { impossible: "no swap is possible", notes: [], statistics: {} } } },
  });
  const crossing = {
    ...split,
    inputs: {
      ...split.inputs,
      sensitivity: [
        [0.986, 0.014],
        [0, 1],
      ],
    },
  };
  const texts = (run: typeof lost, found?: FunctionAnalysis) =>
    argumentOf([run], new Map(found ? [[run.path, found]] : [])).runs[0].statements.map(({ text }) => text);
  const [, chance, tasks, , inputs] = texts(lost, crossing);
  expect(chance).toBe("no p by rewiring: no swap is possible");
  expect(tasks).toMatch(/^1 task lost: .*moons \d\.\d{3} \(dense \d\.\d{3}, lost\)/);
  expect(inputs).toBe("share of the gradients from inputs of other tasks: circles 1.4 %, moons 0 %");
  const plain = texts(extensionRun(2, 1));
  expect(plain[0]).toMatch(/^interconnected at level 2/);
  expect(plain[1]).toBe("not held against chance (nulls=1000 does)");
  expect(plain[3]).toBe(
    "lesions and gradients are not known, since no trained weights are stored (keepTrained=true stores them)",
  );
});

it("an argument for several runs counts which are separated in structure, and which in function", () => {
  const ticket = (seed: number, state: "separated" | "interconnected", winning: boolean) =>
    extensionRun(2, seed, [state], { winning });
  const runs = [ticket(0, "separated", true), ticket(1, "separated", false), ticket(2, "interconnected", true)];
  const sensitivity = [
    [0.9, 0.1],
    [0.25, 0.75],
  ];
  const mixed = { ...split, inputs: { ...split.inputs, sensitivity } };
  const both = { ...split, parts: split.parts.map((part) => ({ ...part, lesion: [cost, cost] })) };
  const { summary } = argumentOf(runs, new Map(runs.map(({ path }, at) => [path, [split, both, mixed][at]])));
  expect(summary).toEqual([
    "Of 3 tickets, 2 are separated, 1 of these with every task intact.",
    "Of the 2 separated with trained weights, 2 have gradients of exactly 0 between tasks, and in 1 no task loses by more than one lesion.",
    "Of the 1 not separated with trained weights, the largest share of a task's gradients from inputs of other tasks is 25 % in the median, and 25 % to 25 % over all.",
  ]);
});

it("many runs are argued for in the data alone", () => {
  const runs = Array.from({ length: mostArgued + 3 }, (_, seed) => extensionRun(1, seed));
  const found = new Map(runs.map(({ path }) => [path, split]));
  const argument = argumentOf(runs, found);
  expect(argument.runs).toHaveLength(mostArgued);
  expect(argument.others).toBe(3);
  expect(new Set(argument.rows.map(({ run }) => run)).size).toBe(mostArgued + 3);
});
