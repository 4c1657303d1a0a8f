import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { formatRunRecord, type RunRecord } from "../../src/store/run_record.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
const args = ["run", "moons-circles", "--device", "cpu", "--seeds", "0,1", "--set", "extension=2", "maxEpochs=2"];
const inFolder = (path: string) => join(cli.folder(), path);
let experiment: string;
beforeAll(async () => {
  const { stdout } = await cli.call([...args, "keepCurves=true", "--json"]);
  experiment = JSON.parse(stdout).experiments[0].folder.slice("runs/".length);
});

/** Copies the two runs and gives the path of seed 0's folder. */
function copied(name: string): string {
  cpSync(inFolder("runs"), inFolder(name), { recursive: true });
  return `${name}/${experiment}/seed-0`;
}

const verify = (...given: string[]) => cli.call(["verify", ...given]);
const read = (path: string) => readFileSync(inFolder(path), "utf8");

/** Changes a run's record, with a right checksum of its own. */
async function changeRecord(folder: string, change: (record: RunRecord) => RunRecord): Promise<void> {
  const { sha256: _, ...record } = JSON.parse(read(`${folder}/run.json`));
  writeFileSync(inFolder(`${folder}/run.json`), await formatRunRecord(change(record)));
}

describe("verify", () => {
  it("finds whole runs whole, once each, and prints one JSON document", async () => {
    expect(await verify("runs", `runs/${experiment}`)).toEqual({
      code: 0,
      stdout: "2 runs: 2 whole, 0 damaged\n",
      stderr: "",
    });
    const { code, stdout } = await verify(`runs/${experiment}/seed-1`, "--json");
    expect(code).toBe(0);
    const path = `runs/${experiment}/seed-1`;
    expect(JSON.parse(stdout)).toEqual({
      runs: [{ path, levels: 3, ended: true, problems: [], unverified: [] }],
      whole: 1,
      damaged: 0,
    });
  });

  it.each([
    ["level-01.safetensors", () => "", "level-01.safetensors is empty"],
    ["init.safetensors", undefined, "init.safetensors is missing"],
    [
      "levels.jsonl",
      (text: string) => text.replace('"level":1', '"level":2'),
      "levels.jsonl, line 2 is not what the run wrote",
    ],
    ["curves.jsonl", (text: string) => text.slice(0, -1), "curves.jsonl is not what the run wrote"],
    ["timings.jsonl", (text: string) => `null\n${text}`, "timings.jsonl, line 1 is no timing"],
    ["timings.jsonl", (text: string) => text + text.split("\n")[1], "timings.jsonl has level 1 twice"],
    [
      "timings.jsonl",
      () => "",
      [0, 1, 2].map((level) => `timings.jsonl has no line of level ${level}, whose time is lost`).join("; "),
    ],
    [
      "run.json",
      (text: string) => text.replace('"batch": 64', '"batch": 65'),
      "run.json: it is not what the run wrote, by its own checksum; restore the file or remove the run folder",
    ],
    [
      "run.json",
      () => "[]",
      "run.json: run record: Invalid input: expected object, received array; restore the file or remove the run folder",
    ],
    [
      "run.json",
      (text: string) => `\ufeff${text}`,
      "run.json: it is not what the run wrote, by its own checksum; restore the file or remove the run folder",
    ],
    ["run.json", undefined, "run.json is missing, which says which run it is"],
    ["level-07.safetensors", () => "left", "level-07.safetensors belongs to no level of the run"],
  ])("names damage of %s, and exits with 1: %#", async (name, change, problem) => {
    const folder = copied("damaged");
    const path = `${folder}/${name}`;
    if (!change) rmSync(inFolder(path));
    else writeFileSync(inFolder(path), change(name.startsWith("level-07") ? "" : read(path)));
    expect(await verify("damaged")).toEqual({
      code: 1,
      stdout: `${folder}: ${problem}\n2 runs: 1 whole, 1 damaged\n`,
      stderr:
        "split-ticket: 1 damaged run of 2; restore the files, or give the command that started the run again, which makes all but lost times again\n",
    });
    rmSync(inFolder("damaged"), { recursive: true });
  });

  it.each([
    ["levels.jsonl", (path: string) => mkdirSync(path), "is a folder where a file is needed"],
    ["curves.jsonl", (path: string) => symlinkSync("curves.jsonl", path), "its symbolic links lead in a circle"],
    ["timings.jsonl", (path: string) => symlinkSync("/dev/zero", path), "is a device, which may have no end"],
    ["init.safetensors", (path: string) => mkdirSync(path), "is a folder where a file is needed"],
    ["level-01.safetensors", (path: string) => mkdirSync(path), "is a folder where a file is needed"],
  ])("names %s that cannot be read, and verifies what else there is; its run refuses it", async (name, put, reason) => {
    const folder = copied("unreadable");
    rmSync(inFolder(`${folder}/${name}`));
    put(inFolder(`${folder}/${name}`));
    writeFileSync(inFolder(`${folder}/level-02.safetensors`), "");
    const { code, stdout } = await verify("unreadable");
    expect(code).toBe(1);
    const [line, count] = stdout.split("\n");
    expect(
      line
        .slice(folder.length + 2)
        .split("; ")
        .sort(),
    ).toEqual([`${name} cannot be read (${reason})`, "level-02.safetensors is empty"].sort());
    expect(count).toBe("2 runs: 1 whole, 1 damaged");
    const run = await cli.call([...args, "keepCurves=true", "--out", "unreadable"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(
      `${folder}/${name} cannot be read (${reason}); put the file back or remove what is there, then give the same command again\n`,
    );
    expect(run.stderr).toContain("seed 1: finished earlier, nothing to train\n");
    rmSync(inFolder("unreadable"), { recursive: true });
  });

  it("finds what right checksums hide: other weights, records and outcomes", async () => {
    const folder = copied("sealed");
    await changeRecord(folder, (record) => ({ ...record, seed: 1, outcome: { outcome: "separated", levels: 2 } }));
    expect((await verify(folder)).stdout).toBe(
      `${folder}: init.safetensors does not hold the initial weights of this run; run.json has the outcome separated, its levels give interconnected; run.json has 2 levels, levels.jsonl 3\n1 run: 0 whole, 1 damaged\n`,
    );
  });

  it("compares counts, nesting and records where an older version stored no checksums", async () => {
    const folder = copied("older");
    const {
      sha256: _,
      checksums: __,
      lines: ___,
      finished: ____,
      program: _____,
      outcome: ______,
      ...record
    } = JSON.parse(read(`${folder}/run.json`));
    writeFileSync(inFolder(`${folder}/run.json`), JSON.stringify({ ...record, format: 2 }));
    appendFileSync(inFolder(`${folder}/timings.jsonl`), read(`${folder}/timings.jsonl`));
    expect(await verify(folder)).toMatchObject({
      code: 0,
      stdout: "not verified in 1 run: without checksums: an older version began it\n1 run: 1 whole, 0 damaged\n",
    });
    cpSync(inFolder(`${folder}/level-01.safetensors`), inFolder(`${folder}/level-02.safetensors`));
    const lines = read(`${folder}/levels.jsonl`);
    writeFileSync(inFolder(`${folder}/levels.jsonl`), lines.replace(/"zombie":\d+/, '"zombie":1'));
    const curves = read(`${folder}/curves.jsonl`);
    writeFileSync(inFolder(`${folder}/curves.jsonl`), curves.replace(/"valLoss":\[[^,]*,/, '"valLoss":['));
    const { code, stdout } = await verify(folder);
    expect(code).toBe(1);
    expect(stdout).toContain("levels.jsonl, line 1 has weights ");
    expect(stdout).toContain("level-02.safetensors keeps 160 weights, level 2 has 112");
    expect(stdout).toContain("curves.jsonl has 1 epoch of level 0, which has 2");
  });

  it("refuses a folder without runs", async () => {
    expect((await verify("nowhere")).stderr).toBe(
      "split-ticket: nowhere: there is no such folder; give a run folder such as runs/<name>-<hash>/seed-0\n",
    );
  });
});

describe("a finished run that was damaged", () => {
  it("is made again to the same bytes by its command, which says so in a line", async () => {
    const folder = copied("again");
    writeFileSync(inFolder(`${folder}/level-02.safetensors`), "");
    const { code, stderr } = await cli.call([...args, "keepCurves=true", "--out", "again"]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "seed 0: damaged: level-02.safetensors is empty; level 0 is kept, levels 1 to 2 are trained again\n",
    );
    expect(stderr).toContain("seed 1: finished earlier, nothing to train\n");
    for (const name of ["level-02.safetensors", "levels.jsonl", "curves.jsonl", "run.json"]) {
      expect(read(`${folder}/${name}`)).toBe(read(`runs/${experiment}/seed-0/${name}`));
    }
    expect((await verify("again")).code).toBe(0);
  });
});

describe("a finished run whose times stand twice", () => {
  it("has each once after its command", async () => {
    const folder = copied("twice");
    appendFileSync(inFolder(`${folder}/timings.jsonl`), read(`${folder}/timings.jsonl`));
    const { stderr } = await cli.call([...args, "keepCurves=true", "--out", "twice"]);
    expect(stderr).toContain(
      "seed 0: damaged: timings.jsonl has level 0 twice; written again, all 3 levels are kept\n",
    );
    expect((await verify("twice")).code).toBe(0);
    expect(read(`${folder}/run.json`)).toBe(read(`runs/${experiment}/seed-0/run.json`));
  });
});

describe("a run whose training diverges", () => {
  it("is not said to go on: neither by the run nor by show", async () => {
    const set = ["--set", "extension=1", "maxEpochs=2", "lr=1e38", "--out", "diverging"];
    const { code, stderr } = await cli.call([...args.slice(0, 4), "--seeds", "0", ...set]);
    expect(code).toBe(1);
    const last = stderr.trimEnd().split("\n").at(-1);
    expect(last).toMatch(
      /^split-ticket: seed 0, level 0: the loss became NaN .*; the same command would diverge again$/,
    );
    const shown = await cli.call(["show", "diverging"]);
    expect(shown.stdout).toMatch(
      /\n0 levels of at most 2 finished; level 0 diverged \(seed 0, level 0: the loss became .*\); the same command would diverge again\n\n/,
    );
    expect(shown.stdout).not.toContain("continues");
  });
});

describe("a run that a version began which trains otherwise", () => {
  it("is refused by both names, and gone on with when asked for", async () => {
    const folder = copied("mixed");
    await changeRecord(folder, ({ outcome: _, ...record }) => ({
      ...record,
      program: { version: "0.0.9", numeric: 0, kernels: "0" },
    }));
    const command = [...args, "keepCurves=true", "--out", "mixed"];
    const refused = await cli.call(command);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /split-ticket: .*seed-0: its levels were trained by split-ticket 0\.0\.9 \(numerics 0, kernels 0\), this is split-ticket \S+ \(numerics \d+, kernels [0-9a-f]{16}\), which trains otherwise; go on with that version, choose another --out folder, or give --allow-other-version to go on with this one\n$/,
    );
    expect((await cli.call([...command, "--allow-other-version"])).code).toBe(0);
    expect(JSON.parse(read(`${folder}/run.json`)).former).toEqual([
      { levels: 3, program: { version: "0.0.9", numeric: 0, kernels: "0" } },
    ]);
  });
});
