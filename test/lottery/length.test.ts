import { afterAll, describe, expect, it } from "vitest";
import { TinyRuns } from "../../bench/damage/tiny_runs.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { datasetFor } from "../../src/lottery/dataset.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { overrideSpec } from "../../src/lottery/spec_text.ts";
import { verifyRun } from "../../src/lottery/verify_run.ts";
import { epochCurves } from "../../src/report/figures/epoch_curves.ts";
import { levelTable } from "../../src/report/level_table.ts";
import { begunRunBytes, runDisk } from "../../src/run/needs.ts";
import { parseLevelCurves } from "../../src/store/level_curves.ts";
import { parseLevelRecord } from "../../src/store/level_record.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { readRunFolder } from "../../src/store/open_run.ts";
import { specHash } from "../../src/store/spec_hash.ts";
import { trainedLength } from "../../src/store/trained_length.ts";

// 150 training samples: 3 steps an epoch of batch 64.
const keys = { dataset: "moons-circles", samples: 300, shape: [4, 8, 8, 2], levels: 1, rate: 0.5 };
const specOf = (more: object) => resolveSpec({ ...keys, ...more }, "test").spec;
const open = (more: object) => () => datasetFor(specOf(more), moonsCircles(0, { samples: 300 }));

describe("the length of a level", () => {
  it("is in epochs or in steps, and leaves the hash of specs without these keys", () => {
    const { maxEpochs, maxSteps, evaluateEvery } = specOf({ maxSteps: 30, evaluateEvery: 10 });
    expect([maxEpochs, maxSteps, evaluateEvery]).toEqual([undefined, 30, 10]);
    expect(specHash(specOf({ maxEpochs: 9, maxSteps: undefined }))).toBe(specHash(specOf({ maxEpochs: 9 })));
    expect(specOf({}).maxEpochs).toBe(3000);
    for (const fits of [{ maxSteps: 30 }, { maxSteps: 32, evaluateEvery: 8 }, { maxEpochs: 5, evaluateEvery: 15 }]) {
      expect(open(fits)).not.toThrow();
    }
  });

  it("given by a person in one unit replaces that of a preset in the other", () => {
    expect(overrideSpec({ maxEpochs: 4 }, { maxSteps: 6 })).toEqual({ maxSteps: 6 });
    expect(overrideSpec({ maxSteps: 6 }, { maxEpochs: 4 })).toEqual({ maxEpochs: 4 });
  });

  it.each([
    [{ maxEpochs: 3, maxSteps: 100 }, "test: maxEpochs 3 and maxSteps 100 exclude each other: leave one out"],
    [
      { maxSteps: 2010, evaluateEvery: 50 },
      "test: maxSteps 2010 is no multiple of evaluateEvery 50, the steps between two evaluations: give maxSteps=2000 or 2050, or another evaluateEvery",
    ],
    [
      { maxSteps: 400, evaluateEvery: 500 },
      "test: evaluateEvery 500 lies past the end of a level, by maxSteps 400: give evaluateEvery up to 400, or a longer level",
    ],
    [
      { maxSteps: 16e6, evaluateEvery: 1, keepCurves: true },
      "test: maxSteps 16000000 with 16000000 evaluations and keepCurves is above 1000000, the most evaluations of a level that are kept: give a larger evaluateEvery, or leave keepCurves out",
    ],
    [{ maxSteps: 0 }, "test: maxSteps 0 does not fit"],
    [{ evaluateEvery: 1.5 }, "test: evaluateEvery 1.5 does not fit"],
    [{ evaluateEvery: 16777217 }, "give an integer from 1 to 16777216"],
  ])("is refused without data where it contradicts itself: %j", (more, message) => {
    expect(() => specOf(more)).toThrow(message);
  });

  it.each([
    [
      { maxSteps: 100 },
      "maxSteps 100 is no multiple of 3, the steps of an epoch of moons-circles at batch 64, after which a level is evaluated: give maxSteps=99 or 102, or another evaluateEvery",
    ],
    [
      { maxSteps: 2 },
      "maxSteps 2 ends a level within its first epoch of 3 steps (moons-circles at batch 64), after which it is evaluated first: give maxSteps from 3, or evaluateEvery up to 2",
    ],
    [
      { maxEpochs: 5, evaluateEvery: 7 },
      "maxEpochs 5 (3 steps each of moons-circles at batch 64: 15 steps) is no multiple of evaluateEvery 7, the steps between two evaluations: give maxSteps=14 or 21, or another evaluateEvery",
    ],
    [
      { maxEpochs: 5, evaluateEvery: 16 },
      "evaluateEvery 16 lies past the end of a level, by maxEpochs 5 (3 steps each of moons-circles at batch 64: 15 steps): give evaluateEvery up to 15, or a longer level",
    ],
    [
      { maxEpochs: 400_000, evaluateEvery: 1, keepCurves: true },
      "maxEpochs 400000 (3 steps each of moons-circles at batch 64: 1200000 steps) with 1200000 evaluations and keepCurves is above 1000000, the most evaluations of a level that are kept: give a larger evaluateEvery, or leave keepCurves out",
    ],
    [
      { maxSteps: 30, schedule: "milestones:10,30:0.1" },
      "schedule milestones:10,30:0.1 contradicts maxSteps 30: after step 30 no step is left; give milestones below 30 or more steps",
    ],
  ])("is refused with the data where it contradicts them: %j", (more, message) => {
    expect(open(more)).toThrow(message);
  });
});

describe("a run in steps", () => {
  const opened: TinyRuns[] = [];
  afterAll(() => {
    for (const runs of opened) runs.close();
  });
  /** Runs of 50 training samples in batches of 10, five steps an epoch, at a rate that soon worsens the loss. */
  const played = async (more: object) => {
    const runs = await TinyRuns.open({
      ...{ samples: 100, batch: 10, lr: 0.5, patience: 4, keepCurves: true },
      ...more,
    });
    opened.push(runs);
    const files = new MemoryFiles();
    const { levels } = await runs.run(files, 3);
    const folder = await readRunFolder(files, await runs.path(3));
    return { runs, files, folder, levels, curves: await folder.readCurves() };
  };

  it("records its evaluations, the step that it kept and that of the lowest validation loss, and is whole", async () => {
    for (const keep of ["last", "best"]) {
      const { files, folder, levels, curves } = await played({
        maxEpochs: undefined,
        maxSteps: 49,
        evaluateEvery: 7,
        keep,
      });
      expect((await verifyRun(files, folder.path)).problems).toEqual([]);
      expect(levels.some(({ steps }) => steps < 49)).toBe(true);
      levels.forEach(({ level, epochs, steps, evaluations = 0, keptStep, earlyStoppingStep, valLoss }) => {
        expect([steps, epochs]).toEqual([7 * evaluations, Math.floor(steps / 5)]);
        const losses = curves[level].valLoss;
        expect(curves[level].steps).toEqual(losses.map((_, k) => 7 * (k + 1)));
        expect(losses).toHaveLength(evaluations);
        const lowest = losses.indexOf(Math.min(...losses));
        expect(earlyStoppingStep).toBe(7 * (lowest + 1));
        expect(keptStep).toBe(keep === "best" ? earlyStoppingStep : steps);
        expect(valLoss).toBe(keep === "best" ? losses[lowest] : losses.at(-1));
      });
      const table = levelTable(levels, { color: false });
      expect(table).toMatch(/steps.*stop at|stop at.*steps/s);
      expect(table).not.toContain("epochs");
      expect(trainedLength(levels[0])).toBe(`${levels[0].steps} steps`);
      const figure = epochCurves({ run: { levels, name: "tiny", seed: 3 }, curves } as never, "loss");
      expect(figure.title).toBe("Loss by step, tiny, seed 3");
      const [head, ...rows] = figure.csv.trim().split(/\r?\n/);
      expect(head).toBe("level,remaining,step,of,loss");
      const first = rows.map((row) => row.split(",")).filter(([level, , , of]) => level === "0" && of === "validation");
      expect(first.map(([, , step]) => Number(step))).toEqual(curves[0].steps);
    }
  });

  it("that is evaluated after every epoch has the weights and losses of one in epochs, and tells steps beside", async () => {
    const inSteps = await played({ maxEpochs: undefined, maxSteps: 20 });
    const inEpochs = await played({ maxEpochs: 4 });
    inSteps.levels.forEach(({ evaluations, keptStep, earlyStoppingStep, ...record }, level) => {
      expect(record).toEqual(inEpochs.levels[level]);
      expect([evaluations, keptStep]).toEqual([record.epochs, record.steps]);
      expect(earlyStoppingStep).toBeGreaterThan(0);
    });
    expect(inEpochs.curves).toEqual(inSteps.curves.map(({ steps: _, ...curves }) => curves));
    expect(inEpochs.levels[0]).not.toHaveProperty("evaluations");
    expect(trainedLength(inEpochs.levels[0])).toMatch(/ epochs?$/);
  });

  it("is estimated by its evaluations", () => {
    const samples = 1000;
    const few = specOf({ maxSteps: 800, evaluateEvery: 100, keepCurves: true });
    const many = specOf({ maxSteps: 800, evaluateEvery: 1, keepCurves: true });
    const bytes = begunRunBytes(many, samples) - begunRunBytes(few, samples);
    expect(bytes).toBe(
      792 *
        (begunRunBytes(specOf({ maxEpochs: 2, keepCurves: true }), samples) -
          begunRunBytes(specOf({ maxEpochs: 1, keepCurves: true }), samples)),
    );
    expect(runDisk(many, 2, samples).bytes).toBeGreaterThan(runDisk(few, 2, samples).bytes + 792 * 100);
  });

  it("has lines that readers check", () => {
    expect(() =>
      parseLevelCurves(
        '{"level":0,"steps":[-1],"trainLoss":[],"valLoss":[],"valAccuracy":{},"valBalancedAccuracy":{}}',
        0,
        "c",
      ),
    ).toThrow("c: field steps");
    expect(() =>
      parseLevelRecord('{"level":0,"engine":"cpu","remaining":1,"epochs":1,"steps":1,"evaluations":"x"}', "l"),
    ).toThrow("l: field evaluations");
  });
});
