import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Mask, maskLayout } from "../../src/mask/mask.ts";
import type { Dtype, Tensor } from "../../src/store/dtype.ts";
import { tensorOf } from "../../src/store/dtype.ts";
import { writeSafetensors } from "../../src/store/safetensors.ts";
import { readTicket } from "../../src/store/ticket_file.ts";

const file = (tensors: Record<string, Tensor>) => writeSafetensors(new Map(Object.entries(tensors)));
const f32 = (shape: number[], value = 0.5): Tensor => ({
  dtype: "F32",
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

/** The bytes of 0 and 1 in every dtype that a mask may have, little-endian, by the format's definition. */
const ones: readonly (readonly [Dtype, readonly number[]])[] = [
  ["BOOL", [1]],
  ["U8", [1]],
  ["I8", [1]],
  ["U16", [1, 0]],
  ["I16", [1, 0]],
  ["U32", [1, 0, 0, 0]],
  ["I32", [1, 0, 0, 0]],
  ["U64", [1, 0, 0, 0, 0, 0, 0, 0]],
  ["I64", [1, 0, 0, 0, 0, 0, 0, 0]],
  ["F16", [0, 0x3c]],
  ["BF16", [0x80, 0x3f]],
  ["F32", [0, 0, 0x80, 0x3f]],
  ["F64", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]],
  ["F8_E4M3", [0x38]],
  ["F8_E5M2", [0x3c]],
];

/** A mask's layer as a tensor of 0 and 1, `[out,in]`, or `[in,out]`. */
function maskTensor(mask: Mask, layer: number, dtype: Dtype, transposed: boolean): Tensor {
  const one = ones.find(([name]) => name === dtype)?.[1] ?? [];
  const [inputs, outputs] = [mask.shape[layer], mask.shape[layer + 1]];
  const bytes = new Uint8Array(inputs * outputs * one.length);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const at = transposed ? input * outputs + output : output * inputs + input;
      if (mask.has(layer, output, input)) bytes.set(one, at * one.length);
    }
  }
  return tensorOf(dtype, transposed ? [inputs, outputs] : [outputs, inputs], bytes);
}

/** How a layer's tensors may be named: `[weight, mask]`; an empty weight is left out. `kernel` is `[in,out]`. */
const conventions = [
  ["weight_orig", "weight_mask"],
  ["weight", "weight_mask"],
  ["weight", "mask"],
  ["weight", "weight.mask"],
  ["kernel", "kernel.mask"],
  ["parametrizations.weight.original", "parametrizations.weight.0.mask"],
  ["kernel", "kernel_mask"],
  ["kernel:0", "mask:0"],
  ["vars/0", "mask"],
] as const;

const foreign: Record<string, Tensor> = {
  "bn.running_mean": f32([4]),
  "bn.num_batches_tracked": { dtype: "I64", shape: [], data: new BigInt64Array([3n]) },
  "bn.weight": f32([4], Number.NaN),
  "conv.weight": f32([2, 1, 3, 3]),
  "tokens/embedding": f32([7, 5]),
  step: { dtype: "U64", shape: [1], data: new BigUint64Array([9n]) },
  "optimizer/dense/kernel": f32([9, 9]),
  "scale.packed": { dtype: "F4", shape: [2], data: new Uint8Array(1) },
};

test("random networks come back whatever their names, conventions, dtypes and neighbours", () => {
  const network = fc.record({
    shape: fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 2, maxLength: 5 }),
    density: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
    convention: fc.constantFrom(...conventions),
    dtype: fc.constantFrom(...ones.map(([dtype]) => dtype)),
    wrapper: fc.constantFrom("", "module.", "_orig_mod.module.", "net/"),
    start: fc.nat(20),
    step: fc.integer({ min: 1, max: 5 }),
    others: fc.subarray(Object.keys(foreign)),
    order: fc.infiniteStream(fc.nat()),
    withWeights: fc.boolean(),
  });
  fc.assert(
    fc.property(network, (given) => {
      const { shape, convention, dtype, wrapper, start, step, others } = given;
      const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
      let state = given.seed;
      const tensors: [string, Tensor][] = others.map((name) => [name, foreign[name]]);
      for (let layer = 0; layer < shape.length - 1; layer++) {
        for (let output = 0; output < shape[layer + 1]; output++) {
          for (let input = 0; input < shape[layer]; input++) {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            mask.set(layer, output, input, state / 2 ** 32 < given.density);
          }
        }
        const [weight, masked] = convention;
        const transposed = !weight.includes("weight");
        const tensor = maskTensor(mask, layer, dtype, transposed);
        const name = `${wrapper}dense_${start + step * layer}${weight.includes("/") || weight.includes(":") ? "/" : "."}`;
        if (given.withWeights || transposed || convention[1] === "mask")
          tensors.push([name + weight, f32([...tensor.shape])]);
        tensors.push([name + masked, tensor]);
      }
      // A random order of the tensors in the file.
      const keyed = tensors.map((entry) => ({ entry, key: given.order.next().value as number }));
      const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry);
      const isWeightless = !given.withWeights && convention[0] !== "weight" && convention[0].includes("weight");
      for (const maskAlone of [true, false]) {
        const back = readTicket(writeSafetensors(new Map(shuffled)), "f", { maskAlone });
        expect(back.shape).toEqual(shape);
        expect(back.mask.words).toEqual(mask.words);
        expect(back.reading.passedOver.toSorted()).toEqual(others.toSorted());
        if (!maskAlone && !isWeightless && back.parameters) {
          const kept = [...back.parameters.values].filter((value) => value !== 0).length;
          expect(kept).toBe(mask.count());
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("names that say nothing are put in the order of the widths", () => {
  const shapes = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 6 });
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{3}$/), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(shapes, names, (shape, labels) => {
      const layers = shape.slice(1).map((outputs, i) => [`${labels[i]}.weight`, f32([outputs, shape[i]])] as const);
      const { shape: read, reading } = readTicket(file(Object.fromEntries(layers.toReversed())), "f");
      expect(read).toEqual(shape);
      expect(reading.layers.map(({ name }) => `${name}.weight`)).toEqual(layers.map(([name]) => name));
    }),
    { numRuns: 30 },
  );
});

describe("conventions of others", () => {
  const row = (dtype: Dtype, bytes: number[], shape = [1, bytes.length]) =>
    tensorOf(dtype, shape, new Uint8Array(bytes));
  const kept = (tensors: Record<string, Tensor>) => {
    const { mask, parameters, reading } = readTicket(file(tensors), "f");
    const bits = Array.from({ length: mask.shape[0] }, (_, input) => Number(mask.has(0, 0, input))).join("");
    return `${reading.layers.map(({ name }) => name).join()} ${bits} ${parameters ? "weights" : "mask"}`;
  };
  test.each<[string, Record<string, Tensor>, string]>([
    ["a weight of bool or integers is a mask", { "fc.weight": row("BOOL", [0, 1]) }, "fc 01 mask"],
    [
      "JaxPruner: a tree of masks alone",
      { "masks/params/Dense_0/kernel": row("U8", [1, 0], [2, 1]) },
      "masks/params/Dense_0 10 mask",
    ],
    [
      "JaxPruner: a tree of masks beside the parameters",
      {
        "params.Dense_0.kernel": f32([2, 1]),
        "masks.Dense_0.kernel": row("U8", [0, 1], [2, 1]),
        "opt_state.mu.Dense_0.kernel": f32([2, 1]),
        "batch_stats.BatchNorm_0.mean": f32([1]),
      },
      "params.Dense_0 01 weights",
    ],
    [
      "OpenLTH: masks beside the model",
      {
        mask_fc_layers___0___weight: f32([1, 2], 1),
        "model.fc_layers.0.weight": f32([1, 2]),
        "model.fc_layers.0.bias": f32([1]),
      },
      "model.fc_layers.0 11 weights",
    ],
    ["a mask by the name of its layer", { "mask.fc": row("U8", [0, 1]) }, "mask.fc 01 mask"],
    [
      "two masks of one weight: both must keep it",
      {
        "fc.parametrizations.weight.original": f32([1, 3]),
        "fc.parametrizations.weight.0.mask": row("U8", [0, 1, 1]),
        "fc.parametrizations.weight.1.mask": row("BOOL", [1, 1, 0]),
      },
      "fc 010 weights",
    ],
    ["an attention mask is no layer", { "attn.mask": row("U8", [1, 1]), "fc.weight": f32([1, 2]) }, "fc 11 weights"],
    [
      "F64 below f32 is not 0",
      { "fc.weight": { dtype: "F64", shape: [1, 2], data: new Float64Array([1e-300, -0]) } },
      "fc 10 weights",
    ],
    [
      "F16 has two zeros",
      { "fc.weight": { dtype: "F16", shape: [1, 3], data: new Uint16Array([0x8000, 1, 0]) } },
      "fc 010 weights",
    ],
    [
      "an original beside a mask of that name alone",
      { "fc.weight_orig": f32([1, 2]), "fc.mask": row("U8", [0, 1]) },
      "fc 01 weights",
    ],
    [
      "a spectral norm of a convolution is passed over",
      {
        "conv.weight_orig": f32([1, 1, 3, 3]),
        "conv.weight_u": f32([1]),
        "bn.weight_orig": f32([2]),
        "bn.weight_mask": f32([2], 1),
        "fc.weight": f32([1, 2]),
      },
      "fc 11 weights",
    ],
    ["a lone layer", { weight_mask: row("I64", [1, 0, 0, 0, 0, 0, 0, 0], [1, 1]) }, "weight_mask 1 mask"],
  ])("%s", (_, tensors, expected) => {
    expect(kept(tensors)).toBe(expected);
  });

  test("weights of a kernel are transposed", () => {
    const kernel: Tensor = { dtype: "F32", shape: [2, 3], data: new Float32Array([1, 2, 0, 4, 5, 6]) };
    const { shape, mask, parameters } = readTicket(file({ "Dense_0/kernel": kernel, "Dense_0/bias": f32([3]) }), "f");
    expect(shape).toEqual([2, 3]);
    expect([...(parameters?.weights(0) ?? [])]).toEqual([1, 4, 2, 5, 0, 6]);
    expect([...mask.words]).toEqual([3, 3, 2]);
    expect([...(parameters?.biases(0) ?? [])]).toEqual([0.5, 0.5, 0.5]);
  });
});

test("numbers that contradict the only order of the widths are told", () => {
  const { shape, reading } = readTicket(file({ "l.0.weight": f32([8, 2]), "l.1.weight": f32([4, 8]) }), "f");
  expect(shape).toEqual([2, 8, 4]);
  const turned = readTicket(file({ "l.0.weight": f32([4, 8]), "l.1.weight": f32([8, 2]) }), "f");
  expect(reading.notes).toEqual([
    "f: layers in order: l.0 (2 to 8), l.1 (8 to 4); the only order that their widths allow",
  ]);
  expect(turned.reading.notes).toEqual([
    "f: layers in order: l.1 (2 to 8), l.0 (8 to 4); the only order that their widths allow (the numbers in their names say another, as they do where a matrix is [in,out], not [out,in])",
  ]);
});

describe("what is passed over is named, with what it means", () => {
  const dense = { "fc1.weight": f32([3, 4]), "fc2.weight": f32([2, 3]) };
  const note = (others: Record<string, Tensor>) => readTicket(file({ ...dense, ...others }), "f").reading.notes[1];
  const connects = (what: string) =>
    `; what ${what} is not analysed: states and subnetworks are those of the dense layers alone`;
  test.each<[string, Record<string, Tensor>, string | undefined]>([
    ["nothing", {}, undefined],
    [
      "a batch norm scales each neuron by itself",
      { "bn.weight": f32([3]), "bn.bias": f32([3]), "bn.running_mean": f32([3]) },
      "f: passed over: bn (weight, bias, running_mean)",
    ],
    [
      "a layer norm",
      { "norm.weight": f32([3]), "norm.bias": f32([3]) },
      `f: passed over: norm (weight, bias)${connects("norm (layer norm or alike) connects")}`,
    ],
    ["the slopes of a PReLU", { "act.weight": f32([3]) }, "f: passed over: act (weight)"],
    [
      "a convolution with its mask",
      { "conv.weight": f32([2, 1, 3, 3]), "conv.weight_mask": f32([2, 1, 3, 3]), "conv.bias": f32([2]) },
      `f: passed over: conv (weight, weight_mask, bias)${connects("conv (convolution) connects")}`,
    ],
    [
      "attention and recurrence",
      { "a.in_proj_weight": f32([9, 3]), "rnn.weight_hh_l0": f32([12, 3]) },
      `f: passed over: a (in_proj_weight), rnn (weight_hh_l0)${connects("a (attention), rnn (recurrent) connect")}`,
    ],
    [
      "an embedding and a counter",
      { "t.embedding": f32([9, 4]), step: f32([1]) },
      "f: passed over: t (embedding), step",
    ],
    ["an embedding of PyTorch", { "token_emb.weight": f32([99, 4]) }, "f: passed over: token_emb (matrix)"],
  ])("%s", (_, others, expected) => {
    expect(note(others)).toBe(expected);
  });
});

test("names from outside stay on one line", () => {
  const { notes } = readTicket(file({ "fc\n\u001b[31m.weight": f32([2, 3]), "\r\nmore": f32([1]) }), "f").reading;
  expect(notes).toEqual([
    "f: layers in order: fc␊␛[31m (3 to 2); the only order that their widths allow",
    "f: passed over: ␍␊more",
  ]);
});

test("a tensor that is called a mask and fits a weight without one is told", () => {
  const bytes = file({
    "fc.weight": f32([2, 3]),
    "fc2.weight": f32([1, 2]),
    "fc2.weight_mask": f32([1, 2], 1),
    fc2_mask: f32([1, 2], 1),
    fc_mask: f32([2, 3], 0),
    other_mask: f32([3, 3]),
  });
  expect(readTicket(bytes, "f").reading.notes).toContain(
    "f: fc_mask has the shape of fc.weight and is not used: if it is the mask, name it fc.weight_mask",
  );
  expect(readTicket(bytes, "f").reading.notes).toHaveLength(3);
});

describe("where the mask comes from is told", () => {
  const u8 = (shape: number[], data: number[]): Tensor => ({ dtype: "U8", shape, data: Uint8Array.from(data) });
  const values = (shape: number[], data: number[]): Tensor => ({ dtype: "F32", shape, data: Float32Array.from(data) });
  const [full, holed] = [values([1, 2], [1, 2]), values([1, 2], [0, 2])];
  test.each<[string, Record<string, Tensor>, string[]]>([
    ["no masks and no zeros", { "a.weight": full }, []],
    ["no masks and a zero", { "a.weight": holed }, ["f: no masks: weights that are 0 count as pruned"]],
    ["a mask beside the weight that it was applied to", { "a.weight": holed, "a.weight_mask": u8([1, 2], [0, 1]) }, []],
    ["a mask that keeps a zero", { "a.weight": holed, "a.weight_mask": u8([1, 2], [1, 1]) }, []],
    ["nothing kept", { "a.weight": full, "a.weight_mask": u8([1, 2], [0, 0]) }, []],
    [
      "a mask that is inverted",
      { "a.weight": holed, "a.weight_mask": u8([1, 2], [1, 0]) },
      ["f: the masks of a keep only weights that are 0 and prune others: if 1 means pruned, store 1 - mask"],
    ],
    [
      "an inverted mask of a kernel [in,out]",
      {
        "a.kernel": values([2, 2], [0, 2, 0, 4]),
        "a.kernel_mask": u8([2, 2], [1, 0, 1, 0]),
        "b.kernel": values([2, 1], [1, 1]),
      },
      [
        "f: no mask for b: weights that are 0 count as pruned there",
        "f: the masks of a keep only weights that are 0 and prune others: if 1 means pruned, store 1 - mask",
      ],
    ],
  ])("%s", (_, tensors, expected) => {
    for (const maskAlone of [true, false]) {
      expect(readTicket(file(tensors), "f", { maskAlone }).reading.maskNotes).toEqual(expected);
    }
  });
});

test.each([
  "fc.lora_A.weight",
  "base_model.model.fc.lora_B.default.weight",
  "fc.lora_a.weight",
  "fc.lora_up.weight",
  "fc.lora_embedding_A",
  "fc.hada_w1_a",
  "fc.lokr_w2",
])("a factor of a low-rank update is refused: %s", (name) => {
  const tensors = { "fc.weight": f32([2, 4]), [name]: f32([4, 4]) };
  expect(() => readTicket(file(tensors), "f")).toThrow(
    `f: tensor ${name} is a factor of a low-rank update of another weight; add the updates to their weights before they are saved (in PEFT: merge_and_unload())`,
  );
  expect(readTicket(file({ "explora_A.weight": f32([2, 4]) }), "f").shape).toEqual([4, 2]);
});
