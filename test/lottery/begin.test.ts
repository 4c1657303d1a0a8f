import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Contents, differingFiles, TinyRuns } from "../../bench/damage/tiny_runs.ts";
import { maskProblem, recordProblem } from "../../src/lottery/check_levels.ts";
import { damagedText } from "../../src/lottery/damaged_text.ts";
import { Mask } from "../../src/mask/mask.ts";
import type { MemoryFiles } from "../../src/store/memory.ts";
import { readRunFolder } from "../../src/store/open_run.ts";
import { formatRunRecord, type RunRecord } from "../../src/store/run_record.ts";

const seed = 3;
let runs: TinyRuns;
let whole: Contents;
let path: string;
beforeAll(async () => {
  runs = await TinyRuns.open();
  whole = await runs.contents(await runs.filesAfter(4, seed), seed);
  path = await runs.path(seed);
});
afterAll(() => runs.close());

const text = async (files: MemoryFiles, name: string) => new TextDecoder().decode(await files.read(`${path}/${name}`));

/** Runs the seed from the files to its end: what it said of damage, and the levels that it trained. */
async function end(files: MemoryFiles) {
  const said: string[] = [];
  const trained: number[] = [];
  await runs.run(files, seed, (event) => {
    if (event.kind === "damaged") said.push(damagedText(event));
    if (event.kind === "start") trained.push(event.level);
  });
  return { said, trained };
}

describe("damage is told in one line, and only what it needs is trained again", () => {
  it.each([
    [3, "init.safetensors", "init.safetensors is missing; written again, all 3 levels are kept", [3]],
    [3, "level-00.safetensors", "level-00.safetensors is missing; written again, all 3 levels are kept", [3]],
    // The mask of level 3 comes from level 2.
    [
      3,
      "level-03.safetensors",
      "level-03.safetensors is missing; levels 0 to 1 are kept, level 2 is trained again",
      [2, 3],
    ],
    [3, "level-01.safetensors", "level-01.safetensors is missing; all 3 levels are trained again", [0, 1, 2, 3]],
    [
      4,
      "level-02.safetensors",
      "level-02.safetensors is missing; level 0 is kept, levels 1 to 3 are trained again",
      [1, 2, 3],
    ],
    [1, "levels.jsonl", "levels.jsonl is missing; level 0 is trained again", [0, 1, 2, 3]],
    [4, "init.safetensors", "init.safetensors is missing; written again, all 4 levels are kept", []],
  ])("after %i levels without %s", async (levels, name, line, trained) => {
    const files = await runs.filesAfter(levels, seed);
    await files.remove(`${path}/${name}`);
    expect(await end(files)).toEqual({ said: [`damaged: ${line}`], trained });
    expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
    expect(await end(files)).toEqual({ said: [], trained: [] });
  });

  it("names the line of an edited number and keeps the levels before it", async () => {
    const files = await runs.filesAfter(4, seed);
    const lines = (await text(files, "levels.jsonl")).split("\n");
    lines[2] = lines[2].replace('"steps":', '"steps":1');
    await files.write(`${path}/levels.jsonl`, lines.join("\n"));
    expect(await end(files)).toEqual({
      said: [
        "damaged: levels.jsonl, line 3 is not what the run wrote; levels 0 to 1 are kept, levels 2 to 3 are trained again",
      ],
      trained: [2, 3],
    });
    expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
  });

  it("names the first four of many files", async () => {
    const files = await runs.filesAfter(4, seed);
    for (const name of await files.list(path)) if (name !== "run.json") await files.write(`${path}/${name}`, "");
    expect((await end(files)).said).toEqual([
      "damaged: init.safetensors is empty, level-00.safetensors is empty, level-01.safetensors is empty, level-02.safetensors is empty and 2 more problems; all 4 levels are trained again",
    ]);
    expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
  });
});

describe("a run whose files were sealed by another's content", () => {
  it("begins anew where its initial weights were others", async () => {
    const files = await runs.filesAfter(2, seed);
    const other = await runs.filesAfter(2, seed + 1);
    // As if another program had drawn them, and sealed them.
    const record = JSON.parse(await text(files, "run.json"));
    const theirs = await readRunFolder(other, await runs.path(seed + 1));
    await files.write(`${path}/init.safetensors`, await other.read(`${theirs.path}/init.safetensors`));
    record.checksums["init.safetensors"] = theirs.record.checksums?.["init.safetensors"];
    await writeRecord(files, record);
    expect(await end(files)).toEqual({
      said: ["damaged: init.safetensors does not hold the initial weights of this run; all 2 levels are trained again"],
      trained: [0, 1, 2, 3],
    });
    expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
  });
});

/** Writes a record of any content with a right checksum of its own. */
async function writeRecord(files: MemoryFiles, content: object): Promise<void> {
  const { sha256: _, ...record } = content as RunRecord & { readonly sha256: string };
  await files.write(`${path}/run.json`, await formatRunRecord(record));
}

describe("a damaged run whose levels another program trained", () => {
  it("is refused by what is damaged and by both programs", async () => {
    const files = await runs.filesAfter(4, seed);
    const record = JSON.parse(await text(files, "run.json"));
    await writeRecord(files, { ...record, program: { version: "0.9.0", numeric: 0, kernels: "" } });
    // Whole, it is only read.
    expect(await end(files)).toEqual({ said: [], trained: [] });
    await files.remove(`${path}/level-02.safetensors`);
    const before = await runs.contents(files, seed);
    await expect(end(files)).rejects.toThrow(
      /^runs\/tiny-\w+\/seed-3: its levels were trained by split-ticket 0\.9\.0 .*; damaged: level-02\.safetensors is missing$/,
    );
    expect(differingFiles(await runs.contents(files, seed), before)).toEqual([]);
  });
});

describe("an unfinished run of an older version, without checksums", () => {
  async function older(levels = 3): Promise<MemoryFiles> {
    const files = await runs.filesAfter(levels, seed);
    const {
      program: _,
      finished: __,
      checksums: ___,
      lines: ____,
      sha256: _____,
      ...record
    } = JSON.parse(await text(files, "run.json"));
    await files.write(`${path}/run.json`, JSON.stringify({ ...record, format: 2 }));
    return files;
  }

  /** Without what tells that an older version began the run. */
  const withoutFormer = async (files: MemoryFiles) => {
    const { former, ...record } = JSON.parse(await text(files, "run.json"));
    await writeRecord(files, record);
    return former;
  };

  it("goes on to the same bytes, and stores of which levels it had no checksums", async () => {
    const files = await older();
    expect(await end(files)).toEqual({ said: [], trained: [3] });
    expect(await withoutFormer(files)).toEqual([{ levels: 3 }]);
    expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
  });

  it.each([
    [
      "a missing mask",
      "level-03.safetensors",
      undefined,
      "level-03.safetensors is missing; levels 0 to 1 are kept, level 2 is trained again",
      2,
    ],
    [
      "a missing earlier mask",
      "level-02.safetensors",
      undefined,
      "level-02.safetensors is missing; level 0 is kept, levels 1 to 2 are trained again",
      1,
    ],
    [
      "the mask of another level",
      "level-02.safetensors",
      "level-01.safetensors",
      "level-02.safetensors keeps 25 weights, level 2 has 18; level 0 is kept, levels 1 to 2 are trained again",
      1,
    ],
    [
      "a mask that is no file of masks",
      "level-02.safetensors",
      "levels.jsonl",
      /^damaged: level-02\.safetensors is no mask \(.*\); level 0 is kept, levels 1 to 2 are trained again$/,
      1,
    ],
    [
      "missing initial weights",
      "init.safetensors",
      undefined,
      "init.safetensors is missing; written again, all 3 levels are kept",
      3,
    ],
  ])("finds %s", async (_name, file, content, line, first) => {
    const files = await older();
    if (content === undefined) await files.remove(`${path}/${file}`);
    else await files.write(`${path}/${file}`, await files.read(`${path}/${content}`));
    const { said, trained } = await end(files);
    if (typeof line === "string") expect(said).toEqual([`damaged: ${line}`]);
    else expect(said[0]).toMatch(line);
    expect(trained[0]).toBe(first);
    await withoutFormer(files);
    expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
  });

  it("finds masks of another seed, initial weights of another seed, and records that their masks contradict", async () => {
    const other = await runs.filesAfter(3, seed + 1);
    const theirs = await runs.path(seed + 1);
    const masks = await older();
    await masks.write(`${path}/level-02.safetensors`, await other.read(`${theirs}/level-02.safetensors`));
    expect((await end(masks)).said[0]).toMatch(
      /level-02\.safetensors keeps weights that level 1 has pruned; level 0 is kept/,
    );
    const initial = await older();
    await initial.write(`${path}/init.safetensors`, await other.read(`${theirs}/init.safetensors`));
    expect(await end(initial)).toEqual({
      said: ["damaged: init.safetensors does not hold the initial weights of this run; all 3 levels are trained again"],
      trained: [0, 1, 2, 3],
    });
    const records = await older();
    const lines = (await text(records, "levels.jsonl")).replace('"remaining":25', '"remaining":24');
    await records.write(`${path}/levels.jsonl`, lines);
    expect(await end(records)).toMatchObject({
      said: [
        "damaged: levels.jsonl, line 2 has remaining 24, the level's mask gives 25; level 0 is kept, levels 1 to 2 are trained again",
      ],
      trained: [1, 2, 3],
    });
    const torn = await older();
    await torn.write(`${path}/levels.jsonl`, (await text(torn, "levels.jsonl")).slice(0, -9));
    expect((await end(torn)).said[0]).toMatch(
      /^damaged: levels\.jsonl, line 3 is damaged \(.*not JSON.*\); levels 0 to 1/,
    );
    for (const files of [masks, initial, records, torn]) {
      await withoutFormer(files);
      expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
    }
  });

  it("that has ended is believed by its checksums, and trained again where it has none that tell of a level", async () => {
    const files = await runs.filesAfter(4, seed);
    const { program: _, finished: __, lines: ___, sha256: ____, ...record } = JSON.parse(await text(files, "run.json"));
    await files.write(`${path}/run.json`, JSON.stringify({ ...record, format: 2 }));
    expect(await end(files)).toEqual({ said: [], trained: [] });
    await files.write(`${path}/levels.jsonl`, (await text(files, "levels.jsonl")).replace('"steps":', '"steps":1'));
    expect(await end(files)).toEqual({
      said: ["damaged: levels.jsonl is not what the run wrote; all 4 levels are trained again"],
      trained: [0, 1, 2, 3],
    });
    expect(differingFiles(await runs.contents(files, seed), whole)).toEqual([]);
  });
});

describe("a level's mask and record", () => {
  it("are held against the spec, the mask before, and the analysis", async () => {
    const planned = { shape: [2, 2], remaining: [4, 3] };
    const [full, one, other] = [Mask.full([2, 2]), Mask.full([2, 2]), Mask.full([2, 2])];
    one.set(0, 0, 0, false);
    other.set(0, 1, 1, false);
    expect(maskProblem(full, 0, planned, undefined)).toBeUndefined();
    expect(maskProblem(one, 1, planned, full)).toBeUndefined();
    expect(maskProblem(one, 1, planned, other)).toBe("keeps weights that level 0 has pruned");
    expect(maskProblem(full, 1, planned, full)).toBe("keeps 4 weights, level 1 has 3");
    expect(maskProblem(Mask.full([4, 1]), 0, planned, undefined)).toBe(
      "holds a network of (4,1), the run trains (2,2)",
    );

    const folder = await readRunFolder(await runs.filesAfter(4, seed), path);
    const records = await folder.finishedLevels();
    const mask = (await folder.readLevelMask(3)) as Mask;
    const { tasks, coverage } = runs.dataset;
    expect(recordProblem(records[3], mask, tasks, coverage)).toBeUndefined();
    const { unusedInputs: _, unusedColumns: __, ...former } = records[3];
    expect(recordProblem(former, mask, tasks, coverage)).toBeUndefined();
    const zombie = records[3].weights.zombie + 1;
    expect(recordProblem({ ...records[3], weights: { ...records[3].weights, zombie } }, mask, tasks, coverage)).toMatch(
      /^has weights \{.*\}, the level's mask gives \{.*\}$/,
    );
  });
});
