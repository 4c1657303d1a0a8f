import protobuf from "protobufjs/light.js";

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: "repeated" });

/**
 * The messages of the ONNX format (github.com/onnx/onnx, onnx.proto, IR version 8) with the fields that a chain of dense
 * layers needs; a reader takes fields that are left out as not set. Names are those of onnx.proto in camelCase.
 */
const messages = {
  ModelProto: {
    irVersion: field(1, "int64"),
    producerName: field(2, "string"),
    graph: field(7, "GraphProto"),
    opsetImport: list(8, "OperatorSetIdProto"),
    metadataProps: list(14, "StringStringEntryProto"),
  },
  OperatorSetIdProto: { domain: field(1, "string"), version: field(2, "int64") },
  StringStringEntryProto: { key: field(1, "string"), value: field(2, "string") },
  GraphProto: {
    node: list(1, "NodeProto"),
    name: field(2, "string"),
    initializer: list(5, "TensorProto"),
    input: list(11, "ValueInfoProto"),
    output: list(12, "ValueInfoProto"),
  },
  NodeProto: {
    input: list(1, "string"),
    output: list(2, "string"),
    name: field(3, "string"),
    opType: field(4, "string"),
    attribute: list(5, "AttributeProto"),
  },
  AttributeProto: { name: field(1, "string"), i: field(3, "int64"), type: field(20, "int32") },
  TensorProto: {
    dims: list(1, "int64"),
    dataType: field(2, "int32"),
    name: field(8, "string"),
    rawData: field(9, "bytes"),
  },
  ValueInfoProto: { name: field(1, "string"), type: field(2, "TypeProto") },
  TypeProto: { tensorType: field(1, "TensorTypeProto") },
  TensorTypeProto: { elemType: field(1, "int32"), shape: field(2, "TensorShapeProto") },
  TensorShapeProto: { dim: list(1, "DimensionProto") },
  DimensionProto: { dimValue: field(1, "int64"), dimParam: field(2, "string") },
};

/** The message of a whole file. */
export const modelProto = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, { fields }])),
}).lookupType("ModelProto");
