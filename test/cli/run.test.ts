import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readTicket } from "../../src/store/ticket_file.ts";
import { bareProgram, commandProcesses, type Finished, tiny, withoutAdapter } from "./command.ts";

const cli = commandProcesses();
const onCpu = ["--device", "cpu"];

/** SHA-256 of every file below a folder except `timings.jsonl`, by path. */
function hashes(folder: string): Record<string, string> {
  const root = join(cli.folder(), folder);
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "timings.jsonl")
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    files.map((path) => [path.slice(root.length + 1), createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}

describe("a run on the CPU", () => {
  let first: Finished;
  beforeAll(async () => {
    first = await cli.run(["run", "moons-circles", ...tiny, "--seeds", "0..1", ...onCpu, "--out", "first"]);
  });

  it("prints a table and an outcome per seed and where the results lie, and nothing else on standard output", () => {
    expect(first.code).toBe(0);
    const lines = first.stdout.trimEnd().split("\n");
    expect(
      lines.filter((line) => /^moons-circles, seed [01]: interconnected; last level 1 \(112 of 160/.test(line)),
    ).toHaveLength(2);
    expect(lines.filter((line) => /^ {4}[01] +1(60|12) +2 /.test(line))).toHaveLength(4);
    expect(lines.at(-1)).toMatch(/^results: first\/moons-circles-[0-9a-f]{12}$/);
    expect(first.stdout).not.toContain("\u001b");
  });

  it("names the adapter and the engine before training, then says one line per finished level", () => {
    const lines = first.stderr.trimEnd().split("\n");
    expect(lines[0]).toBe("adapter: none, as asked: the CPU computes");
    expect(lines[1]).toMatch(/^engine: cpu \(WebAssembly SIMD\), [12] of 2 seeds at a time, [\d.]+ [kM]B in memory$/);
    expect(
      lines
        .slice(2)
        .map((line) => line.replace(/loss.*/, "loss"))
        .sort(),
    ).toEqual([
      "seed 0, level 0/1: 160 weights left, 2 epochs, validation loss",
      "seed 0, level 1/1: 112 weights left, 2 epochs, validation loss",
      "seed 1, level 0/1: 160 weights left, 2 epochs, validation loss",
      "seed 1, level 1/1: 112 weights left, 2 epochs, validation loss",
    ]);
  });

  it("--json prints exactly one document; the same spec gives the same bytes in another folder", async () => {
    const args = ["run", "moons-circles", ...tiny, "--set", "seeds=0,1", ...onCpu, "--out", "second", "--json"];
    const { code, stdout } = await cli.call(args);
    expect(code).toBe(0);
    expect(stdout.endsWith("}\n")).toBe(true);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(["executor", "experiments"]);
    expect(document.executor).toBe("WebAssembly SIMD");
    expect(document.experiments).toHaveLength(1);
    const [experiment] = document.experiments;
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
    expect(experiment).toMatchObject({ name: "moons-circles", values: {}, failed: [], passedOver: [] });
    expect(experiment.spec).toMatchObject({ shape: [4, 10, 10, 2], remaining: [160, 112], maxEpochs: 2 });
    expect(experiment.runs.map((run: object) => Object.keys(run))).toEqual([
      ["seed", "outcome", "levels"],
      ["seed", "outcome", "levels"],
    ]);
    const stored = readFileSync(join(cli.folder(), experiment.folder, "seed-1/levels.jsonl"), "utf8");
    expect(stored).toBe(experiment.runs[1].levels.map((level: object) => `${JSON.stringify(level)}\n`).join(""));
    expect(hashes("second")).toEqual(hashes("first"));
    expect(Object.keys(hashes("first"))).toHaveLength(10);
  });

  it("colours results and redraws progress on a terminal, unless NO_COLOR or TERM=dumb is set", async () => {
    const on = (out: string, env: NodeJS.ProcessEnv) =>
      cli.call(
        ["run", "moons-circles", ...tiny, ...onCpu, "--out", out],
        { NO_COLOR: "", TERM: "xterm", ...env },
        true,
      );
    const [colour, picture] = ["\u001b[", /seed 0 {2}\s*level 0\/1 {6}160 weights left {2}epoch +\d {2}loss /];
    const terminal = await on("terminal", {});
    expect(terminal.stdout).toContain(colour);
    expect(terminal.stderr).toContain(colour);
    expect(terminal.stderr).toMatch(picture);
    const uncoloured = await on("uncoloured", { NO_COLOR: "1" });
    expect(uncoloured.stdout).not.toContain(colour);
    expect(uncoloured.stderr).toMatch(picture);
    const dumb = await on("dumb", { TERM: "dumb" });
    expect(dumb.stdout + dumb.stderr).not.toContain(colour);
    expect(dumb.stderr).toContain("seed 0, level 0/1: 160 weights left");
    expect(dumb.stderr).not.toMatch(picture);
  });

  it("finds a finished run and trains nothing", async () => {
    const before = hashes("first");
    const again = await cli.call(["run", "moons-circles", ...tiny, "--seeds", "0..1", ...onCpu, "--out", "first"]);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("seed 1: finished earlier, nothing to train\n");
    expect(again.stdout).toBe(first.stdout);
    expect(hashes("first")).toEqual(before);
  });

  it("refuses a folder that holds another spec's run", async () => {
    const copy = await cli.call(["run", "moons-circles", ...tiny, ...onCpu, "--out", "tampered", "--json"]);
    const [{ folder }] = JSON.parse(copy.stdout).experiments;
    const path = join(cli.folder(), folder, "seed-0/run.json");
    const { sha256: _, ...record } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...record, format: 2, spec: { ...record.spec, batch: 32 } }));
    const { code, stderr, stdout } = await cli.run(["run", "moons-circles", ...tiny, ...onCpu, "--out", "tampered"]);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      `split-ticket: ${folder}/seed-0: holds another spec's run (spec.batch is 32 there, 64 here); choose another --out folder or remove it`,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("stores measures with every level where the spec asks for them, and changes nothing else of a level", async () => {
    const args = ["run", "moons-circles", ...tiny, ...onCpu, "--out", "measured", "--json"];
    const [plain] = JSON.parse((await cli.call(args)).stdout).experiments;
    const [measured] = JSON.parse(
      (await cli.call([...args, "--set", "measures=effective-density,density"])).stdout,
    ).experiments;
    expect(measured.folder).not.toBe(plain.folder);
    for (const [k, { measures, ...level }] of measured.runs[0].levels.entries()) {
      expect(level).toEqual(plain.runs[0].levels[k]);
      expect(Object.entries(measures)).toEqual([
        ["density", level.remaining / 160],
        ["effective-density", level.weights.active / 160],
      ]);
    }
    const shown = await cli.call(["show", measured.folder, "--json"]);
    expect(JSON.parse(shown.stdout).runs[0].levels).toEqual(measured.runs[0].levels);
  });

  it("of keys given twice takes the last, and --seeds over --set seeds=", async () => {
    const set = ["--set", "maxEpochs=5", "--set", "maxEpochs=1", "seeds=7"];
    const args = ["run", "moons-circles", ...tiny, ...set, "--seeds", "3", ...onCpu, "--out", "keys", "--json"];
    const [{ spec, runs }] = JSON.parse((await cli.call(args)).stdout).experiments;
    expect(spec.maxEpochs).toBe(1);
    expect(runs.map((run: { seed: number }) => run.seed)).toEqual([3]);
  });

  it("fails with exit code 1 when training diverges", async () => {
    const { code, stdout, stderr } = await cli.run([
      "run",
      "moons-circles",
      ...tiny,
      "lr=1e38",
      ...onCpu,
      "--out",
      "diverged",
    ]);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^split-ticket: seed 0, level 0: the loss became .*; lower lr/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("is the choice of auto without an adapter, and says so", async () => {
    const args = ["run", "moons-circles", ...tiny, "--out", "none"];
    const { code, stdout, stderr } = await cli.run(args, withoutAdapter(cli), bareProgram);
    expect(stderr).toMatch(
      /^adapter: no graphics processor found: the CPU computes \(--device software trains by WGSL on a software adapter\)\nengine: cpu \(WebAssembly SIMD\), 1 of 1 seed/,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("results: none/");
    const asked = await cli.run([...args, "--device", "gpu"], withoutAdapter(cli), bareProgram);
    expect(asked).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "split-ticket: --device gpu: no hardware adapter, found no adapter at all; install the GPU's Vulkan driver and loader, or use --device cpu\n",
    });
  });

  it("ends without an error when standard output is closed", async () => {
    const { child, finished } = cli.start(["run", "moons-circles", ...tiny, ...onCpu, "--out", "piped"]);
    child.stdout?.destroy();
    const { code, stderr } = await finished;
    expect(code).toBe(0);
    expect(stderr).not.toContain("EPIPE");
  });

  it("continues when standard error is closed", async () => {
    const { child, finished } = cli.start(["run", "moons-circles", ...tiny, ...onCpu, "--out", "unheard"]);
    child.stderr?.destroy();
    const { code, stdout } = await finished;
    expect(code).toBe(0);
    expect(stdout).toContain("results: unheard/");
  });
});

describe("own data and own weights", () => {
  /** Two binary tasks of two inputs each: the sign of a product, and of a sum. */
  const csv = Array.from({ length: 60 }, (_, i) => {
    const [a, b, c, d] = [Math.sin(i), Math.cos(3 * i), Math.sin(5 * i + 1), Math.cos(7 * i)];
    return [a.toFixed(3), b.toFixed(3), c.toFixed(3), d.toFixed(3), a * b > 0 ? 1 : 0, c + d > 0 ? 1 : 0].join();
  }).join("\n");
  const keys = ["--set", "tasks=product:2:1,sum:2:1", "shape=4,8,2", "levels=1", "rate=0.3", "maxEpochs=3"];

  it("runs a .csv without a spec, keeps trained weights that are 0 where masked, and starts again from its weights", async () => {
    writeFileSync(join(cli.folder(), "own data.csv"), csv);
    const args = ["run", "own data.csv", ...keys, "keepTrained=true", ...onCpu, "--json"];
    const { code, stdout } = await cli.call(args);
    expect(code).toBe(0);
    const [{ name, folder, runs }] = JSON.parse(stdout).experiments;
    expect(name).toBe("own data");
    expect(folder).toMatch(/^runs\/own data-[0-9a-f]{12}$/);
    expect(Object.keys(runs[0].levels[0].valAccuracy)).toEqual(["product", "sum"]);

    const path = join(cli.folder(), folder, "seed-0/level-01.safetensors");
    const { mask, parameters } = readTicket(readFileSync(path), path);
    expect(mask.count()).toBe(34);
    const initial = readTicket(readFileSync(join(path, "../init.safetensors")), "init");
    for (const layer of [0, 1]) {
      const weights = parameters!.weights(layer);
      const inputs = mask.shape[layer];
      const kept = Array.from(weights, (_, i) => mask.has(layer, Math.floor(i / inputs), i % inputs));
      expect(Array.from(weights, (weight) => weight !== 0)).toEqual(kept);
      expect(weights).not.toEqual(initial.parameters!.weights(layer));
    }

    const started = await cli.call([...args, "--init", join(folder, "seed-0/init.safetensors"), "--seeds", "5"]);
    expect(started.code).toBe(0);
    const [other] = JSON.parse(started.stdout).experiments;
    expect(other.folder).not.toBe(folder);
    const init = (run: string) => readFileSync(join(cli.folder(), run, "init.safetensors"));
    expect(init(`${other.folder}/seed-5`).equals(init(`${folder}/seed-0`))).toBe(true);
    const masked = await cli.call([...args, "--init", path, "--dry-run"]);
    const note = `${path}: 14 of 48 weights are pruned or 0 there; values alone are taken, so level 0 trains these too, from 0`;
    expect(JSON.parse(masked.stdout).notices).toContain(note);
    expect(started.stderr).not.toContain("values alone");
  });

  it("refuses weights of another shape than the spec's", async () => {
    await cli.call(["run", "moons-circles", ...tiny, ...onCpu, "--out", "donor", "--json"]);
    const [donor] = readdirSync(join(cli.folder(), "donor"));
    const init = `donor/${donor}/seed-0/init.safetensors`;
    const { code, stderr } = await cli.call(["run", "moons-circles", "--init", init, ...onCpu]);
    expect(stderr).toBe(
      `split-ticket: ${init}: holds a network of shape (4,10,10,2), the spec trains (4,57,57,2): give one of that shape\n`,
    );
    expect(code).toBe(2);
  });
});

describe("a run that is interrupted", () => {
  const args = (out: string) => [
    ...["run", "moons-circles", "--set", "extension=3", "maxEpochs=12", "stopAt=none", "--seeds", "0..1"],
    ...[...onCpu, "--out", out],
  ];

  it("exits with 130, and the same command brings it to the same bytes as a run in one go", async () => {
    const { child, finished, says } = cli.start(args("stopped"));
    await says("level 1/3");
    // The terminal sends the signal to the whole process group, and the parent sends it again: both count as one.
    child.kill("SIGINT");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await finished;
    // A moment between two levels leaves none in training.
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^split-ticket: interrupted: finished levels( and the level in training| and the 2 levels in training)? are kept in stopped, the same command continues from there$/,
    );
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });

    const [folder] = readdirSync(join(cli.folder(), "stopped"));
    const shown = await cli.call(["show", `stopped/${folder}`]);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/moons-circles, seed [01]: unfinished; last level [012] /);
    expect(shown.stdout).toMatch(
      /\n\d levels? of at most 4 finished; the command that started the run continues from there\n/,
    );

    const [resumed, whole] = await Promise.all([cli.run(args("stopped")), cli.run(args("whole"))]);
    expect([resumed.code, whole.code]).toEqual([0, 0]);
    expect(resumed.stderr).toMatch(/seed [01]: found \d finished levels?, continuing with level \d\n/);
    expect(hashes("stopped")).toEqual(hashes("whole"));
    expect(resumed.stdout.replaceAll("stopped", "whole")).toBe(whole.stdout);
  });

  it("stores the level in training on SIGTERM within 2 s, and goes on within it", async () => {
    // Level 0 would train for minutes.
    const endless = ["--set", "extension=8", "maxEpochs=100000", "patience=100000", ...onCpu, "--out", "long"];
    const { child, finished, says } = cli.start(["run", "moons-circles", ...endless]);
    await says("engine:");
    await new Promise((resolve) => setTimeout(resolve, 700));
    const askedAt = performance.now();
    child.kill("SIGTERM");
    expect((await finished).code).toBe(130);
    expect(performance.now() - askedAt).toBeLessThan(8000);
    const [file] = readdirSync(join(cli.folder(), "long"), { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith("checkpoint.safetensors"),
    );
    expect(file).toBeDefined();
    const again = cli.start(["run", "moons-circles", ...endless]);
    await again.says("seed 0: level 0 continues ");
    again.child.kill("SIGTERM");
    expect((await again.finished).code).toBe(130);
  });
});

describe("a run on a software adapter", () => {
  it("finds its environment, names the adapter, trains, and is interrupted through its parent", async () => {
    const args = ["run", "moons-circles", ...tiny, "--device", "software", "--out", "software", "--json"];
    const { code, stdout, stderr } = await cli.run(args);
    expect(stderr).toMatch(
      /^adapter: .+ \(software: runs on the CPU, expect minutes\)\nengine: adapter \(resident: a workgroup trains a network\), 1 of 1 seed at a time, /,
    );
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(stderr).toContain(`adapter: ${document.executor} (`);
    expect(document.experiments[0].runs[0].levels.map((level: { remaining: number }) => level.remaining)).toEqual([
      160, 112,
    ]);

    const long = ["run", "moons-circles", "--set", "patience=3000", "--device", "software", "--out", "software"];
    const { child, finished, says } = cli.start(long);
    await says("engine:");
    child.kill("SIGINT");
    expect(await finished).toMatchObject({ code: 130, stdout: "" });
  });
});
