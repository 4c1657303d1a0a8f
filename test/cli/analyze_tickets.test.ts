import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { layerCount, type Shape } from "../../src/base/shape.ts";
import { Mask } from "../../src/mask/mask.ts";
import type { Tensor } from "../../src/store/dtype.ts";
import { nodeFiles } from "../../src/store/node.ts";
import { openRunFolder } from "../../src/store/open_run.ts";
import { writeSafetensors } from "../../src/store/safetensors.ts";
import { ticket, twoTasks } from "../analysis/drawn.ts";
import { levelRecord } from "../store/records.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
const tasks = ["--tasks", "circles:2:1,moons:2:1"];

/** A mask as PyTorch's weights of the layers with these names, with other tensors beside them. */
function save(name: string, mask: Mask, layers: readonly string[], others: Record<string, Tensor> = {}): void {
  const tensors = new Map<string, Tensor>(Object.entries(others));
  layers.forEach((layer, index) => {
    const [inputs, outputs] = [mask.shape[index], mask.shape[index + 1]];
    const at = (i: number) => Number(mask.has(index, Math.floor(i / inputs), i % inputs));
    const data = Float32Array.from({ length: inputs * outputs }, (_, i) => at(i));
    tensors.set(`${layer}.weight`, { dtype: "F32", shape: [outputs, inputs], data });
  });
  writeFileSync(join(cli.folder(), name), writeSafetensors(tensors));
}

/** Neurons 0 and 1 of circles go to neurons 0 and 2 and back; other orders of the hidden layers mix the tasks. */
const crossed = ticket(
  [4, 4, 4, 4, 4, 2],
  ["0-0 1-1 2-2 3-3", "0-0 1-2 2-1 3-3", "0-0 2-1 1-2 3-3", "0-0 0-1 1-0 1-1 2-2 2-3 3-2 3-3", "0-0 1-0 2-1 3-1"],
);
const words = ["embed", "hidden_one", "hidden_two", "hidden_three", "out"];

describe("the order of the layers", () => {
  beforeAll(() => {
    save("words.safetensors", crossed, words);
    save("numbers.safetensors", crossed, ["embed", "hidden_1", "hidden_2", "hidden_10", "out"]);
    const known = ticket([4, 6, 3, 2], ["0-0 1-1 2-2 3-3", "0-0 1-0 2-1 3-2", "0-0 1-1 2-1"]);
    save("lenet.safetensors", known, ["fc_layers.0", "fc_layers.1", "fc"]);
    save("numbered.safetensors", crossed, ["l.1", "l.2", "l.3", "l.4", "l.10"]);
  });

  it("is asked for where the names have number words and the widths are equal", async () => {
    const { code, stdout, stderr } = await cli.call(["analyze", "words.safetensors", ...tasks]);
    expect(stderr).toMatch(
      /^split-ticket: words\.safetensors: the widths of its layers allow several orders, such as .*; name them in their order: --layers a,b,\.\.\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("is that of --layers, which decides the state", async () => {
    const stateOf = async (names: readonly string[]) => {
      const args = ["analyze", "words.safetensors", ...tasks, "--json", "--layers", names.join(",")];
      const { stdout, stderr } = await cli.call(args);
      const { state, layers, orderedBy } = JSON.parse(stdout);
      expect(layers).toEqual(names);
      expect(orderedBy).toBe("option");
      expect(stderr).toMatch(
        /^words\.safetensors: layers in order: embed \(4 to 4\), .*, out \(4 to 2\); as given\nwords\.safetensors: no masks: weights that are 0 count as pruned\n$/,
      );
      return state;
    };
    expect(await stateOf(words)).toBe("separated");
    expect(await stateOf(["embed", "hidden_one", "hidden_three", "hidden_two", "out"])).toBe("interconnected");
  });

  it("is that of the numbers, by value, where one group of names has them", async () => {
    const { stdout } = await cli.call(["analyze", "numbered.safetensors", ...tasks, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ state: "separated", orderedBy: "numbers" },
      layers: ["l.1", "l.2", "l.3", "l.4", "l.10"],
    });
    // embed and the hidden layers have one width: embed may stand anywhere before out.
    const mixed = await cli.call(["analyze", "numbers.safetensors", ...tasks]);
    expect(mixed.stderr).toContain("allow several orders");
  });

  it("is that of the widths where they allow one", async () => {
    const { code, stdout, stderr } = await cli.call(["analyze", "lenet.safetensors", ...tasks]);
    expect(stderr).toBe(
      "lenet.safetensors: layers in order: fc_layers.0 (4 to 6), fc_layers.1 (6 to 3), fc (3 to 2); the only order that their widths allow\nlenet.safetensors: no masks: weights that are 0 count as pruned\n",
    );
    expect(stdout).toMatch(/^lenet\.safetensors: separated,/);
    expect(code).toBe(0);
  });

  it("of masks as JSON is that of the file", async () => {
    writeFileSync(join(cli.folder(), "list.json"), "[[[true,false],[false,true]],[[1,0],[0,1]]]");
    const args = ["analyze", "list.json", "--tasks", "a:1:1,b:1:1"];
    const { stdout, stderr } = await cli.call(args);
    expect(stderr).toBe("list.json: layers in order: masks[0] (2 to 2), masks[1] (2 to 2); as in the file\n");
    expect(stdout).toMatch(/^list\.json: separated,/);
    expect((await cli.call([...args, "--layers", "a,b"])).stderr).toBe(
      "split-ticket: --layers: list.json lists its masks in their order; leave the option out\n",
    );
  });
});

it("names what it passes over, on standard error and in the document", async () => {
  const vector: Tensor = { dtype: "F32", shape: [4], data: new Float32Array(4) };
  save("norm.safetensors", ticket([4, 2], ["0-0 1-0 2-1 3-1"]), ["0"], { "1.weight": vector, "1.bias": vector });
  const { stdout, stderr } = await cli.call(["analyze", "norm.safetensors", ...tasks, "--json"]);
  expect(stderr.split("\n")[1]).toBe(
    "norm.safetensors: passed over: 1 (weight, bias); what 1 (layer norm or alike) connects is not analysed: states and subnetworks are those of the dense layers alone",
  );
  expect(JSON.parse(stdout)).toMatchObject({ state: "separated", passedOver: ["1.weight", "1.bias"] });
});

it("tells how a file of PyTorch is converted", async () => {
  writeFileSync(join(cli.folder(), "my model.pth"), "PK\x03\x04");
  const { code, stdout, stderr } = await cli.call(["analyze", "my model.pth", ...tasks]);
  const [message, ...lines] = stderr.trimEnd().split("\n");
  expect(message).toBe("split-ticket: my model.pth: it is a file of torch.save; convert it to safetensors in Python:");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^ {4}import torch; .* torch\.load\("my model\.pth", /);
  expect(lines[2]).toMatch(/^ {4}save_file\(.*, "my model\.safetensors"\)$/);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

describe("a run's folder", () => {
  const shape: Shape = [4, 2, 2];
  const split = ticket(shape, ["0-0 1-0 2-1 3-1", "0-0 1-1"]);
  const run = {
    name: "moons",
    specHash: "0123456789ab",
    executor: "cpu",
    spec: {},
    tasks: twoTasks,
    coverage: "output",
    program: { version: "1.0.0", numeric: 1, kernels: "" },
  } as const;

  /** A run of three levels: the first is dense, the second separated, the last empty. */
  async function write(root: string, seed: number): Promise<void> {
    const folder = await openRunFolder(nodeFiles, root, { ...run, seed });
    const empty = new Mask(shape, new Uint32Array(split.words.length));
    const masks = [Mask.full(shape), split, empty];
    await folder.writeLevelMask(0, masks[0]);
    for (const [level, state] of (["interconnected", "separated", "degraded"] as const).entries()) {
      await folder.finishLevel({ record: levelRecord({ level, state }), timing: { level }, next: masks[level + 1] });
    }
  }
  beforeAll(async () => {
    await write("one", 0);
    for (const seed of [0, 1]) await write("two", seed);
  });
  const path = "one/moons-0123456789ab/seed-0";

  it("gives its level files their tasks and coverage", async () => {
    const { code, stdout } = await cli.call(["analyze", `${path}/level-01.safetensors`]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      `${path}/level-01.safetensors: separated, by output coverage of the tasks (structure alone: scores need data)`,
      "tasks         circles:2:1, moons:2:1 (from run.json)",
    ]);
    expect(code).toBe(0);
    const asked = await cli.call([
      "analyze",
      `${path}/level-01.safetensors`,
      "--coverage",
      "input",
      "--tasks",
      "a:1:1,b:3:1",
    ]);
    expect(asked.stdout).toMatch(/: interconnected, by input coverage .*\ntasks +a:1:1, b:3:1 \(from --tasks\)\n/);
    const { stdout: document } = await cli.call(["analyze", `${path}/level-01.safetensors`, "--json"]);
    expect(JSON.parse(document)).toMatchObject({ tasksFrom: "run", coverageKind: "output", tasks: twoTasks });
  });

  it("is not read where both options are given", async () => {
    const copy = join(cli.folder(), "broken");
    cpSync(join(cli.folder(), path), copy, { recursive: true });
    writeFileSync(join(copy, "run.json"), "{");
    const broken = (...args: string[]) => cli.call(["analyze", "broken/level-01.safetensors", ...args]);
    expect((await broken()).stderr).toMatch(/^split-ticket: broken\/run\.json: it is not JSON/);
    expect((await broken(...tasks, "--coverage", "output")).stdout).toMatch(
      /^broken\/level-01\.safetensors: separated,/,
    );
  });

  it("tells of a level file that is not the one that the run wrote", async () => {
    const copy = join(cli.folder(), "changed");
    cpSync(join(cli.folder(), path), copy, { recursive: true });
    const level = join(copy, "level-01.safetensors");
    const line = "changed/level-01.safetensors: not what the run wrote, by the checksums in run.json\n";
    for (const given of ["changed", "changed/level-01.safetensors"]) {
      expect((await cli.call(["analyze", given])).stderr).not.toContain(line);
    }
    cpSync(join(copy, "level-00.safetensors"), level);
    for (const given of ["changed", "changed/level-01.safetensors"]) {
      const { stdout, stderr } = await cli.call(["analyze", given]);
      expect(stdout).toContain("interconnected, by output coverage");
      expect(stderr).toContain(line);
    }
  });

  it("stands for its first separated level", async () => {
    for (const given of [path, `${path}/`, "one/moons-0123456789ab", "one"]) {
      const { code, stdout, stderr } = await cli.call(["analyze", given]);
      expect(stderr.split("\n")[0]).toBe(`${given}: level 1 (${path}/level-01.safetensors)`);
      expect(stdout).toMatch(/level-01\.safetensors: separated, by output coverage/);
      expect(code).toBe(0);
    }
  });

  it.each([
    [
      "two/moons-0123456789ab",
      "two/moons-0123456789ab: it holds 2 runs; give one of them, such as two/moons-0123456789ab/seed-0",
    ],
    ["none", "none: it holds no run; give run folders, or a folder of them such as runs"],
    [`${path}/run.json`, `${path}/run.json: key format is unknown; expected only shape and masks`],
  ])("%s is none", async (given, message) => {
    mkdirSync(join(cli.folder(), "none"), { recursive: true });
    expect((await cli.call(["analyze", given])).stderr).toBe(`split-ticket: ${message}\n`);
  });
});

it("writes the states of the weights row by row as one document", async () => {
  save("small.safetensors", ticket([2, 3, 1], ["0-0 1-1", "0-0 2-0"]), ["0", "1"]);
  const { stdout } = await cli.call(["analyze", "small.safetensors", "--tasks", "a:2:1", "--json"]);
  const { weightStates, shape } = JSON.parse(stdout);
  expect(weightStates).toEqual([
    [
      ["active", "pruned"],
      ["pruned", "inactive"],
      ["pruned", "pruned"],
    ],
    [["active", "pruned", "zombie"]],
  ]);
  expect(weightStates).toHaveLength(layerCount(shape));
});
