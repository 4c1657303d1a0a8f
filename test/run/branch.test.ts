import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawnSeed } from "../../src/lottery/branch/start.ts";
import {
  type BranchOptions,
  branch,
  branchKinds,
  type GridInput,
  type LevelRecord,
  type Mask,
  nodeFiles,
  type RunMessage,
  readRunFolder,
  readStoredRun,
  run,
  stability,
  verifyRun,
} from "../../src/node.ts";
import type { RunFolder } from "../../src/store/run_folder.ts";

let root: string;
/** Folder with the runs of two seeds. */
let source: string;
const keys = {
  dataset: "moons-circles",
  samples: 200,
  base: [4, 8, 8, 2],
  extension: 3,
  rate: 0.32,
  maxEpochs: 6,
  lr: 0.02,
};
const cpu = { device: "cpu" } as const;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-branch-"));
  const { experiments } = await run({ ...keys, seeds: [0, 1] }, { ...cpu, out: join(root, "runs") });
  source = String(experiments[0].folder);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const out = (name: string) => join(root, name);
const seed = (number: number) => `${source}/seed-${number}`;

/** All files below a folder except times, by path, as base64. */
function contents(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => statSync(join(folder, path)).isFile() && !path.endsWith("timings.jsonl"),
  );
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "base64")]));
}

async function masksOf(folder: RunFolder, levels: readonly number[]): Promise<Mask[]> {
  const masks: Mask[] = [];
  for (const level of levels) masks.push((await folder.readLevelMask(level)) as Mask);
  return masks;
}

/** What a level came to, without what names it. */
const trainingOf = ({ level: _, sourceLevel: __, ...record }: LevelRecord) => record;

describe("one-shot branches", () => {
  const pruning = { base: undefined, extension: undefined, shape: [4, 10, 10, 2], rate: 0.4, keepTrained: true };
  const layered: Partial<GridInput> = { scope: "layer", layerRates: [1, 1, 0.5] };
  const global: Partial<GridInput> = { layerRates: [1, 1, 0], criterion: "lamp", initSeed: 9 };

  it.each([
    ["by layer rates", layered],
    ["with a whole layer, by another criterion", global],
  ])("have masks and levels of a run that prunes once to their size, %s", async (name, own) => {
    const spec = { ...keys, ...pruning, ...own, levels: 3, seeds: [2] };
    const { experiments } = await run(spec, { ...cpu, out: out(name) });
    const { levels } = experiments[0].runs[0];
    const { sources } = await branch(String(experiments[0].folder), { kinds: ["one-shot"], levels: [1, 3] });
    const branched = sources[0].branches.find(({ kind }) => kind === "one-shot");
    const stored = await readRunFolder(nodeFiles, String(branched?.folder));
    expect(await verifyRun(nodeFiles, stored.path)).toMatchObject({ problems: [] });
    for (const [index, level] of [1, 3].entries()) {
      const once = { ...spec, rate: undefined, levels: 1, target: levels[level].remaining };
      const single = await run(once, { ...cpu, out: out(`${name} once ${level}`) });
      const folder = await readRunFolder(nodeFiles, `${single.experiments[0].folder}/seed-2`);
      expect((await stored.readLevelMask(index))?.words).toEqual((await folder.readLevelMask(1))?.words);
    }
    // Level 1 is a single pruning anyway.
    expect(branched?.levels[0].valLoss).toBe(levels[1].valLoss);
    expect(branched?.levels[1].valLoss).not.toBe(levels[3].valLoss);
  });

  it("need trained weights, and a criterion without gradients", async () => {
    const once = { kinds: ["one-shot"], out: out("none") };
    await expect(branch(seed(0), once)).rejects.toThrow(
      `one-shot: ${seed(0)} stores no trained weights, which it prunes; give a run with keepTrained=true`,
    );
    const spec = { ...keys, ...pruning, levels: 1, maxEpochs: 1, criterion: "gradient-saliency" };
    const { experiments } = await run(spec, { ...cpu, out: out("saliency") });
    await expect(branch(String(experiments[0].folder), once)).rejects.toThrow(
      "one-shot: criterion gradient-saliency of run needs gradients, which are not stored; give a run with another, or run its spec with levels=1",
    );
  });
});

describe("branches of two runs", () => {
  const kinds = branchKinds.names.filter((name) => !["data", "transplant", "one-shot"].includes(name));
  let result: Awaited<ReturnType<typeof branch>>;
  beforeAll(async () => {
    result = await branch(source, { kinds, levels: [1, 3], seeds: [0, 1], out: out("branches") });
  });

  it("train the given levels of each run, once for each branch seed where the kind uses one", () => {
    expect(result.sources.map(({ path }) => path)).toEqual([seed(0), seed(1)]);
    for (const { levels, branches } of result.sources) {
      const counts = [levels[1].remaining, levels[3].remaining];
      expect(branches.map(({ kind, branchSeed }) => `${kind} ${branchSeed}`)).toEqual(
        kinds.flatMap((kind) => (branchKinds.get(kind).usesSeed ? [`${kind} 0`, `${kind} 1`] : [`${kind} undefined`])),
      );
      for (const branch of branches) {
        expect(branch.levels.map(({ level, sourceLevel, remaining }) => [level, sourceLevel, remaining])).toEqual([
          [0, 1, counts[0]],
          [1, 3, counts[1]],
        ]);
      }
    }
  });

  it("give the ticket again to the same numbers, and every other kind to others", () => {
    for (const { levels, branches } of result.sources) {
      const wanted = [levels[1], levels[3]].map(trainingOf);
      for (const { kind, levels: trained } of branches) {
        if (kind === "ticket") expect(trained.map(trainingOf)).toEqual(wanted);
        else expect(trained.map(({ valLoss }) => valLoss)).not.toContain(wanted[0].valLoss);
      }
    }
    const losses = result.sources.flatMap(({ branches }) => branches.flatMap(({ levels }) => levels[0].valLoss));
    expect(new Set(losses).size).toBe(losses.length);
  });

  it("change what their kind says and nothing else: masks, start weights, order", async () => {
    const [{ branches }] = result.sources;
    const own = await readRunFolder(nodeFiles, seed(0));
    const [tickets, original] = [await masksOf(own, [1, 3]), await own.readInit()];
    for (const { kind, folder } of branches) {
      const stored = await readRunFolder(nodeFiles, String(folder));
      const sameMasks = (await masksOf(stored, [0, 1])).map((mask, i) => mask.words.join() === tickets[i].words.join());
      const changesMask = branchKinds.get(kind).mask !== undefined;
      expect([kind, sameMasks]).toEqual([kind, [!changesMask, !changesMask]]);
      const sameStart = (await stored.readInit())?.values.join() === original?.values.join();
      expect([kind, sameStart]).toEqual([kind, branchKinds.get(kind).start === undefined]);
    }
  });

  it("of a run that prunes biases have as many of them as its tickets, and the ticket gives the same numbers", async () => {
    const { experiments } = await run(
      { ...keys, prunable: "parameters", seeds: [0] },
      { ...cpu, out: join(root, "parameters") },
    );
    const kinds = ["shuffled", "random-mask", "inverted"];
    const own = String(experiments[0].folder);
    const { sources } = await branch(own, { kinds, levels: [1, 3], seeds: [0], out: out("biases") });
    const [{ levels, branches }] = sources;
    const left = ({ biases }: LevelRecord) => 18 + 16 - (biases?.pruned ?? 0);
    expect(levels.map((record) => record.remaining + left(record))).toEqual([386, 275, 182, 130]);
    for (const { kind, levels: trained, folder } of branches) {
      if (kind === "ticket") expect(trained.map(trainingOf)).toEqual([levels[1], levels[3]].map(trainingOf));
      expect(trained.map((record) => [record.remaining, left(record)])).toEqual(
        [levels[1], levels[3]].map((record) => [record.remaining, left(record)]),
      );
      expect((await verifyRun(nodeFiles, String(folder))).problems).toEqual([]);
    }
    await expect(branch(own, { kinds: ["transplant"], levels: [3], from: seed(1), out: null })).rejects.toThrow(
      /: level 3 keeps 112 weights, that of .+ keeps \d+ weights and \d+ biases; give a run with the same counts$/,
    );
  });

  it("order: the order of samples that a run of the drawn seed has", async () => {
    const orderSeed = drawnSeed(0, 1, "order");
    const { experiments } = await run({ ...keys, orderSeed, seeds: [0] }, { ...cpu, out: null });
    const [wanted] = experiments[0].runs[0].levels;
    const { sources } = await branch(seed(0), { kinds: ["order"], levels: [0], seeds: [1], out: out("ordered") });
    const [ticket, order] = sources[0].branches;
    expect(order.levels.map(trainingOf)).toEqual([trainingOf(wanted)]);
    expect(ticket.levels.map(trainingOf)).toEqual([trainingOf(sources[0].levels[0])]);
  });

  it("are judged against the dense network of their run", () => {
    let [wins, otherwise] = [0, 0];
    for (const { levels, branches } of result.sources) {
      const holds = (
        { valAccuracy, valBalancedAccuracy = {}, lost = [] }: LevelRecord,
        { valAccuracy: before, valBalancedAccuracy: balanced = {} }: LevelRecord,
      ) =>
        lost.length === 0 &&
        Object.keys(before).every(
          (task) =>
            valAccuracy[task] >= before[task] - 0.01 - 1e-9 &&
            valBalancedAccuracy[task] >= balanced[task] - 0.01 - 1e-9,
        );
      for (const branch of branches) {
        for (const record of branch.levels) {
          expect(record.winning).toBe(holds(record, levels[0]));
          if (record.winning) wins++;
          if (record.winning !== holds(record, branch.levels[0])) otherwise++;
        }
      }
    }
    // Some win, and some would be judged otherwise by the first level of the branch itself.
    expect(Math.min(wins, otherwise)).toBeGreaterThan(0);
  });

  it("are runs like others: verified whole, and read when the command is given again", async () => {
    const before = contents(out("branches"));
    for (const { folder } of result.sources.flatMap(({ branches }) => branches)) {
      expect(await verifyRun(nodeFiles, String(folder))).toMatchObject({ problems: [], unverified: [], ended: true });
    }
    const trained: RunMessage[] = [];
    const observe = (event: { kind: string }) => event.kind === "start" && trained.push(event as RunMessage);
    const again = await branch([seed(1), seed(0)], {
      kinds,
      levels: [3, 1, 3],
      seeds: [0, 1],
      out: out("branches"),
      observe,
    });
    expect(trained).toEqual([]);
    expect(again.sources[1].branches.map(({ levels }) => levels)).toEqual(
      result.sources[0].branches.map(({ levels }) => levels),
    );
    expect(contents(out("branches"))).toEqual(before);
  });

  it("go on after they were stopped, and make damaged files again, to the same bytes", async () => {
    const options: BranchOptions = { kinds: ["reinit", "shuffled"], levels: [1, 3], seeds: [0] };
    await branch(source, { ...options, out: out("whole") });
    const stop = new AbortController();
    let levels = 0;
    const stopped = branch(source, {
      ...{ ...options, out: out("stopped"), signal: stop.signal },
      observe: ({ kind }) => kind === "level" && ++levels === 3 && stop.abort(new Error("stopped")),
    });
    await expect(stopped).rejects.toThrow("stopped");
    expect(contents(out("stopped"))).not.toEqual(contents(out("whole")));
    await branch(source, { ...options, out: out("stopped") });
    expect(contents(out("stopped"))).toEqual(contents(out("whole")));
    const [shuffled] = readdirSync(out("stopped")).filter((name) => name.includes("-shuffled-"));
    for (const file of ["level-00.safetensors", "level-01.safetensors", "init.safetensors", "levels.jsonl"]) {
      const path = join(out("stopped"), shuffled, "seed-0", file);
      const bytes = readFileSync(path);
      bytes[bytes.length - 2] ^= 1;
      writeFileSync(path, bytes);
      const told: string[] = [];
      await branch(source, {
        ...{ ...options, out: out("stopped") },
        observe: (event) => event.kind === "damaged" && told.push(...event.problems),
      });
      expect(told.join()).toContain(file);
      expect(contents(out("stopped"))).toEqual(contents(out("whole")));
    }
  });

  it("verify finds start weights that do not follow from kind and seed", async () => {
    const [reinit] = result.sources[0].branches.filter(({ kind }) => kind === "reinit");
    const copy = out("forged");
    cpSync(String(reinit.folder), copy, { recursive: true });
    writeFileSync(join(copy, "init.safetensors"), readFileSync(join(seed(0), "init.safetensors")));
    const { problems } = await verifyRun(nodeFiles, copy);
    expect(problems.join()).toContain("init.safetensors");
  });
});

describe("branches that take something from elsewhere", () => {
  it("transplant has the masks of another run, data another dataset with its own dense network", async () => {
    writeFileSync(out("other.json"), JSON.stringify({ dataset: "moons-circles", samples: 200, dataSeed: 5, lr: 9 }));
    const notices: string[] = [];
    const { sources } = await branch(seed(0), {
      ...{ kinds: ["transplant", "data"], levels: [2], from: seed(1), data: out("other.json") },
      onStart: (plan) => notices.push(...plan.notices),
    });
    expect(notices).toContain(
      `--data ${out("other.json")}: of its keys those of the data are taken; lr as in the runs`,
    );
    const [{ branches, levels }] = sources;
    expect(branches.map(({ kind }) => kind)).toEqual(["ticket", "data", "transplant"]);
    const [, data, transplant] = branches;
    // Beside the run, since no folder is given.
    for (const { folder } of branches) expect(String(folder).startsWith(join(root, "runs", "run-"))).toBe(true);
    const [theirs] = await masksOf(await readRunFolder(nodeFiles, seed(1)), [2]);
    const [mask] = await masksOf(await readRunFolder(nodeFiles, String(transplant.folder)), [0]);
    expect(mask.words).toEqual(theirs.words);
    expect(data.levels.map(({ sourceLevel }) => sourceLevel)).toEqual([0, 2]);
    const { experiments } = await run({ ...keys, dataSeed: 5, seeds: [0] }, { ...cpu, out: null });
    // The dense network of the branch is that of a run on the other data, and wins against itself.
    const dense = trainingOf(experiments[0].runs[0].levels[0]);
    expect(trainingOf(data.levels[0])).toEqual(dense);
    expect(data.levels[0].valLoss).not.toBe(levels[0].valLoss);
    // Branches lie beside the runs now, and are passed over when all are given.
    const { sources: all } = await branch(join(root, "runs"), { kinds: ["ticket"], levels: [1], out: null });
    expect(all.map(({ path }) => path)).toEqual([seed(0), seed(1)]);
  });

  it("a run that rewinds to weights after some training is branched from there", async () => {
    const { experiments } = await run({ ...keys, rewind: "2ep", seeds: [0] }, { ...cpu, out: out("rewound") });
    const folder = `${experiments[0].folder}/seed-0`;
    const { sources } = await branch(folder, { kinds: ["same-sign"], levels: [1, 2], seeds: [0] });
    const [{ branches, levels }] = sources;
    expect(branches[0].levels.map(trainingOf)).toEqual([levels[1], levels[2]].map(trainingOf));
    for (const branch of branches) {
      expect(await verifyRun(nodeFiles, String(branch.folder))).toMatchObject({
        problems: [],
        unverified: ["initial weights by their origin: they come from weights after some training"],
      });
    }
    const trained = await run({ ...keys, rewind: "lr", seeds: [0] }, { ...cpu, out: out("rewound") });
    await expect(branch(`${trained.experiments[0].folder}/seed-0`, { kinds: ["reinit"] })).rejects.toThrow(
      "its levels start from the trained weights of the level before (rewind=lr), which no branch changes; give a run that rewinds",
    );
  });

  it("a run on a table is branched while the table is the same", async () => {
    const path = out("table.csv");
    const rows = Array.from({ length: 60 }, (_, k) => [((k * 7) % 13) / 6 - 1, ((k * 5) % 11) / 5 - 1]);
    const text = (flip: number) => rows.map(([a, b]) => [a, b, a > b ? flip : 1 - flip].join()).join("\n");
    writeFileSync(path, text(1));
    const spec = {
      dataset: path,
      tasks: "sign:2:1",
      shape: [2, 6, 1],
      levels: 2,
      rate: 0.3,
      maxEpochs: 3,
      criterion: "random",
    };
    const { experiments } = await run({ ...spec, seeds: [0] }, { ...cpu, out: out("tables") });
    const folder = `${experiments[0].folder}/seed-0`;
    const { sources } = await branch(folder, { kinds: ["shuffled"], seeds: [0] });
    expect(sources[0].branches[0].levels.map(trainingOf)).toEqual(sources[0].levels.slice(1).map(trainingOf));
    // A table in the place of a table has its tasks.
    writeFileSync(out("other.csv"), text(0));
    const other = await branch(folder, { kinds: ["data"], data: out("other.csv"), levels: [1] });
    expect(other.sources[0].branches[1].levels.map(({ valAccuracy }) => Object.keys(valAccuracy))).toEqual([
      ["sign"],
      ["sign"],
    ]);
    writeFileSync(path, text(0));
    await expect(branch(folder, { kinds: ["shuffled"], seeds: [0] })).rejects.toThrow(
      `${path}: it is not the file that ${folder} was trained on; restore that one, or give another to --data`,
    );
  });

  it("finished levels of an unfinished run can be branched, others not", async () => {
    const stop = new AbortController();
    const stopped = run(
      { ...keys, seeds: [7] },
      {
        ...{ ...cpu, out: out("unfinished"), signal: stop.signal },
        observe: ({ kind }) => kind === "level" && stop.abort(new Error("stopped")),
      },
    );
    await expect(stopped).rejects.toThrow("stopped");
    const [name] = readdirSync(out("unfinished"));
    const folder = join(out("unfinished"), name, "seed-7");
    const finished = (await readStoredRun(nodeFiles, await readRunFolder(nodeFiles, folder))).levels.length;
    await expect(branch(folder, { kinds: ["reinit"], levels: [0, 3], seeds: [0] })).rejects.toThrow(
      `${folder}: level 3 is not finished, its finished levels are ${finished === 1 ? "0 alone" : `0 to ${finished - 1}`}; give levels up to ${finished - 1}, or let the run go on`,
    );
    // A seed that is given twice is one branch.
    const { sources } = await branch(folder, { kinds: ["reinit"], levels: [0], seeds: [0, 0] });
    expect(sources[0].branches.map(({ levels }) => levels.length)).toEqual([1, 1]);
  });
});

describe("branches that cannot be taken", () => {
  it.each([
    [{ kinds: ["reint"] }, 'kind of branch "reint" is not known: give ticket, reinit, same-sign'],
    [{ kinds: ["data"] }, "data: --data is missing; give --data <a preset, a dataset or a file>"],
    [
      { kinds: ["reinit"], data: "mnist" },
      "--data is given and data is not among the kinds; add data or leave --data out",
    ],
    [{ kinds: ["transplant"] }, "transplant: --from is missing; give --from <the folder of another run>"],
    [{ kinds: ["data"], data: "minst" }, "--data minst: no preset, dataset or file is named so; give moons-circles"],
    [{ kinds: ["data"], data: "spirals" }, "does not fit dataset spirals"],
    [
      { kinds: ["shuffled"], levels: [0, 1] },
      "level 0 keeps all weights, so shuffled changes nothing there; leave level 0 out",
    ],
    [
      { kinds: ["reinit"], levels: [4] },
      "level 4 is not finished, its finished levels are 0 to 3; give levels up to 3",
    ],
    [{ kinds: ["reinit"], levels: [1.5] }, "level 1.5 is no integer from 0 to 4294967295; give one, such as 1"],
    [{ kinds: ["reinit"], seeds: [-1] }, "branch seed -1 is no integer from 0 to 4294967295; give one, such as 1"],
    [{ kinds: ["reinit"], seeds: [] }, "no branch seed is given; give one, such as 1"],
  ])("are refused in one line and write nothing: %j", async (options, message) => {
    const refused = branch(seed(0), { ...options, out: out("refused") });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow("\n");
    expect(readdirSync(root)).not.toContain("refused");
  });

  it("no run at all", async () => {
    await expect(branch([], { kinds: ["reinit"] })).rejects.toThrow("no run is given; give run folders, such as");
    await expect(stability([])).rejects.toThrow("no run is given; give run folders, such as");
  });

  it("a transplant from the run itself, or from one of other counts", async () => {
    await expect(branch(seed(0), { kinds: ["transplant"], from: seed(0) })).rejects.toThrow(
      `${seed(0)}: it is the run itself, seed 0; give the run of another seed`,
    );
    const { experiments } = await run({ ...keys, extension: 1, seeds: [0] }, { ...cpu, out: out("small") });
    await expect(branch(seed(0), { kinds: ["transplant"], from: `${experiments[0].folder}/seed-0` })).rejects.toThrow(
      /seed-0: it has \(4,10,10,2\), .*seed-0 has \(4,16,16,2\); give a run of that shape/,
    );
    await expect(branch([seed(0), `${experiments[0].folder}/seed-0`], { kinds: ["reinit"] })).rejects.toThrow(
      `its spec is not that of ${seed(0)}; give runs of one spec`,
    );
  });

  it("a branch of a branch, the run's own data, and a damaged run", async () => {
    const { sources } = await branch(seed(0), { kinds: ["ticket"], levels: [1], out: out("once") });
    const [{ folder }] = sources[0].branches;
    await expect(branch(String(folder), { kinds: ["reinit"] })).rejects.toThrow(
      `${folder}: it is a branch itself; give the run that it branches from`,
    );
    writeFileSync(out("own.json"), JSON.stringify({ dataset: "moons-circles", samples: 200 }));
    await expect(branch(seed(0), { kinds: ["data"], data: out("own.json"), levels: [1] })).rejects.toThrow(
      `--data ${out("own.json")}: it is the data of ${seed(0)}; give others, such as another dataSeed`,
    );
    const copy = out("damaged");
    cpSync(seed(0), copy, { recursive: true });
    writeFileSync(join(copy, "level-02.safetensors"), "");
    await expect(branch(copy, { kinds: ["reinit"] })).rejects.toThrow(
      `${copy}/level-02.safetensors: not what the run wrote, by the checksums in run.json; restore it, or give the run's command again`,
    );
  });
});
