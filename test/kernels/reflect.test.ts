import { describe, expect, it } from "vitest";
import { InternalError } from "../../src/base/errors.ts";
import { PopulationSizes } from "../../src/engine/tiled/population.ts";
import { trainingKernels } from "../../src/engine/tiled/program.ts";
import { selectionKernels } from "../../src/engine/tiled/ranking.ts";
import { denseForward } from "../../src/kernels/dense_forward.ts";
import { denseUpdate } from "../../src/kernels/dense_update.ts";
import { gatherBatch } from "../../src/kernels/gather_batch.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { putTiles, tilesOf } from "../../src/kernels/layer_tiles.ts";
import { withTile } from "../../src/kernels/product_tiles.ts";
import { radixHistogram } from "../../src/kernels/radix_histogram.ts";
import { withCriterion } from "../../src/kernels/ranked.ts";
import { overrideValues, reflect, workgroups } from "../../src/kernels/reflect.ts";
import { sparseForward } from "../../src/kernels/sparse_forward.ts";
import { taskLoss } from "../../src/kernels/task_loss.ts";
import { losses } from "../../src/loss/index.ts";
import { activations } from "../../src/network/activations/index.ts";
import { magnitude } from "../../src/pruning/criteria/magnitude.ts";
import { random } from "../../src/pruning/criteria/random.ts";
import { batch, dataset, shape } from "../engine/small_networks.ts";
import { criterionNames, deviceCriterion } from "./selection_criteria.ts";

const structOf = (kernel: Kernel, buffer: string) =>
  reflect(kernel).storage.find(({ name }) => name === buffer)?.struct;

describe("reflect", () => {
  it("reads the network's struct as 33 words in the order of the WGSL", () => {
    const layout = structOf(taskLoss, "networks");
    expect(layout?.sizeBytes).toBe(132);
    const fields = Object.entries(layout?.fields ?? {}).map(
      ([name, { type, offsetBytes }]) => `${offsetBytes} ${type} ${name}`,
    );
    expect(fields).toEqual([
      "0 u32 seed",
      "4 u32 level",
      "8 u32 optimizer",
      "12 f32 learningRate",
      "16 f32 momentum",
      "20 f32 weightDecay",
      "24 f32 l1",
      "28 u32 warmupSteps",
      "32 u32 milestone1",
      "36 u32 milestone2",
      "40 u32 milestone3",
      "44 u32 milestone4",
      "48 f32 milestoneFactor",
      "52 u32 evaluateEvery",
      "56 u32 mostEvaluations",
      "60 u32 patience",
      "64 u32 keepBest",
      "68 u32 keepCurves",
      "72 u32 curvesAt",
      "76 u32 running",
      "80 u32 diverged",
      "84 u32 step",
      "88 u32 evaluations",
      "92 u32 evaluationsSinceBest",
      "96 u32 improved",
      "100 f32 trainLossSum",
      "104 f32 validationLossSum",
      "108 f32 trainLoss",
      "112 f32 validationLoss",
      "116 f32 bestValidationLoss",
      "120 u32 keptEvaluation",
      "124 f32 keptTrainLoss",
      "128 f32 keptValidationLoss",
    ]);
  });

  it("reads tasks and selections of 16 bytes", () => {
    expect(structOf(taskLoss, "tasks")).toEqual({
      sizeBytes: 16,
      fields: {
        kind: { type: "u32", offsetBytes: 0 },
        firstOutput: { type: "u32", offsetBytes: 4 },
        outputs: { type: "u32", offsetBytes: 8 },
        firstSum: { type: "u32", offsetBytes: 12 },
      },
    });
    expect(structOf(withCriterion(radixHistogram, magnitude), "selections")).toEqual({
      sizeBytes: 16,
      fields: {
        rank: { type: "u32", offsetBytes: 0 },
        key: { type: "u32", offsetBytes: 4 },
        index: { type: "u32", offsetBytes: 8 },
        settled: { type: "u32", offsetBytes: 12 },
      },
    });
  });

  it("reads bindings, access and element sizes", () => {
    const described = reflect(gatherBatch).storage.map(({ name, binding, access, elementBytes, kind }) => {
      return `${binding} ${name} ${access} ${kind} ${elementBytes}`;
    });
    expect(described).toEqual([
      "1 networks read structs 132",
      "2 data read u32 4",
      "3 standardization read f32 16",
      "4 inputs read_write f32 16",
      "5 batchSamples read_write u32 16",
    ]);
    expect(reflect(withCriterion(radixHistogram, magnitude)).storage.at(-1)).toMatchObject({
      name: "histogram",
      access: "read_write",
      elementBytes: 4,
    });
    expect(reflect(denseForward).uniformBinding).toBe(0);
  });

  it("reads a uniform's members one word apart", () => {
    const { sizeBytes, fields } = reflect(denseForward).uniform;
    expect(sizeBytes).toBe(28);
    expect(denseForward.uniform.map((name) => fields[name].offsetBytes)).toEqual([0, 4, 8, 12, 16, 20, 24]);
    const ranking = reflect(withCriterion(radixHistogram, magnitude)).uniform.fields;
    expect([ranking.scale, ranking.seed, ranking.level]).toEqual([
      { type: "f32", offsetBytes: 32 },
      { type: "u32", offsetBytes: 36 },
      { type: "u32", offsetBytes: 40 },
    ]);
  });

  it("reads the same of each variant of a kernel, which is one kernel for one criterion", () => {
    expect(withCriterion(radixHistogram, magnitude)).toBe(withCriterion(radixHistogram, { ...magnitude }));
    const [one, other] = [withCriterion(radixHistogram, magnitude), withCriterion(radixHistogram, random)];
    expect([one.variant, other.variant]).toEqual(["magnitude", "random"]);
    expect(reflect(one).code).not.toBe(reflect(other).code);
    expect({ ...reflect(one), code: "" }).toEqual({ ...reflect(other), code: "" });
  });

  it("gives every override a value", () => {
    expect(overrideValues(denseForward)).toEqual({ workgroup_x: 128, tile_rows: 2, tile_columns: 2, slices: 1 });
    expect(overrideValues(withCriterion(radixHistogram, magnitude))).toEqual({ workgroup_x: 64 });
    expect(overrideValues(denseUpdate)).toMatchObject({
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      ln_beta1: Math.log(0.9),
    });
  });

  it("accepts every kernel there is", () => {
    const tasks = losses.names.map((kind) => ({ ...dataset.tasks[0], kind }));
    const training = activations.names.flatMap((activation) =>
      trainingKernels(
        new PopulationSizes({
          shapes: [shape],
          dataset: { ...dataset, tasks },
          batch,
          slots: 1,
          sparseUpTo: 0.5,
          activation,
        }),
      ),
    );
    const selecting = criterionNames.flatMap((name) => selectionKernels(deviceCriterion(name)));
    for (const kernel of [...training, ...selecting]) expect(() => reflect(kernel), kernel.name).not.toThrow();
  });
});

describe("reflect refuses", () => {
  const file = "made_up.wgsl";
  const text = `
struct Uniforms { rows: u32, row_words: u32 }
@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> left_values: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;
override workgroup_x: u32;
override least: f32;
@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < u.rows && left_values[id.x].x > least) { counts[id.x] = u.row_words; }
}`;
  const good: Kernel = {
    name: "made_up",
    sources: [{ file, text }],
    uniform: ["rows", "rowWords"],
    buffers: { leftValues: "f32", counts: "u32" },
    workgroup: [4, 1],
    constants: { least: 0.5 },
    invocations: (u) => [u.rows, 1],
  };
  const withText = (from: string, to: string): Kernel => ({
    ...good,
    sources: [{ file, text: text.replace(from, to) }],
  });

  it("nothing of a kernel whose names agree", () => {
    expect(() => reflect(good)).not.toThrow();
  });

  it.each<[string, Kernel, string]>([
    [
      "another uniform member",
      { ...good, uniform: ["rows", "rowCount"] },
      "internal: made_up: uniform declared as (rowCount, rows), in the WGSL (rowWords, rows)",
    ],
    [
      "a uniform member too few",
      { ...good, uniform: ["rows"] },
      "internal: made_up: uniform declared as (rows), in the WGSL (rowWords, rows)",
    ],
    [
      "another buffer",
      { ...good, buffers: { rightValues: "f32", counts: "u32" } },
      "internal: made_up: buffers declared as (counts: u32, rightValues: f32), in the WGSL (counts: u32, leftValues: f32)",
    ],
    [
      "another kind of element",
      { ...good, buffers: { leftValues: "u32", counts: "u32" } },
      "internal: made_up: buffers declared as (counts: u32, leftValues: u32), in the WGSL (counts: u32, leftValues: f32)",
    ],
    [
      "another constant",
      { ...good, constants: { most: 1 } },
      "internal: made_up: constants declared as (most), in the WGSL (least)",
    ],
    ["no main", withText("fn main", "fn start"), "internal: made_up: no compute entry point named main"],
    [
      "elements without a typed view",
      withText("array<u32>", "array<i32>"),
      "internal: made_up: buffer counts holds i32, which has no typed view",
    ],
    [
      "struct members other than u32 and f32",
      withText("rows: u32", "rows: vec4u"),
      "internal: member rows of Uniforms is vec4u, not u32 or f32",
    ],
    ["no uniform", noUniform(), "internal: made_up: no uniform named u"],
  ])("%s", (_, kernel, message) => {
    expect(() => reflect(kernel)).toThrow(new InternalError(message.replace("internal: ", "")));
  });

  function noUniform(): Kernel {
    const bare = text
      .replace("@group(0) @binding(0) var<uniform> u: Uniforms;", "")
      .replace("u.rows", "4u")
      .replace("u.row_words", "4u");
    return { ...good, sources: [{ file, text: bare }] };
  }
});

describe("workgroups", () => {
  it("are one for each tile of a list, in rows of 32,768", () => {
    const uniform = { firstTile: 5, layer: 0, layers: 1, quads: 2, activates: 0, sharedInputs: 0 };
    for (const [tiles, grid] of [
      [1, [1, 1, 1]],
      [32_768, [32_768, 1, 1]],
      [32_769, [32_768, 2, 1]],
      [100_000, [32_768, 4, 1]],
    ] as const) {
      for (const kernel of [denseForward, withTile(denseForward, "sliced"), sparseForward]) {
        expect(workgroups(kernel, { ...uniform, tiles }, 1)).toEqual(grid);
      }
    }
  });
});

describe("the tiles of a layer", () => {
  // Wide tiles of 64 outputs x 64 samples, sliced ones of 32 x 32, workgroups of 8 outputs x 8 pairs of quads.
  it.each([
    [1, 2, [1, 1], [1, 1], [1, 1]],
    [64, 16, [1, 1], [2, 2], [1, 8]],
    [65, 16, [1, 2], [2, 3], [1, 9]],
    [64, 18, [2, 1], [3, 2], [2, 8]],
    [1000, 128, [8, 16], [16, 32], [8, 125]],
  ])("%i outputs of %i quads", (outputs, quads, wide, sliced, sparse) => {
    const layer = { inputs: 4, outputs, quads, edges: 9, parameters: 0 };
    expect(tilesOf(denseForward, layer)).toEqual(wide);
    expect(tilesOf(withTile(denseForward, "sliced"), layer)).toEqual(sliced);
    expect(tilesOf(sparseForward, layer)).toEqual(sparse);
  });

  it("are written row by row", () => {
    const list = new Uint32Array(20);
    expect(putTiles(list, 1, 7, [2, 3])).toBe(19);
    expect([...list]).toEqual([0, 7, 0, 0, 7, 1, 0, 7, 0, 1, 7, 1, 1, 7, 0, 2, 7, 1, 2, 0]);
  });
});
