import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differingFiles, TinyRuns } from "../../bench/damage/tiny_runs.ts";
import type { RunEvent } from "../../src/lottery/messages.ts";
import { ratesOf, readRewind, rewindPoint } from "../../src/lottery/rewind.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { storedStart } from "../../src/lottery/start_weights.ts";
import { verifyRun } from "../../src/lottery/verify_run.ts";
import { maskedParameters } from "../../src/pruning/masked.ts";
import { selectMask } from "../../src/pruning/selector.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { readRunFolder } from "../../src/store/open_run.ts";

const keys = { dataset: "moons-circles", shape: [4, 6, 2], levels: 3, rate: 0.3, maxEpochs: 4 };
const specOf = (more: object) => resolveSpec({ ...keys, ...more }, "test").spec;
const refused = (more: object) => () => specOf(more);

describe("what a run rewinds to", () => {
  it.each([
    ["initial", { to: "initial" }],
    ["500it", { to: "steps", count: 500 }],
    ["2ep", { to: "epochs", count: 2 }],
    ["lr", { to: "trained", rate: "anew" }],
    ["none", { to: "trained", rate: "last" }],
    ["0it", undefined],
    ["2 ep", undefined],
    ["-1ep", undefined],
    ["1.5ep", undefined],
    ["16777217it", undefined],
    ["2epochs", undefined],
    ["", undefined],
  ])("is read from %j", (text, rewind) => {
    expect(readRewind(text)).toEqual(rewind);
  });

  it("is left out of a spec while it is the initial weights, so that hashes stay", () => {
    expect(JSON.stringify(specOf({ rewind: "initial" }))).toBe(JSON.stringify(specOf({})));
    expect(specOf({ rewind: "2ep" })).toMatchObject({ rewind: "2ep", keepTrained: false });
    expect(specOf({ rewind: "lr" })).toMatchObject({ rewind: "lr", keepTrained: true });
  });

  it.each([
    [
      { rewind: "0ep" },
      'test: rewind "0ep" does not fit (steps and epochs are integers from 1 to 16777216): give initial, <steps>it, <epochs>ep, lr or none',
    ],
    [
      { rewind: "5ep" },
      "test: rewind=5ep lies past the end of level 0, which has at most 4 epochs: give up to 4ep, or a larger maxEpochs",
    ],
    [
      { rewind: "lr", keepTrained: false },
      "test: rewind=lr contradicts keepTrained=false: a level starts from the trained weights of the level before, which are stored: leave keepTrained out",
    ],
    [
      { rewind: "none", schedule: "milestones:10:0" },
      "test: rewind=none trains at the last learning rate, which is 0 by schedule milestones:10:0: give a schedule that ends above 0, or rewind=lr",
    ],
  ])("is refused where it contradicts another key: %j", (more, message) => {
    expect(refused(more)).toThrow(message);
  });

  it("is a step of level 0", () => {
    const at = (more: object, samples = 100) => rewindPoint(specOf({ batch: 20, ...more }), samples);
    expect(at({})).toBeUndefined();
    expect(at({ rewind: "lr" })).toBeUndefined();
    expect(at({ rewind: "2ep" })).toEqual({ steps: 10, text: "2 epochs" });
    expect(at({ rewind: "7it" })).toEqual({ steps: 7, text: "7 steps" });
    expect(at({ rewind: "20it" })?.steps).toBe(20);
    // An epoch is one of the data, whenever a level is evaluated.
    const inSteps = { maxEpochs: undefined, maxSteps: 12, evaluateEvery: 4 };
    expect(at({ ...inSteps, rewind: "2ep" })?.steps).toBe(10);
    expect(() => at({ ...inSteps, rewind: "3ep" })).toThrow(
      "rewind=3ep lies past the end of level 0, which has at most 12 steps, 5 each epoch: give up to 12it, or a larger maxSteps",
    );
    expect(refused({ ...inSteps, rewind: "13it" })).toThrow(
      "test: rewind=13it lies past the end of level 0, which has at most 12 steps: give up to 12it, or a larger maxSteps",
    );
    expect(() => at({ rewind: "21it" })).toThrow(
      "rewind=21it lies past the end of level 0, which has at most 4 epochs of 5 steps: give up to 4ep or 20it, or a larger maxEpochs",
    );
  });

  it("decides the learning rate of later levels: none has the last of the schedule", () => {
    const schedule = "warmup:5+milestones:10,20:0.1";
    expect(ratesOf(specOf({ schedule, lr: 1, rewind: "none" }), 0)).toEqual({ lr: 1, schedule });
    expect(ratesOf(specOf({ schedule, lr: 1, rewind: "none" }), 1)).toEqual({
      lr: expect.closeTo(0.01, 12),
      schedule: undefined,
    });
    for (const rewind of ["initial", "lr", "2ep"]) {
      expect(ratesOf(specOf({ schedule, lr: 1, rewind }), 1)).toEqual({ lr: 1, schedule });
    }
  });
});

/** Runs of 50 training samples in batches of 10: five steps an epoch. */
const tiny = { samples: 100, batch: 10, lr: 0.02, maxEpochs: 4, patience: 4, keepTrained: true };

describe("a run that rewinds", () => {
  let opened: TinyRuns[] = [];
  const open = async (more: object) => {
    const runs = await TinyRuns.open({ ...tiny, ...more });
    opened.push(runs);
    return runs;
  };
  afterAll(() => {
    for (const runs of opened) runs.close();
    opened = [];
  });

  const folderIn = async (runs: TinyRuns, files: MemoryFiles) => readRunFolder(files, await runs.path(3));
  const startOf = async (runs: TinyRuns, level: number) => {
    const files = await runs.filesAfter(9, 3);
    return (await storedStart(await folderIn(runs, files), level))?.values;
  };
  /** The trained weights of level 0 of a run that ends it after some epochs or steps. */
  const trainedFor = async (more: object) => {
    const runs = await open({ levels: 0, rate: 0.3, ...more });
    const files = await runs.filesAfter(9, 3);
    return (await (await folderIn(runs, files)).readTrained(0))?.values;
  };

  it("to epochs has the weights of level 0 then, whatever ends level 0", async () => {
    const rewound = await startOf(await open({ rewind: "2ep" }), 1);
    expect(rewound).toEqual(await trainedFor({ maxEpochs: 2 }));
    expect(rewound).not.toEqual(await trainedFor({ maxEpochs: 3 }));
    // Early stopping at a rate that worsens the loss ends level 0 after fewer epochs; its sequence trains on.
    const stopped = { lr: 3, patience: 1, maxEpochs: 40, optimizer: "sgd" };
    const runs = await open({ ...stopped, rewind: "38ep" });
    const told: string[] = [];
    const heard = (event: RunEvent) => {
      if (event.kind === "checkpoint") told.push(event.text);
    };
    const files = new MemoryFiles();
    const { levels } = await runs.run(files, 3, heard);
    const past = await storedStart(await folderIn(runs, files), 1);
    expect(past?.values).toEqual(await trainedFor({ ...stopped, maxEpochs: 38, patience: 38 }));
    expect(levels[0].epochs).toBeLessThan(38);
    expect(told).toEqual([
      `level 0 ended after ${levels[0].epochs} epochs: the weights after 38 epochs, which the run rewinds to, are those of training on`,
    ]);
  });

  it("to steps has the weights after that step: momentum, weight decay and warm-up take no part afterwards", async () => {
    const odd = { optimizer: "sgd", lr: 0.05, weightDecay: 0.1, schedule: "warmup:4" };
    for (const more of [{}, odd]) {
      // Seven steps: one epoch of five, and two steps of the next.
      const rewound = await startOf(await open({ ...more, rewind: "7it" }), 1);
      const six = await startOf(await open({ ...more, rewind: "6it" }), 1);
      const seven = await trainedFor({
        ...more,
        schedule: `${"schedule" in more ? "warmup:4+" : ""}milestones:7:0`,
        maxEpochs: 3,
      });
      expect(rewound).toEqual(seven);
      expect(rewound).not.toEqual(six);
    }
    // A rate of 0 after five steps stands still where one epoch ends; ten steps are two epochs.
    expect(await trainedFor({ schedule: "milestones:5:0", maxEpochs: 2 })).toEqual(await trainedFor({ maxEpochs: 1 }));
    expect(await startOf(await open({ rewind: "10it" }), 1)).toEqual(await startOf(await open({ rewind: "2ep" }), 1));
  });

  it("to trained weights starts each level from those of the level before, under its mask", async () => {
    const runs = await open({ rewind: "lr", levels: 2 });
    const folder = await folderIn(runs, await runs.filesAfter(9, 3));
    for (const level of [1, 2]) {
      const before = await folder.readTrained(level - 1);
      expect((await storedStart(folder, level))?.values).toEqual(before?.values);
      const mask = await folder.readLevelMask(level);
      expect(before && mask && maskedParameters(before, mask).values).not.toEqual(before?.values);
    }
    expect((await storedStart(folder, 0))?.values).toEqual((await folder.readInit())?.values);
  });

  it("prunes by the deviation of the initial weights, which no pruning has changed", async () => {
    for (const rewind of ["lr", "2ep"]) {
      const runs = await open({ rewind, criterion: "scaled-magnitude", shape: [4, 16, 16, 2] });
      const folder = await folderIn(runs, await runs.filesAfter(9, 3));
      const [initial, own] = [await folder.readInit(), await storedStart(folder, 1)];
      const [trained, mask] = [await folder.readTrained(1), await folder.readLevelMask(1)];
      if (!initial || !own || !trained || !mask) throw new Error("the run has stored no such weights");
      const selection = { criterion: "scaled-magnitude", keep: runs.spec.remaining[2] };
      const select = (start: typeof own) =>
        selectMask({ trained, start, mask, seed: 3, nextLevel: 2 }, selection).words;
      expect((await folder.readLevelMask(2))?.words).toEqual(select(initial));
      if (rewind === "lr") expect(select(initial)).not.toEqual(select(own));
    }
  });

  it("by lr trains by the schedule anew, by none at its last rate, and both alike without one", async () => {
    const level1 = async (more: object) => {
      const runs = await open({ levels: 1, ...more });
      return (await (await folderIn(runs, await runs.filesAfter(9, 3))).readTrained(1))?.values;
    };
    const schedule = "milestones:4:0.1";
    expect(await level1({ rewind: "lr", schedule })).not.toEqual(await level1({ rewind: "none", schedule }));
    expect(await level1({ rewind: "lr" })).toEqual(await level1({ rewind: "none" }));
    expect(await level1({ rewind: "lr" })).not.toEqual(await level1({}));
  });

  it("is refused where the steps lie past the end, once the samples are known", async () => {
    await expect(open({ rewind: "21it" })).rejects.toThrow(
      "rewind=21it lies past the end of level 0, which has at most 4 epochs of 5 steps",
    );
  });

  it("starts from the same whether it is stored or not", async () => {
    for (const rewind of ["2ep", "7it", "lr"]) {
      const runs = await open({ rewind });
      const stored = await runs.run(new MemoryFiles(), 3);
      expect(await runs.runUnstored(3)).toEqual(stored);
    }
  });

  it("prunes once where it has one level, the one-shot of a rate", async () => {
    const oneShot = await open({ levels: 1, rate: 0.657, rewind: "2ep" });
    const iterative = await open({ levels: 3, rate: 0.3, rewind: "2ep" });
    expect(oneShot.spec.remaining.at(-1)).toBe(iterative.spec.remaining.at(-1));
    const { levels } = await oneShot.run(new MemoryFiles(), 3);
    expect(levels.map(({ remaining }) => remaining)).toEqual([36, oneShot.spec.remaining[1]]);
  });
});

describe.each([["2ep"], ["7it"], ["lr"], ["none"]])("a stopped or damaged run that rewinds to %s", (rewind) => {
  let runs: TinyRuns;
  beforeAll(async () => {
    runs = await TinyRuns.open({ ...tiny, keepTrained: undefined, maxEpochs: 2, rewind });
  });
  afterAll(() => runs.close());

  it("goes on to the same bytes after any level, and verifies", async () => {
    const whole = await runs.contents(await runs.filesAfter(9, 3), 3);
    for (const level of [1, 2, 3]) {
      const files = await runs.filesAfter(level, 3);
      await runs.run(files, 3);
      expect(differingFiles(await runs.contents(files, 3), whole)).toEqual([]);
      expect(await verifyRun(files, await runs.path(3))).toMatchObject({ ended: true, problems: [] });
    }
    expect("rewind.safetensors" in whole).toBe(/\d/.test(rewind));
  });

  it.runIf(/\d/.test(rewind))("makes the weights again that it rewinds to, and trains no level", async () => {
    for (const levels of [2, 9]) {
      const files = await runs.filesAfter(levels, 3);
      let left = levels;
      const path = `${await runs.path(3)}/rewind.safetensors`;
      const bytes = await files.read(path);
      for (const harm of [
        () =>
          files.write(
            path,
            bytes.map((byte, i) => (i === 400 ? byte ^ 1 : byte)),
          ),
        () => files.remove(path),
      ]) {
        await harm();
        const [problem] = (await verifyRun(files, await runs.path(3))).problems;
        expect(problem).toMatch(/^rewind\.safetensors is (not what the run wrote|missing)$/);
        const heard: RunEvent[] = [];
        await runs.run(files, 3, (event) => heard.push(event));
        expect(heard.find(({ kind }) => kind === "damaged")).toMatchObject({ problems: [problem] });
        expect(heard.filter(({ kind }) => kind === "found")).toHaveLength(Math.min(left, 4));
        left = 9;
        expect(await files.read(path)).toEqual(bytes);
      }
    }
  });
});

it("a spec of another rewind is another run", async () => {
  const hashes = new Set(
    await Promise.all(
      ["initial", "2ep", "lr"].map(async (rewind) => {
        const runs = await TinyRuns.open({ rewind });
        const { specHash } = await runs.newRun(0);
        runs.close();
        return specHash;
      }),
    ),
  );
  expect(hashes.size).toBe(3);
});
