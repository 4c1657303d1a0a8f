import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InputError, InternalError } from "../../src/base/errors.ts";
import { sha256 } from "../../src/base/sha256.ts";
import type { Task } from "../../src/base/task.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { nodeFiles, writeOutput } from "../../src/store/node.ts";
import { openRunFolder, readRunFolder } from "../../src/store/open_run.ts";
import { readText } from "../../src/store/run_damage.ts";
import type { RunFolder } from "../../src/store/run_folder.ts";
import { levelRecord } from "./records.ts";

const shape = [4, 8, 2];
const spec = { rate: 0.32, patience: 30, base: [4, 8, 2] };
const hash = "0123456789ab";
const tasks: Task[] = [
  { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
  { name: "moons", kind: "binary", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 1 } },
];
const program = { version: "1.2.3", numeric: 1, kernels: "0123456789abcdef" };
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
  openRunFolder(nodeFiles, root, { ...run, program, spec: changedSpec, seed });
const inFolder = (name: string) => `${root}/moons-${hash}/seed-0/${name}`;

const put = (record: object) => writeOutput(inFolder("run.json"), JSON.stringify(record));

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
  const first = (await folder.finishedLevels()).length;
  if (first === 0) {
    steps.push(["init", () => folder.writeInit(initialParameters())]);
    steps.push(["mask 0", () => folder.writeLevelMask(0, maskOf(0))]);
  }
  for (let level = first; level < 3; level++) {
    const last = level === 2;
    steps.push([
      `train ${level}`,
      async () => expect((await folder.readLevelMask(level))?.words).toEqual(maskOf(level).words),
    ]);
    const record = levelRecord({ level, remaining: 48 - level });
    const next = last ? undefined : maskOf(level + 1);
    steps.push([`level ${level}`, () => folder.finishLevel({ record, timing: { level }, next })]);
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
        "timings.jsonl",
      ]);
    },
  );

  test("no level is done out of turn", async () => {
    const folder = await open();
    await folder.writeLevelMask(0, maskOf(0));
    const timing = { level: 0 };
    await expect(folder.finishLevel({ record: levelRecord({ level: 1 }), timing })).rejects.toThrow(
      new InternalError("level 1 finished after 0 levels"),
    );
    expect(await folder.finishedLevels()).toEqual([]);
    await folder.finishLevel({ record: levelRecord(), timing });
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
  await folder.writeLevelMask(12, maskOf(3));
  expect(await readdir(inFolder("."))).toContain("level-12.safetensors");
  expect((await folder.readLevelMask(12))?.words).toEqual(maskOf(3).words);
});

test("run.json holds the spec with sorted keys, the outcome and the checksums of every deterministic file", async () => {
  const folder = await open();
  await folder.writeInit(initialParameters());
  await folder.writeLevelMask(0, maskOf(0));
  await folder.finishLevel({ record: levelRecord(), timing: { level: 0, wallMs: 12.5 }, next: maskOf(1) });
  await folder.finishLevel({ record: levelRecord({ level: 1 }), timing: { level: 1, wallMs: 13 } });
  await folder.writeOutcome({ outcome: "interconnected" });
  const sum = async (name: string) => sha256(await readFile(inFolder(name)));
  const lines = (await readFile(inFolder("levels.jsonl"), "utf8")).trimEnd().split("\n");
  const text = await readFile(inFolder("run.json"), "utf8");
  const own = /,\n {2}"sha256": "([0-9a-f]{64})"(?=\n}\n$)/.exec(text);
  const others = text.replace(own?.[0] ?? "", "");
  expect(await sha256(others)).toBe(own?.[1]);
  expect(others).toBe(
    `${JSON.stringify(
      {
        format: 3,
        name: "moons",
        specHash: hash,
        seed: 0,
        executor: "tiled, adapter A",
        spec: { base: [4, 8, 2], patience: 30, rate: 0.32 },
        tasks,
        coverage: "output",
        program,
        finished: 2,
        outcome: { outcome: "interconnected" },
        checksums: {
          "init.safetensors": await sum("init.safetensors"),
          "level-00.safetensors": await sum("level-00.safetensors"),
          "level-01.safetensors": await sum("level-01.safetensors"),
          "levels.jsonl": await sum("levels.jsonl"),
        },
        lines: { "levels.jsonl": await Promise.all(lines.map(async (line) => (await sha256(line)).slice(0, 16))) },
      },
      null,
      2,
    )}\n`,
  );
  expect(await readFile(inFolder("timings.jsonl"), "utf8")).toBe(
    '{"level":0,"wallMs":12.5}\n{"level":1,"wallMs":13}\n',
  );
  const back = await readRunFolder(nodeFiles, inFolder("."));
  expect(await back.readTimings()).toEqual({
    timings: [
      { level: 0, wallMs: 12.5 },
      { level: 1, wallMs: 13 },
    ],
    damaged: [],
    repeated: [],
  });
  expect(back.record.outcome).toEqual({ outcome: "interconnected" });
  expect((await open()).record).toEqual(back.record);
});

test("damaged lines of times are passed over, and mended with the next level; no level is there twice", async () => {
  const folder = await open();
  await writeFile(
    inFolder("timings.jsonl"),
    'null\n{"level":0,"elapsedMs":1}\n{"lev\n7\n{"level":0,"elapsedMs":2}\n{"elapsedMs":3}\n{"level":1}\n{"level":2,"elapsedMs":"x"}\n',
  );
  expect(await folder.readTimings()).toEqual({
    timings: [{ level: 0, elapsedMs: 2 }, { level: 1 }],
    damaged: [1, 3, 4, 6, 8],
    repeated: [0],
  });
  await folder.finishLevel({ record: levelRecord(), timing: { level: 0, elapsedMs: 4 }, next: maskOf(1) });
  expect(await readFile(inFolder("timings.jsonl"), "utf8")).toBe('{"level":0,"elapsedMs":4}\n');
});

describe("run.json of another version", () => {
  const old = { name: "moons", specHash: hash, seed: 0, executor: "tiled, adapter A", spec };
  const written = async () => JSON.parse(await readFile(inFolder("run.json"), "utf8"));

  test("without a format is read as format 1, and says everything once the run goes on", async () => {
    await put(old);
    const { record } = await readRunFolder(nodeFiles, inFolder("."));
    expect(record).toEqual({ ...old, format: 1 });
    const folder = await open();
    expect(await written()).toEqual({ ...old, format: 2, tasks, coverage: "output" });
    await folder.keepLevels(0);
    expect(await written()).toMatchObject({ format: 3, program, finished: 0, checksums: {} });
    await folder.writeLevelMask(0, maskOf(0));
    await folder.finishLevel({ record: levelRecord(), timing: { level: 0 } });
    await folder.writeOutcome({ outcome: "interconnected" });
    expect(await written()).toMatchObject({ format: 3, tasks, outcome: { outcome: "interconnected" } });
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
    const openWith = (more: object) => openRunFolder(nodeFiles, root, { ...run, program, ...more });
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
    await put({ format: 4, runs: [] });
    const refusal = new InputError(
      `${inFolder("run.json")}: format 4 was made by a newer version, this one reads up to format 3; update split-ticket`,
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
    const elsewhere = { ...run, program, executor: "cpu, CPU twins" };
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
    await expect(openRunFolder(nodeFiles, `${root}/file`, { ...run, program })).rejects.toThrow(
      `cannot write ${root}/file/moons-${hash}/seed-0: a part of the path is a file`,
    );
  });

  test("an unfinished run in a place that has become read-only, but not a finished one", async () => {
    const readOnly = {
      ...nodeFiles,
      write: (path: string) => Promise.reject(new InputError(`cannot write ${path}: read-only`)),
    };
    const reopen = () => openRunFolder(readOnly, root, { ...run, program });
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

  test("a folder whose run.json is of another seed by its content, or was changed by a character", async () => {
    await open();
    const text = await readFile(inFolder("run.json"), "utf8");
    const { sha256: _, ...record } = JSON.parse(text);
    for (const changedText of [
      text.replace("1.2.3", "1.2.4"),
      text.replace(/"sha256": "./, '"sha256": "x'),
      `${JSON.stringify({ ...record, finished: 1, sha256: "" }, null, 2)}\n`,
    ]) {
      await writeFile(inFolder("run.json"), changedText);
      await expect(open()).rejects.toThrow(
        new InputError(
          `${inFolder("run.json")}: it is not what the run wrote, by its own checksum; restore the file or remove the run folder`,
        ),
      );
    }
    await writeFile(inFolder("run.json"), JSON.stringify(record));
    await expect(open()).rejects.toThrow("field sha256: ");
  });

  test("numbers of levels and weights that no run has, before lists of them are made", async () => {
    const others: [string, object][] = [
      ["finished", { finished: 10 ** 9 }],
      ["outcome.levels", { outcome: { outcome: "separated", levels: 10 ** 9 } }],
      ["spec.remaining", { spec: { ...spec, remaining: Array(1002).fill(1) } }],
      ["spec.shape", { spec: { ...spec, shape: Array(900).fill(65535) } }],
      ["spec.extension.base", { spec: { ...spec, extension: { base: [65535, 65535], level: 0, rate: 0.5 } } }],
    ];
    for (const [field, other] of others) {
      await put({ ...run, format: 2, ...other });
      await expect(open(), field).rejects.toThrow(`run.json: field ${field}: `);
    }
  });

  test("lists within lists that would take a hundred times the memory of the file if they were indented", async () => {
    await open();
    const { sha256: _, ...record } = JSON.parse(await readFile(inFolder("run.json"), "utf8"));
    const nested = `${"[".repeat(95)}${"0,".repeat(3_000_000)}0${"]".repeat(95)}`;
    await writeFile(inFolder("run.json"), `${JSON.stringify({ ...record, sha256: "" }).slice(0, -1)},"x":${nested}}`);
    await expect(open()).rejects.toThrow("run.json: it is not what the run wrote, by its own checksum");
  });

  test("a text larger than is read: what follows counts as changed", async () => {
    const files = new MemoryFiles([["f", new TextEncoder().encode("abcdef")]]);
    expect(await readText(files, "f", 4)).toBe("abcd");
    expect(await readText(files, "f")).toBe("abcdef");
  });

  test("a checksum of a file outside of the folder", async () => {
    await put({ ...run, format: 2, outcome: { outcome: "separated" }, checksums: { "../../../etc/hosts": "" } });
    await expect(open()).rejects.toThrow("run.json: field checksums");
  });

  test("a damaged run.json, or a damaged levels.jsonl without checksums, by file, line and field", async () => {
    await put({ ...run, format: 2 });
    const folder = await readRunFolder(nodeFiles, inFolder("."));
    const line = `${JSON.stringify(levelRecord())}\n`;
    await writeFile(inFolder("levels.jsonl"), line + line);
    const place = `${inFolder("./levels.jsonl")}, line 2`;
    const problem = `${place}: level 0 stands where level 1 belongs; restore the file or remove the run folder`;
    await expect(folder.finishedLevels()).rejects.toThrow(new InputError(problem));
    expect(await folder.readableLevels()).toEqual({
      levels: [levelRecord()],
      finished: 2,
      damage: { file: "levels.jsonl", line: 2, problem: `is damaged (${problem})`, level: 1 },
    });
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

  const finish = (folder: RunFolder, level: number, loss: number, next?: Mask) =>
    folder.finishLevel({ record: levelRecord({ level }), curves: curvesOf(level, loss), timing: { level }, next });

  test("are a line a level, replaced where the run stopped before the level was finished", async () => {
    const folder = await open();
    expect(await folder.readCurves()).toEqual([]);
    // A stop after the curves of level 0.
    await writeFile(inFolder("curves.jsonl"), `${line(0, 0.125)}\n`);
    expect(await folder.readCurves()).toEqual([]);
    await finish(folder, 0, 0.25, maskOf(1));
    await writeFile(inFolder("curves.jsonl"), `${line(0, 0.25)}\n${line(1, 3)}\n`);
    expect(await folder.readCurves()).toEqual([curvesOf(0, 0.25)]);
    await finish(folder, 1, 0.75);
    expect(await readFile(inFolder("curves.jsonl"), "utf8")).toBe(`${line(0, 0.25)}\n${line(1, 0.75)}\n`);
    expect(await (await readRunFolder(nodeFiles, inFolder("."))).readCurves()).toEqual([
      curvesOf(0, 0.25),
      curvesOf(1, 0.75),
    ]);
    await folder.writeOutcome({ outcome: "interconnected" });
    expect(Object.keys(folder.record.checksums ?? {})).toContain("curves.jsonl");
  });

  test.each([
    ["{", "the line is not JSON"],
    [line(0, 1).replace("[1,1]", '"1"'), "field trainLoss: "],
    [line(3, 1), "level 3 stands where level 0 belongs"],
  ])("that are damaged and have no checksums are named: %s", async (damaged, reason) => {
    await put({ ...run, format: 2 });
    await writeFile(inFolder("levels.jsonl"), `${JSON.stringify(levelRecord())}\n`);
    await writeFile(inFolder("curves.jsonl"), `${damaged}\n`);
    const reading = (await readRunFolder(nodeFiles, inFolder("."))).readCurves();
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(`seed-0/./curves.jsonl, line 1: ${reason}`);
    await expect(reading).rejects.toThrow("restore the file or remove the run folder");
  });
});

test("checksums name files of the run and nothing outside of its folder", async () => {
  await nodeFiles.makeFolder(inFolder("."));
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

describe("reading", () => {
  const gone = "by the checksums in run.json; restore the file, or give the run's command again, which makes it again";

  /** A run of two levels with curves. */
  async function whole(): Promise<void> {
    const folder = await open({ ...spec, keepCurves: true });
    await folder.writeInit(initialParameters());
    await folder.writeLevelMask(0, maskOf(0));
    const curves = { level: 0, trainLoss: [1], valLoss: [1], valAccuracy: {}, valBalancedAccuracy: {} };
    await folder.finishLevel({ record: levelRecord(), timing: { level: 0 }, curves, next: maskOf(1) });
    await folder.finishLevel({
      record: levelRecord({ level: 1 }),
      timing: { level: 1 },
      curves: { ...curves, level: 1 },
    });
    await folder.writeOutcome({ outcome: "interconnected" });
  }
  const read = () => readRunFolder(nodeFiles, inFolder("").slice(0, -1));

  test("refuses a file that is not what the run wrote, by its name", async () => {
    await whole();
    await writeFile(inFolder("level-01.safetensors"), await readFile(inFolder("level-00.safetensors")));
    await rm(inFolder("init.safetensors"));
    const lines = await readFile(inFolder("levels.jsonl"), "utf8");
    await writeFile(inFolder("levels.jsonl"), lines.replace('"level":1', '"level":2'));
    await writeFile(inFolder("curves.jsonl"), "");
    const folder = await read();
    for (const [reading, problem] of [
      [() => folder.readLevelMask(1), "level-01.safetensors is not what the run wrote"],
      [() => folder.readInit(), "init.safetensors is missing"],
      [() => folder.finishedLevels(), "levels.jsonl, line 2 is not what the run wrote"],
      [() => folder.readCurves(), "curves.jsonl is empty"],
    ] as const) {
      await expect(reading()).rejects.toThrow(new InputError(`${folder.path}/${problem}, ${gone}`));
    }
    expect((await folder.readLevelMask(0))?.words).toEqual(maskOf(0).words);
    expect((await folder.damages()).map(({ file, line, level }) => [file, line, level])).toEqual([
      ["curves.jsonl", undefined, 0],
      ["init.safetensors", undefined, undefined],
      ["level-01.safetensors", undefined, 0],
      ["levels.jsonl", 2, 1],
    ]);
  });

  test.each([
    ["", "is empty", 0],
    ["%", "line 1 is not what the run wrote", 0],
    ["cut", "line 2 is not what the run wrote", 1],
    ["first", "line 2 is missing", 1],
    // All lines are whole: nothing is to be trained.
    ["no end", "is not what the run wrote", undefined],
    ["more", "is not what the run wrote", undefined],
    ["mark", "line 1 is not what the run wrote", 0],
  ])("names what is wrong with levels.jsonl: %s", async (kind, problem, level) => {
    await whole();
    const text = await readFile(inFolder("levels.jsonl"), "utf8");
    const first = `${text.split("\n")[0]}\n`;
    const kinds: Record<string, string> = {
      ...{ cut: text.slice(0, -9), first, "no end": text.slice(0, -1), more: `${text}${first}`, mark: `\uFEFF${text}` },
    };
    await writeFile(inFolder("levels.jsonl"), kinds[kind] ?? kind.repeat(99));
    const [damage, ...others] = await (await read()).damages();
    expect(others).toEqual([]);
    expect(`${damage.line === undefined ? "" : `line ${damage.line} `}${damage.problem}`).toBe(problem);
    expect(damage.level).toBe(level);
  });
});

describe("a program that trains otherwise", () => {
  const other = { version: "2.0.0", numeric: 2, kernels: "fedcba9876543210" };
  const openBy = (by: typeof program, allowOtherVersion = false) =>
    openRunFolder(nodeFiles, root, { ...run, program: by }, { allowOtherVersion });
  async function firstLevel(): Promise<void> {
    const folder = await openBy(program);
    await folder.writeInit(initialParameters());
    await folder.writeLevelMask(0, maskOf(0));
    await folder.finishLevel({ record: levelRecord(), timing: { level: 0 }, next: maskOf(1) });
  }

  test("is refused by both names, unless it is asked for, and then both are stored", async () => {
    await firstLevel();
    await expect(openBy(other)).rejects.toThrow(
      new InputError(
        `${root}/moons-${hash}/seed-0: its levels were trained by split-ticket 1.2.3 (numerics 1, kernels 0123456789abcdef), this is split-ticket 2.0.0 (numerics 2, kernels fedcba9876543210), which trains otherwise; go on with that version, choose another --out folder, or give --allow-other-version to go on with this one`,
      ),
    );
    const folder = await openBy(other, true);
    expect(folder.record).toMatchObject({ program: other, former: [{ levels: 1, program }] });
    await folder.finishLevel({ record: levelRecord({ level: 1 }), timing: { level: 1 }, next: maskOf(2) });
    expect((await openBy(other)).record).toMatchObject({ program: other, former: [{ levels: 1, program }] });
    await expect(openBy(program)).rejects.toThrow("were trained by split-ticket 2.0.0");
    const third = await openBy({ ...program, numeric: 3 }, true);
    expect(third.record.former).toEqual([
      { levels: 1, program },
      { levels: 2, program: other },
    ]);
    await third.keepLevels(1);
    expect((await readRunFolder(nodeFiles, third.path)).record.former).toEqual([{ levels: 1, program }]);
  });

  test("goes on where no level is finished, and another version that trains alike always", async () => {
    await openBy(program);
    expect((await openBy(other)).record.program).toEqual(other);
    await rm(`${root}/moons-${hash}`, { recursive: true });
    await firstLevel();
    expect((await openBy({ ...program, version: "1.2.4" })).record).toMatchObject({ program });
  });
});
