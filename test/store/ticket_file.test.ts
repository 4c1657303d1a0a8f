import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import type { Task } from "../../src/base/task.ts";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import type { Tensor } from "../../src/store/dtype.ts";
import { readSafetensors, writeSafetensors } from "../../src/store/safetensors.ts";
import { readTicket, writeTicket } from "../../src/store/ticket_file.ts";

const matrix = (rows: number[][]): Tensor => ({
  dtype: "F32",
  shape: [rows.length, rows[0].length],
  data: Float32Array.from(rows.flat()),
});
const vector = (values: number[]): Tensor => ({
  dtype: "F32",
  shape: [values.length],
  data: Float32Array.from(values),
});
const file = (tensors: Record<string, Tensor>) => writeSafetensors(new Map(Object.entries(tensors)));

/** What a function throws. */
function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

/** The kept weights of a mask as `[layer][output][input]`. */
const rows = (mask: Mask) =>
  Array.from({ length: layerCount(mask.shape) }, (_, layer) =>
    Array.from({ length: mask.shape[layer + 1] }, (_, output) =>
      Array.from({ length: mask.shape[layer] }, (_, input) => Number(mask.has(layer, output, input))),
    ),
  );

/** A random mask, and parameters that are 0 for pruned weights and positive elsewhere. */
function randomTicket(shape: readonly number[], seed: number): { mask: Mask; parameters: Parameters } {
  const stream = new RandomStream(seed, "initialWeights");
  const mask = Mask.full(shape);
  const parameters = new Parameters(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    const inputs = shape[layer];
    const weights = parameters.weights(layer).map((_, i) => {
      const kept = stream.nextUniform() < 0.5;
      mask.set(layer, Math.floor(i / inputs), i % inputs, kept);
      return kept ? stream.nextUniform() : 0;
    });
    parameters.setWeights(layer, weights);
    parameters.biases(layer).forEach((_, i, biases) => {
      biases[i] = stream.nextNormal();
    });
  }
  return { mask, parameters };
}

const shapes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 2, maxLength: 4 });

test("mask and parameters come back bit for bit, and equal tickets are equal bytes", () => {
  fc.assert(
    fc.property(shapes, fc.nat(), (shape, seed) => {
      const { mask, parameters } = randomTicket(shape, seed);
      const bytes = writeTicket({ mask, parameters, metadata: { level: "3" } });
      const back = readTicket(bytes, "f");
      expect(back.shape).toEqual(shape);
      expect(back.mask.words).toEqual(mask.words);
      expect(back.parameters?.values).toEqual(parameters.values);
      expect(writeTicket({ mask, parameters, metadata: { level: "3" } })).toEqual(bytes);
    }),
    { numRuns: 20 },
  );
});

test("masks of biases come back, with parameters and alone; where no bias is pruned, the file has none", () => {
  const { mask, parameters } = randomTicket([3, 40, 33], 2);
  const plain = writeTicket({ mask, parameters, metadata: {} });
  mask.setBias(0, 33, false);
  mask.setBias(1, 32, false);
  parameters.biases(0)[33] = 5;
  const { tensors } = readSafetensors(writeTicket({ mask, metadata: {} }), "f");
  expect([...tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape.join("x")}`)).toEqual([
    ...["layers.0.weight_mask U8 40x3", "layers.0.bias_mask U8 40"],
    ...["layers.1.weight_mask U8 33x40", "layers.1.bias_mask U8 33"],
  ]);
  for (const maskAlone of [true, false]) {
    for (const content of [{ mask }, { mask, parameters }]) {
      const back = readTicket(writeTicket({ ...content, metadata: {} }), "f", { maskAlone });
      expect(back.mask.equals(mask)).toBe(true);
      expect(back.mask.biasCount()).toBe(71);
      if (back.parameters) expect([...back.parameters.biases(0)].slice(32, 34)).toEqual([parameters.biases(0)[32], 0]);
    }
  }
  expect([...readSafetensors(plain, "f").tensors.keys()].filter((name) => name.includes("bias_mask"))).toEqual([]);
  expect(readTicket(plain, "f").mask.prunesBiases).toBe(false);
});

test("a mask alone has no parameters; parameters alone count zeros as pruned", () => {
  const { mask, parameters } = randomTicket([3, 5, 2], 1);
  expect(readTicket(writeTicket({ mask, metadata: {} }), "f").parameters).toBeUndefined();
  const back = readTicket(writeTicket({ parameters, metadata: {} }), "f");
  expect(back.mask.words).toEqual(mask.words);
  expect(back.parameters?.values).toEqual(parameters.values);
});

test("names, dtypes and shapes are those of PyTorch", () => {
  const { mask, parameters } = randomTicket([3, 5, 2], 1);
  const { tensors, metadata } = readSafetensors(writeTicket({ mask, parameters, metadata: { level: "0" } }), "f");
  expect([...tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape.join("x")}`)).toEqual([
    "layers.0.weight F32 5x3",
    "layers.0.bias F32 5",
    "layers.1.weight F32 2x5",
    "layers.1.bias F32 2",
    "layers.0.weight_mask U8 5x3",
    "layers.1.weight_mask U8 2x5",
  ]);
  expect(metadata).toEqual({ level: "0" });
});

test("a pruned PyTorch model: weight_orig times weight_mask, layers in natural order, masked biases", () => {
  const ticket = readTicket(
    file({
      "net.10.weight_mask": matrix([[0, 1]]),
      "net.10.weight_orig": matrix([[5, 6]]),
      "net.2.bias_mask": vector([1, 0]),
      "net.2.bias_orig": vector([7, 8]),
      "net.2.weight_mask": matrix([
        [1, 0, 1],
        [0, 0, 1],
      ]),
      "net.2.weight_orig": matrix([
        [1, 2, 0],
        [3, 4, 5],
      ]),
    }),
    "f",
  );
  expect(ticket.shape).toEqual([3, 2, 1]);
  expect(rows(ticket.mask)).toEqual([
    [
      [1, 0, 1],
      [0, 0, 1],
    ],
    [[0, 1]],
  ]);
  expect([...(ticket.parameters?.weights(0) ?? [])]).toEqual([1, 0, 0, 0, 0, 5]);
  expect([...(ticket.parameters?.weights(1) ?? [])]).toEqual([0, 6]);
  expect([...(ticket.parameters?.biases(0) ?? [])]).toEqual([7, 0]);
  expect([ticket.mask.hasBias(0, 0), ticket.mask.hasBias(0, 1), ticket.mask.hasBias(1, 0)]).toEqual([
    true,
    false,
    true,
  ]);
  expect([...(ticket.parameters?.biases(1) ?? [])]).toEqual([0]);
});

describe("what is no network is refused by tensor", () => {
  const cases: [string, Record<string, Tensor>, string][] = [
    ["nothing", {}, "f: it holds no tensors; give a file with at least one weight"],
    [
      "tensors of other kinds alone",
      { "1.running_mean": vector([1]), "1.weight": vector([1]) },
      "f: none of its 2 tensors is the weight or mask of a dense layer, such as layers.0.weight [out,in] or Dense_0/kernel [in,out]; the first is 1.running_mean F32 [1]",
    ],
    [
      "a broken chain",
      { "0.weight": matrix([[1, 1]]), "2.weight": matrix([[1, 1, 1]]) },
      "f: layer 2 takes 3 inputs, but 0 before it gives 1 outputs, and its layers form a chain in no other order; name those of one chain in their order: --layers a,b,..",
    ],
    [
      "no width",
      { "0.weight": { dtype: "F32", shape: [0, 2], data: new Float32Array(0) } },
      "f: tensor 0.weight has shape [0,2], a layer without rows; leave it out of the file",
    ],
    [
      "too wide a layer",
      { "0.weight": { dtype: "U8", shape: [1, 70000], data: new Uint8Array(70000) } },
      "f: tensor 0.weight has shape [1,70000], a layer of 70000 neurons; 65535 are the most",
    ],
    [
      "a mask of another size",
      { "0.weight": matrix([[1, 1]]), "0.weight_mask": matrix([[1], [1]]) },
      "f: tensor 0.weight_mask has shape [2,1], its weight [1,2]",
    ],
    [
      "a mask value",
      {
        "0.weight_mask": matrix([
          [1, 0],
          [1, 0.5],
        ]),
      },
      "f: tensor 0.weight_mask holds 0.5 at [1,1]; a mask holds only 0 (pruned) and 1 (kept)",
    ],
    [
      "NaN",
      {
        "0.weight": matrix([
          [1, Number.NaN],
          [Number.POSITIVE_INFINITY, 0],
        ]),
      },
      "f: tensor 0.weight has 2 of 4 values that are no finite f32, the first NaN at [0,1]",
    ],
    [
      "infinity in a bias",
      { "0.weight": matrix([[1]]), "0.bias": vector([Number.NEGATIVE_INFINITY]) },
      "f: tensor 0.bias has 1 of 1 values that are no finite f32, the first -Infinity at [0]",
    ],
    [
      "f64 beyond f32",
      { "0.weight": { dtype: "F64", shape: [1, 1], data: new Float64Array([1e300]) } },
      "f: tensor 0.weight has 1 of 1 values that are no finite f32, the first Infinity at [0,0]",
    ],
    [
      "a bias of another size",
      { "0.weight": matrix([[1]]), "0.bias": vector([1, 2]) },
      "f: tensor 0.bias has shape [2], its layer has 1 outputs",
    ],
    [
      "a bias mask alone",
      { "0.weight": matrix([[1]]), "0.bias_mask": vector([1]) },
      "f: tensor 0.bias_mask has no 0.bias beside it; add it",
    ],
    [
      "a mask of biases of another size",
      { "0.weight_mask": matrix([[1]]), "0.bias_mask": vector([1, 1]) },
      "f: tensor 0.bias_mask has shape [2], its layer has 1 outputs",
    ],
    [
      "another value in a mask of biases",
      { "0.weight_mask": matrix([[1]]), "0.bias_mask": vector([0.5]) },
      "f: tensor 0.bias_mask holds 0.5 at [0]; a mask holds only 0 (pruned) and 1 (kept)",
    ],
    [
      "an original without mask",
      { "0.weight_orig": matrix([[1]]) },
      "f: tensor 0.weight_orig has no 0.weight_mask beside it; add it",
    ],
    [
      "both forms",
      { "0.weight": matrix([[1]]), "0.weight_orig": matrix([[1]]) },
      "f: both 0.weight and 0.weight_orig are there; keep one of them",
    ],
    [
      "a mask value of another type",
      { "0.weight_mask": { dtype: "F16", shape: [1, 2], data: new Uint16Array([0x3c00, 0xbc00]) } },
      "f: tensor 0.weight_mask holds -1 at [0,1]; a mask holds only 0 (pruned) and 1 (kept)",
    ],
    [
      "the least integer of 64 bits, whose low word is 0",
      { "0.weight_mask": { dtype: "I64", shape: [1, 1], data: new BigInt64Array([-(2n ** 63n)]) } },
      "f: tensor 0.weight_mask holds -9223372036854775808 at [0,0]; a mask holds only 0 (pruned) and 1 (kept)",
    ],
    [
      "a mask value of a kernel",
      { "d/kernel": { dtype: "U8", shape: [2, 3], data: new Uint8Array([1, 1, 0, 0, 9, 0]) } },
      "f: tensor d/kernel holds 9 at [1,1]; a mask holds only 0 (pruned) and 1 (kept)",
    ],
    [
      "integer weights beside a mask",
      {
        "0.weight": { dtype: "I8", shape: [1, 1], data: new Int8Array([5]) },
        "0.weight_mask": matrix([[1]]),
      },
      "f: tensor 0.weight is of dtype I8 with the mask 0.weight_mask beside it: integer weights are quantised; convert them to F32",
    ],
    [
      "a dtype that is not read",
      { "0.weight": { dtype: "C64", shape: [1, 1], data: new Uint8Array(8) } },
      "f: tensor 0.weight is of dtype C64, which is not read; convert it to F32",
    ],
    [
      "a weight norm by parametrisation",
      { "fc.parametrizations.weight.original0": matrix([[1]]), "fc.parametrizations.weight.original1": matrix([[1]]) },
      "f: tensor fc.parametrizations.weight.original0 is a part of a weight that is computed (by a weight norm or alike), not stored; call torch.nn.utils.parametrize.remove_parametrizations on the layer before it is saved",
    ],
    [
      "a weight norm of old",
      { "fc.weight_g": matrix([[1]]), "fc.weight_v": matrix([[1]]), "fc.bias": vector([0]) },
      "f: tensor fc.weight_g is a part of a weight that is computed (by a weight norm or alike), not stored; call torch.nn.utils.remove_weight_norm on the layer before it is saved",
    ],
    [
      "a spectral norm of old",
      { "fc.weight_orig": matrix([[1]]), "fc.weight_u": vector([1]), "fc.weight_v": vector([1]) },
      "f: tensor fc.weight_u is a part of a weight that is computed (by a weight norm or alike), not stored; call torch.nn.utils.remove_spectral_norm on the layer before it is saved",
    ],
    [
      "a parametrisation without mask",
      { "fc.parametrizations.weight.original": matrix([[1]]) },
      "f: tensor fc.parametrizations.weight.original has no mask beside it, such as fc.parametrizations.weight.0.mask; call torch.nn.utils.parametrize.remove_parametrizations on the layer before it is saved",
    ],
    [
      "a weight stored sparse",
      { "0.weight.crow_indices": vector([1]), "0.weight.values": vector([1]) },
      "f: tensor 0.weight.crow_indices stores a weight sparse or packed; store it dense, with its zeros (in PyTorch: weight.to_dense())",
    ],
    [
      "a bias of the other size",
      { "0.weight": matrix([[1, 2, 3]]), "0.bias": vector([1, 2, 3]) },
      "f: tensor 0.bias has shape [3], its layer has 1 outputs, if its weight is [out,in]",
    ],
    [
      "weights in one layer only",
      { "0.weight": matrix([[1]]), "1.weight_mask": matrix([[1]]) },
      "f: tensor 1.weight_mask has no weight beside it though other layers have; give all weights or none",
    ],
  ];
  test.each(cases)("%s", (_, tensors, message) => {
    for (const maskAlone of [false, true]) {
      const error = caught(() => readTicket(file(tensors), "f", { maskAlone }));
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toBe(message);
    }
  });
});

describe("tasks and coverage in a ticket's file", () => {
  const { mask } = randomTicket([4, 3, 2], 1);
  const tasks: Task[] = [
    { name: "a, b: c", kind: "binary", inputs: { start: 0, count: 1 }, outputs: { start: 0, count: 1 } },
    { name: "d", kind: "binary", inputs: { start: 1, count: 3 }, outputs: { start: 1, count: 1 } },
  ];

  test("come back; a file without them has none", () => {
    const bytes = writeTicket({ mask, analysis: { tasks, coverage: "output" }, metadata: { level: "3" } });
    expect(readTicket(bytes, "f")).toMatchObject({ tasks, coverage: "output" });
    expect(readSafetensors(bytes, "f").metadata.level).toBe("3");
    expect(Object.keys(readTicket(writeTicket({ mask, metadata: { level: "3" } }), "f"))).toEqual([
      "shape",
      "mask",
      "reading",
    ]);
  });

  test("are stored as a list where their columns are not contiguous", () => {
    const apart: Task[] = [
      { ...tasks[0], inputs: [0, 2] },
      { ...tasks[1], inputs: [1, 3] },
    ];
    const bytes = writeTicket({ mask, analysis: { tasks: apart, coverage: "output" }, metadata: {} });
    expect(readTicket(bytes, "f").tasks).toEqual(apart);
    expect(JSON.parse(readSafetensors(bytes, "f").metadata.tasks)[0].inputs).toEqual([0, 2]);
    const repeated = JSON.stringify([{ ...tasks[0], inputs: [2, 2] }, tasks[1]]);
    const wrong = writeTicket({ mask, metadata: { tasks: repeated, coverage: "output" } });
    expect(() => readTicket(wrong, "f")).toThrow("f: __metadata__.tasks.0.inputs: a list of columns ascends");
  });

  test.each([
    [
      { tasks: "[", coverage: "total" },
      "f: __metadata__.tasks is not JSON (Unexpected end of JSON input); write the ticket again",
    ],
    [{ tasks: "[]", coverage: "total" }, "f: __metadata__.tasks: Too small"],
    [{ tasks: JSON.stringify(tasks), coverage: "all" }, 'f: __metadata__.coverage is "all"; write the ticket again'],
  ])("are refused where they cannot be read: %j", (metadata, message) => {
    const bytes = writeTicket({ mask, metadata });
    expect(() => readTicket(bytes, "f")).toThrow(InputError);
    expect(() => readTicket(bytes, "f")).toThrow(message);
  });
});

test("a network of more than 1,000 layers is refused, by their number", () => {
  const layer = (): Tensor => ({ dtype: "F32", shape: [1, 1], data: Float32Array.of(1) });
  const chain = (count: number) =>
    writeSafetensors(new Map(Array.from({ length: count }, (_, i) => [`layers.${i}.weight`, layer()])));
  expect(readTicket(chain(1000), "f").shape).toHaveLength(1001);
  expect(() => readTicket(chain(1001), "f")).toThrow(
    "f: a network of 1001 layers, at most 1000 are read; name those that are meant by --layers",
  );
});
