import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  loadDataset,
  nodeDatasetAccess,
  nodeFiles,
  type Parameters,
  readRunFolder,
  run,
  type StabilityLine,
  stability,
  verifyRun,
} from "../../src/node.ts";
import { evaluateExactly } from "./exact_evaluation.ts";

let root: string;
let folder: string;
let lines: readonly StabilityLine[];
let copies: readonly (string | null)[];
const keys = {
  dataset: "moons-circles",
  samples: 300,
  shape: [4, 12, 2],
  levels: 2,
  rate: 0.4,
  maxEpochs: 15,
  lr: 0.02,
};
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-stability-"));
  const { experiments } = await run({ ...keys, batch: 16, seeds: [4] }, { device: "cpu", out: root });
  folder = `${experiments[0].folder}/seed-4`;
  const result = await stability(folder, { copies: 3, points: 11 });
  lines = result.lines;
  copies = result.sources[0].branches.map((branch) => branch.folder);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the lines between three copies of a run's tickets", () => {
  it("are one for every two copies of each finished level, the dense one among them", async () => {
    expect(lines.map(({ level, weights, copies }) => [level, weights, copies.join()])).toEqual(
      [
        [0, 72],
        [1, 43],
        [2, 26],
      ].flatMap(([level, weights]) => ["0,1", "0,2", "1,2"].map((pair) => [level, weights, pair])),
    );
    for (const copy of copies) expect(await verifyRun(nodeFiles, String(copy))).toMatchObject({ problems: [] });
  });

  it("have at their ends what the copies came to, on the validation samples", () => {
    for (const { records, points } of lines) {
      const ends = [points[0], points[points.length - 1]];
      ends.forEach(({ validation }, k) => {
        for (const [task, accuracy] of Object.entries(records[k].valAccuracy)) {
          expect(validation.errorByTask[task]).toBeCloseTo(1 - accuracy, 12);
        }
        expect(validation.loss).toBeCloseTo(records[k].valLoss, 5);
      });
      expect(points.map(({ alpha }) => alpha)).toEqual(Array.from({ length: 11 }, (_, k) => k / 10));
    }
  });

  it("have the loss and errors of the networks between, on both splits, by a plain computation", async () => {
    const dataset = await loadDataset({ dataset: "moons-circles", samples: 300, dataSeed: 0 }, nodeDatasetAccess());
    const line = lines[7];
    const index = line.level;
    const [first, , second] = await Promise.all(
      copies.map(async (copy) => (await readRunFolder(nodeFiles, String(copy))).readTrained(index)),
    );
    if (!first || !second) throw new Error("no trained weights");
    for (const [k, { alpha, ...point }] of line.points.entries()) {
      const { values } = first;
      const between = Object.assign(Object.create(Object.getPrototypeOf(first)), first, {
        values: values.map((value, i) => (1 - alpha) * value + alpha * second.values[i]),
      }) as Parameters;
      for (const split of ["train", "validation"] as const) {
        const { loss, losses, errors } = evaluateExactly(dataset, dataset[split], between);
        expect(Object.keys(point[split].lossByTask)).toEqual(["circles", "moons"]);
        expect(Object.values(point[split].lossByTask)).toEqual(losses.map((each) => expect.closeTo(each, 5)));
        expect([k, split, point[split].loss]).toEqual([k, split, expect.closeTo(loss, 5)]);
        expect(Object.values(point[split].errorByTask)).toEqual(errors.map((error) => expect.closeTo(error, 9)));
        const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
        expect(point[split].error).toBeCloseTo(mean, 9);
      }
    }
  });

  it("give instability by its definition: the highest error minus the mean of both ends, for each task too", () => {
    const rise = (values: readonly number[]) => Math.max(...values) - (values[0] + values[values.length - 1]) / 2;
    for (const { instability, points } of lines) {
      for (const split of ["train", "validation"] as const) {
        const of = points.map((point) => point[split]);
        expect(instability[split].error).toBeCloseTo(rise(of.map(({ error }) => error)), 12);
        expect(instability[split].loss).toBeCloseTo(rise(of.map(({ loss }) => loss)), 12);
        for (const [task, value] of Object.entries(instability[split].errorByTask)) {
          expect(value).toBeCloseTo(rise(of.map(({ errorByTask }) => errorByTask[task])), 12);
        }
        for (const [task, value] of Object.entries(instability[split].lossByTask)) {
          expect(value).toBeCloseTo(rise(of.map(({ lossByTask }) => lossByTask[task])), 12);
        }
      }
    }
    // The copies differ, or nothing is measured.
    expect(Math.max(...lines.map(({ instability }) => instability.train.loss))).toBeGreaterThan(1e-5);
  });

  it("are the same numbers when the command is given again, and train nothing", async () => {
    let trained = 0;
    const observe = ({ kind }: { kind: string }) => {
      if (kind === "start") trained++;
    };
    const again = await stability(folder, { copies: 3, points: 11, observe });
    expect(again.lines).toEqual(lines);
    expect(trained).toBe(0);
  });
});

it.each([
  [{ copies: 1 }, "copies 1 is no integer from 2 to 20; give one, such as 3"],
  [{ points: 2 }, "points 2 is no integer from 3 to 1000; give one, such as 4"],
  [{ points: 3.5 }, "points 3.5 is no integer from 3 to 1000; give one, such as 4"],
  [
    { levels: [3] },
    "level 3 is not finished, its finished levels are 0 to 2; give levels up to 2, or let the run go on",
  ],
])("is refused in one line: %j", async (options, message) => {
  await expect(stability(folder, options)).rejects.toThrow(message);
});
