import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { commandLine, tiny } from "./command.ts";

const cli = commandLine();
let run: string;
const masks = JSON.stringify({
  shape: [2, 2, 1],
  masks: [
    [
      [1, 0],
      [0, 1],
    ],
    [[1, 1]],
  ],
});
const analyze = (path: string, ...more: string[]) => cli.call(["analyze", path, "--tasks", "a:2:1", ...more]);
const onCpu = ["run", "moons-circles", ...tiny, "--device", "cpu"];

beforeAll(async () => {
  const { stdout } = await cli.call([...onCpu, "--set", "keepTrained=true"]);
  run = `${/\nresults: (.*)\n$/.exec(stdout)![1]}/seed-0`;
  writeFileSync("masks.json", masks);
});

/** Expects one line on standard error at the end, and nothing on standard output. */
async function refuses(args: readonly string[], message: string | RegExp, code = 2) {
  const finished = await cli.call(args);
  expect(finished.stderr.trimEnd().split("\n").at(-1)).toMatch(message);
  expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code, stdout: "" });
}

describe("an empty value is refused by name", () => {
  it.each([
    [[...onCpu, "--out", ""], '--out "": it is empty'],
    [[...onCpu, "--out", "  "], '--out "  ": it is empty'],
    [[...onCpu, "--init", ""], '--init "": it is empty'],
    [["run", ""], '<experiment> "": it is empty'],
    [["show", ""], '<folder> "": it is empty'],
    [["report", ""], '<folders> "": it is empty'],
    [["table", "runs", "-o", ""], '--output "": it is empty'],
    [["export", "masks.json", "-o", ""], '--output "": it is empty'],
    [["analyze", "masks.json", "--svg", ""], '--svg "": it is empty'],
    [["analyze", ""], '<ticket> "": it is empty'],
  ])("%j", (args, message) => refuses(args, `split-ticket: ${message}; give a value or leave it out`));
});

describe.runIf(existsSync("/dev/full"))("--svg", () => {
  it("to a full device fails with one line, and the device stays", async () => {
    const { code, stderr } = await analyze("masks.json", "--svg", "/dev/full");
    expect(stderr.split("\n").at(-2)).toBe(
      "split-ticket: cannot write /dev/full: no space left on the device; free some or choose another place (ENOSPC)",
    );
    expect(code).toBe(1);
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  it("through a link writes what it leads to", async () => {
    writeFileSync("figure.svg", "old");
    symlinkSync("figure.svg", "link.svg");
    expect((await analyze("masks.json", "--svg", "link.svg")).code).toBe(0);
    expect(readFileSync("figure.svg", "utf8")).toMatch(/^<svg /);
    expect(lstatSync("link.svg").isSymbolicLink()).toBe(true);
  });

  it("is refused before anything is printed where it cannot be written", async () => {
    mkdirSync("taken.svg");
    await refuses(
      ["analyze", "masks.json", "--tasks", "a:2:1", "--svg", "taken.svg"],
      /is a folder where a file is needed/,
    );
    await refuses(
      ["analyze", "masks.json", "--tasks", "a:2:1", "--svg", "figure.png"],
      "split-ticket: --svg figure.png: its name ends in .png, and the figure is SVG; give a name that ends in .svg",
    );
    await refuses(["show", run, "--svg", "of.run/figure.SVG.pdf"], /its name ends in .pdf/);
    await refuses(["branch", run, "reinit", "--svg", "worth.csv"], /its name ends in .csv/);
    await refuses(["stability", run, "--svg", "lines.html"], /its name ends in .html/);
    for (const path of ["figure.png", "of.run", "worth.csv", "lines.html"]) expect(existsSync(path)).toBe(false);
    expect((await analyze("masks.json", "--svg", "run.2/no-ending")).code).toBe(0);
    await refuses(["show", run, "--svg", "new/"], "cannot write new/: a folder's name ends with /; give a file");
    expect(existsSync("new")).toBe(false);
  });
});

it.runIf(existsSync("/proc/self/fd"))(
  "analyze reads masks from a path without an ending, such as that of a pipe",
  async () => {
    writeFileSync("no-ending", ` ${masks}`);
    const descriptor = openSync("no-ending", "r");
    const { code, stdout } = await analyze(`/dev/fd/${descriptor}`);
    closeSync(descriptor);
    const rest = (text: string) => text.replace(/^[^:]*/, "");
    expect({ code, stdout: rest(stdout) }).toEqual({ code: 0, stdout: rest((await analyze("masks.json")).stdout) });
  },
);

describe("what is read is not written", () => {
  const unchanged = async (path: string, args: readonly string[], message: string) => {
    const before = readFileSync(path);
    await refuses(args, message);
    expect(readFileSync(path)).toEqual(before);
  };

  it("the input itself, also by a link", async () => {
    symlinkSync("masks.json", "same.json");
    for (const svg of ["masks.json", "same.json", "./masks.json"]) {
      await unchanged(
        "masks.json",
        ["analyze", "masks.json", "--tasks", "a:2:1", "--svg", svg],
        `split-ticket: cannot write ${svg}: it is masks.json, which is read; choose another file`,
      );
    }
  });

  it("the files of a run", async () => {
    const level = `${run}/level-01.safetensors`;
    for (const [path, args] of [
      [`${run}/levels.jsonl`, ["table", run, "-o", `${run}/levels.jsonl`]],
      [`${run}/run.json`, ["show", run, "--svg", `${run}/run.json`]],
      [level, ["export", run, "-o", level]],
    ] as const) {
      const before = readFileSync(path);
      const { code, stderr } = await cli.call(args);
      expect(stderr.trimEnd().split("\n").at(-1)).toBe(
        `split-ticket: cannot write ${path}: it is a file of the run in ${run}; choose another name or folder`,
      );
      expect(code).toBe(2);
      expect(readFileSync(path)).toEqual(before);
    }
  });
});

describe("inputs without an end", () => {
  it.runIf(existsSync("/dev/zero"))("are refused wherever a file is read", async () => {
    for (const name of ["zero.csv", "zero.json", "zero.npz", "zero.safetensors"]) symlinkSync("/dev/zero", name);
    const refusal = (path: string) =>
      `split-ticket: cannot read ${path}: is a device, which may have no end; give a file`;
    for (const path of ["zero.csv", "zero.npz", "zero.json"]) {
      await refuses(["run", path, "--set", "shape=2,2,1", "levels=1", "rate=0.5", "--device", "cpu"], refusal(path));
    }
    await refuses([...onCpu, "--init", "zero.safetensors"], refusal("zero.safetensors"));
    await refuses(["analyze", "zero.safetensors", "--tasks", "a:2:1"], refusal("zero.safetensors"));
    await refuses(["export", "zero.safetensors", "-o", "out.onnx"], refusal("zero.safetensors"));
  });

  it("a folder is refused too", async () => {
    mkdirSync("folder.csv");
    await refuses(
      ["run", "folder.csv", "--set", "shape=2,2,1", "levels=1", "rate=0.5", "--device", "cpu"],
      /cannot read folder\.csv: is a folder where a file is needed/,
    );
  });
});

describe("more than is free", () => {
  // 10,000 runs with trained weights of 16 million each.
  const huge = ["--set", "shape=4,4000,4000,2", "levels=20", "rate=0.1", "keepTrained=true", "--seeds", "0..9999"];

  it("is refused with what is needed, what is free and what to do; --dry-run shows the plan beside it", async () => {
    const line =
      /the runs still to do take up to [\d.]+ TB in huge, where [\d.]+ GB are free for this user: give fewer seeds, keepTrained=false or another --out$/m;
    const args = ["run", "moons-circles", ...huge, "--device", "cpu", "--out", "huge"];
    await refuses(args, line);
    const dry = await cli.call([...args, "--dry-run"]);
    expect(dry.stdout).toMatch(/^disk: at most [\d.]+ TB in huge, where [\d.]+ [GT]B are free$/m);
    expect(dry.stderr).toMatch(line);
    expect(dry.code).toBe(2);
    expect(readdirSync(".")).not.toContain("huge");
  });
});
