import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { commandLine, tiny } from "./command.ts";

const cli = commandLine();
const inFolder = (path: string) => join(cli.folder(), path);
let folder: string;

beforeAll(async () => {
  const { stdout } = await cli.call(["run", "moons-circles", ...tiny, "--seeds", "0..2", "--device", "cpu", "--json"]);
  folder = JSON.parse(stdout).experiments[0].folder;
});

it("reports on runs, each once however often it is named", async () => {
  const result = await cli.call(["report", folder, `${folder}/seed-1`, "-o", "all.html"]);
  expect(result).toEqual({
    code: 0,
    stdout:
      "Of 3 runs: 3 interconnected.\nNever learnt at any level: circles by 1 run, moons by 1 run.\nreport: all.html (3 runs)\n",
    stderr: "",
  });
  const page = readFileSync(inFolder("all.html"), "utf8");
  expect(page).toContain("<h1>Runs of moons-circles</h1>");
  expect(readFileSync(inFolder("all-figures/loss.csv"), "utf8").trimEnd().split("\n")).toHaveLength(1 + 3 * 2 * 2);
  expect(existsSync(inFolder("all-figures/degree-of-separation.svg"))).toBe(true);
});

it("counts a folder once by whatever path, and tells of copies, as a table does", async () => {
  symlinkSync(inFolder(folder), inFolder("link"));
  const paths = [folder, `./${folder}`, inFolder(folder), "link"];
  const once = await cli.call(["report", ...paths, "-o", "once.html"]);
  expect(once.stdout).toContain("Of 3 runs:");
  expect(once.stderr).toBe("");
  expect((await cli.call(["table", ...paths])).stderr).toMatch(/^table: 6 rows \(levels\) of 3 runs, \d+ columns\n$/);
  cpSync(inFolder(folder), inFolder("copies"), { recursive: true });
  const line = `runs of one spec and seed count as several: ${folder.replace("runs/", "")}, seed 0 in ${folder}/seed-0 and copies/seed-0 (and 2 more)\n`;
  const twice = await cli.call(["report", folder, "copies", "-o", "twice.html"]);
  expect(twice.stdout).toContain("Of 6 runs:");
  expect(twice.stderr).toBe(line);
  expect((await cli.call(["table", folder, "copies"])).stderr).toContain(line);
});

it("draws loss by epoch of the first runs that keep their curves, and show names the file", async () => {
  const args = ["run", "moons-circles", ...tiny, "keepCurves=true", "--seeds", "0..4", "--device", "cpu", "--json"];
  const { stdout } = await cli.call(args);
  const [{ folder: kept, runs }] = JSON.parse(stdout).experiments;
  expect(kept).not.toBe(folder);
  // The key changes no record.
  const records = (path: string) => readFileSync(inFolder(`${path}/seed-0/levels.jsonl`), "utf8");
  expect(records(kept)).toBe(records(folder));
  const result = await cli.call(["report", kept, "-o", "kept.html"]);
  expect(result.stderr).toBe("loss by epoch is drawn of the first 4 of 5 runs that keep their curves\n");
  expect([1, 2, 3, 4, 5].map((k) => existsSync(inFolder(`kept-figures/loss-by-epoch-${k}.svg`)))).toEqual([
    ...Array(4).fill(true),
    false,
  ]);
  // A row a level, split and epoch.
  const rows = readFileSync(inFolder("kept-figures/loss-by-epoch-1.csv"), "utf8").trimEnd().split("\n");
  const epochs = runs[0].levels.reduce((sum: number, level: { epochs: number }) => sum + level.epochs, 0);
  expect(rows).toHaveLength(1 + 2 * epochs);
  const all = await cli.call(["report", "runs", "-o", "root.html"]);
  expect(all.stdout).toContain("report: root.html (8 runs)");
  const both = await cli.call(["show", "runs"]);
  expect(both.code).toBe(2);
  expect(both.stderr).toMatch(
    /^split-ticket: runs: it holds runs of 2 specs, and show takes one: give one, such as runs\/moons-circles-\w+\/seed-0, or all of them to report or table\n$/,
  );
  const shown = await cli.call(["show", `${kept}/seed-0`]);
  expect(shown.stdout).toContain(`losses and scores of every epoch: ${kept}/seed-0/curves.jsonl`);
  expect((await cli.call(["show", `${folder}/seed-0`])).stdout).not.toContain("curves.jsonl");
});

it("prints a sentence that a run stored on one line", async () => {
  cpSync(inFolder(`${folder}/seed-0`), inFolder("told/seed-0"), { recursive: true });
  const path = inFolder("told/seed-0/run.json");
  const { sha256: _, ...record } = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...record, format: 2, notices: ["a\nINJECTED\u001b[31m"] }));
  const { stdout } = await cli.call(["report", "told", "-o", "told.md"]);
  expect(stdout).toContain("\nSaid before training: a␊INJECTED␛[31m.\n");
});

it("leaves out, aloud, runs that are not what was written", async () => {
  appendFileSync(inFolder(`${folder}/seed-2/levels.jsonl`), "{}\n");
  const { code, stdout, stderr } = await cli.call(["report", folder]);
  expect(code).toBe(0);
  expect(stderr).toBe(`left out: ${folder}/seed-2: not what the run wrote: levels.jsonl\n`);
  expect(stdout).toContain("report: report.html (2 runs)");
  const none = await cli.call(["report", `${folder}/seed-2`]);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain("no run with a finished level; give run folders that have one");
});

it.each([
  [["report", "nowhere"], "nowhere: there is no such folder; give a run folder such as runs/<name>-<hash>/seed-0"],
  [
    ["report", ".", "-o", "report"],
    "report report: its name must end in .html or .md; give a file such as report.html",
  ],
])("%j is refused in one line", async (args, message) => {
  expect(await cli.call(args)).toEqual({ code: 2, stdout: "", stderr: `split-ticket: ${message}\n` });
});

it.each(["run.json", "levels.jsonl", "timings.jsonl"])(
  "leaves out a run whose %s cannot be read, and says so",
  async (name) => {
    const copy = `without-${name}`;
    cpSync(inFolder(folder), inFolder(copy), { recursive: true });
    rmSync(inFolder(`${copy}/seed-1/${name}`));
    symlinkSync(name, inFolder(`${copy}/seed-1/${name}`));
    if (name === "run.json") {
      rmSync(inFolder(`${copy}/seed-1/${name}`));
      writeFileSync(inFolder(`${copy}/seed-1/${name}`), "{");
    }
    const { code, stdout, stderr } = await cli.call([
      "report",
      `${copy}/seed-0`,
      `${copy}/seed-1`,
      "-o",
      `${copy}.html`,
    ]);
    expect(stderr).toMatch(new RegExp(`^left out: .*${copy}/seed-1/${name}: .+\n$`));
    expect(code).toBe(0);
    expect(stdout).toContain("(1 run)");
  },
);
