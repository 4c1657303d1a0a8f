import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { commandLine, type Finished } from "./command.ts";

const cli = commandLine();
const grid = ["moons-circles", "--set", "extension=0..1", "keep=last,best", "maxEpochs=2", "--seeds", "0..1"];
const onCpu = ["--device", "cpu"];

describe("a grid on the command line", () => {
  let first: Finished;
  beforeAll(async () => {
    first = await cli.call(["run", ...grid, ...onCpu, "--out", "grid"]);
  });

  it("prints a line per run with its values and outcome, and counts the outcomes", () => {
    expect(first.code).toBe(0);
    const lines = first.stdout.split("\n");
    expect(lines[1]).toBe(
      "                                        levels  separated  weights  weights        accuracy",
    );
    expect(lines[2]).toBe(
      "extension  keep  seed  outcome         trained   at level     left   active  circles, moons  wins",
    );
    const runs = lines.slice(4, 12).map((line) => line.trim().split(/ +/).slice(0, 5).join(" "));
    expect(runs).toEqual(
      ["0 last", "0 best", "1 last", "1 best"].flatMap((point) =>
        [0, 1].map((seed) => `${point} ${seed} interconnected ${Number(point[0]) + 1}`),
      ),
    );
    expect(first.stdout).toMatch(
      /\nbaseline, at or below which a task is lost: circles 0\.5\d+, moons 0\.5\d+\n8 runs: 8 interconnected/,
    );
    expect(lines.at(-2)).toBe("results: 4 folders in grid; --json and --dry-run list them");
    expect(readdirSync(join(cli.folder(), "grid"))).toHaveLength(4);
  });

  it("shows progress in a line per run, with the numbers of runs done, in training and waiting", () => {
    const lines = first.stderr.trimEnd().split("\n");
    expect(lines[1]).toMatch(/^engine: cpu \(WebAssembly SIMD\), \d of 8 runs at a time, [\d.]+ [kM]B in memory$/);
    const said = lines.slice(2);
    expect(said).toHaveLength(8);
    expect(said[0]).toMatch(
      /^extension=[01] keep=(last|best) seed [01]: interconnected, [12] levels? in 0:0\d; 1 of 8 runs done, \d in training, \d waiting/,
    );
    expect(said[7]).toMatch(/; 8 of 8 runs done(, [\d,]+ network-epochs\/s, 0:\d\d)?$/);
  });

  it("--json prints one document of all experiments, each with its values, spec, folder and runs", async () => {
    const { code, stdout } = await cli.call(["run", ...grid, ...onCpu, "--out", "grid", "--json"]);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(["executor", "experiments"]);
    expect(document.experiments.map(({ values }: { values: object }) => values)).toEqual([
      { extension: 0, keep: "last" },
      { extension: 0, keep: "best" },
      { extension: 1, keep: "last" },
      { extension: 1, keep: "best" },
    ]);
    for (const experiment of document.experiments) {
      expect(Object.keys(experiment)).toEqual([
        "name",
        "values",
        "spec",
        "folder",
        "coverage",
        "baselines",
        "notices",
        "runs",
        "failed",
        "passedOver",
      ]);
      expect(experiment.folder).toMatch(/^grid\/moons-circles-[0-9a-f]{12}$/);
      expect(experiment.runs.map(({ seed }: { seed: number }) => seed)).toEqual([0, 1]);
      expect(Object.keys(experiment.runs[0])).toEqual(["seed", "outcome", "levels"]);
    }
  });

  it("--dry-run prints everything that is known before, and writes nothing", async () => {
    const dry = ["run", ...grid, ...onCpu, "--out", "dry", "--dry-run"];
    const { code, stdout, stderr } = await cli.call(dry);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("8 runs of 4 experiments, at most 12 levels to train");
    expect(lines[1]).toBe("adapter: none, as asked: the CPU computes");
    expect(lines[2]).toMatch(/^engine: cpu \(WebAssembly SIMD\), \d of 8 runs at a time, [\d.]+ MB in memory$/);
    expect(lines[3]).toMatch(
      /^memory: at most [\d.]+ MB in main memory, the program included, of [\d.]+ [kMGT]B for this process$/,
    );
    expect(lines[4]).toMatch(/^disk: at most \d+ kB in dry, where [\d.]+ [kMGT]B are free$/);
    expect(stdout).toMatch(
      /\nextension=1 keep=best +\(4,10,10,2\) +160 +112 +2 +0\.\.1 +[\d.]+ kB +dry\/moons-circles-[0-9a-f]{12}\n/,
    );
    expect(stdout).toMatch(/\ndry run: nothing was trained or written\n$/);

    const plan = JSON.parse((await cli.call([...dry, "--json"])).stdout);
    expect(Object.keys(plan)).toEqual([
      ...[
        "runs",
        "levels",
        "out",
        "experiments",
        "notices",
        "kind",
        "executor",
        "engines",
        "deviceBytes",
        "hostBytes",
        "memoryBytes",
        "memoryLimit",
        "diskBytes",
        "freeDiskBytes",
        "shortages",
      ],
    ]);
    expect(plan).toMatchObject({ runs: 8, levels: 12, kind: "cpu" });
    expect(existsSync(join(cli.folder(), "dry"))).toBe(false);
  });

  it("takes several experiments, and lists and grids in spec files", async () => {
    const small = { dataset: "moons-circles", shape: [4, 5, 2], levels: 1, rate: 0.5, maxEpochs: 1 };
    writeFileSync(
      join(cli.folder(), "wide.json"),
      JSON.stringify({
        ...small,
        shape: [
          [4, 6, 2],
          [4, 7, 2],
        ],
      }),
    );
    writeFileSync(join(cli.folder(), "many.json"), JSON.stringify([small, { ...small, lr: [0.1, 0.001] }]));
    const args = [
      "run",
      "wide.json",
      "many.json",
      "--set",
      "seeds=4",
      ...onCpu,
      "--out",
      "files",
      "--dry-run",
      "--json",
    ];
    const { stdout } = await cli.call(args);
    type Planned = { name: string; values: object; seeds: number[] };
    expect(JSON.parse(stdout).experiments.map(({ name, values, seeds }: Planned) => ({ name, values, seeds }))).toEqual(
      [
        { name: "wide", values: { shape: [4, 6, 2] }, seeds: [4] },
        { name: "wide", values: { shape: [4, 7, 2] }, seeds: [4] },
        // The default learning rate, given or not, makes the same spec.
        { name: "many", values: { lr: 0.001 }, seeds: [4] },
        { name: "many", values: { lr: 0.1 }, seeds: [4] },
      ],
    );
  });

  it("lets the others continue where some fail, and ends with exit code 1 and a line for each", async () => {
    const args = ["--set", "extension=0..1", "lr=0.001,1e38", "maxEpochs=2", ...onCpu, "--out", "failing", "--json"];
    const { code, stdout, stderr } = await cli.call(["run", "moons-circles", ...args]);
    expect(code).toBe(1);
    const { experiments } = JSON.parse(stdout);
    type Result = { values: { lr: number }; runs: object[]; failed: { seed: number; message: string }[] };
    for (const { values, runs, failed } of experiments as Result[]) {
      expect([runs.length, failed.length]).toEqual(values.lr < 1 ? [1, 0] : [0, 1]);
    }
    expect(stderr.trimEnd().split("\n").slice(-2)).toEqual([
      expect.stringMatching(/^split-ticket: extension=0 lr=1e\+38 seed 0, level 0: the loss became .*; lower lr/),
      expect.stringMatching(/^split-ticket: extension=1 lr=1e\+38 seed 0, level 0: the loss became .*; lower lr/),
    ]);
    expect(stderr).toMatch(
      /\nextension=[01] lr=1e\+38 seed 0: diverged, the same command would diverge again; \d of 4 runs done, [12] failed/,
    );
  });

  it("refuses a grid that is too large or wrong in one line", async () => {
    const refused = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli.call(["run", "moons-circles", ...onCpu, ...args]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      return stderr;
    };
    expect(await refused("--set", "extension=0..25", "lr=0.1,0.01", "--seeds", "0..9999")).toBe(
      "split-ticket: moons-circles: extension x lr x seeds give 520000 runs, at most 100000: give fewer values or seeds\n",
    );
    expect(await refused("--set", "keep=last,first")).toMatch(/keep "first" does not fit .*: give last or best\n$/);
    expect(await refused("--set", "extension=3..1")).toMatch(
      /extension "3\.\.1" does not fit .*: give an integer from 0 to 1000\n$/,
    );
  });
});
