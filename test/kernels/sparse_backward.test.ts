import { describe, expect, it } from "vitest";
import { withActivation } from "../../src/kernels/activated.ts";
import { sparseBackward } from "../../src/kernels/sparse_backward.ts";
import { activations } from "../../src/network/activations/index.ts";
import { padTo4 } from "../../src/network/parameters.ts";
import { call, dirtyFloats, expectClose, expectSameBits, sumBound, useSides, withWorkgroup } from "./harness.ts";
import { edgeSizes, type SparseCase, sparseLayer } from "./sparse_layer.ts";

const runSides = useSides();

function layer(shape: SparseCase, activation = "relu") {
  const made = sparseLayer(shape);
  const { inputs, outputs, quads } = shape;
  const rowLength = padTo4(inputs) * quads * 4;
  const buffers = {
    networks: made.networks,
    layers: made.layers,
    edges: made.edges,
    parameters: made.elements(1),
    // After a ReLU about half of the activations are 0.
    inputs: made.rows(inputs, 2).map(activations.get(activation).activated),
    outputGradients: made.rows(outputs, 3),
    inputGradients: dirtyFloats(made.slots * rowLength),
  };
  /** The call of a kernel with its list, and all buffers. */
  const withList = (kernel: typeof sparseBackward) => {
    const list = made.listFor(kernel);
    return [[call(kernel, { quads, ...list.uniform })], { ...buffers, tiles: list.tiles }] as const;
  };
  const bound = (index: number): number => {
    const [n, i, s] = [
      Math.floor(index / rowLength),
      Math.floor(index / made.columns) % padTo4(inputs),
      index % made.columns,
    ];
    let [sum, terms] = [0, 0];
    for (let o = 0; o < outputs && i < inputs; o++) {
      if (!made.masks[n].has(1, o, i)) continue;
      const dz = buffers.outputGradients[(n * padTo4(outputs) + o) * made.columns + s];
      sum += Math.abs(buffers.parameters[n * made.length + made.weightAt(o, i)] * dz);
      terms++;
    }
    // The derivative is rounded a few times, and is at most 1.
    return sumBound(terms + 4, sum);
  };
  return { ...made, buffers, withList, bound };
}

async function compare(workgroup: readonly [number, number], shape: SparseCase, activation = "relu") {
  const { withList, bound } = layer(shape, activation);
  const { device, twin } = await runSides(
    ...withList(withWorkgroup(withActivation(sparseBackward, activation), workgroup)),
  );
  expectClose(device.inputGradients, twin.inputGradients, bound, "inputGradients");
  return device;
}

describe("sparse_backward", () => {
  it.each(edgeSizes.flatMap((i) => edgeSizes.map((o) => [i, o])))(
    "%i inputs from %i outputs, in workgroups of 2 x 2",
    async (inputs, outputs) => {
      for (const quads of [2, 4, 6]) await compare([2, 2], { inputs, outputs, quads });
    },
  );

  it.each([
    [7, 33, 14],
    [8, 20, 16],
    [9, 20, 18],
  ])("%i inputs from %i outputs, %i quads, around one whole workgroup", async (inputs, outputs, quads) => {
    await compare(sparseBackward.workgroup, { inputs, outputs, quads });
  });

  it.each(activations.names)("passes gradients back through %s", async (activation) => {
    await compare([2, 2], { inputs: 9, outputs: 33, quads: 6 }, activation);
    await compare(sparseBackward.workgroup, { inputs: 33, outputs: 20, quads: 18 }, activation);
  });

  it.each([0, 1])("a density of %i: no gradient at all, or through every edge", async (density) => {
    const { inputGradients } = await compare([2, 2], { inputs: 8, outputs: 37, quads: 2, densities: [density] });
    if (density === 0) expectSameBits(inputGradients, new Float32Array(8 * 8), "gradients without an edge");
  });

  it("takes a single edge, and inputs without any", async () => {
    const shape = { inputs: 9, outputs: 6, quads: 2, keeps: (o: number, i: number) => o === 4 && i === 7 };
    const { inputGradients } = await compare([2, 2], shape);
    // Rows past the last input belong to no neuron.
    expect(inputGradients.slice(9 * 8)).toEqual(dirtyFloats(3 * 8));
  });

  it("gives each network its own edges, and skips one that is stopped or not in the list", async () => {
    const settings = [{ running: 0 }, {}, {}, {}, {}];
    const shape = {
      inputs: 8,
      outputs: 10,
      quads: 4,
      networks: settings,
      unlisted: [2],
      densities: [0.5, 0.1, 0.5, 0, 1],
    };
    const { inputGradients } = await compare([2, 2], shape);
    const length = 8 * 16;
    for (const n of [0, 2]) {
      const own = inputGradients.slice(n * length, (n + 1) * length);
      expectSameBits(own, dirtyFloats(length), `gradients of network ${n}`);
    }
    expect(inputGradients.filter((value) => value > 1e29).length).toBe(2 * length);
  });

  it("lets no gradient through an activation of 0, of either sign, and all of it through a positive one", async () => {
    const { buffers, withList } = layer({ inputs: 4, outputs: 3, quads: 2, densities: [1] });
    buffers.inputs.fill(1);
    buffers.inputs[1] = 0;
    buffers.inputs[2] = -0;
    const { device } = await runSides(...withList(sparseBackward));
    expect([...device.inputGradients].flatMap((value, i) => (value === 0 ? [i] : []))).toEqual([1, 2]);
  });
});
