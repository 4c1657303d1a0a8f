import { describe, expect, it } from "vitest";
import { withActivation } from "../../src/kernels/activated.ts";
import { denseBackward } from "../../src/kernels/dense_backward.ts";
import { type TileName, tileFor, tileNames, withTile } from "../../src/kernels/product_tiles.ts";
import { activations } from "../../src/network/activations/index.ts";
import { padTo4, parameterLayout } from "../../src/network/parameters.ts";
import {
  call,
  dirtyFloats,
  expectClose,
  expectSameBits,
  networkStructs,
  normals,
  sumBound,
  useSides,
} from "./harness.ts";
import { layerRecords, listOf } from "./listed_layers.ts";

const runSides = useSides();

interface Case {
  inputs: number;
  outputs: number;
  quads: number;
  running?: number[];
  density?: number;
}

function layer({ inputs, outputs, quads, running = [1], density = 0.7 }: Case, activation = "relu") {
  const layout = parameterLayout([3, inputs, outputs, 2]);
  const slots = running.length;
  const columns = quads * 4;
  const rowStride = layout.rowStride[1];
  const weights = normals(slots * outputs * inputs, 1);
  const keys = normals(slots * outputs * inputs, 2);
  const cut =
    density === 1 ? Number.POSITIVE_INFINITY : density === 0 ? Number.NEGATIVE_INFINITY : (density - 0.5) * 3.5;
  const parameters = dirtyFloats(slots * layout.length);
  for (let n = 0; n < slots; n++) {
    for (let o = 0; o < outputs; o++) {
      const row = n * layout.length + layout.weightOffset[1] + o * rowStride;
      parameters.fill(0, row, row + rowStride);
      for (let i = 0; i < inputs; i++) {
        const from = (n * outputs + o) * inputs + i;
        parameters[row + i] = keys[from] < cut ? weights[from] : 0;
      }
    }
  }
  // After a ReLU half of the activations are 0; among them both zeros and, where the rule is strict, the smallest
  // number.
  const x = normals(slots * padTo4(inputs) * columns, 3).map(activations.get(activation).activated);
  x[0] = -0;
  x[1] = 2 ** -126;
  // Padding outputs hold garbage: the sum ends at the last output.
  const gradients = dirtyFloats(slots * padTo4(outputs) * columns);
  const values = normals(slots * outputs * columns, 4);
  for (let n = 0; n < slots; n++) {
    const own = values.subarray(n * outputs * columns, (n + 1) * outputs * columns);
    gradients.set(own, n * padTo4(outputs) * columns);
  }
  const records = running.map((_, n) => ({
    inputs,
    outputs,
    parametersAt: (n * layout.length) / 4,
    weightsAt: layout.weightOffset[1] / 4,
    inputRowsAt: n * padTo4(inputs),
    outputRowsAt: n * padTo4(outputs),
  }));
  const buffers = {
    layers: layerRecords(records),
    networks: networkStructs(running.map((r) => ({ running: r }))),
    parameters,
    inputs: x,
    outputGradients: gradients,
    inputGradients: dirtyFloats(slots * padTo4(inputs) * columns),
  };
  const bound = (index: number): number => {
    const n = Math.floor(index / (padTo4(inputs) * columns));
    const i = Math.floor(index / columns) % padTo4(inputs);
    let sum = 0;
    for (let o = 0; o < outputs; o++) {
      const w = parameters[n * layout.length + layout.weightOffset[1] + o * rowStride + i];
      sum += Math.abs(w * gradients[(n * padTo4(outputs) + o) * columns + (index % columns)]);
    }
    // The derivative is rounded a few times, and is at most 1.
    return sumBound(outputs + 4, sum);
  };
  /** The call of a kernel with its list, and all buffers. */
  const withList = (kernel: typeof denseBackward) => {
    const list = listOf(kernel, Array(slots).fill({ inputs, quads }));
    return [[call(kernel, { quads, ...list.uniform })], { ...buffers, tiles: list.tiles }] as const;
  };
  return { buffers, withList, bound };
}

async function compare(tile: TileName, shape: Case, activation = "relu") {
  const { withList, bound } = layer(shape, activation);
  const { device, twin } = await runSides(...withList(withTile(withActivation(denseBackward, activation), tile)));
  expectClose(device.inputGradients, twin.inputGradients, bound, "inputGradients");
  return device;
}

describe("dense_backward", () => {
  // A panel has 32 inputs, 8 outputs, 8 quads; a tile one or two panels of inputs and of quads, and 16 or 32 outputs at a time.
  const edges = [1, 3, 4, 5, 31, 32, 33, 64, 65];
  it.each(tileNames.flatMap((tile) => edges.map((i) => [i, tile] as const)))(
    "%i inputs, at every size around a block, a panel and a tile: %s",
    async (inputs, tile) => {
      for (const [outputs, quads] of [
        [1, 2],
        [2, 8],
        [3, 10],
        [4, 16],
        [5, 18],
        [33, 6],
      ]) {
        await compare(tile, { inputs, outputs, quads });
      }
    },
  );

  it.each(tileNames)("sums over outputs around one and two stages: %s", async (tile) => {
    for (const outputs of [7, 8, 9, 15, 16, 18, 31, 32, 33, 62, 64, 65, 127, 129, 260]) {
      await compare(tile, { inputs: 6, outputs, quads: 4 });
    }
  });

  it("has more than one tile in every direction", async () => {
    for (const tile of tileNames) await compare(tile, { inputs: 131, outputs: 70, quads: 38, running: [1, 0, 1] });
  });

  it("takes wide tiles for a product with 64 of them", () => {
    const sized = (inputs: number) =>
      tileFor(denseBackward, { inputs, outputs: 3, quads: 128, edges: 0, parameters: 0 }, false);
    expect([449, 448].map(sized)).toEqual(["wide", "sliced"]);
  });

  it("serves several networks, each with its own weights, and skips a stopped one", async () => {
    const device = await compare("wide", { inputs: 6, outputs: 5, quads: 6, running: [0, 1, 1, 0, 1] });
    const length = 8 * 24;
    for (const stopped of [0, 3]) {
      const own = device.inputGradients.slice(stopped * length, (stopped + 1) * length);
      expectSameBits(own, dirtyFloats(length), `gradients of network ${stopped}, which is stopped`);
    }
    expect(device.inputGradients.filter((value) => value > 1e29).length).toBe(2 * length);
  });

  it.each(activations.names)("passes gradients back through %s", async (activation) => {
    await compare("sliced", { inputs: 9, outputs: 33, quads: 6 }, activation);
    await compare("wide", { inputs: 33, outputs: 20, quads: 18 }, activation);
  });

  it.each([0, 1])("takes a density of %f", async (density) => {
    await compare("sliced", { inputs: 10, outputs: 70, quads: 4, density });
  });

  it.each([5, 8, 33])("%i inputs of a layer of which most weights are pruned", async (inputs) => {
    for (const outputs of [5, 16, 45]) await compare("sliced", { inputs, outputs, quads: 4, density: 0.05 });
  });

  it("lets no gradient through an activation of 0, of either sign, and all of it through a positive one", async () => {
    const { buffers, withList } = layer({ inputs: 4, outputs: 3, quads: 2, density: 1 });
    buffers.inputs.fill(1);
    buffers.inputs[1] = 0;
    buffers.inputs[2] = -0;
    const { device } = await runSides(...withList(denseBackward));
    const zeros = [...device.inputGradients].flatMap((value, i) => (value === 0 ? [i] : []));
    expect(zeros).toEqual([1, 2]);
  });
});
