import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InputError, InternalError } from "../../src/base/errors.ts";
import { sha256 } from "../../src/base/sha256.ts";
import type { Task } from "../../src/base/task.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { nodeFiles, writeOutput } from "../../src/store/node.ts";
import { openRunFolder, type RunFolder, readRunFolder } from "../../src/store/run_folder.ts";
import { levelRecord } from "./records.ts";

const shape = [4, 8, 2];
const spec = { rate: 0.32, patience: 30, base: [4, 8, 2] };
const hash = "0123456789ab";
const tasks: Task[] = [
  { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
  { name: "moons", kind: "binary", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 1 } },
];
const run = {
  name: "moons",
  specHash: hash,
  seed: 0,
  executor: "tiled, adapter A",
  spec,
  tasks,
  coverage: "output" as const,
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "split-ticket-runs-"));
});
afterEach(() => rm(root, { recursive: true }));

const open = (changedSpec: Record<string, unknown> = spec, seed = 0) =>
  openRunFolder(nodeFiles, root, { ...run, spec: changedSpec, seed });
const inFolder = (name: string) => `${root}/moons-${hash}/seed-0/${name}`;

/** The mask of level i: the first i weights are pruned. */
function maskOf(level: number): Mask {
  const mask = Mask.full(shape);
  for (let i = 0; i < level; i++) mask.set(0, 0, i, false);
  return mask;
}

function initialParameters(): Parameters {
  const parameters = new Parameters(shape);
  parameters.setWeights(
    0,
    Float32Array.from({ length: 32 }, (_, i) => i + 0.1),
  );
  parameters.setWeights(
    1,
    Float32Array.from({ length: 16 }, (_, i) => -i - 0.1),
  );
  return parameters;
}

/** Writes a run of three levels as the lottery does, resuming where it stopped, until `stopBefore` returns true. */
async function goOn(folder: RunFolder, stopBefore: (step: string) => boolean): Promise<void> {
  const steps: [string, () => Promise<void>][] = [];
  if ((await folder.readInit()) === undefined) steps.push(["init", () => folder.writeInit(initialParameters())]);
  const first = (await folder.finishedLevels()).length;
  if (first === 0) steps.push(["mask 0", () => folder.writeLevelMask(0, maskOf(0))]);
  for (let level = first; level < 3; level++) {
    const last = level === 2;
    steps.push([
      `train ${level}`,
      async () => expect((await folder.readLevelMask(level))?.words).toEqual(maskOf(level).words),
    ]);
    if (!last) steps.push([`mask ${level + 1}`, () => folder.writeLevelMask(level + 1, maskOf(level + 1))]);
    steps.push([`level ${level}`, () => folder.appendLevel(levelRecord({ level, remaining: 48 - level }), last)]);
  }
  steps.push(["outcome", () => folder.writeOutcome({ outcome: "interconnected", levels: 3 })]);
  for (const [name, act] of steps) {
    if (stopBefore(name)) return;
    await act();
  }
}

async function contents(): Promise<Record<string, string>> {
  const names = await readdir(inFolder("."));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(inFolder(name))).toString("hex")])),
  );
}

describe("resuming", () => {
  const steps = [
    "mask 0",
    "train 0",
    "mask 1",
    "level 0",
    "train 1",
    "mask 2",
    "level 1",
    "train 2",
    "level 2",
    "outcome",
  ];
  test.each(steps)(
    "stopped before %s, the run ends with the same bytes as one that was never stopped",
    async (stop) => {
      await goOn(await open(), (step) => step === stop);
      await goOn(await open(), () => false);
      const resumed = await contents();
      await rm(`${root}/moons-${hash}`, { recursive: true });
      await goOn(await open(), () => false);
      expect(resumed).toEqual(await contents());
      expect(Object.keys(resumed).sort()).toEqual([
        "init.safetensors",
        "level-00.safetensors",
        "level-01.safetensors",
        "level-02.safetensors",
        "levels.jsonl",
        "run.json",
      ]);
    },
  );

  test("a level is not done before the next mask is on disk, unless it is the last, nor out of turn", async () => {
    const folder = await open();
    await folder.writeLevelMask(0, maskOf(0));
    await expect(folder.appendLevel(levelRecord())).rejects.toThrow(
      new InternalError("level 0 appended before the mask of level 1 was written"),
    );
    await expect(folder.appendLevel(levelRecord({ level: 1 }), true)).rejects.toThrow(
      "level 1 appended after 0 levels",
    );
    expect(await folder.finishedLevels()).toEqual([]);
    await folder.appendLevel(levelRecord(), true);
    expect(await folder.finishedLevels()).toEqual([levelRecord()]);
  });

  test("what was not written yet reads as undefined", async () => {
    const folder = await open();
    expect(await folder.readInit()).toBeUndefined();
    expect(await folder.readLevelMask(0)).toBeUndefined();
    expect(folder.record.outcome).toBeUndefined();
  });
});

test("init and trained parameters come back, the trained ones under their mask", async () => {
  const folder = await open();
  await folder.writeInit(initialParameters());
  expect((await folder.readInit())?.values).toEqual(initialParameters().values);
  await folder.writeLevelMask(12, maskOf(3), initialParameters());
  expect(await readdir(inFolder("."))).toContain("level-12.safetensors");
  expect((await folder.readLevelMask(12))?.words).toEqual(maskOf(3).words);
});

test("run.json holds the spec with sorted keys, the outcome and the checksums of every deterministic file", async () => {
  const folder = await open();
  await folder.writeInit(initialParameters());
  await folder.writeLevelMask(0, maskOf(0));
  await folder.appendLevel(levelRecord(), true);
  await folder.appendTiming({ level: 0, wallMs: 12.5 });
  await folder.appendTiming({ level: 1, wallMs: 13 });
  await folder.writeOutcome({ outcome: "interconnected" });
  const sum = async (name: string) => sha256(await readFile(inFolder(name)));
  expect(await readFile(inFolder("run.json"), "utf8")).toBe(
    `${JSON.stringify(
      {
        format: 2,
        name: "moons",
        specHash: hash,
        seed: 0,
        executor: "tiled, adapter A",
        spec: { base: [4, 8, 2], patience: 30, rate: 0.32 },
        tasks,
        coverage: "output",
        outcome: { outcome: "interconnected" },
        checksums: {
          "init.safetensors": await sum("init.safetensors"),
          "level-00.safetensors": await sum("level-00.safetensors"),
          "levels.jsonl": await sum("levels.jsonl"),
        },
      },
      null,
      2,
    )}\n`,
  );
  expect(await readFile(inFolder("timings.jsonl"), "utf8")).toBe(
    '{"level":0,"wallMs":12.5}\n{"level":1,"wallMs":13}\n',
  );
  const back = await readRunFolder(nodeFiles, inFolder("."));
  expect(await back.readTimings()).toEqual([
    { level: 0, wallMs: 12.5 },
    { level: 1, wallMs: 13 },
  ]);
  expect(back.record.outcome).toEqual({ outcome: "interconnected" });
  expect((await open()).record).toEqual(back.record);
});

test("a damaged line of times is named", async () => {
  const folder = await open();
  await folder.appendTiming({ level: 0, wallMs: 12.5 });
  await writeFile(inFolder("timings.jsonl"), '{"level":0}\n{"lev');
  await expect(folder.readTimings()).rejects.toThrow(
    new InputError(`${root}/moons-${hash}/seed-0/timings.jsonl, line 2: it is not JSON; remove the line`),
  );
});

describe("run.json of another version", () => {
  const old = { name: "moons", specHash: hash, seed: 0, executor: "tiled, adapter A", spec };
  const put = (record: object) => writeOutput(inFolder("run.json"), JSON.stringify(record));
  const written = async () => JSON.parse(await readFile(inFolder("run.json"), "utf8"));

  test("without a format is read as format 1, and says everything once the run goes on", async () => {
    await put(old);
    const { record } = await readRunFolder(nodeFiles, inFolder("."));
    expect(record).toEqual({ ...old, format: 1 });
    const folder = await open();
    expect(await written()).toEqual({ ...old, format: 2, tasks, coverage: "output" });
    await folder.writeLevelMask(0, maskOf(0));
    await folder.appendLevel(levelRecord(), true);
    await folder.writeOutcome({ outcome: "interconnected" });
    expect(await written()).toMatchObject({ format: 2, tasks, outcome: { outcome: "interconnected" } });
  });

  test("keeps the coverage that decided its levels, and total where format 1 of own data told none", async () => {
    await put({ ...run, format: 2, coverage: "total" });
    expect((await open()).record.coverage).toBe("total");
    expect(await written()).toMatchObject({ coverage: "total" });
    const own = { ...spec, datasetSha256: "ab" };
    await put({ ...old, spec: own });
    expect((await readRunFolder(nodeFiles, inFolder("."))).record).toMatchObject({ format: 1, coverage: "total" });
    await open(own);
    expect(await written()).toMatchObject({ format: 2, coverage: "total" });
    await put({ ...old, spec: { ...own, coverage: "input" } });
    expect((await open({ ...own, coverage: "input" })).record.coverage).toBe("input");
  });

  test("gets the names, baselines and notices that an older version did not write, and keeps those that it has", async () => {
    const told = { inputNames: ["x", "y"], baselines: { circles: 0.5 }, notices: ["moons: a notice"] };
    const openWith = (more: object) => openRunFolder(nodeFiles, root, { ...run, ...more });
    await put({ ...run, format: 2 });
    expect((await openWith(told)).record).toMatchObject(told);
    expect(Object.keys(await written()).slice(-3)).toEqual(["inputNames", "baselines", "notices"]);
    await openWith({ ...told, baselines: { circles: 0.9 } });
    expect(await written()).toMatchObject(told);
  });

  test("stays as it is where the run has ended", async () => {
    const ended = { ...old, outcome: { outcome: "degraded" }, checksums: {} };
    await put(ended);
    expect((await open()).record.outcome).toEqual({ outcome: "degraded" });
    expect(await written()).toEqual(ended);
  });

  test("keeps the fields that it does not know, in the record and in its tasks", async () => {
    const [circles, moons] = tasks;
    const more = { ...run, format: 2, tasks: [{ ...circles, weight: 2 }, moons], note: { by: "a later version" } };
    await put(more);
    expect((await readRunFolder(nodeFiles, inFolder("."))).record).toEqual(more);
    await open();
    expect(await written()).toMatchObject({ format: 2, note: { by: "a later version" } });
  });

  test("is refused where its format is newer, before anything of it is judged", async () => {
    await put({ format: 3, runs: [] });
    const refusal = new InputError(
      `${inFolder("run.json")}: format 3 was made by a newer version, this one reads up to format 2; update split-ticket`,
    );
    await expect(readRunFolder(nodeFiles, `${root}/moons-${hash}/seed-0`)).rejects.toThrow(refusal);
    await expect(open()).rejects.toThrow(refusal);
  });

  test.each([
    [{ tasks: undefined }, "field tasks: "],
    [{ coverage: undefined }, "field coverage: "],
    [{ coverage: "half" }, "field coverage: "],
    [{ tasks: [] }, "field tasks: "],
    [{ tasks: [{ ...tasks[0], inputs: { start: -1, count: 2 } }] }, "field tasks.0.inputs.start: "],
    [{ format: "two" }, "field format: "],
    [{ name: undefined }, "field name: "],
  ])("is refused by field in format 2 with %j", async (changes, message) => {
    await put({ ...run, format: 2, ...changes });
    await expect(readRunFolder(nodeFiles, inFolder("."))).rejects.toThrow(message);
  });
});

describe("refused before any training", () => {
  test("a folder that holds another spec's run; the same spec in another order of keys is the same", async () => {
    await open();
    await open({ patience: 30, base: [4, 8, 2], rate: 0.32 });
    await expect(open({ ...spec, patience: 10 })).rejects.toThrow(
      new InputError(
        `${root}/moons-${hash}/seed-0: holds another spec's run (spec.patience is 30 there, 10 here); choose another --out folder or remove it`,
      ),
    );
    await expect(open({ rate: 0.32, patience: 30 })).rejects.toThrow("(spec.base is [4,8,2] there, nothing here)");
    await open({ ...spec, patience: 10 }, 1);
  });

  test("a run begun on another adapter, until it has ended", async () => {
    const elsewhere = { ...run, executor: "cpu, CPU twins" };
    const folder = await open();
    await expect(openRunFolder(nodeFiles, root, elsewhere)).rejects.toThrow(
      new InputError(
        `${root}/moons-${hash}/seed-0: holds a run begun on tiled, adapter A, this is cpu, CPU twins; choose that --device and --engine, another --out folder, or remove it`,
      ),
    );
    await folder.writeOutcome({ outcome: "interconnected" });
    expect((await openRunFolder(nodeFiles, root, elsewhere)).record.executor).toBe("tiled, adapter A");
  });

  test("a folder whose run.json belongs to another seed", async () => {
    await open();
    await writeOutput(`${root}/moons-${hash}/seed-1/run.json`, await readFile(inFolder("run.json")));
    await expect(open(spec, 1)).rejects.toThrow("holds another spec's run (seed is 0 there, 1 here)");
  });

  test("a place that cannot be written", async () => {
    await writeFile(`${root}/file`, "");
    await expect(openRunFolder(nodeFiles, `${root}/file`, run)).rejects.toThrow(
      `cannot write ${root}/file/moons-${hash}/seed-0: a part of the path is a file`,
    );
  });

  test("an unfinished run in a place that has become read-only, but not a finished one", async () => {
    const readOnly = {
      ...nodeFiles,
      write: (path: string) => Promise.reject(new InputError(`cannot write ${path}: read-only`)),
    };
    const reopen = () => openRunFolder(readOnly, root, run);
    const folder = await open();
    await expect(reopen()).rejects.toThrow("read-only");
    await folder.writeOutcome({ outcome: "degraded" });
    expect((await reopen()).record.outcome).toEqual({ outcome: "degraded" });
  });

  test("levels without a run.json", async () => {
    await (await open()).writeLevelMask(0, maskOf(0));
    await rm(inFolder("run.json"));
    await expect(open()).rejects.toThrow(
      new InputError(
        `${root}/moons-${hash}/seed-0: holds level-00.safetensors but no run.json that says which run it belongs to; remove the folder`,
      ),
    );
  });

  test("a damaged run.json or levels.jsonl, by file, line and field", async () => {
    const folder = await open();
    await folder.appendLevel(levelRecord(), true);
    const line = await readFile(inFolder("levels.jsonl"), "utf8");
    await writeFile(inFolder("levels.jsonl"), line + line);
    await expect(folder.finishedLevels()).rejects.toThrow(
      new InputError(
        `${root}/moons-${hash}/seed-0/levels.jsonl, line 2: level 0 stands where level 1 belongs; restore the file or remove the run folder`,
      ),
    );
    const other = levelRecord({ level: 1, valAccuracy: { moons: 1 } });
    await writeFile(inFolder("levels.jsonl"), `${line}${JSON.stringify(other)}\n`);
    await expect(folder.finishedLevels()).rejects.toThrow(
      "levels.jsonl, line 2: field valAccuracy has the tasks moons, level 0 has circles, moons; restore the file",
    );
    await writeFile(inFolder("levels.jsonl"), `${line}{"level":`);
    await expect(folder.finishedLevels()).rejects.toThrow("levels.jsonl, line 2: the line is not JSON");
    await writeFile(inFolder("run.json"), "{");
    await expect(open()).rejects.toThrow("seed-0/run.json: it is not JSON");
    await writeFile(inFolder("run.json"), '{"name":"moons","specHash":"x","seed":"0","spec":{}}');
    await expect(open()).rejects.toThrow("seed-0/run.json: field seed: Invalid input: expected number");
  });

  test("a folder without a run, when one is to be shown", async () => {
    await expect(readRunFolder(nodeFiles, `${root}/none`)).rejects.toThrow(
      new InputError(`${root}/none: it holds no run.json; give a run folder such as runs/<name>-<hash>/seed-0`),
    );
  });
});

describe("the curves of a run", () => {
  const curvesOf = (level: number, loss: number) => ({
    level,
    trainLoss: [1, loss],
    valLoss: [0.5, loss],
    valAccuracy: { circles: [0.5, 0.75], moons: [0.25, 1] },
    valBalancedAccuracy: { circles: [0.5, 0.5], moons: [0.25, 1] },
  });
  const line = (level: number, loss: number) =>
    `{"level":${level},"trainLoss":[1,${loss}],"valLoss":[0.5,${loss}],"valAccuracy":{"circles":[0.5,0.75],"moons":[0.25,1]},"valBalancedAccuracy":{"circles":[0.5,0.5],"moons":[0.25,1]}}`;

  test("are a line a level, replaced where the run stopped before the level was finished", async () => {
    const folder = await open();
    expect(await folder.readCurves()).toEqual([]);
    await folder.writeLevelMask(1, maskOf(1));
    await folder.writeCurves(curvesOf(0, 0.125));
    // The level is not finished, so it has no curves, and its next training replaces the line.
    expect(await folder.readCurves()).toEqual([]);
    await folder.writeCurves(curvesOf(0, 0.25));
    await folder.appendLevel(levelRecord({ level: 0 }));
    await folder.writeCurves(curvesOf(1, 0.75));
    await folder.appendLevel(levelRecord({ level: 1 }), true);
    expect(await readFile(inFolder("curves.jsonl"), "utf8")).toBe(`${line(0, 0.25)}\n${line(1, 0.75)}\n`);
    expect(await (await readRunFolder(nodeFiles, inFolder("."))).readCurves()).toEqual([
      curvesOf(0, 0.25),
      curvesOf(1, 0.75),
    ]);
    await folder.writeOutcome({ outcome: "interconnected" });
    expect(Object.keys(folder.record.checksums ?? {})).toContain("curves.jsonl");
    await expect(folder.writeCurves(curvesOf(4, 1))).rejects.toThrow(InternalError);
  });

  test.each([
    ["{", "the line is not JSON"],
    [line(0, 1).replace("[1,1]", '"1"'), "field trainLoss: "],
    [line(3, 1), "level 3 stands where level 0 belongs"],
  ])("that are damaged are named: %s", async (damaged, reason) => {
    const folder = await open();
    await folder.appendLevel(levelRecord({ level: 0 }), true);
    await writeFile(inFolder("curves.jsonl"), `${damaged}\n`);
    const reading = folder.readCurves();
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(`seed-0/curves.jsonl, line 1: ${reason}`);
    await expect(reading).rejects.toThrow("restore the file or remove the run folder");
  });
});

test("checksums name files of the run and nothing outside of its folder", async () => {
  const put = (checksums: object) => nodeFiles.write(inFolder("run.json"), JSON.stringify({ ...run, checksums }));
  for (const name of [
    "../../../secret",
    "/etc/passwd",
    "a/levels.jsonl",
    "..\\levels.jsonl",
    "run.json",
    "levels.jsonl\0",
  ]) {
    await put({ [name]: "0" });
    await expect(readRunFolder(nodeFiles, inFolder(".")), name).rejects.toThrow(
      "names no file of a run that has a checksum; restore the file or remove the run folder",
    );
  }
  await put({ "levels.jsonl": "0", "level-12.safetensors": "0" });
  expect((await readRunFolder(nodeFiles, inFolder("."))).record.checksums).toHaveProperty(["levels.jsonl"]);
});
