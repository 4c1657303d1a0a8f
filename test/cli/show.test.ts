import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { measureMask, measures as registry } from "../../src/analysis/measures/measures.ts";
import { readTicket } from "../../src/store/ticket_file.ts";
import { commandLine, tiny } from "./command.ts";

const cli = commandLine();
let folder: string;
let table: string;

beforeAll(async () => {
  const args = ["run", "moons-circles", ...tiny, "--seeds", "2,10", "--device", "cpu"];
  const { stdout } = await cli.call(args);
  const results = /\nresults: (.*)\n$/;
  folder = results.exec(stdout)![1];
  table = stdout.replace(results, "\n");
});

it("shows all seeds as the run did, and one seed alone", async () => {
  for (const given of [folder, "runs"]) {
    expect(await cli.call(["show", given])).toEqual({ code: 0, stdout: table, stderr: "" });
  }
  const one = await cli.call(["show", `${folder}/seed-10/`]);
  expect(one).toEqual({ code: 0, stdout: table.slice(table.indexOf("\n\n") + 2), stderr: "" });
});

it("--measures adds the measures of each level's mask, and refuses names that are not known", async () => {
  const one = `${folder}/seed-10`;
  const { code, stdout, stderr } = await cli.call(["show", one, "--measures", "log10-paths,cross-paths,task-cut"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/within +between +paths +cut\n/);
  const json = JSON.parse((await cli.call(["show", one, "--measures", "all", "--json"])).stdout);
  const [{ levels }] = json.runs;
  for (const { level, measures } of levels) {
    const { mask } = readTicket(readFileSync(join(cli.folder(), one, `level-0${level}.safetensors`)), "ticket");
    expect(measures).toEqual(JSON.parse(JSON.stringify(measureMask(mask, json.tasks, registry.names))));
  }
  expect(await cli.call(["show", one, "--measures", "cross-path"])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^split-ticket: --measures: "cross-path" is not known: give all, usual, or a list of .*\n$/,
    ),
  });
});

it("shows a run of an older version with what it has, and says what it cannot know", async () => {
  cpSync(join(cli.folder(), folder, "seed-2"), join(cli.folder(), "older/seed-2"), { recursive: true });
  const path = (name: string) => join(cli.folder(), "older/seed-2", name);
  const { baselines, notices, checksums, sha256, ...record } = JSON.parse(readFileSync(path("run.json"), "utf8"));
  writeFileSync(path("run.json"), JSON.stringify({ ...record, format: 2 }));
  const levels = readFileSync(path("levels.jsonl"), "utf8").trimEnd().split("\n");
  const older = levels.map((line) => {
    const { valBalancedAccuracy, lost, unusedInputs, unusedColumns, ...rest } = JSON.parse(line);
    return `${JSON.stringify({ ...rest, winning: true })}\n`;
  });
  writeFileSync(path("levels.jsonl"), older.join(""));
  const { code, stdout } = await cli.call(["show", "older/seed-2"]);
  expect(code).toBe(0);
  expect(stdout).toContain("all levels: not stored; an older version judged winning by accuracy alone\n");
  expect(stdout).toMatch(/ interconnected {2}yes\n/);
  expect(stdout).not.toMatch(/baseline|lost\n/);
  const report = await cli.call(["report", "older/seed-2", "-o", "older.html"]);
  expect(report.stdout).toContain("1 run of an older version has no balanced accuracy and no lost tasks stored");
});

it("--json prints one document", async () => {
  const { code, stdout } = await cli.call(["show", folder, "--json"]);
  expect(code).toBe(0);
  const document = JSON.parse(stdout);
  expect(Object.keys(document)).toEqual([
    "name",
    "spec",
    "folder",
    "tasks",
    "coverage",
    "baselines",
    "notices",
    "runs",
  ]);
  expect(document).toMatchObject({ name: "moons-circles", folder });
  expect(document.runs.map(({ seed }: { seed: number }) => seed)).toEqual([2, 10]);
  const stored = readFileSync(join(cli.folder(), folder, "seed-2/levels.jsonl"), "utf8");
  expect(document.runs[0].levels.map((level: object) => `${JSON.stringify(level)}\n`).join("")).toBe(stored);
  expect(document.runs[0]).toMatchObject({ outcome: "interconnected", differing: [] });
});

it("--svg draws the last level, or the one that --level names", async () => {
  const last = await cli.call(["show", `${folder}/seed-2`, "--svg", "last.svg"]);
  expect(last).toMatchObject({ code: 0, stderr: "figure: last.svg (level 1)\n" });
  const svg = readFileSync(join(cli.folder(), "last.svg"), "utf8");
  expect(svg).toContain("moons-circles, seed 2, level 1: interconnected");
  expect(svg).toContain("subnetwork 1 (circles + moons)");
  const first = await cli.call(["show", `${folder}/seed-2`, "--svg", "first.svg", "--level", "0"]);
  expect(first.stderr).toBe("figure: first.svg (level 0)\n");
  expect(readFileSync(join(cli.folder(), "first.svg"), "utf8")).toContain("level 0");
});

it.each(["2", "-1", "x", "0.5", "99", "1e0", " 1"])("refuses --level %j, and prints nothing", async (level) => {
  const { code, stdout, stderr } = await cli.call(["show", `${folder}/seed-2`, "--svg", "no.svg", "--level", level]);
  expect(stdout).toBe("");
  expect(stderr).toBe(
    `split-ticket: --level ${level}: ${folder}/seed-2 has the finished levels 0 to 1; choose one of them\n`,
  );
  expect(code).toBe(2);
});

it("draws one run only", async () => {
  const { code, stdout, stderr } = await cli.call(["show", folder, "--svg", "no.svg"]);
  expect(stdout).toBe("");
  expect(stderr).toBe(`split-ticket: --svg draws one run and ${folder} holds 2: give one, such as ${folder}/seed-2\n`);
  expect(code).toBe(2);
});

it("says which files are not what the run wrote, shows the rest, and exits with 1", async () => {
  const copy = (name: string) => {
    cpSync(join(cli.folder(), folder), join(cli.folder(), name), { recursive: true });
    return join(cli.folder(), name);
  };
  writeFileSync(join(copy("damaged"), "seed-10/init.safetensors"), "");
  const damaged = await cli.call(["show", "damaged"]);
  expect(damaged).toEqual({
    code: 1,
    stdout: table,
    stderr:
      "split-ticket: damaged/seed-10/init.safetensors: not what the run wrote, by the checksums in run.json; restore it, or give the run's command again, which makes what is damaged again\n",
  });
  appendFileSync(join(copy("torn"), "seed-2/levels.jsonl"), "{");
  const torn = await cli.call(["show", "torn", "--json"]);
  expect(torn.code).toBe(1);
  expect(JSON.parse(torn.stdout).runs[0]).toMatchObject({ levels: [], differing: ["levels.jsonl"] });
  expect((await cli.call(["show", "torn"])).stdout).toMatch(/^moons-circles, seed 2: levels\.jsonl is damaged/);
  expect((await cli.call(["show", "torn/seed-2", "--svg", "torn.svg"])).stderr).toBe(
    "split-ticket: torn/seed-2/levels.jsonl: not what the run wrote, by the checksums in run.json, so no level can be drawn; restore it, or give the run's command again, which makes it again\n",
  );
});

it("refuses a folder without runs", async () => {
  mkdirSync(join(cli.folder(), "none"));
  const { code, stderr } = await cli.call(["show", "none"]);
  expect(stderr).toBe("split-ticket: none: it holds no run; give run folders, or a folder of them such as runs\n");
  expect(code).toBe(2);
});

describe("show of a run that rewinds", () => {
  it.each([
    ["1ep", "levels start from the weights after 1 epoch: rewind.safetensors"],
    ["5it", "levels start from the weights after 5 steps: rewind.safetensors"],
    ["lr", "levels start from the trained weights of the level before, by the schedule anew (rewind=lr)"],
    ["none", "levels start from the trained weights of the level before, at its last learning rate (rewind=none)"],
  ])("tells what its levels start from: %s", async (rewind, line) => {
    const args = ["run", "moons-circles", "--device", "cpu", "--set", "extension=1", "maxEpochs=2", `rewind=${rewind}`];
    const { code, stdout } = await cli.call([...args, "--out", `rewound-${rewind}`, "--json"]);
    expect(code).toBe(0);
    const shown = await cli.call(["show", JSON.parse(stdout).experiments[0].folder]);
    expect(shown.stdout.split("\n")).toContain(line);
  });
});
