import { expect, it } from "vitest";
import { RunError, StorageError } from "../../src/base/errors.ts";
import { ProgressBoard } from "../../src/cli/progress.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import type { PlannedExperiment } from "../../src/node.ts";
import { levelRecord } from "../store/records.ts";

/** An experiment of three levels (0, 1, 2). */
function experiment(seeds: number, values = {}): PlannedExperiment {
  const { spec } = resolveSpec({ dataset: "moons-circles", shape: [4, 8, 8, 2], levels: 2, rate: 0.5 }, "test");
  const list = Array.from({ length: seeds }, (_, seed) => seed);
  return {
    name: "test",
    values,
    spec,
    seeds: list,
    tasks: [],
    coverage: "total",
    baselines: {},
    notices: [],
    folder: null,
    diskBytesPerRun: 0,
  };
}

/** A board of one experiment with two seeds, with its clock. */
function board() {
  const clock = { ms: 0 };
  return { clock, board: new ProgressBoard([experiment(2)], () => clock.ms) };
}

it("shows the progress of each seed, with the time left at the speed so far", () => {
  const { clock, board: progress } = board();
  progress.hear({ kind: "start", seed: 1, experiment: 0, level: 0, remaining: 13104 });
  progress.hear({ kind: "start", seed: 0, experiment: 0, level: 0, remaining: 13104 });
  expect(progress.lines(10)).toEqual([
    "seed 0   level 0/2   13,104 weights left  epoch     0  loss -       0:00",
    "seed 1   level 0/2   13,104 weights left  epoch     0  loss -       0:00",
    "0 of 2 seeds done, 2 in training",
  ]);
  clock.ms = 60_000;
  expect(
    progress.hear({ kind: "level", seed: 1, experiment: 0, record: levelRecord({ level: 0 }), elapsedMs: 60_000 }),
  ).toMatch(/^seed 1, level 0\/2: .* weights left, .* epochs, validation loss .*, interconnected, winning, 60\.0 s$/);
  progress.hear({ kind: "start", seed: 1, experiment: 0, level: 1, remaining: 8911 });
  clock.ms = 75_000;
  progress.hear({
    kind: "progress",
    seed: 1,
    experiment: 0,
    level: 1,
    epochs: 1200,
    steps: 19200,
    trainLoss: 0.2,
    valLoss: 0.0123,
  });
  // Two levels of 60 s each are left, of which 15 s have passed.
  expect(progress.lines(10)[1]).toBe(
    "seed 1   level 1/2    8,911 weights left  epoch 1,200  loss 0.0123  1:15  about 2 min left",
  );
  expect(progress.hear({ kind: "outcome", seed: 1, experiment: 0, outcome: "separated" })).toBeUndefined();
  expect(progress.lines(10).slice(1)).toEqual(["1 of 2 seeds done, 1 in training, 4 network-epochs/s, 1:15"]);
});

it("shows no more lines than there is room for", () => {
  const progress = new ProgressBoard([experiment(40)], () => 0);
  for (let seed = 0; seed < 30; seed++) progress.hear({ kind: "start", seed, experiment: 0, level: 0, remaining: 10 });
  const lines = progress.lines(5);
  expect(lines).toHaveLength(5);
  expect(lines[4]).toBe("0 of 40 seeds done, 30 in training, 10 waiting");
});

it("shows a population by run, with the time left by the weights of the levels left", () => {
  const clock = { ms: 0 };
  const progress = new ProgressBoard(
    [experiment(2, { extension: 10 }), experiment(2, { extension: 7, keep: "best" })],
    () => clock.ms,
  );
  progress.hear({ kind: "start", seed: 0, experiment: 0, level: 0, remaining: 112 });
  progress.hear({ kind: "start", seed: 1, experiment: 1, level: 0, remaining: 112 });
  progress.hear({
    kind: "progress",
    seed: 1,
    experiment: 1,
    level: 0,
    epochs: 40,
    steps: 640,
    trainLoss: 1,
    valLoss: 0.5,
  });
  clock.ms = 10_000;
  expect(progress.lines(10)).toEqual([
    "extension=10          seed 0   level 0/2      112 weights left  epoch     0  loss -       0:10",
    "extension=7 keep=best seed 1   level 0/2      112 weights left  epoch    40  loss 0.5000  0:10",
    "0 of 4 runs done, 2 in training, 2 waiting, 4 network-epochs/s, 0:10",
  ]);
  const record = levelRecord({ level: 0, remaining: 112, epochs: 310 });
  expect(progress.hear({ kind: "level", seed: 0, experiment: 0, record, elapsedMs: 10_000 })).toBeUndefined();
  // Of 4 x (112 + 56 + 28 + 3 x 200) units of cost 312 are done in 10 s, and the stop rule skips 484 of this run.
  expect(progress.hear({ kind: "outcome", seed: 0, experiment: 0, outcome: "degraded" })).toBe(
    "extension=10 seed 0: degraded, 1 level in 0:10; 1 of 4 runs done, 1 in training, 2 waiting, 35 network-epochs/s, 0:10, about 77 s left",
  );
  expect(progress.hear({ kind: "failed", seed: 1, experiment: 1, error: new RunError("diverged") })).toMatch(
    /^extension=7 keep=best seed 1: diverged, the same command would diverge again; 2 of 4 runs done, 1 failed, 2 waiting/,
  );
  progress.hear({ kind: "found", seed: 0, experiment: 1, record });
  expect(progress.hear({ kind: "outcome", seed: 0, experiment: 1, outcome: "degraded" })).toMatch(
    /^extension=7 keep=best seed 0: degraded, finished earlier; 3 of 4 runs done/,
  );
});

it("shows an experiment of many seeds by run too", () => {
  const progress = new ProgressBoard([experiment(21)], () => 0);
  progress.hear({ kind: "start", seed: 3, experiment: 0, level: 0, remaining: 112 });
  expect(progress.hear({ kind: "level", seed: 3, experiment: 0, record: levelRecord(), elapsedMs: 1 })).toBeUndefined();
  expect(progress.hear({ kind: "outcome", seed: 3, experiment: 0, outcome: "separated" })).toMatch(
    /^seed 3: separated, 1 level in 0:00; 1 of 21 seeds done/,
  );
});

it("says what was damaged in a line of its own, and that a failed run failed", () => {
  const { board: progress } = board();
  const problems = ["init.safetensors is empty", "levels.jsonl, line 3 is not what the run wrote"];
  expect(progress.hear({ kind: "damaged", seed: 3, experiment: 0, problems, finished: 5, kept: 2 })).toBe(
    "seed 3: damaged: init.safetensors is empty, levels.jsonl, line 3 is not what the run wrote; levels 0 to 1 are kept, levels 2 to 4 are trained again",
  );
  const many = new ProgressBoard([experiment(21)], () => 0);
  expect(many.hear({ kind: "failed", seed: 1, experiment: 0, error: new StorageError("no space left") })).toMatch(
    /^seed 1: failed; 1 of 21 seeds done, 1 failed/,
  );
});

it("says once that levels were finished earlier", () => {
  const { board: progress } = board();
  expect(progress.hear({ kind: "found", seed: 3, experiment: 0, record: levelRecord({ level: 0 }) })).toBeUndefined();
  expect(progress.hear({ kind: "start", seed: 3, experiment: 0, level: 1, remaining: 10 })).toBe(
    "seed 3: found 1 finished level, continuing with level 1",
  );
  progress.hear({ kind: "level", seed: 3, experiment: 0, record: levelRecord({ level: 1 }), elapsedMs: 1 });
  expect(progress.hear({ kind: "start", seed: 3, experiment: 0, level: 2, remaining: 5 })).toBeUndefined();
  progress.hear({ kind: "found", seed: 4, experiment: 0, record: levelRecord({ level: 0 }) });
  expect(progress.hear({ kind: "outcome", seed: 4, experiment: 0, outcome: "separated" })).toBe(
    "seed 4: finished earlier, nothing to train",
  );
});

it("counts neither what was found nor what a stop rule left out as still to be trained", () => {
  const clock = { ms: 0 };
  const progress = new ProgressBoard([experiment(2, { lr: 0.1 }), experiment(1, { lr: 0.2 })], () => clock.ms);
  // Levels of 112, 56 and 28 weights cost 312, 256 and 228.
  const record = (level: number) => levelRecord({ level, remaining: [112, 56, 28][level], epochs: 100 });
  const [stopped, resumed] = [
    { seed: 0, experiment: 0 },
    { seed: 0, experiment: 1 },
  ];
  for (const level of [0, 1]) progress.hear({ kind: "found", ...resumed, record: record(level) });
  expect(progress.hear({ kind: "start", ...resumed, level: 2, remaining: 28 })).toBe(
    "lr=0.2 seed 0: found 2 finished levels, continuing with level 2",
  );
  progress.hear({ kind: "start", ...stopped, level: 0, remaining: 112 });
  clock.ms = 10_000;
  progress.hear({ kind: "level", ...stopped, record: record(0), elapsedMs: 10_000 });
  // Done 312, left 228 of the resumed run and 796 of the one that waits.
  expect(progress.hear({ kind: "outcome", ...stopped, outcome: "degraded" })).toBe(
    "lr=0.1 seed 0: degraded, 1 level in 0:10; 1 of 3 runs done, 1 in training, 1 waiting, 10 network-epochs/s, 0:10, about 33 s left",
  );
  clock.ms = 20_000;
  progress.hear({ kind: "level", ...resumed, record: record(2), elapsedMs: 20_000 });
  // Done 540, left 796.
  expect(progress.hear({ kind: "outcome", ...resumed, outcome: "separated" })).toBe(
    "lr=0.2 seed 0: separated, 1 level in 0:20; 2 of 3 runs done, 1 waiting, 10 network-epochs/s, 0:20, about 30 s left",
  );
});

it("shows a resumed run at its own level, and no line of a run that a stop rule has ended", () => {
  const { clock, board: progress } = board();
  progress.hear({ kind: "start", seed: 0, experiment: 0, level: 0, remaining: 112 });
  progress.hear({ kind: "found", seed: 1, experiment: 0, record: levelRecord({ level: 0, remaining: 112 }) });
  progress.hear({ kind: "start", seed: 1, experiment: 0, level: 1, remaining: 56 });
  expect(progress.lines(10)[1]).toBe("seed 1   level 1/2       56 weights left  epoch     0  loss -       0:00");
  clock.ms = 30_000;
  const record = levelRecord({ level: 1, remaining: 56, epochs: 60 });
  progress.hear({ kind: "level", seed: 1, experiment: 0, record, elapsedMs: 30_000 });
  progress.hear({ kind: "start", seed: 1, experiment: 0, level: 2, remaining: 28 });
  // The level left takes the time of the one trained here; the one found has no time.
  expect(progress.lines(10)[1]).toBe(
    "seed 1   level 2/2       28 weights left  epoch     0  loss -       0:30  about 30 s left",
  );
  progress.hear({
    kind: "level",
    seed: 0,
    experiment: 0,
    record: levelRecord({ level: 0, epochs: 90 }),
    elapsedMs: 30_000,
  });
  expect(progress.hear({ kind: "outcome", seed: 0, experiment: 0, outcome: "degraded" })).toBeUndefined();
  expect(progress.lines(10)).toEqual([
    "seed 1   level 2/2       28 weights left  epoch     0  loss -       0:30  about 30 s left",
    "1 of 2 seeds done, 1 in training, 5 network-epochs/s, 0:30",
  ]);
});
