import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Parameters } from "../../src/network/parameters.ts";
import { type RunOptions, type RunPlan, run } from "../../src/node.ts";
import { writeTicket } from "../../src/store/ticket_file.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-verdicts-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A CSV file of 1,500 samples: uniform inputs from -1 to 1, then labels made of them. */
function table(name: string, header: string, inputs: number, labels: (x: readonly number[]) => readonly boolean[]) {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  };
  const rows = Array.from({ length: 1500 }, () => {
    const x = Array.from({ length: inputs }, uniform);
    return [...x.map((value) => value.toFixed(5)), ...labels(x).map(Number)].join();
  });
  const path = join(root, name);
  writeFileSync(path, `${header}\n${rows.join("\n")}\n`);
  return path;
}

/** Runs on the CPU; the plan is that of `onStart`. */
async function play(path: string, options: RunOptions) {
  let plan: RunPlan | undefined;
  const { experiments } = await run(path, { device: "cpu", out: null, ...options, onStart: (given) => (plan = given) });
  if (!plan) throw new Error("the run did not start");
  return { plan, experiment: experiments[0] };
}

describe("a class of 2 % that the networks stop answering, or never answer", () => {
  it("is told by balanced accuracy, and its task is lost: such tickets do not win", async () => {
    const path = table("rare.csv", "a1,a2,b1,b2,a,b", 4, (x) => [x[0] + x[1] > 1.6, x[2] - x[3] > 0]);
    const set = { tasks: "a:2:1,b:2:1", shape: [4, 10, 10, 2], levels: 9, rate: 0.3, maxEpochs: 60 };
    const { plan, experiment } = await play(path, { set: { ...set, seeds: [0, 1, 2, 3, 4, 5] } });
    expect(experiment.baselines).toEqual({ a: 293 / 300, b: 0.5333333333333333 });
    expect(plan.notices).toEqual(
      expect.arrayContaining([
        'rare: class 1 of "a": only 7 of 300 validation samples, so that one answer moves the recall by 0.143',
        "rare: the tolerance 0.01 is finer than one validation sample, which moves balanced accuracy by up to 0.0714 (a)",
      ]),
    );
    const levels = experiment.runs.flatMap((one) =>
      one.levels.map((level) => ({ ...level, dense: one.levels[0].valAccuracy })),
    );
    const holds = levels.filter(({ valAccuracy: { a, b }, dense }) => a >= dense.a - 0.01 && b >= dense.b - 0.01);
    const silent = holds.filter(({ valBalancedAccuracy }) => valBalancedAccuracy?.a === 0.5);
    // By accuracy alone, most of the levels would win, and most of these never answer yes to a.
    expect(holds.length).toBeGreaterThan(30);
    expect(silent.length).toBeGreaterThan(holds.length * 0.7);
    for (const { lost, winning } of silent) expect([lost, winning]).toEqual([["a"], false]);
    for (const { lost, winning } of levels) if (winning) expect(lost).toEqual([]);
  });
});

describe("own data with an input a task that predicts nothing", () => {
  const set = { tasks: "a:3:1,b:3:1", shape: [6, 10, 10, 2], levels: 5, rate: 0.35, maxEpochs: 300, seeds: [3, 4] };
  let path: string;
  beforeAll(() => {
    path = table("noise.csv", "a1,a2,a_noise,b1,b2,b_noise,a,b", 6, (x) => [x[0] + x[1] > 0, x[3] - x[4] > 0]);
  });

  it("is decided by outputs: separated, with the inputs that fell away; both coverages are stored", async () => {
    const { experiment } = await play(path, { set });
    expect(experiment.coverage).toBe("output");
    expect(experiment.inputNames).toEqual(["a1", "a2", "a_noise", "b1", "b2", "b_noise"]);
    for (const { levels } of experiment.runs) {
      const separated = levels.find(({ state }) => state === "separated");
      expect(separated).toMatchObject({ unusedInputs: 2, unusedColumns: [2, 5], lost: [] });
      const sums = (rows: readonly (readonly number[])[] = []) =>
        [0, 1].map((t) => rows.reduce((sum, row) => sum + row[t], 0));
      expect(sums(separated?.coverage.output)).toEqual([1, 1]);
      for (const sum of sums(separated?.coverage.total)) expect(sum).toBeCloseTo(2 / 3);
      expect(levels[0]).toMatchObject({ unusedInputs: 0, unusedColumns: [] });
    }
    const total = await play(path, { set: { ...set, coverage: "total" } });
    for (const { levels } of total.experiment.runs) {
      expect(levels.map(({ state }) => state)).not.toContain("separated");
    }
  });

  it("goes on by total coverage in a folder that an older version began, and says so", async () => {
    const out = join(root, "runs");
    const { experiment } = await play(path, { set: { ...set, seeds: [4] }, out });
    const folder = `${experiment.folder}/seed-4`;
    const fresh = JSON.parse(readFileSync(`${folder}/run.json`, "utf8"));
    const {
      baselines,
      inputNames,
      notices,
      outcome,
      checksums,
      sha256,
      finished,
      lines: _,
      ...older
    } = {
      ...{ ...fresh, coverage: "total", format: 2 },
    };
    writeFileSync(`${folder}/run.json`, JSON.stringify(older));
    const lines = readFileSync(`${folder}/levels.jsonl`, "utf8").trimEnd().split("\n");
    const former = lines.slice(0, 2).map((line) => {
      const { valBalancedAccuracy, lost, unusedInputs, unusedColumns, ...rest } = JSON.parse(line);
      return `${JSON.stringify(rest)}\n`;
    });
    writeFileSync(`${folder}/levels.jsonl`, former.join(""));

    const again = await play(path, { set: { ...set, seeds: [3, 4] }, out });
    expect(again.plan.notices).toEqual(
      expect.arrayContaining([
        `${experiment.folder}, seed 4: decided by total coverage, by which it was begun; a new run of this spec is decided by output coverage`,
        `${experiment.folder}, seed 4: level 0 is of an older version, without balanced accuracy: winning is judged without it`,
      ]),
    );
    const [begun, resumed] = again.experiment.runs;
    expect(begun.levels.map(({ state }) => state)).toContain("separated");
    expect(resumed.levels.map(({ state }) => state)).not.toContain("separated");
    expect(resumed.levels.map(({ remaining }) => remaining)).toEqual(
      experiment.runs[0].levels.map(({ remaining }) => remaining),
    );
    expect(resumed.levels[0].lost).toBeUndefined();
    expect(resumed.levels[2]).toMatchObject({ lost: [], winning: true });
    expect(JSON.parse(readFileSync(`${folder}/run.json`, "utf8"))).toMatchObject({ coverage: "total", baselines });
    expect(fresh).toMatchObject({ coverage: "output", baselines: { a: expect.any(Number), b: expect.any(Number) } });
    expect(fresh.inputNames).toEqual(["a1", "a2", "a_noise", "b1", "b2", "b_noise"]);
  });
});

it("what was understood of a file is said before training, and stored with the run", async () => {
  const path = join(root, "words.csv");
  const rows = Array.from({ length: 200 }, (_, i) => [
    Math.sin(i).toFixed(4),
    Math.cos(i).toFixed(4),
    i % 2 ? "no" : "yes",
  ]);
  writeFileSync(path, `x,y,answer\n${rows.map((row) => row.join()).join("\n")}\n`);
  const out = join(root, "words");
  const { plan, experiment } = await play(path, { set: { shape: [2, 4, 1], levels: 0, rate: 0.5, maxEpochs: 1 }, out });
  const said = plan.notices.filter((notice) => /\bno\b.*\byes\b/.test(notice));
  expect(said).toHaveLength(1);
  expect(JSON.parse(readFileSync(`${experiment.folder}/seed-0/run.json`, "utf8")).notices).toContain(said[0]);
});

it("initial weights that are all 0 are announced, and never learn: every task is lost", async () => {
  const init = join(root, "zero.safetensors");
  const shape = [4, 8, 2];
  writeFileSync(init, writeTicket({ parameters: new Parameters(shape), metadata: {} }));
  const set = { shape, levels: 1, rate: 0.5, maxEpochs: 2 };
  const { plan, experiment } = await play("moons-circles", { set, init });
  expect(plan.notices).toEqual([
    `${init}: layers in order: layers.0 (4 to 8), layers.1 (8 to 2); the only order that their widths allow`,
    `${init}: all weights are 0: no weight gets a gradient, so the network cannot learn (its hidden neurons are dead)`,
  ]);
  for (const { lost, winning } of experiment.runs[0].levels)
    expect([lost, winning]).toEqual([["circles", "moons"], false]);
});
