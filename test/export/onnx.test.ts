import protobuf from "protobufjs/minimal.js";
import { describe, expect, it } from "vitest";
import { foldTicket } from "../../src/export/dense_network.ts";
import { onnxModel } from "../../src/export/onnx.ts";
import { activations } from "../../src/network/activations/index.ts";
import { largestError, logits } from "./direct.ts";
import { drawnTicket, randomSamples, randomTicket } from "./tickets.ts";

/** A message as it lies in the file: the values of every field by the field's number in onnx.proto. */
type Fields = Map<number, (Uint8Array | number)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const reader = protobuf.Reader.create(bytes);
  const fields: Fields = new Map();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const value = (tag & 7) === 2 ? reader.bytes() : Number(reader.int64());
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, number: number) =>
  (fields.get(number) ?? []).map((value) => fieldsOf(value as Uint8Array));
const texts = (fields: Fields, number: number) =>
  (fields.get(number) ?? []).map((value) => new TextDecoder().decode(value as Uint8Array));
/** Repeated numbers, which a writer may put in one piece. */
const numbers = (fields: Fields, number: number) =>
  (fields.get(number) ?? []).flatMap((value) => {
    if (typeof value === "number") return [value];
    const reader = protobuf.Reader.create(value);
    const list: number[] = [];
    while (reader.pos < reader.len) list.push(Number(reader.int64()));
    return list;
  });

/** A second reader of models: field numbers as onnx.proto has them, operators as ONNX defines them. */
function readModel(bytes: Uint8Array) {
  const model = fieldsOf(bytes);
  const [graph] = messages(model, 7);
  const tensors = new Map(
    messages(graph, 5).map((tensor) => {
      const [raw] = tensor.get(9) as Uint8Array[];
      expect(numbers(tensor, 2), "FLOAT").toEqual([1]);
      return [
        texts(tensor, 8)[0],
        { dims: numbers(tensor, 1), values: new Float32Array(Uint8Array.from(raw).buffer) },
      ] as const;
    }),
  );
  const nodes = messages(graph, 1).map((node) => ({
    inputs: texts(node, 1),
    outputs: texts(node, 2),
    operator: texts(node, 4)[0],
    attributes: messages(node, 5).map((one) => [texts(one, 1)[0], numbers(one, 20)[0], numbers(one, 3)[0]]),
  }));
  const described = (number: number) =>
    messages(graph, number).map((value) => {
      const [tensor] = messages(messages(value, 2)[0], 1);
      const dims = messages(messages(tensor, 2)[0], 1).map((dim) => numbers(dim, 1)[0] ?? texts(dim, 2)[0]);
      return { name: texts(value, 1)[0], elements: numbers(tensor, 1)[0], dims };
    });
  return {
    irVersion: numbers(model, 1)[0],
    opsets: messages(model, 8).map((one) => [texts(one, 1)[0] ?? "", numbers(one, 2)[0]]),
    metadata: Object.fromEntries(messages(model, 14).map((one) => [texts(one, 1)[0], texts(one, 2)[0]])),
    inputs: described(11),
    outputs: described(12),
    tensors,
    nodes,
  };
}

function evaluate({ nodes, tensors }: ReturnType<typeof readModel>, sample: readonly number[]): number[] {
  const values = new Map<string, readonly number[]>([["inputs", sample]]);
  for (const { operator, inputs, outputs, attributes } of nodes) {
    const x = values.get(inputs[0]) ?? [];
    if (operator === "Gemm") {
      expect(attributes).toEqual([["transB", 2, 1]]);
      const [weight, bias] = [tensors.get(inputs[1])!, tensors.get(inputs[2])!];
      const [rows, columns] = weight.dims;
      expect([columns, bias.dims]).toEqual([x.length, [rows]]);
      const sums = Array.from(bias.values, (b, row) =>
        x.reduce((sum, v, c) => sum + v * weight.values[row * columns + c], b),
      );
      values.set(outputs[0], sums);
    } else {
      const f = { Relu: (z: number) => Math.max(z, 0), Tanh: Math.tanh }[operator]!;
      values.set(outputs[0], x.map(f));
    }
  }
  return [...values.get("logits")!];
}

describe.each(activations.names)("a model with %s", (name) => {
  it.each([[[5, 9, 3]], [[6, 12, 12, 4]], [[3, 2]]])("computes what the ticket of %j does", (shape) => {
    const { mask, parameters } = randomTicket(shape, 0.4, 1);
    const network = foldTicket(mask, parameters, name);
    const model = readModel(onnxModel(network, name, {}));
    const samples = randomSamples(30, shape[0]);
    const actual = samples.map((sample) =>
      evaluate(
        model,
        network.neurons[0].map((input) => sample[input]),
      ),
    );
    const expected = logits(parameters, mask, activations.get(name).activated, samples);
    expect(largestError(expected, actual)).toBeLessThan(1e-6);
  });
});

it("has the versions, names, sizes and metadata that it says", () => {
  const { mask, parameters } = drawnTicket();
  const network = foldTicket(mask, parameters, "relu");
  const metadata = { activation: "relu", inputs: "[1]", source: "Ä & <b>" };
  const bytes = onnxModel(network, "relu", metadata);
  const model = readModel(bytes);
  expect(model).toMatchObject({ irVersion: 8, opsets: [["", 17]], metadata });
  expect(model.inputs).toEqual([{ name: "inputs", elements: 1, dims: ["samples", 1] }]);
  expect(model.outputs).toEqual([{ name: "logits", elements: 1, dims: ["samples", 2] }]);
  expect([...model.tensors.keys()]).toEqual(["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]);
  expect(model.nodes.map(({ operator }) => operator)).toEqual(["Gemm", "Relu", "Gemm"]);
  expect(onnxModel(network, "relu", metadata)).toEqual(bytes);
});
