import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError, StorageError } from "../../src/base/errors.ts";
import type { Files } from "../../src/base/files.ts";
import { explained } from "../../src/base/system_errors.ts";
import type { Device } from "../../src/device/device.ts";
import { openNodeDevice } from "../../src/device/node.ts";
import { levelsAtOnce } from "../../src/engine/shared/level_pump.ts";
import { type GridInput, planRun, type RunOptions, run } from "../../src/node.ts";
import { nodePlatform } from "../../src/run/node.ts";
import type { Platform } from "../../src/run/platform.ts";
import { runExperiments } from "../../src/run/run.ts";
import { nodeFiles } from "../../src/store/node.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-run-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const out = (name: string) => join(root, name);

/** All files in a folder and its subfolders except `timings.jsonl`, by path, as base64. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => statSync(join(folder, path)).isFile() && !path.endsWith("timings.jsonl"),
  );
  return Object.fromEntries(files.sort().map((path) => [path, readFileSync(join(folder, path), "base64")]));
}

describe("a disk that fills up during a run", () => {
  /** Node's files, of which a write of one name fails as a system call with a code does. */
  const failing = (name: string, code: string): Files => ({
    ...nodeFiles,
    writeAll: async (contents) => {
      const path = [...contents.keys()].find((each) => each.endsWith(name));
      if (path === undefined) return nodeFiles.writeAll(contents);
      throw explained("write", path, Object.assign(new Error(code), { code }));
    },
  });
  const given = ["moons-circles", { device: "cpu", set: { extension: 1, maxEpochs: 1 } }] as const;

  it.each(["ENOSPC", "EACCES"])("is a failure of the run (%s), and the same command continues", async (code) => {
    const [experiment, choice] = given;
    const options = { ...choice, out: out(`full-${code}`) };
    const platform = { ...nodePlatform(), files: failing("level-01.safetensors", code) };
    const { experiments } = await runExperiments(platform, experiment, options);
    expect(experiments[0].runs).toEqual([]);
    expect(experiments[0].failed).toMatchObject([{ seed: 0, kind: "storage" }]);
    expect(experiments[0].failed[0].message).toMatch(
      /^cannot write .*level-01\.safetensors: .+ \(E[A-Z]+\); the same command continues after the last finished level$/,
    );
    await run(experiment, options);
    await run(experiment, { ...choice, out: out(`never-full-${code}`) });
    expect(contents(options.out)).toEqual(contents(out(`never-full-${code}`)));
  });

  it("is refused when the run folder vanishes, which no write makes again", async () => {
    const [experiment, choice] = given;
    const options = { ...choice, out: out("vanishing") };
    const vanishing: Files = {
      ...nodeFiles,
      writeAll: async (contents) => {
        const isLevel1 = [...contents.keys()].some((path) => path.endsWith("level-01.safetensors"));
        if (isLevel1) rmSync(options.out, { recursive: true });
        return nodeFiles.writeAll(contents);
      },
    };
    const { experiments } = await runExperiments({ ...nodePlatform(), files: vanishing }, experiment, options);
    expect(experiments[0].failed).toMatchObject([{ seed: 0, kind: "storage" }]);
    expect(experiments[0].failed[0].message).toContain(
      "seed-0: the run folder has vanished while the run was in training",
    );
    expect(existsSync(options.out)).toBe(false);
  });

  it("at the start: a folder that must not be written to is bad input, a full disk is not", async () => {
    const [experiment, choice] = given;
    const options = { ...choice, out: out("full") };
    const start = (code: string) =>
      runExperiments({ ...nodePlatform(), files: failing("run.json", code) }, experiment, options);
    await expect(start("EACCES")).rejects.toBeInstanceOf(InputError);
    await expect(start("ENOSPC")).rejects.toBeInstanceOf(StorageError);
  });
});

describe("a grid", () => {
  /** One device for all runs of a test, since a software adapter compiles for seconds. */
  let device: Device | undefined;
  let close = () => {};
  afterAll(() => close());
  const onOneDevice = async ({ engine }: RunOptions): Promise<Platform> => {
    const platform = nodePlatform();
    if (engine === undefined) return platform;
    const opened = device ?? (await openNodeDevice());
    if (!device) close = opened.destroy.bind(opened);
    opened.destroy = () => {};
    device = opened;
    return { ...platform, openDevice: async () => opened };
  };

  it.each([
    ["cpu", { device: "cpu" }, { extension: [0, 2], batch: [64, 30], maxEpochs: 4 }],
    ["resident", { engine: "resident" }, { extension: [0, 1], maxEpochs: 1 }],
  ] as [string, RunOptions, Partial<GridInput>][])(
    "writes the bytes that each of its runs writes alone, on the engine %s",
    async (name, choice, grid) => {
      const platform = await onOneDevice(choice);
      const together = await runExperiments(platform, "moons-circles", {
        ...choice,
        set: { ...grid, seeds: [0, 3] },
        out: out(name),
      });
      expect(together.experiments).toHaveLength(name === "cpu" ? 4 : 2);
      // A software adapter trains slowly, so one run is enough.
      const [experiments, seeds] = name === "cpu" ? [together.experiments, [0, 3]] : [[together.experiments[1]], [3]];
      for (const { values, runs, folder } of experiments) {
        expect(runs.map(({ seed }) => seed)).toEqual([0, 3]);
        for (const seed of seeds) {
          const set = { maxEpochs: grid.maxEpochs, ...values, seeds: [seed] };
          const alone = await runExperiments(platform, "moons-circles", { ...choice, set, out: out(`${name}-alone`) });
          const { folder: other } = alone.experiments[0];
          expect(contents(`${other}/seed-${seed}`)).toEqual(contents(`${folder}/seed-${seed}`));
          expect(Object.keys(contents(`${other}/seed-${seed}`)).length).toBeGreaterThan(3);
        }
      }
    },
  );

  it("over data and datasets: each dataset is read once, its runs share an engine", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(i), i % 2, i % 3 ? 1 : 0].join());
    const path = out("own.csv");
    writeFileSync(path, rows.join("\n"));
    const reads: string[] = [];
    const platform = nodePlatform();
    const openFile = (file: string) => {
      reads.push(file);
      return platform.datasets.openFile(file);
    };
    const own = { dataset: path, tasks: "a:1:1,b:1:1", levels: 1, rate: 0.5, maxEpochs: 1, lr: [0.1, 0.01] };
    const specs = [
      { name: "own", spec: { ...own, shape: [2, 5, 2], coverage: ["input" as const, "output" as const] } },
      { name: "moons", spec: { dataset: "moons-circles", shape: [4, 5, 2], levels: 1, rate: 0.5, maxEpochs: 1 } },
    ];
    const started: string[] = [];
    const { experiments } = await runExperiments({ ...platform, datasets: { ...platform.datasets, openFile } }, specs, {
      device: "cpu",
      out: null,
      onStart: ({ engines }) => started.push(...engines.map(({ dataset, runs }) => `${dataset} ${runs}`)),
    });
    expect(reads).toEqual([path]);
    expect(started).toEqual(["own 4", "moons-circles 1"]);
    expect(experiments.map(({ name, values }) => [name, values])).toEqual([
      ["own", { lr: 0.1, coverage: "input" }],
      ["own", { lr: 0.1, coverage: "output" }],
      ["own", { lr: 0.01, coverage: "input" }],
      ["own", { lr: 0.01, coverage: "output" }],
      ["moons", {}],
    ]);
    expect(experiments.map(({ runs, folder }) => [runs.length, folder])).toEqual(Array(5).fill([1, null]));
    const [input, output] = experiments.map(({ runs }) => runs[0].levels);
    expect(input.map(({ trainLoss }) => trainLoss)).toEqual(output.map(({ trainLoss }) => trainLoss));
  });
});

describe("what is known before a run", () => {
  it("is told without training or writing, and bounds what the run takes", async () => {
    const options = { device: "cpu" as const, out: out("planned"), set: { extension: [1, 4], maxEpochs: 3 } };
    const plan = await planRun("moons-circles", options);
    expect(plan.shortages).toEqual([]);
    expect(existsSync(out("planned"))).toBe(false);
    expect(plan).toMatchObject({ kind: "cpu", executor: "WebAssembly SIMD", deviceBytes: 0 });
    expect(plan.engines).toMatchObject([{ name: "cpu", reason: "asked for", dataset: "moons-circles", runs: 2 }]);
    const keeping = { ...options, set: { ...options.set, keepTrained: true, keepCurves: true } };
    const { experiments } = await run("moons-circles", keeping);
    const kept = await planRun("moons-circles", keeping);
    expect(kept.diskBytes).toBeLessThan(kept.experiments[0].diskBytesPerRun);
    for (const [k, { folder, runs }] of experiments.entries()) {
      expect(runs).toHaveLength(1);
      expect(folder).toBe(kept.experiments[k].folder);
      const sizes = readdirSync(`${folder}/seed-0`).map((name) => statSync(`${folder}/seed-0/${name}`).size);
      // In the blocks of the file system.
      const bytes = sizes.reduce((sum, size) => sum + Math.ceil(size / 4096) * 4096, 0);
      expect(kept.experiments[k].diskBytesPerRun).toBeGreaterThanOrEqual(bytes);
      expect(kept.experiments[k].diskBytesPerRun).toBeLessThan(1.6 * bytes);
    }
    expect(plan.experiments[1].diskBytesPerRun).toBeLessThan(kept.experiments[1].diskBytesPerRun);
  });

  it("counts what lies on the device, and what a software adapter takes of main memory", async () => {
    const { kind, engines, deviceBytes, hostBytes } = await planRun("moons-circles", {
      engine: "resident",
      set: { extension: [0, 9], seeds: [0, 1, 2] },
    });
    const atOnce = kind === "software" ? levelsAtOnce(6, nodePlatform().cores) : 6;
    expect(engines).toMatchObject([{ name: "resident", runs: 6, atOnce, deviceBytes }]);
    // Features and labels of 2,000 samples, and six networks of at most 3,591 weights.
    expect(deviceBytes).toBeGreaterThan(2000 * (4 + 2) * 4 + 6 * 3591 * 4 * 5);
    expect(deviceBytes).toBeLessThan(6e6);
    if (kind === "software") expect(hostBytes).toBeGreaterThan(deviceBytes);
  });

  it("refuses what main memory cannot hold, before anything is trained", async () => {
    const small = { ...nodePlatform(), memoryBytes: 100_000 };
    const refused = runExperiments(small, "moons-circles", { device: "cpu", out: out("refused") });
    await expect(refused).rejects.toBeInstanceOf(InputError);
    await expect(refused).rejects.toThrow(
      /^the run takes up to \d+ MB of main memory, and this process may have 100 kB \(.+\): choose smaller shapes, fewer samples or fewer seeds$/,
    );
    expect(existsSync(out("refused"))).toBe(false);
  });
});

it("refuses a place that cannot be written before anything is trained", async () => {
  writeFileSync(out("plain"), "");
  let started = 0;
  const options = {
    device: "cpu" as const,
    out: out("plain/runs"),
    set: { extension: [0, 1] },
    onStart: () => started++,
  };
  await expect(run("moons-circles", options)).rejects.toThrow(
    /^cannot write .*plain\/runs: .*plain is a file where a folder is needed; choose another path$/,
  );
  expect(started).toBe(0);
});

it("goes on with what is there, and looks at every folder before it trains", async () => {
  const options = { device: "cpu" as const, out: out("resumed"), set: { extension: [0, 1], maxEpochs: 2 } };
  const first = await run("moons-circles", options);
  const before = contents(out("resumed"));
  const heard: string[] = [];
  const more = { ...options.set, seeds: [1, 0] };
  const second = await run("moons-circles", {
    ...options,
    set: more,
    observe: ({ kind, experiment, seed }) => kind === "start" && heard.push(`${experiment} ${seed}`),
  });
  expect([...new Set(heard)].sort()).toEqual(["0 1", "1 1"]);
  expect(second.experiments.map(({ runs }) => runs[1])).toEqual(first.experiments.map(({ runs }) => runs[0]));
  expect(contents(out("resumed"))).toMatchObject(before);

  // A damaged file is made again, and a folder that cannot be used fails its run alone.
  writeFileSync(`${first.experiments[0].folder}/seed-0/levels.jsonl`, "torn");
  const record = `${first.experiments[1].folder}/seed-0/run.json`;
  writeFileSync(record, "torn");
  const told: string[] = [];
  const third = await run("moons-circles", {
    ...options,
    set: { ...more, seeds: [5, 0] },
    onStart: () => told.push("start"),
    observe: (event) => {
      if (event.kind === "damaged") told.push(`${event.experiment} ${event.seed} ${event.problems}`);
      if (event.kind === "failed") told.push(`${event.experiment} ${event.seed} ${event.error.name}`);
    },
  });
  expect(told).toEqual(["start", "1 0 InputError", "0 0 levels.jsonl, line 1 is not what the run wrote"]);
  expect(third.experiments.map(({ runs }) => runs.map(({ seed }) => seed))).toEqual([[5, 0], [5]]);
  expect(third.experiments[1].failed).toEqual([
    {
      seed: 0,
      kind: "input",
      message: expect.stringMatching(/run\.json: it is not JSON \(.*\); restore the file or remove the run folder$/),
    },
  ]);
  const { [record.slice(out("resumed").length + 1)]: _, ...whole } = before;
  expect(contents(out("resumed"))).toMatchObject(whole);

  // No run is left that could train.
  const last = run("moons-circles", {
    ...options,
    set: { ...options.set, extension: 1 },
    onStart: () => told.push("no"),
  });
  await expect(last).rejects.toThrow(InputError);
  await expect(last).rejects.toThrow("run.json: it is not JSON");
  expect(told).not.toContain("no");
});
