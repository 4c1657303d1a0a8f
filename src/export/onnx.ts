import { layerCount } from "../base/shape.ts";
import { activations } from "../network/activations/index.ts";
import type { DenseNetwork } from "./dense_network.ts";
import { modelProto } from "./onnx_messages.ts";

/** Numbers of onnx.proto: the data type of f32 values and the attribute type of an integer. */
const float = 1;
const integer = 2;

/** The oldest set of operators that has Gemm, Relu and Tanh in their present form is 14; readers of 2022 know 17. */
const opset = 17;
const irVersion = 8;

/**
 * A network as an ONNX model: input `inputs` f32 `[samples, inputs]`, output `logits` f32 `[samples, outputs]`, a Gemm and
 * the activation for each layer. Initializers have PyTorch's names, `layers.<i>.weight` `[out,in]` and `layers.<i>.bias`
 * `[out]`. Equal arguments give equal bytes.
 * @param activation name of the activation of hidden neurons
 * @param metadata stored as the model's metadata properties
 * @throws InputError when there is no such activation
 */
export function onnxModel(
  { parameters }: DenseNetwork,
  activation: string,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { shape } = parameters;
  const layers = layerCount(shape);
  const { onnxOperator } = activations.get(activation);
  const node = [];
  const initializer = [];
  let value = "inputs";
  for (let layer = 0; layer < layers; layer++) {
    const [weight, bias] = [`layers.${layer}.weight`, `layers.${layer}.bias`];
    initializer.push(tensor(weight, [shape[layer + 1], shape[layer]], parameters.weights(layer)));
    initializer.push(tensor(bias, [shape[layer + 1]], parameters.biases(layer).slice()));
    const isLast = layer === layers - 1;
    const sum = isLast ? "logits" : `layers.${layer}.sum`;
    const transposed = { name: "transB", type: integer, i: 1 };
    node.push({
      opType: "Gemm",
      name: `layers.${layer}`,
      input: [value, weight, bias],
      output: [sum],
      attribute: [transposed],
    });
    if (isLast) break;
    value = `layers.${layer}.${activation}`;
    node.push({ opType: onnxOperator, name: value, input: [sum], output: [value] });
  }
  const model = {
    irVersion,
    producerName: "split-ticket",
    opsetImport: [{ domain: "", version: opset }],
    graph: {
      name: "ticket",
      node,
      initializer,
      input: [matrix("inputs", shape[0])],
      output: [matrix("logits", shape[layers])],
    },
    metadataProps: Object.entries(metadata).map(([key, text]) => ({ key, value: text })),
  };
  return modelProto.encode(modelProto.fromObject(model)).finish();
}

/** Values of f32, little-endian as on every platform that has WebGPU. */
function tensor(name: string, dims: readonly number[], values: Float32Array) {
  return { name, dims, dataType: float, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** The description of an input or output with any number of samples. */
function matrix(name: string, width: number) {
  const dim = [{ dimParam: "samples" }, { dimValue: width }];
  return { name, type: { tensorType: { elemType: float, shape: { dim } } } };
}
