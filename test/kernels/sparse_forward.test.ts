import { describe, expect, it } from "vitest";
import { withActivation } from "../../src/kernels/activated.ts";
import { denseForward } from "../../src/kernels/dense_forward.ts";
import { sparseForward } from "../../src/kernels/sparse_forward.ts";
import { activations } from "../../src/network/activations/index.ts";
import { padTo4 } from "../../src/network/parameters.ts";
import {
  call,
  dirtyFloats,
  expectClose,
  expectSameBits,
  sumBound,
  unitRoundoff,
  useSides,
  withWorkgroup,
} from "./harness.ts";
import { edgeSizes, type SparseCase, sparseLayer } from "./sparse_layer.ts";

const runSides = useSides();

function layer(shape: SparseCase, activates = 1) {
  const made = sparseLayer(shape);
  const { inputs, outputs, quads } = shape;
  const rowLength = padTo4(outputs) * quads;
  const buffers = {
    networks: made.networks,
    layers: made.layers,
    edges: made.edges,
    parameters: made.elements(1),
    inputs: made.rows(inputs, 2),
    outputs: dirtyFloats(made.slots * rowLength * 4),
  };
  /** The call of a kernel with its list, and all buffers. */
  const withList = (kernel: typeof sparseForward) => {
    const list = made.listFor(kernel);
    const uniform = { quads, activates, sharedInputs: 0, ...list.uniform };
    return [[call(kernel, uniform)], { ...buffers, tiles: list.tiles }] as const;
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
  return { ...made, buffers, withList, bound };
}

async function compare(workgroup: readonly [number, number], shape: SparseCase, activates = 1, activation = "relu") {
  const { withList, bound } = layer(shape, activates);
  const { device, twin } = await runSides(
    ...withList(withWorkgroup(withActivation(sparseForward, activation), workgroup)),
  );
  // No activation has a slope above 1 or an error above some units in the last place of 1.
  const own = activation === "relu" ? 0 : 8 * unitRoundoff;
  expectClose(device.outputs, twin.outputs, (index) => bound(index) + own, "outputs");
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
    // Rows past the last output belong to no neuron.
    expect(device.outputs.slice(6 * 8)).toEqual(dirtyFloats(2 * 8));
  });

  it.each(activations.names)("activates by %s where asked, and nowhere else", async (activation) => {
    const shape = { inputs: 7, outputs: 6, quads: 4 };
    const linear = (await compare([2, 2], shape, 0, activation)).outputs.slice(0, 6 * 16);
    const activated = (await compare([2, 2], shape, 1, activation)).outputs.slice(0, 6 * 16);
    const { activated: value } = activations.get(activation);
    expectClose(activated, Float32Array.from(linear, value), () => 8 * unitRoundoff, activation);
    expect(linear.filter((z, i) => z !== activated[i]).length).toBeGreaterThan(20);
  });

  it.each(["tanh"])("takes sums of any size through %s", async (activation) => {
    const { buffers, withList, biasAt } = layer({ inputs: 4, outputs: 12, quads: 2 });
    buffers.parameters.fill(0);
    const sums = [0, -0, 1e-30, -1e-10, 0.624, 0.626, -5, 40, -89, 1e4, -3e38, 3e38];
    sums.forEach((sum, o) => {
      buffers.parameters[biasAt(o)] = sum;
    });
    const { device } = await runSides(...withList(withActivation(sparseForward, activation)));
    const expected = sums.flatMap((sum) => Array<number>(8).fill(activations.get(activation).activated(sum)));
    expectClose(device.outputs, expected, (i) => 4 * unitRoundoff * Math.abs(expected[i]), activation);
  });

  it("gives each network its own edges, and skips one that is stopped or not in the list", async () => {
    const settings = [{ running: 0 }, {}, {}, {}, {}];
    const shape = {
      inputs: 10,
      outputs: 8,
      quads: 4,
      networks: settings,
      unlisted: [2],
      densities: [0.5, 0.1, 0.5, 0, 1],
    };
    const { outputs } = await compare([2, 2], shape);
    const length = 8 * 16;
    for (const n of [0, 2]) {
      expectSameBits(outputs.slice(n * length, (n + 1) * length), dirtyFloats(length), `outputs of network ${n}`);
    }
    expect(outputs.filter((value) => value > 1e29).length).toBe(2 * length);
  });

  it("makes the sums of dense_forward within the rounding of f32, in whatever order each adds", async () => {
    const { buffers, withList, masks, listFor, weightAt, bound } = layer({
      inputs: 45,
      outputs: 8,
      quads: 4,
      densities: [0.2],
    });
    const { device: sparse } = await runSides(...withList(sparseForward));
    const parameters = buffers.parameters.slice();
    for (let o = 0; o < 8; o++) {
      for (let i = 0; i < 48; i++) if (i >= 45 || !masks[0].has(1, o, i)) parameters[weightAt(o, i)] = 0;
    }
    const { edges: _, ...taken } = buffers;
    const list = listFor(denseForward);
    const uniform = { quads: 4, activates: 1, sharedInputs: 0, ...list.uniform };
    const { device } = await runSides([call(denseForward, uniform)], { ...taken, parameters, tiles: list.tiles });
    expectClose(sparse.outputs, device.outputs, (index) => 2 * bound(index), "outputs");
  });
});
