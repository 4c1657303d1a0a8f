import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../../src/base/task.ts";
import { agreement } from "../../src/function/find_tasks.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { writeTicket } from "../../src/store/ticket_file.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();

/** (5,4,3): output 0 of inputs 0 and 3, output 1 of inputs 1 and 2; nothing uses input 4, and output 2 is constant. */
const split = {
  shape: [5, 4, 3],
  masks: [
    [
      [1, 0, 0, 0, 0],
      [1, 0, 0, 1, 0],
      [0, 1, 1, 0, 0],
      [0, 0, 0, 0, 1],
    ],
    [
      [1, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ],
  ],
};

beforeAll(() => {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(cli.folder(), name), content);
  write("split.json", JSON.stringify(split));
  write("none.json", JSON.stringify({ shape: [1, 1, 1], masks: [[[1]], [[0]]] }));
  const shape = [4, 6, 2];
  const parameters = initialParameters(shape, 1);
  // One hidden neuron joins both halves by weights that hardly count.
  const mask = Mask.full(shape);
  for (let neuron = 0; neuron < 6; neuron++) {
    for (let input = 0; input < 4; input++) {
      const isOwn = input % 2 === neuron % 2 || neuron === 5;
      mask.set(0, neuron, input, isOwn);
      const at = parameters.layout.weightOffset[0] + neuron * parameters.layout.rowStride[0] + input;
      parameters.values[at] = isOwn ? (neuron === 5 ? 1e-4 : 1 + input) : 0;
    }
    for (let output = 0; output < 2; output++) {
      const isOwn = output === neuron % 2 || neuron === 5;
      mask.set(1, output, neuron, isOwn);
      const at = parameters.layout.weightOffset[1] + output * parameters.layout.rowStride[1] + neuron;
      parameters.values[at] = isOwn ? 1 : 0;
    }
  }
  const tasks = ["a", "b"].map((name, task) => ({
    ...{ name, kind: "binary", inputs: [task, task + 2], outputs: { start: task, count: 1 } },
  }));
  const analysis = { tasks, coverage: "total" } as const;
  write("joined.safetensors", writeTicket({ mask, parameters, analysis, metadata: {} }));
});

describe("analyze --tasks unknown", () => {
  it("finds the inputs and outputs of each subnetwork, what is left out, and no gradients without weights", async () => {
    const { code, stdout, stderr } = await cli.call(["analyze", "split.json", "--tasks", "unknown"]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "split.json: 2 tasks, by structure",
        "shape         (5,4,3), 9 of 32 weights left",
        "structure     2 subnetworks",
        "  1: inputs 0+3 -> output 0; 5 weights, 5 neurons",
        "  2: inputs 1..2 -> output 1; 3 weights, 4 neurons",
        "  inputs no longer used: 4",
        "  outputs that no input reaches: 2",
        "",
      ].join("\n"),
    );
    expect(stderr).toContain("it holds no trained weights, so that there are no gradients; give a file with weights");
  });

  it("says one where all share a subnetwork, and tells the groups by gradients, against the tasks that are known", async () => {
    const { stdout, stderr } = await cli.call(["analyze", "joined.safetensors", "--tasks", "unknown"]);
    expect(stdout).toMatch(/^joined.safetensors: one, by structure: its inputs and outputs share a subnetwork\n/);
    expect(stdout).toMatch(
      /gradients {5}2 groups; 0\.0 % of the dependence crosses them.*\n {2}1: inputs 0\+2 -> output 0\n {2}2: inputs 1\+3 -> output 1\n/,
    );
    expect(stdout).toContain(
      "agreement     with the tasks of the file (a, b), adjusted Rand index: structure 0.00, gradients 1.00\n",
    );
    expect(stderr).toContain("activation: relu, since nothing names another; --activation does");
    const { stdout: json } = await cli.call(["analyze", "joined.safetensors", "--tasks", "unknown", "--json"]);
    const { structure, gradients, agreement } = JSON.parse(json);
    expect(structure.tasks).toEqual([{ inputs: [0, 1, 2, 3], outputs: [0, 1], weights: mostWeights, neurons: 12 }]);
    expect(gradients.sensitivity[0][1]).toBeGreaterThan(0);
    expect(agreement.gradients).toEqual({ adjustedRand: 1, columns: 6, ofColumns: 6 });
  });

  it("compares with no tasks that share inputs", () => {
    const shared = [0, 1].map(
      (task): Task => ({
        ...{ name: `${task}`, kind: "binary", inputs: [0, task + 1], outputs: { start: task, count: 1 } },
      }),
    );
    expect(agreement([{ inputs: [0, 1, 2], outputs: [0, 1] }], shared)).toBeUndefined();
  });

  it("says so where no input reaches an output", async () => {
    const { code, stdout } = await cli.call(["analyze", "none.json", "--tasks", "unknown"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^none.json: no input reaches an output\n/);
  });

  it.each([
    [["--tasks", "unknown", "--coverage", "output"], "--coverage output: it needs tasks"],
    [["--tasks", "unknown", "--svg", "x.svg"], "--svg x.svg: it needs tasks"],
    [["--tasks", "unknown", "--activation", "gelu"], 'activation "gelu" is not known: give relu or tanh'],
    [["--tasks", "a:2:1,b:2:1", "--activation", "tanh"], "--activation tanh: structure does not depend on it"],
  ])("refuses %j in one line", async (options, message) => {
    const { code, stdout, stderr } = await cli.call(["analyze", "joined.safetensors", ...options]);
    expect(stderr.trim().split("\n").at(-1)).toContain(message);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

/** 5 neurons with 2 inputs and 1 output of their own, and one with all. */
const mostWeights = 5 * 3 + 6;
