import { describe, expect, it } from "vitest";
import { denseForward } from "../../src/kernels/dense_forward.ts";
import { sparseForward } from "../../src/kernels/sparse_forward.ts";
import { padTo4 } from "../../src/network/parameters.ts";
import { call, dirtyFloats, expectClose, expectSameBits, sumBound, useSides, withWorkgroup } from "./harness.ts";
import { edgeSizes, type SparseCase, sparseLayer } from "./sparse_layer.ts";

const runSides = useSides();

function layer(shape: SparseCase, relu = 1) {
  const made = sparseLayer(shape);
  const { inputs, outputs, quads } = shape;
  const rowLength = padTo4(outputs) * quads;
  const buffers = {
    networks: made.networks,
    edges: made.edges,
    parameters: made.elements(1),
    inputs: made.rows(inputs, 2),
    outputs: dirtyFloats(made.slots * rowLength * 4),
  };
  const uniform = {
    ...made.uniform,
    outputs,
    relu,
    biasOffset: made.biasAt(0),
    rowsAt: made.rowsAt,
    networkOutputs: rowLength,
  };
  const bound = (index: number): number => {
    const [n, o, s] = [
      Math.floor(index / (rowLength * 4)),
      Math.floor(index / made.columns) % padTo4(outputs),
      index % made.columns,
    ];
    if (o >= outputs) return 0;
    let [sum, terms] = [Math.abs(buffers.parameters[n * made.length + made.biasAt(o)]), 1];
    for (let i = 0; i < inputs; i++) {
      if (!made.masks[n].has(1, o, i)) continue;
      const x = buffers.inputs[(n * padTo4(inputs) + i) * made.columns + s];
      sum += Math.abs(buffers.parameters[n * made.length + made.weightAt(o, i)] * x);
      terms++;
    }
    return sumBound(terms, sum);
  };
  return { ...made, buffers, uniform, bound };
}

async function compare(workgroup: readonly [number, number], shape: SparseCase, relu = 1) {
  const { uniform, buffers, slots, bound } = layer(shape, relu);
  const { device, twin } = await runSides([call(withWorkgroup(sparseForward, workgroup), uniform, slots)], buffers);
  expectClose(device.outputs, twin.outputs, bound, "outputs");
  return device;
}

describe("sparse_forward", () => {
  it.each(edgeSizes.flatMap((i) => edgeSizes.map((o) => [i, o])))(
    "%i inputs, %i outputs, in workgroups of 2 x 2",
    async (inputs, outputs) => {
      for (const quads of [2, 4, 6]) await compare([2, 2], { inputs, outputs, quads });
    },
  );

  it.each([
    [33, 7, 14],
    [20, 8, 16],
    [20, 9, 18],
  ])("%i inputs, %i outputs, %i quads, around one whole workgroup", async (inputs, outputs, quads) => {
    await compare(sparseForward.workgroup, { inputs, outputs, quads });
  });

  it.each([0, 1])("a density of %i: nothing but biases, or every edge", async (density) => {
    await compare([2, 2], { inputs: 37, outputs: 6, quads: 2, densities: [density] });
  });

  it("takes a single edge, and outputs without any", async () => {
    const device = await compare([2, 2], {
      inputs: 9,
      outputs: 6,
      quads: 2,
      keeps: (o, i) => o === 4 && i === 7,
    });
    // Rows past the last output are nobody's.
    expect(device.outputs.slice(6 * 8)).toEqual(dirtyFloats(2 * 8));
  });

  it("leaves logits unrectified", async () => {
    const device = await compare([2, 2], { inputs: 9, outputs: 4, quads: 4 }, 0);
    expect(Math.min(...device.outputs)).toBeLessThan(0);
    expect(Math.min(...(await compare([2, 2], { inputs: 9, outputs: 4, quads: 4 })).outputs)).toBe(0);
  });

  it("gives each network its own edges, and passes over one that rests or is dense", async () => {
    const rests = [{ running: 0 }, {}, { sparse: 0 }, {}, {}];
    const shape = { inputs: 10, outputs: 8, quads: 4, networks: rests, densities: [0.5, 0.1, 0.5, 0, 1] };
    const { outputs } = await compare([2, 2], shape);
    const length = 8 * 16;
    for (const n of [0, 2]) {
      expectSameBits(outputs.slice(n * length, (n + 1) * length), dirtyFloats(length), `outputs of network ${n}`);
    }
    expect(outputs.filter((value) => value > 1e29).length).toBe(2 * length);
  });

  it("makes the very sums of dense_forward", async () => {
    const { buffers, uniform, masks, length, weightAt } = layer({ inputs: 45, outputs: 8, quads: 4, densities: [0.2] });
    const { device: sparse } = await runSides([call(sparseForward, uniform)], buffers);
    const dense = {
      ...buffers,
      networks: sparseLayer({ inputs: 45, outputs: 8, quads: 4, networks: [{ sparse: 0 }] }).networks,
    };
    dense.parameters = buffers.parameters.slice();
    for (let o = 0; o < 8; o++) {
      for (let i = 0; i < 48; i++) if (i >= 45 || !masks[0].has(1, o, i)) dense.parameters[weightAt(o, i)] = 0;
    }
    const { edges: _, ...taken } = dense;
    const { device } = await runSides(
      [
        call(denseForward, {
          inputBlocks: 12,
          outputs: 8,
          quads: 4,
          relu: 1,
          weightOffset: uniform.weightOffset / 4,
          biasOffset: uniform.biasOffset / 4,
          networkParameters: length / 4,
          networkInputs: uniform.networkInputs,
          networkOutputs: uniform.networkOutputs,
        }),
      ],
      taken,
    );
    expectSameBits(sparse.outputs, device.outputs, "outputs");
  });
});
