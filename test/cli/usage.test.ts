import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { datasets } from "../../src/dataset/registry.ts";
import { presets } from "../../src/lottery/presets.ts";
import { specKeys } from "../../src/lottery/spec_schema.ts";
import type { Tensor } from "../../src/store/dtype.ts";
import { writeSafetensors } from "../../src/store/safetensors.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();

/** Exit code 2, nothing on standard output, one line on standard error. */
async function refuses(args: readonly string[], message: string | RegExp): Promise<void> {
  const { code, stdout, stderr } = await cli.call(args);
  const line = stderr.trimEnd();
  if (typeof message === "string") expect(line).toBe(`split-ticket: ${message}`);
  else expect(line).toMatch(message);
  expect(line).toMatch(/^split-ticket: [^\n]+$/);
  expect(stdout).toBe("");
  expect(code).toBe(2);
}

/** Arguments of a run that must be refused before anything is trained. */
const run = (...args: string[]) => ["run", "--device", "cpu", "--out", "refused", ...args];

describe.concurrent("usage", () => {
  it.each([
    [
      [],
      "no command given: use run, branch, stability, analyze, show, verify, report, export, table, shares, reproduce, bench, lab, doctor or data; see split-ticket --help",
    ],
    [["frob"], "unknown command 'frob'; see split-ticket --help"],
    [["--frob"], "unknown option '--frob'; see split-ticket --help"],
    [["run"], "missing required argument 'experiment'; see split-ticket run --help"],
    [["run", "mnist", "--sed", "1"], "unknown option '--sed' (Did you mean --set?); see split-ticket run --help"],
    [["show", "runs", "more"], /too many arguments for 'show'.*; see split-ticket show --help$/],
    [
      ["run", "mnist", "--device", "tpu"],
      "option '--device <device>' argument 'tpu' is invalid. Allowed choices are auto, gpu, software, cpu; see split-ticket run --help",
    ],
    [
      ["run", "mnist", "--engine", "cpu", "--device", "gpu"],
      "--engine cpu uses no adapter and --device gpu asks for one: leave one of them out",
    ],
    [
      ["run", "mnist", "--engine", "tiled", "--device", "cpu"],
      "--engine tiled needs an adapter and --device cpu has none: choose one of them",
    ],
    [["analyze"], "missing required argument 'ticket'; see split-ticket analyze --help"],
    [["show", "nowhere"], "nowhere: there is no such folder; give a run folder such as runs/<name>-<hash>/seed-0"],
    [["show", "nowhere", "--level", "1"], "--level 1 chooses what --svg draws: give --svg <file> too"],
    [["data", "imagenet"], `data: "imagenet" is not known; choose ${datasets.names.join(", ")}`],
  ])("refuses %j", (args, message) => refuses(args, message));

  it("prints help and version on standard output", async () => {
    const help = await cli.call(["run", "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("Usage: split-ticket run [options] <experiment...>");
    expect(help.stdout).toContain("keepTrained");
    expect(help.stdout).toContain("Examples:");
    expect(help.stdout.split("\n").every((line) => line.length <= 90)).toBe(true);
    expect(await cli.call(["--version"])).toMatchObject({ code: 0, stdout: "0.1.0\n", stderr: "" });
    expect((await cli.call(["--help"])).stdout).toContain("Exit codes: 0 done");
  });

  it("shows the stack where SPLIT_TICKET_DEBUG asks for it", async () => {
    const { code, stderr } = await cli.call(["show", "nowhere"], { SPLIT_TICKET_DEBUG: "1" });
    expect(code).toBe(2);
    expect(stderr).toMatch(/InputError: nowhere: there is no such folder.*\n {4}at /);
  });
});

describe.concurrent("a spec that cannot be run", () => {
  it.each([
    [
      ["nosuch"],
      `"nosuch" is neither a preset nor a path of a spec or data: choose ${presets.names.join(", ")}, or a path that ends in .json, .csv, .tsv, .txt, .dat, .data or .npz`,
    ],
    [
      ["moons-circles", "--set", "rate"],
      '--set "rate" is not key=value: give a spec key and its value, such as --set rate=0.3',
    ],
    [
      ["moons-circles", "--set", "speed=9"],
      `moons-circles: unknown key speed, nearest to seeds: the keys are ${specKeys.join(", ")}`,
    ],
    [
      ["moons-circles", "--set", "lr=NaN"],
      /^split-ticket: moons-circles: lr "NaN" does not fit .*: give a number above 0$/,
    ],
    [
      ["moons-circles", "--set", "lr=-1"],
      /^split-ticket: moons-circles: lr -1 does not fit .*: give a number above 0$/,
    ],
    [["moons-circles", "--set", "batch=0"], /batch 0 does not fit .*: give an integer from 1 to 65536$/],
    [
      ["moons-circles", "--seeds", "3..1"],
      /seeds \["3\.\.1"\] does not fit .*: give a list or range of at most 10000 seeds such as 0\.\.3/,
    ],
    [["moons-circles", "--seeds", "-1"], /seeds \[-1\] does not fit/],
    [["mnist", "--set", "levels=-1"], /mnist: levels -1 does not fit .*: give an integer from 0 to 1000$/],
    [
      ["moons-circles", "--set", "shape=4,8,2", "levels=2", "target=100", "rate=0.3"],
      /a trajectory needs exactly three of weights, rate, levels and target, got 4 .*: leave one out, or give two of rate, levels and target, which replace those of a preset$/,
    ],
    [
      ["moons-circles", "--set", "shape=4,8,2", "levels=2", "target=100"],
      "moons-circles: target 100 is above the 48 weights of the network: choose at most 48",
    ],
    [
      ["moons-circles", "--set", "shape=5,8,2", "levels=2", "rate=0.3"],
      "shape (5,8,2) does not fit dataset moons-circles: it has 4 inputs and 2 outputs; give a shape that starts with 4 and ends with 2",
    ],
    [["moons-circles", "--set", "samplesPerClass=5"], /samplesPerClass: 5 does not apply to the dataset moons-circles/],
    [
      ["moons-circles", "--set", "dataset=imagenet"],
      new RegExp(`^split-ticket: moons-circles: dataset "imagenet" is not known: give ${datasets.names.join(", ")}`),
    ],
    [["absent.json"], "cannot read absent.json: there is no such file or folder; check the path (ENOENT)"],
    [["absent.csv", "--set", "shape=4,8,2", "levels=1", "rate=0.3"], /absent\.csv.*check the path \(ENOENT\)$/],
  ])("refuses %j", (args, message) => refuses(run(...args), message));

  it("names a spec file that is no spec by its path", async () => {
    mkdirSync(join(cli.folder(), "specs"), { recursive: true });
    writeFileSync(join(cli.folder(), "specs/cut.json"), '{"dataset":');
    writeFileSync(join(cli.folder(), "specs/empty.json"), "{}");
    await refuses(
      run("specs/cut.json"),
      /^split-ticket: specs\/cut\.json: it is not JSON \(.*\); give a spec file or a preset's name$/,
    );
    await refuses(
      run("specs/empty.json"),
      /^split-ticket: specs\/empty\.json: dataset is missing: give a dataset's name/,
    );
  });
});

describe.concurrent("files that cannot be used", () => {
  const own = ["--set", "shape=2,4,1", "levels=1", "rate=0.3"];

  it("refuses data that is cut off, foreign or does not fit the tasks", async () => {
    const write = (name: string, content: string | Uint8Array) => writeFileSync(join(cli.folder(), name), content);
    write("torn.csv", "1,2,0\n3,4\n");
    write("foreign.csv", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 1, 2));
    write("cut.npz", "PK\u0003\u0004");
    write("good.csv", "1,2,0\n3,4,1\n5,6,0\n7,8,1\n1,1,0\n");
    await refuses(run("torn.csv", ...own), /^split-ticket: torn\.csv.*2/);
    await refuses(run("foreign.csv", ...own), /^split-ticket: foreign\.csv/);
    await refuses(run("cut.npz", ...own), /^split-ticket: cut\.npz/);
    await refuses(
      run("good.csv", "--set", "tasks=a:2:1,b:2:1", ...own.slice(1)),
      "good.csv: 3 columns, 4 inputs and 2 or 2 targets are needed; change tasks= or the data",
    );
    await refuses(
      run("good.csv", "--set", "tasks=a:1:1,a:1:1", ...own.slice(1)),
      'tasks: the name "a" is given twice; each task needs its own',
    );
  });

  it("refuses weights of another shape, cut off or foreign", async () => {
    const write = (name: string, content: Uint8Array) => writeFileSync(join(cli.folder(), name), content);
    write("short.safetensors", Uint8Array.of(1, 2, 3));
    write("foreign.safetensors", new Uint8Array(64).fill(0x41));
    const init = (file: string) => run("moons-circles", "--init", file);
    await refuses(
      init("short.safetensors"),
      "short.safetensors: 3 bytes are too few for a safetensors file, which starts with an 8-byte header length; give another file",
    );
    await refuses(
      init("foreign.safetensors"),
      /^split-ticket: foreign\.safetensors: header length \d+ exceeds the 56 bytes/,
    );
    const weight: Tensor = { dtype: "F32", shape: [4, 4], data: new Float32Array(16).fill(1) };
    write("words.safetensors", writeSafetensors(new Map(["one", "two"].map((name) => [`${name}.weight`, weight]))));
    await refuses(
      init("words.safetensors"),
      /^split-ticket: words\.safetensors: .* several orders, such as one,two and two,one, .*; rename the layers in the file by numbers, such as layers\.0, layers\.1$/m,
    );
    await refuses(init("absent.safetensors"), /^split-ticket: cannot read absent\.safetensors: there is no such file/);
  });

  it("refuses a place below a regular file", async () => {
    writeFileSync(join(cli.folder(), "plain"), "");
    const { code, stdout, stderr } = await cli.call(run("moons-circles", "--out", "plain/runs"));
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^split-ticket: cannot write plain\/runs: plain is a file where a folder is needed; choose another path$/,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});
