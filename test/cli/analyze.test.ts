import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { measureMask, usualMeasures } from "../../src/analysis/measures/measures.ts";
import type { Tensor } from "../../src/store/dtype.ts";
import { readMaskJson } from "../../src/store/mask_json.ts";
import { writeSafetensors } from "../../src/store/safetensors.ts";
import { writeTicket } from "../../src/store/ticket_file.ts";
import { task, ticket, twoTasks } from "../analysis/drawn.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
const tasks = ["--tasks", "circles:2:1,moons:2:1"];

/**
 * Two subnetworks of three weights; no input reaches hidden neuron 2 (zombie), and hidden neuron 3 reaches no output
 * (inactive).
 */
const separated = [
  [
    [1, 1, 0, 0],
    [0, 0, 1, 1],
    [0, 0, 0, 0],
    [1, 0, 0, 0],
  ],
  [
    [1, 0, 0, 0],
    [0, 1, 1, 0],
  ],
];

beforeAll(() => {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(cli.folder(), name), content);
  write("masks.json", JSON.stringify({ shape: [4, 4, 2], masks: separated }));
  write("wrong.json", '{"shape":[2,1],"masks":[[[1,2]]]}');
  const values = (rows: readonly number[][]) => Float32Array.from(rows.flat());
  const tensor = (rows: readonly number[][]): Tensor => ({
    dtype: "F32",
    shape: [rows.length, rows[0].length],
    data: values(rows),
  });
  const bias: Tensor = { dtype: "F32", shape: [2], data: new Float32Array(2) };
  // As torch.nn.utils.prune leaves a Sequential: the original weights, the mask beside them; layer 10 follows layer 2.
  const pruned = new Map<string, Tensor>([
    ["net.10.weight_orig", tensor(separated[1].map((row) => row.map(() => 0.5)))],
    ["net.10.weight_mask", tensor(separated[1])],
    ["net.10.bias", bias],
    ["net.2.weight_orig", tensor(separated[0].map((row) => row.map(() => -0.5)))],
    ["net.2.weight_mask", tensor(separated[0])],
  ]);
  const bytes = writeSafetensors(pruned);
  write("torch.safetensors", bytes);
  write("cut.safetensors", bytes.subarray(0, bytes.length - 5));
  write("program.mjs", "export const answer = 42;\n".repeat(10));
});

const document = {
  shape: [4, 4, 2],
  remaining: 8,
  weights: { active: 6, inactive: 1, zombie: 1, pruned: 16 },
  neurons: { active: 8, inactive: 1, zombie: 1 },
  weightStates: [
    [
      ["active", "active", "pruned", "pruned"],
      ["pruned", "pruned", "active", "active"],
      ["pruned", "pruned", "pruned", "pruned"],
      ["inactive", "pruned", "pruned", "pruned"],
    ],
    [
      ["active", "pruned", "pruned", "pruned"],
      ["pruned", "active", "zombie", "pruned"],
    ],
  ],
  neuronStates: [
    ["active", "active", "active", "active"],
    ["active", "active", "zombie", "inactive"],
    ["active", "active"],
  ],
  subnetworks: [
    {
      neurons: [
        [0, 0],
        [0, 1],
        [1, 0],
        [2, 0],
      ],
      weights: 3,
      foreignInputs: 0,
    },
    {
      neurons: [
        [0, 2],
        [0, 3],
        [1, 1],
        [2, 1],
      ],
      weights: 3,
      foreignInputs: 0,
    },
  ],
  coverage: {
    input: [
      [1, 0],
      [0, 1],
    ],
    output: [
      [1, 0],
      [0, 1],
    ],
    total: [
      [1, 0],
      [0, 1],
    ],
  },
  state: "separated",
  degree: { fromOutputs: [1, 1, 1], fromInputs: [1, 1, 1] },
  paths: [
    ["2", "0"],
    ["0", "2"],
  ],
  taskCut: { least: 0, most: 0 },
  measures: measureMask(readMaskJson(JSON.stringify({ shape: [4, 4, 2], masks: separated }), "masks"), twoTasks),
  tasks: twoTasks,
  tasksFrom: "option",
  coverageKind: "total",
};

it.each([
  ["masks.json", ["masks[0]", "masks[1]"], "file", "as in the file"],
  ["torch.safetensors", ["net.2", "net.10"], "widths", "the only order that their widths allow"],
])("--json prints one document for %s, keys in their order", async (file, layers, orderedBy, reason) => {
  const { code, stdout, stderr } = await cli.call(["analyze", file, ...tasks, "--json"]);
  expect(stderr).toBe(`${file}: layers in order: ${layers[0]} (4 to 4), ${layers[1]} (4 to 2); ${reason}\n`);
  expect(stdout).toBe(`${JSON.stringify({ ...document, layers, orderedBy, passedOver: [] })}\n`);
  expect(code).toBe(0);
});

it("prints the same for people in a few lines", async () => {
  const { code, stdout } = await cli.call(["analyze", "masks.json", ...tasks]);
  const [summary, measured] = stdout.split("measures, those for every two tasks in such rows\n");
  expect(summary).toBe(
    [
      "masks.json: separated, by total coverage of the tasks (structure alone: scores need data)",
      "tasks         circles:2:1, moons:2:1 (from --tasks)",
      "shape         (4,4,2), 8 of 24 weights left",
      "weights       6 active, 1 inactive, 1 zombie, 16 pruned",
      "neurons       8 active, 1 inactive, 1 zombie",
      "subnetworks   2",
      "  1: 3 weights, 4 neurons; circles (inputs 100 %, outputs 100 %)",
      "  2: 3 weights, 4 neurons; moons (inputs 100 %, outputs 100 %)",
      "to separate   0 active weights would have to go",
      "degree of separation, per layer from the inputs to the outputs",
      "  seen from outputs   1.00  1.00  1.00",
      "  seen from inputs    1.00  1.00  1.00",
      "paths, a row for each task by its inputs, a column for each by its outputs",
      "  circles  2  0",
      "  moons    0  2",
      "",
    ].join("\n"),
  );
  const lines = measured.trimEnd().split("\n");
  expect(lines.map((line) => line.trim().split(/ +/)[0])).toEqual(usualMeasures);
  expect(lines).toContain("  density             0.333");
  expect(lines).toContain("  effective-density   0.25");
  expect(lines).toContain("  log10-paths         0.301  none | none  0.301");
  expect(code).toBe(0);
});

it("--measures chooses what is measured, of tasks that are named", async () => {
  const args = ["analyze", "masks.json", ...tasks, "--json", "--measures", "n-cut-p,task-cut"];
  expect(Object.keys(JSON.parse((await cli.call(args)).stdout).measures)).toEqual(["task-cut", "n-cut-p"]);
  expect(await cli.call(["analyze", "masks.json", "--tasks", "unknown", "--measures", "task-cut"])).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "split-ticket: --measures task-cut: measures need tasks, which --tasks unknown leaves to be found; leave --measures out, or name the tasks\n",
  });
});

it("--coverage decides the state", async () => {
  // Input 3 is cut off: moons has half of its inputs, and all of its output.
  const cut = structuredClone(separated);
  cut[0][1][3] = 0;
  writeFileSync(join(cli.folder(), "half.json"), JSON.stringify({ shape: [4, 4, 2], masks: cut }));
  const stateBy = async (...coverage: string[]) =>
    JSON.parse((await cli.call(["analyze", "half.json", ...tasks, "--json", ...coverage])).stdout).state;
  expect(await stateBy()).toBe("degraded");
  expect(await stateBy("--coverage", "output")).toBe("separated");
  expect((await cli.call(["analyze", "half.json", ...tasks])).stdout).toContain("moons (inputs 50.0 %, outputs 100 %)");
});

describe("a ticket that carries its tasks and coverage", () => {
  /** Input 3 is cut off: by output coverage the ticket has separated, by total coverage moons is degraded. */
  const mask = ticket([4, 2, 2], ["0-0 1-0 2-1", "0-0 1-1"]);
  const analysis = { tasks: [twoTasks[0], { ...twoTasks[1], kind: "mse" }], coverage: "output" } as const;
  const save = (name: string, given: typeof analysis) =>
    writeFileSync(join(cli.folder(), name), writeTicket({ mask, analysis: given, metadata: {} }));

  it("is analysed by them, and says so", async () => {
    save("own.safetensors", analysis);
    const { code, stdout, stderr } = await cli.call(["analyze", "own.safetensors"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `own.safetensors: layers in order: layers.0 (4 to 2), layers.1 (2 to 2); the only order that their widths allow\n`,
    });
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "own.safetensors: separated, by output coverage of the tasks (structure alone: scores need data)",
      "tasks         circles:2:1, moons:2:1:mse (from the file)",
    ]);
    const document = JSON.parse((await cli.call(["analyze", "own.safetensors", "--json"])).stdout);
    expect(document).toMatchObject({ ...{ tasks: analysis.tasks, coverageKind: "output" }, tasksFrom: "file" });
  });

  it("is analysed by the options where they are given", async () => {
    save("own.safetensors", analysis);
    const total = await cli.call(["analyze", "own.safetensors", "--coverage", "total"]);
    expect(total.stdout).toMatch(/^own\.safetensors: degraded, by total coverage .*\n.* \(from the file\)\n/);
    const given = await cli.call(["analyze", "own.safetensors", "--tasks", "a:1:1,b:3:1"]);
    expect(given.stdout).toMatch(/: separated, by output coverage .*\ntasks +a:1:1, b:3:1 \(from --tasks\)\n/);
  });

  it("is refused when its tasks do not fit its shape", async () => {
    save("wide.safetensors", { ...analysis, tasks: [analysis.tasks[0], task("wide", [2, 3], [1, 1]) as never] });
    expect(await cli.call(["analyze", "wide.safetensors"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "split-ticket: wide.safetensors: tasks: they have 5 inputs in all, the data or network has 4; change the counts, or give --tasks\n",
    });
  });
});

// A device that is always full is there on Linux only.
it.runIf(existsSync("/dev/full"))("a full disk ends the command with 1, not with the 2 of bad usage", async () => {
  const { code, stderr } = await cli.call(["analyze", "masks.json", ...tasks, "--svg", "/dev/full"]);
  expect({ code, last: stderr.trimEnd().split("\n").at(-1) }).toEqual({
    code: 1,
    last: "split-ticket: cannot write /dev/full: no space left on the device; free some or choose another place (ENOSPC)",
  });
  const { code: badInput } = await cli.call(["analyze", "masks.json", ...tasks, "--svg", "masks.json/a.svg"]);
  expect(badInput).toBe(2);
});

it("--svg draws the ticket beside the results", async () => {
  const { code, stdout, stderr } = await cli.call([
    "analyze",
    "masks.json",
    ...tasks,
    "--json",
    "--svg",
    "drawn/a.svg",
  ]);
  expect(code).toBe(0);
  expect(stderr.split("\n").slice(1)).toEqual(["figure: drawn/a.svg", ""]);
  expect(JSON.parse(stdout).state).toBe("separated");
  const svg = readFileSync(join(cli.folder(), "drawn/a.svg"), "utf8");
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain("subnetwork 2 (moons)");
});

describe("tasks by position", () => {
  const order = "masks.json: layers in order: masks[0] (4 to 4), masks[1] (4 to 2); as in the file\n";
  const analyzed = (tasks: string, ...more: string[]) => cli.call(["analyze", "masks.json", "--tasks", tasks, ...more]);

  it("share an input, so that outputs decide", async () => {
    const { code, stdout, stderr } = await analyzed("circles:0+1+2:0,moons:2..3:1");
    expect([code, stderr]).toEqual([0, order]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "masks.json: separated, by output coverage of the tasks (structure alone: scores need data)",
      "tasks         circles:0..2:0, moons:2..3:1 (from --tasks)",
    ]);
    const total = await analyzed("circles:0..2:0,moons:2..3:1", "--coverage", "total");
    expect(total.stdout).toMatch(/^masks\.json: degraded, by total coverage/);
    expect(total.stderr).toBe(
      `${order}tasks: inputs 2 belong to several tasks, which no network separates by total coverage; give --coverage output\n`,
    );
  });

  it("are printed as they can be given again", async () => {
    for (const tasks of ["a:1..1:0..0, b:3..3:1..1", "a:0+2:1, b:1+3:0", "a:0..1:0, b:1..3:1"]) {
      expect((await analyzed(tasks)).stdout).toContain(`\ntasks         ${tasks} (from --tasks)\n`);
    }
  });

  it("interleave, in a list or in JSON, and leave an input to no task with a note", async () => {
    const { stdout, stderr } = await analyzed("a:1..1:0,b:0+3:1", "--coverage", "output", "--json");
    expect(stderr).toBe(`${order}tasks: inputs 2 belong to no task: they are drawn and not counted\n`);
    const { tasks: found, coverage, foreignInputs } = JSON.parse(stdout);
    expect(found).toEqual([
      { name: "a", kind: "binary", inputs: { start: 1, count: 1 }, outputs: { start: 0, count: 1 } },
      { name: "b", kind: "binary", inputs: [0, 3], outputs: { start: 1, count: 1 } },
    ]);
    expect([coverage.input, foreignInputs]).toEqual([
      [
        [1, 0.5],
        [0, 0.5],
      ],
      undefined,
    ]);
    const json = JSON.stringify([
      { name: "a", inputs: [1], targets: [0] },
      { name: "b", inputs: [3, 0], targets: ["1"] },
    ]);
    expect((await analyzed(json, "--coverage", "output", "--json")).stdout).toBe(stdout);
  });
});

it.each([
  [
    ["masks.json"],
    "masks.json: it names no tasks and --tasks is not given; give --tasks name:inputs:outputs,.. for the 4 inputs and 2 outputs of (4,4,2), such as --tasks circles:2:1,moons:2:1",
  ],
  [
    ["torch.safetensors"],
    "torch.safetensors: it names no tasks and --tasks is not given; give --tasks name:inputs:outputs,.. for the 4 inputs and 2 outputs of (4,4,2), such as --tasks circles:2:1,moons:2:1",
  ],
  [
    ["masks.json", "--tasks", "circles:2:1"],
    "tasks: they have 2 inputs in all, the data or network has 4; change the counts",
  ],
  [
    ["masks.json", "--tasks", "circles:2:1,moons:2:2"],
    "tasks: they have 3 outputs in all, the data or network has 2; change the counts",
  ],
  [
    ["masks.json", "--tasks", "circles:2:1,circles:2:1"],
    'tasks: the name "circles" is given twice; each task needs its own',
  ],
  [
    ["masks.json", "--tasks", "circles:2"],
    'tasks: "circles:2" is not name:inputs:outputs or name:inputs:outputs:loss, as in circles:2:1,moons:2:1',
  ],
  [
    ["masks.json", "--tasks", "a:-1:1"],
    'tasks: "a:-1:1" has inputs "-1", which is neither a number nor positions from 0 such as 0+2 or 1..3, as in circles:2:1,moons:2:1 or a:0+1:0..0,b:1..2:1',
  ],
  [
    ["masks.json", "--tasks", "a:0..4:0,b:1..2:1"],
    'tasks: "a" has input 4, the network has 4, numbered from 0; change the positions',
  ],
  [
    ["masks.json", "--tasks", "a:0..1:0,b:1..2:0"],
    'tasks: output 0 belongs to "a" and "b"; give each output to one task',
  ],
  [
    ["masks.json", "--tasks", '[{"name":"a","inputs":[0,-1],"targets":[0]}]'],
    'tasks: 0.inputs.1: Too small: expected number to be >=0; give JSON such as [{"name":"a","inputs":[0,2],"targets":[0]}]',
  ],
  [["wrong.json", ...tasks], "wrong.json: masks[0][0][1] is 2; a mask holds only 0 (pruned) and 1 (kept)"],
  [["absent.json", ...tasks], "cannot read absent.json: there is no such file or folder; check the path (ENOENT)"],
])("refuses %j", async (args, message) => {
  const { code, stdout, stderr } = await cli.call(["analyze", ...args]);
  expect(stderr).toBe(`split-ticket: ${message}\n`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

it("refuses a file that is cut off, or no safetensors file", async () => {
  const cut = await cli.call(["analyze", "cut.safetensors", ...tasks]);
  expect(cut.stderr).toMatch(/^split-ticket: cut\.safetensors: .*\n$/);
  const foreign = await cli.call(["analyze", "program.mjs", ...tasks]);
  expect(foreign.stderr).toMatch(
    /^split-ticket: program\.mjs: header length \d+ exceeds the \d+ bytes after it; .*\n$/,
  );
  expect([cut.code, foreign.code]).toEqual([2, 2]);
});
