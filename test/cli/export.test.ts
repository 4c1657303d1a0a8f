import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../../src/base/task.ts";
import { loadDataset } from "../../src/dataset/load.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { Mask } from "../../src/mask/mask.ts";
import { activations } from "../../src/network/activations/index.ts";
import { formatRunRecord } from "../../src/store/run_record.ts";
import { readSafetensors, writeSafetensors } from "../../src/store/safetensors.ts";
import { readTicket, writeTicket } from "../../src/store/ticket_file.ts";
import { largestError, logits } from "../export/direct.ts";
import { drawnTicket, randomSamples, randomTicket } from "../export/tickets.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
const inFolder = (path: string) => join(cli.folder(), path);
const bytesOf = (path: string) => new Uint8Array(readFileSync(inFolder(path)));
const ticketOf = (path: string) => readTicket(bytesOf(path), path);
const metadataOf = (path: string) => readSafetensors(bytesOf(path), path).metadata;

/** Exit code 2, nothing on standard output, one line on standard error, nothing written. */
async function refuses(args: readonly string[], message: string): Promise<void> {
  const before = readdirSync(cli.folder(), { recursive: true }).sort();
  const { code, stdout, stderr } = await cli.call(["export", ...args]);
  expect(stderr).toBe(`split-ticket: ${message}\n`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(readdirSync(cli.folder(), { recursive: true }).sort()).toEqual(before);
}

const tasks: Task[] = ["a", "b"].map((name, k) => ({
  name,
  kind: "binary",
  inputs: { start: 3 * k, count: 3 },
  outputs: { start: k, count: 1 },
}));

/** Writes a ticket of (6,8,8,2) whose tasks lie in a block each; input 5 leads nowhere. */
function writeBlocks(path: string): { mask: Mask; parameters: ReturnType<typeof randomTicket>["parameters"] } {
  const shape = [6, 8, 8, 2];
  const { mask, parameters } = randomTicket(shape, 0.7, 5);
  for (let layer = 0; layer < 3; layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) {
        const isAcross = output < shape[layer + 1] / 2 !== input < shape[layer] / 2;
        if (isAcross || (layer === 0 && input === 5)) mask.set(layer, output, input, false);
      }
    }
  }
  const analysis = { tasks, coverage: "total" } as const;
  writeFileSync(inFolder(path), writeTicket({ mask, parameters, analysis, metadata: {} }));
  return { mask, parameters };
}

/** A run with trained weights, one without, and one of own data with an activation of its own. */
let run: string;
let masks: string;
let own: string;

beforeAll(async () => {
  const folderOf = async (...args: string[]) => {
    const { stdout } = await cli.call(["run", ...args, "--device", "cpu", "--json"]);
    return `${JSON.parse(stdout).experiments[0].folder}/seed-0`;
  };
  const spec = { dataset: "moons-circles", shape: [4, 12, 10, 2], levels: 2, target: 30, maxEpochs: 3, samples: 200 };
  writeFileSync("trained.json", JSON.stringify({ ...spec, keepTrained: true }));
  writeFileSync("masks.json", JSON.stringify(spec));
  run = await folderOf("trained.json");
  masks = await folderOf("masks.json");
  const rows = randomSamples(60, 3).map((x) => [...x.map((v) => (v * 50 + 1000).toFixed(3)), x[0] > 0 ? 1 : 0]);
  writeFileSync("own.csv", `x,y,z,label\n${rows.map((row) => row.join()).join("\n")}\n`);
  own = await folderOf(
    "own.csv",
    "--set",
    "shape=3,6,1",
    "levels=1",
    "rate=0.8",
    "maxEpochs=2",
    "keepTrained=true",
    "activation=tanh",
  );
});

describe("a level of a run", () => {
  it("becomes a network with the ticket's outputs", async () => {
    const { code, stdout, stderr } = await cli.call(["export", run, "--level", "2", "-o", "net.safetensors"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(
      /^ticket \(4,12,10,2\): \d+ active weights kept, \d+ inactive left out, \d+ zombie folded into biases\n/,
    );
    expect(stderr).toMatch(
      /\nnet\.safetensors: network \([\d,]+\), relu, trained weights of trained-[0-9a-f]{12}, seed 0, level 2\n$/,
    );
    const ticket = ticketOf(`${run}/level-02.safetensors`);
    const network = ticketOf("net.safetensors");
    const { inputs } = metadataOf("net.safetensors");
    const columns: number[] = JSON.parse(inputs);
    expect(network.shape[0]).toBe(columns.length);
    const samples = randomSamples(100, 4);
    const relu = activations.get("relu").activated;
    const expected = logits(ticket.parameters!, ticket.mask, relu, samples);
    const actual = logits(
      network.parameters!,
      undefined,
      relu,
      samples.map((x) => columns.map((column) => x[column])),
    );
    expect(largestError(expected, actual)).toBeLessThan(1e-6);
    // The file of the level is the same ticket, and the same bytes come on standard output.
    await cli.call(["export", `${run}/level-02.safetensors`, "-o", "same.safetensors"]);
    expect(bytesOf("same.safetensors")).toEqual(bytesOf("net.safetensors"));
  });

  it("is by init.safetensors the run's start, with what the run had", async () => {
    await cli.call(["export", own, "--level", "0", "--weights", "initial", "-o", "start.safetensors"]);
    const { stderr } = await cli.call(["export", `${own}/init.safetensors`, "-o", "init.safetensors"]);
    expect(stderr).toMatch(/network \(3,6,1\), tanh, initial weights of own-[0-9a-f]{12}, seed 0, level 0\n$/);
    expect(bytesOf("init.safetensors")).toEqual(bytesOf("start.safetensors"));
    await refuses(
      [`${own}/init.safetensors`, "--activation", "relu", "-o", "n.onnx"],
      `--activation relu: ${own} says itself what its run had; leave it out`,
    );
  });

  it("is by default the first separated one, else the last, and goes to a folder under its own name", async () => {
    const { stderr } = await cli.call(["export", run, "-o", "networks/", "--format", "onnx"]);
    expect(stderr).toContain("networks/trained-seed-0-level-02.onnx: network");
    expect(existsSync(inFolder("networks/trained-seed-0-level-02.onnx"))).toBe(true);
  });

  it("says what inputs it expects: the training split's constants of its columns", async () => {
    await cli.call(["export", run, "--level", "0", "-o", "dense.safetensors"]);
    const { mean, scale } = await loadDataset(
      { dataset: "moons-circles", dataSeed: 0, samples: 200 },
      nodeDatasetAccess(),
    );
    expect(metadataOf("dense.safetensors")).toEqual({
      format: "pt",
      source: expect.stringMatching(/^trained-[0-9a-f]{12}, seed 0, level 0$/),
      weights: "trained",
      activation: "relu",
      inputs: "[0,1,2,3]",
      input_names: '["circles/0","circles/1","moons/0","moons/1"]',
      expects: "(value - input_mean) * input_scale for every input, in float64",
      input_mean: JSON.stringify([...mean]),
      input_scale: JSON.stringify([...scale]),
      output_tasks: '[{"name":"circles","loss":"binary","outputs":[0]},{"name":"moons","loss":"binary","outputs":[1]}]',
    });
  });

  it("of own data has its columns' own constants, unless the file has changed", async () => {
    await cli.call(["export", own, "--level", "0", "-o", "own.safetensors"]);
    const { input_mean: mean, input_scale: scale, input_names: names, activation } = metadataOf("own.safetensors");
    expect(names).toBe('["x","y","z"]');
    expect(activation).toBe("tanh");
    for (const value of JSON.parse(mean)) expect(Math.abs(value - 1000)).toBeLessThan(30);
    // Uniform from 900 to 1100: a standard deviation of 200 / sqrt(12).
    for (const value of JSON.parse(scale)) expect(1 / value).toBeCloseTo(57.7, -1.3);
    // Another division of the training split has other constants, of the same columns.
    const args = ["--set", "shape=3,6,1", "levels=1", "rate=0.8", "maxEpochs=1", "keepTrained=true", "validation=0.3"];
    const { stdout } = await cli.call(["run", "own.csv", ...args, "--device", "cpu", "--json"]);
    await cli.call(["export", `${JSON.parse(stdout).experiments[0].folder}/seed-0`, "-o", "divided.safetensors"]);
    const divided = metadataOf("divided.safetensors");
    expect(divided.input_mean).not.toBe(mean);
    for (const value of JSON.parse(divided.input_mean)) expect(Math.abs(value - 1000)).toBeLessThan(40);
    const text = readFileSync("own.csv", "utf8");
    appendFileSync("own.csv", "1,2,3,1\n");
    const { code, stderr } = await cli.call(["export", own, "-o", "changed.safetensors"]);
    writeFileSync("own.csv", text);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "the network expects standardised inputs, and their means and scales are not known (own.csv is not the file that the run read)\n",
    );
    expect(metadataOf("changed.safetensors")).not.toHaveProperty("input_mean");
    expect(metadataOf("changed.safetensors").expects).toMatch(/^every input standardised as in training/);
  });

  it("without trained weights says which ways there are, and takes the initial ones if asked", async () => {
    await refuses(
      [masks, "-o", "none.onnx"],
      `${masks}/level-02.safetensors: it holds no trained weights, only the mask; run the spec again with --set keepTrained=true, take --weights initial for those that training began with, or write the graph alone, -o <file>.graphml or .csv`,
    );
    const { code } = await cli.call([
      "export",
      masks,
      "--level",
      "0",
      "--weights",
      "initial",
      "-o",
      "initial.safetensors",
    ]);
    expect(code).toBe(0);
    const init = ticketOf(`${masks}/init.safetensors`).parameters!;
    expect(ticketOf("initial.safetensors").parameters!.values).toEqual(init.values);
    expect(metadataOf("initial.safetensors").weights).toBe("initial");
  });

  it.each([
    ["initial", "init"],
    ["1it", "rewind"],
    ["lr", "level-00"],
  ])("takes for initial weights those that a level started from: rewind=%s", async (rewind, file) => {
    const set = ["extension=1", "maxEpochs=2", "keepTrained=true", `rewind=${rewind}`];
    const ran = await cli.call(["run", "moons-circles", "--device", "cpu", "--json", "--out", rewind, "--set", ...set]);
    const rewound = `${JSON.parse(ran.stdout).experiments[0].folder}/seed-0`;
    const given = ["export", rewound, "--level", "1", "--weights", "initial", "-o", `${rewind}.csv`];
    const { stderr } = await cli.call(given);
    const note = "weights: those that level 1 started from, by rewind=";
    expect(stderr.startsWith(note)).toBe(rewind !== "initial");
    const { parameters, shape } = ticketOf(`${rewound}/${file}.safetensors`);
    const { data } = Papa.parse<Record<string, string>>(readFileSync(inFolder(`${rewind}.csv`), "utf8").trimEnd(), {
      header: true,
    });
    for (const { sourceLayer: layer, source, target, weight } of data) {
      const at = Number(target) * shape[Number(layer)] + Number(source);
      expect(Number(weight)).toBe(parameters!.weights(Number(layer))[at]);
    }
    expect(data).toHaveLength(112);
  });

  it("becomes a graph or a list of its kept weights, with or without values", async () => {
    const { stderr } = await cli.call(["export", masks, "-o", "edges.csv"]);
    expect(stderr).toMatch(
      /^edges\.csv: graph of masks-\w+, seed 0, level 2, 30 kept weights, \d+ subnetworks?, without weights/,
    );
    const read = (path: string) =>
      Papa.parse<Record<string, string>>(readFileSync(inFolder(path), "utf8").trimEnd(), { header: true }).data;
    const edges = read("edges.csv");
    expect(edges).toHaveLength(30);
    expect(Object.keys(edges[0])).toEqual([
      "sourceLayer",
      "source",
      "targetLayer",
      "target",
      "weight",
      "state",
      "subnetwork",
    ]);
    const { mask } = ticketOf(`${masks}/level-02.safetensors`);
    for (const { sourceLayer, source, targetLayer, target, weight } of edges) {
      expect(mask.has(Number(sourceLayer), Number(target), Number(source))).toBe(true);
      expect([Number(targetLayer) - Number(sourceLayer), weight]).toEqual([1, ""]);
    }
    const record = JSON.parse(readFileSync(`${masks}/levels.jsonl`, "utf8").trimEnd().split("\n")[2]);
    for (const state of ["active", "inactive", "zombie"]) {
      expect(edges.filter((edge) => edge.state === state)).toHaveLength(record.weights[state]);
    }
    expect(edges.every(({ state, subnetwork }) => (state === "active") === (subnetwork !== ""))).toBe(true);
    await cli.call(["export", run, "-o", "trained.csv"]);
    const ticket = ticketOf(`${run}/level-02.safetensors`);
    for (const { sourceLayer: layer, source, target, weight } of read("trained.csv")) {
      const inputs = ticket.shape[Number(layer)];
      expect(Number(weight)).toBe(ticket.parameters!.weights(Number(layer))[Number(target) * inputs + Number(source)]);
    }
    const graph = await cli.call(["export", masks, "-o", "-", "--format", "graphml"]);
    expect(graph.stdout.match(/<edge /g)).toHaveLength(30);
    expect(graph.stdout).toContain('<data key="task">moons</data>');
  });
});

describe("a ticket of another origin", () => {
  it("is split into a network for each task, without inputs that reach nothing", async () => {
    const { mask, parameters } = writeBlocks("blocks.safetensors");
    const { code, stderr } = await cli.call([
      "export",
      "blocks.safetensors",
      "--split",
      "--activation",
      "tanh",
      "-o",
      "parts/",
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain("inputs: 5 of 6; without those that reach no output: b/2\n");
    const samples = randomSamples(50, 6);
    const { activated } = activations.get("tanh");
    const whole = logits(parameters, mask, activated, samples);
    for (const [k, columns] of [
      [0, [0, 1, 2]],
      [1, [3, 4]],
    ] as const) {
      const path = `parts/blocks-${tasks[k].name}.safetensors`;
      const metadata = metadataOf(path);
      expect(JSON.parse(metadata.inputs)).toEqual(columns);
      expect(JSON.parse(metadata.output_tasks)).toEqual([{ name: tasks[k].name, loss: "binary", outputs: [0] }]);
      expect(metadata.input_names).toBe(JSON.stringify(columns.map((column) => `${tasks[k].name}/${column - 3 * k}`)));
      const part = ticketOf(path).parameters!;
      const actual = logits(
        part,
        undefined,
        activated,
        samples.map((x) => columns.map((column) => x[column])),
      );
      expect(
        largestError(
          whole.map((row) => [row[k]]),
          actual,
        ),
      ).toBeLessThan(1e-6);
    }
    await cli.call(["export", "blocks.safetensors", "--split", "-o", "half.onnx"]);
    expect([existsSync(inFolder("half-a.onnx")), existsSync(inFolder("half-b.onnx"))]).toEqual([true, true]);
  });

  it("says what it assumes, and which outputs are constant", async () => {
    const { mask, parameters } = drawnTicket();
    writeFileSync(inFolder("drawn.safetensors"), writeTicket({ mask, parameters, metadata: {} }));
    const { code, stderr } = await cli.call(["export", "drawn.safetensors", "-o", "small.safetensors"]);
    expect(code).toBe(0);
    expect(stderr.split("\n")).toEqual([
      "drawn.safetensors: layers in order: layers.0 (3 to 3), layers.1 (3 to 2); the only order that their widths allow",
      "ticket (3,3,2): 2 active weights kept, 1 inactive left out, 2 zombie folded into biases",
      "inputs: 1 of 3; without those that reach no output: input 0, input 2",
      "constant outputs, which no input reaches: 1",
      "activation: relu, since nothing names another; --activation does",
      "the network expects standardised inputs, and their means and scales are not known (no run folder tells of its data)",
      "small.safetensors: network (1,1,2), relu, trained weights of drawn.safetensors",
      "",
    ]);
    const named = await cli.call(["export", "drawn.safetensors", "-o", "small.safetensors", "--tasks", "p:1:1,q:2:1"]);
    expect(named.stderr).toContain("inputs: 1 of 3; without those that reach no output: p/0, q/1\n");
    expect(named.stderr).toContain("constant outputs, which no input reaches: 1 (q)\n");
    // Without biases, the zombie and that output are 0.
    mask.setBias(0, 1, false);
    mask.setBias(1, 1, false);
    writeFileSync(inFolder("pruned.safetensors"), writeTicket({ mask, parameters, metadata: {} }));
    const pruned = await cli.call(["export", "pruned.safetensors", "-o", "small.safetensors"]);
    expect(pruned.stderr).toContain("2 active weights kept, 3 inactive left out, 0 zombie folded into biases\n");
    expect(pruned.stderr).toContain("constant outputs, which no input reaches: 1\n");
  });
});

it("takes the dense layers of a foreign file in the order that is given, and says what it leaves out", async () => {
  const square = (values: number[]) => ({ dtype: "F32", shape: [2, 2], data: Float32Array.from(values) }) as const;
  const scale = { dtype: "F32", shape: [2], data: Float32Array.of(1, 1) } as const;
  const tensors = {
    "head.weight": square([1, 0, 0, 2]),
    "body.weight": square([3, 4, 5, 6]),
    "norm.running_mean": scale,
  };
  writeFileSync(inFolder("foreign.safetensors"), writeSafetensors(new Map(Object.entries(tensors)), {}));
  const { code, stderr } = await cli.call([
    "export",
    "foreign.safetensors",
    "--layers",
    "body,head",
    "-o",
    "f.safetensors",
  ]);
  expect(code).toBe(0);
  expect(stderr).toContain("foreign.safetensors: layers in order: body (2 to 2), head (2 to 2)");
  expect(stderr).toContain("foreign.safetensors: passed over: norm (running_mean)\n");
  expect(stderr).toContain("foreign.safetensors: the network is that of the dense layers alone\n");
  const { parameters } = ticketOf("f.safetensors");
  expect([...parameters!.weights(0), ...parameters!.weights(1)]).toEqual([3, 4, 5, 6, 1, 0, 0, 2]);
  await refuses(
    [run, "--layers", "a,b", "-o", "n.onnx"],
    `--layers a,b: ${run} says itself what its run had; leave it out`,
  );
});

it("masks alone become a graph, and no network", async () => {
  writeFileSync(inFolder("drawn.json"), '{"shape":[2,1],"masks":[[[1,0]]]}');
  const { code, stdout } = await cli.call(["export", "drawn.json", "--format", "csv", "-o", "-"]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "sourceLayer,source,targetLayer,target,weight,state,subnetwork\n0,0,1,0,,active,0\n",
  });
  const { stderr } = await cli.call(["export", "drawn.json", "-o", "drawn.graphml"]);
  expect(stderr).toMatch(/1 kept weight, 1 subnetwork, without weights: the ticket has none\n$/);
  await refuses(
    ["drawn.json", "-o", "n.onnx"],
    "drawn.json: it holds masks and no weights; give a file with weights, or write the graph alone, -o <file>.graphml or .csv",
  );
});

it("README.md and --help show the same lines of PyTorch", async () => {
  const readme = readFileSync(join(packageRoot(), "README.md"), "utf8");
  const lines = /^```python$\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? "";
  expect(lines.trimEnd().split("\n")).toHaveLength(10);
  const { stdout } = await cli.call(["export", "--help"]);
  expect(stdout).toContain(lines.replaceAll(/^/gm, "  ").trimEnd());
});

describe("refusals", () => {
  it("name a network whose folded biases are beyond f32", async () => {
    const { mask, parameters } = drawnTicket();
    // Hidden neuron 1 is a zombie, which outputs 0 and 1 take 2 and 4 times.
    parameters.biases(0)[1] = 3e38;
    writeFileSync(inFolder("large.safetensors"), writeTicket({ mask, parameters, metadata: {} }));
    for (const output of ["out.safetensors", "out.onnx"]) {
      await refuses(
        ["large.safetensors", "-o", output],
        "large.safetensors: with its zombie weights folded in, biases of the network are no finite f32; write the graph alone, -o <file>.graphml or .csv",
      );
    }
  });

  it("name a level that is not of its run, in a folder without checksums", async () => {
    cpSync(inFolder(run), inFolder("mixed/seed-0"), { recursive: true });
    const { checksums: _, sha256: __, ...sealed } = JSON.parse(readFileSync(inFolder("mixed/seed-0/run.json"), "utf8"));
    const record = { ...sealed, format: 2 };
    writeFileSync(inFolder("mixed/seed-0/run.json"), JSON.stringify(record));
    const file = "mixed/seed-0/level-01.safetensors";
    const args = ["mixed/seed-0", "--level", "1", "-o", "mixed.safetensors"];
    const of = (shape: string, problem: string) =>
      `${file}: a network of ${shape}, which is not of its run (${problem}); restore the file`;
    writeBlocks(file);
    await refuses(args, of("(6,8,8,2)", "its tasks have other inputs or outputs"));
    writeFileSync(inFolder(file), writeTicket({ ...randomTicket([4, 5, 2], 0.7, 5), metadata: {} }));
    await refuses([...args, "--weights", "initial"], of("(4,5,2)", "its weights are of (4,12,10,2)"));
    writeFileSync(inFolder("mixed/seed-0/run.json"), JSON.stringify({ ...record, inputNames: ["x"] }));
    await refuses(args, of("(4,5,2)", "it names 1 input"));
  });

  it("name what is wrong with the options", async () => {
    await refuses(
      [run, "-o", "net.pt"],
      "net.pt: its name must end in .safetensors, .onnx, .graphml, .csv; or give a folder, with a / at its end",
    );
    await refuses(
      [run, "-o", "n.onnx", "--format", "csv"],
      "--format csv: the name of n.onnx asks for onnx; give one of the two",
    );
    await refuses(
      [run, "-o", "n.csv", "--split"],
      "--split writes networks, and csv is a graph, which names the subnetwork of every weight; leave one out",
    );
    await refuses(
      [run, "-o", "-", "--split"],
      "--split writes a file for each task: give a folder or a file with -o, not -",
    );
    await refuses(
      [run, "-o", "n.onnx", "--level", "3"],
      `--level 3: ${run} has the finished levels 0 to 2; choose one of them`,
    );
    await refuses(
      [run, "-o", "n.onnx", "--tasks", "a:4:2"],
      `--tasks a:4:2: ${run} says itself what its run had; leave it out`,
    );
    await refuses(
      [`${run}/level-01.safetensors`, "-o", "n.onnx", "--level", "1"],
      `--level 1: ${run}/level-01.safetensors is the file of level 1; leave --level out`,
    );
    await refuses(
      ["nowhere.safetensors", "-o", "n.onnx"],
      "cannot read nowhere.safetensors: there is no such file or folder; check the path (ENOENT)",
    );
  });

  it("name a ticket that has not split, and how its outputs lie", async () => {
    const full = { mask: Mask.full([2, 2, 2]), parameters: randomTicket([2, 2, 2], 1, 0).parameters };
    const two = tasks.map((task, k) => ({ ...task, inputs: { start: k, count: 1 } }));
    writeFileSync(
      inFolder("whole.safetensors"),
      writeTicket({ ...full, analysis: { tasks: two, coverage: "output" }, metadata: {} }),
    );
    await refuses(
      ["whole.safetensors", "--split", "-o", "none/"],
      "whole.safetensors: --split needs a subnetwork for each task, and the ticket is interconnected by its outputs (subnetwork 1: a, b); choose another level, or leave --split out",
    );
    const cut = { ...full, mask: full.mask.clone() };
    cut.mask.set(1, 1, 0, false);
    cut.mask.set(1, 1, 1, false);
    writeFileSync(
      inFolder("cut.safetensors"),
      writeTicket({ ...cut, analysis: { tasks: two, coverage: "output" }, metadata: {} }),
    );
    await refuses(
      ["cut.safetensors", "--split", "-o", "none/"],
      "cut.safetensors: --split needs a subnetwork for each task, and the ticket is degraded by its outputs (subnetwork 1: a; in none: b); choose another level, or leave --split out",
    );
  });

  it("name damaged files and runs that have not ended", async () => {
    const copy = (name: string) => {
      rmSync(inFolder(name), { recursive: true, force: true });
      mkdirSync(inFolder(name));
      cpSync(inFolder(run), inFolder(`${name}/seed-0`), { recursive: true });
      return `${name}/seed-0`;
    };
    const damaged = copy("damaged");
    appendFileSync(inFolder(`${damaged}/level-02.safetensors`), "x");
    await refuses(
      ["damaged", "-o", "n.onnx"],
      "damaged/seed-0/level-02.safetensors: not what the run wrote, by the checksums in run.json, so level 2 cannot be exported; restore the file, or give the run's command again, which makes it again",
    );
    expect((await cli.call(["export", damaged, "--level", "1", "-o", "fine.onnx"])).code).toBe(0);
    const stopped = copy("stopped");
    const { outcome: _, sha256: __, ...record } = JSON.parse(readFileSync(inFolder(`${stopped}/run.json`), "utf8"));
    writeFileSync(inFolder(`${stopped}/run.json`), await formatRunRecord(record));
    await refuses(
      [stopped, "-o", "n.onnx"],
      "stopped/seed-0: the run has not ended; choose one of its finished levels by --level, 0 to 2, or let it end",
    );
    expect((await cli.call(["export", stopped, "--level", "2", "-o", "fine.onnx"])).code).toBe(0);
  });
});
