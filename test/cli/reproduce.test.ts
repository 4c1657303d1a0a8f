import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { thesisExperiments } from "../../src/reproduction/thesis_experiments.ts";
import { commandProcesses } from "./command.ts";

const cli = commandProcesses();
const inFolder = (path: string) => join(cli.folder(), path);
const tiny = ["reproduce", "extension-2", "--set", "maxEpochs=2", "--device", "cpu", "--extensions"];

it("--list lists the experiments", async () => {
  const { code, stdout, stderr } = await cli.call(["reproduce", "--list"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(thesisExperiments.length + 1);
  expect(lines[0]).toBe("extension-2     Network extension of (4,8,8,2): two hidden layers on Moons-Circles (4 seeds)");
  expect(stdout).toContain("\nhalf            MNIST above Fashion-MNIST, halved");
  const { stdout: json } = await cli.call(["reproduce", "--list", "--json"]);
  const names = [...thesisExperiments.map(({ name }) => name), "frankle-carbin"];
  expect(JSON.parse(json).map(({ name }: { name: string }) => name)).toEqual(names);
});

it("runs an experiment, writes its report, and never runs a finished run again", async () => {
  const first = await cli.call([...tiny, "0..2", "--seeds", "0,1", "--json"]);
  expect(first.code).toBe(0);
  const result = JSON.parse(first.stdout);
  expect(Object.keys(result)).toEqual(["experiment", "executor", "report", "figures", "comparisons", "runs"]);
  expect(result).toMatchObject({ experiment: "extension-2", report: "reproduction/extension-2.html" });
  expect(result.runs.map((run: { values: object; seed: number }) => [run.values, run.seed])).toEqual(
    [0, 1, 2].flatMap((extension) => [0, 1].map((seed) => [{ extension }, seed])),
  );
  // Three extension levels and the three together, for two shares.
  expect(result.comparisons).toHaveLength(8);

  const page = readFileSync(inFolder(result.report), "utf8");
  expect(page).toContain("Agreement with the thesis");
  expect(page).toContain("This departs from the thesis: maxEpochs = 2.");
  expect(page).toContain("Not drawn: weights at separation, because no run separated.");
  expect(page).toContain("ours: asked for with this run");
  const stems = readdirSync(inFolder("reproduction/extension-2-figures"));
  expect(stems).toEqual(result.figures.flatMap((id: string) => [`${id}.csv`, `${id}.svg`]).sort());

  // More seeds and one more extension level cost only the new runs.
  const files = () =>
    result.runs.map(({ folder }: { folder: string }) => statSync(inFolder(`${folder}/timings.jsonl`)).mtimeMs);
  const before = files();
  const second = await cli.call([...tiny, "0..3", "--seeds", "0..2", "-o", "more.md"]);
  expect(second.code).toBe(0);
  expect(second.stderr.match(/finished earlier/g)).toHaveLength(6);
  expect(files()).toEqual(before);
  expect(second.stdout).toContain("Of 12 runs: 12 interconnected.");
  expect(second.stdout).toContain("report: more.md\n");
  const markdown = readFileSync(inFolder("more.md"), "utf8");
  expect(markdown).toContain(
    "| share of runs that separated | extension 3 | 0 of 3 (0 to 0.561) | 0 of 4 (0 to 0.49) |",
  );
  expect(existsSync(inFolder("more-figures/outcome-shares.svg"))).toBe(true);
});

it("runs several data sets, whose runs are clusters, and says what one data set leaves open", async () => {
  const given = [...tiny, "1", "--seeds", "0,1", "--data-seeds", "0..2", "-o", "clusters.md"];
  const { code, stdout } = await cli.call([...given, "--json"]);
  expect(code).toBe(0);
  const { runs, comparisons } = JSON.parse(stdout);
  expect(runs.map(({ values, seed }: { values: object; seed: number }) => [values, seed])).toEqual(
    [0, 1, 2].flatMap((dataSeed) => [0, 1].map((seed) => [{ dataSeed }, seed])),
  );
  expect(comparisons[0]).toMatchObject({ count: 6, dataSets: 3 });
  const markdown = readFileSync(inFolder("clusters.md"), "utf8");
  expect(markdown).toContain("as many independent runs as the 3 data sets stand for (Korn and Graubard 1998)");
  expect(markdown).toContain(
    "share one data set and one order of samples, so they say less than four independent runs",
  );
  expect(readFileSync(inFolder("more.md"), "utf8")).toContain(
    "All runs are of one data set, so the intervals hold for it alone",
  );
  const both = await cli.call([...tiny.slice(0, 2), "--set", "dataSeed=1", "--data-seeds", "0..2"]);
  expect(both.code).toBe(2);
  expect(both.stderr).toBe("split-ticket: --data-seeds 0..2: --set gives dataSeed 1 too; leave one of them out\n");
  const none = await cli.call([...tiny.slice(0, 2), "--data-seeds", "2..x"]);
  expect(none.stderr).toBe('split-ticket: --data-seeds "2..x" is no list of numbers: give one such as 3..9 or 1,5\n');
});

it("continues after an interruption", async () => {
  const args = [
    "reproduce",
    "extension-1",
    "--set",
    "maxEpochs=200",
    "--extensions",
    "0..4",
    "--seeds",
    "0,1",
    "--device",
    "cpu",
  ];
  const stopped = cli.start(args);
  await stopped.says("1 of 10 runs done");
  stopped.child.kill("SIGINT");
  expect((await stopped.finished).code).toBe(130);
  expect(existsSync(inFolder("reproduction/extension-1.html"))).toBe(false);
  const { code, stdout, stderr } = await cli.run(args);
  expect(code).toBe(0);
  expect(stderr).toContain("finished earlier");
  expect(stdout).toContain("Of 10 runs: ");
  expect(existsSync(inFolder("reproduction/extension-1.html"))).toBe(true);
});

it.each([
  [["reproduce"], "no experiment given: name one; reproduce --list shows all"],
  [
    ["reproduce", "extension-2", "-o", "report.pdf"],
    "report report.pdf: its name must end in .html or .md; give a file such as report.html",
  ],
  [["reproduce", "mnist", "--extensions", "1"], "--extensions 1: mnist is no network extension; leave it out"],
  [
    ["reproduce", "extension-1", "--extensions", "17"],
    "--extensions 17: extension-1 has the extension levels 0 to 16, not 17; choose among them",
  ],
  [
    ["reproduce", "extension-1", "--set", "rate"],
    '--set "rate" is not key=value: give a spec key and its value, such as --set rate=0.3',
  ],
  [
    ["reproduce", "extension-1", "--scale", "tiny"],
    "option '--scale <scale>' argument 'tiny' is invalid. Allowed choices are full, small; see split-ticket reproduce --help",
  ],
])("%j is refused in one line", async (args, message) => {
  expect(await cli.call(args)).toEqual({ code: 2, stdout: "", stderr: `split-ticket: ${message}\n` });
});

it("tells what would run, and writes nothing", async () => {
  const dry = async (...args: string[]) =>
    cli.call(["reproduce", ...args, "--device", "cpu", "--out", "dry", "--dry-run"]);
  const grid = await dry("extension-2", "--extensions", "0..1", "--seeds", "0,1", "-o", "dry.html");
  expect(grid.stdout).toMatch(
    /^4 runs of 2 experiments, at most 6 levels to train\n(.*\n)*dry run: nothing was trained or written\n$/,
  );
  const { code, stdout, stderr } = await dry(
    "frankle-carbin",
    "--scale",
    "small",
    "--set",
    "samplesPerClass=20",
    "validation=40",
    "--json",
  );
  expect([code, JSON.parse(stdout).runs]).toEqual([0, 6]);
  expect(stderr).toBe("then: branches of each run, reinit and one-shot, at most 11 levels each; reinit 1 time\n");
  expect(["dry", "dry.html", "dry-figures"].map((name) => existsSync(inFolder(name)))).toEqual([false, false, false]);
});

it("runs Frankle and Carbin's experiment and its branches, and writes the paper's statements beside ours", async () => {
  const keys = [
    "samplesPerClass=20",
    "validation=40",
    "shape=784,8,6,10",
    "maxSteps=40",
    "evaluateEvery=20",
    "levels=8",
  ];
  const command = ["reproduce", "frankle-carbin", "--scale", "small", "--device", "cpu", "--seeds", "0,1"];
  const { code, stdout } = await cli.call([...command, "--set", ...keys, "--json"]);
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  expect(Object.keys(result)).toEqual(["experiment", "executor", "report", "figures", "comparisons", "runs"]);
  expect(result.figures).toEqual(["early-stopping-step", "test-accuracy", "training"]);
  expect(result.runs.map(({ branches }: { branches: { kind: string }[] }) => branches.map(({ kind }) => kind))).toEqual(
    [
      ["reinit", "one-shot"],
      ["reinit", "one-shot"],
    ],
  );
  const at = result.comparisons.map(({ kind, level, verdict }: Record<string, unknown>) =>
    [kind, level, verdict].join(),
  );
  expect(new Set(at)).toEqual(
    new Set(["ticket,7,too few", "reinit,7,too few", "one-shot,3,too few", "one-shot,7,too few"]),
  );
  const page = readFileSync(inFolder("reproduction/frankle-carbin-small.html"), "utf8");
  for (const text of [
    "Agreement with the paper",
    "early stopping 38 % earlier",
    "departs from the experiment",
    "paper",
  ]) {
    expect(page).toContain(text);
  }
  const again = await cli.call([...command, "--set", ...keys, "-o", "again.md"]);
  expect([again.code, again.stderr.match(/finished earlier/g)?.length]).toEqual([0, 6]);
  expect(again.stdout).toContain("report: again.md");
});
