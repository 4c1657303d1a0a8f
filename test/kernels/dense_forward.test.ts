import { describe, expect, it } from "vitest";
import { withActivation } from "../../src/kernels/activated.ts";
import { denseForward } from "../../src/kernels/dense_forward.ts";
import { type TileName, tileFor, tileNames, withTile } from "../../src/kernels/product_tiles.ts";
import { activations } from "../../src/network/activations/index.ts";
import { padTo4, parameterLayout } from "../../src/network/parameters.ts";
import {
  call,
  dirtyFloat,
  dirtyFloats,
  expectClose,
  expectSameBits,
  networkStructs,
  normals,
  sumBound,
  unitRoundoff,
  useSides,
} from "./harness.ts";
import { layerRecords, listOf } from "./listed_layers.ts";

const runSides = useSides();

interface Case {
  inputs: number;
  outputs: number;
  quads: number;
  activates?: number;
  /** All networks read the same inputs. */
  sharedInputs?: boolean;
  /** Which networks train. */
  running?: number[];
  /** Share of weights that are not 0. */
  density?: number;
  scale?: number;
}

/**
 * A layer in the middle of a network of three, so that every offset counts; everything the kernel must not read is
 * garbage.
 */
function layer({
  inputs,
  outputs,
  quads,
  activates = 1,
  sharedInputs = false,
  running = [1],
  density = 0.7,
  scale = 1,
}: Case) {
  const layout = parameterLayout([3, inputs, outputs, 2]);
  const slots = running.length;
  const rowStride = layout.rowStride[1];
  const columns = quads * 4;
  const parameters = dirtyFloats(layout.length * slots);
  const source = normals(slots * (inputs * outputs + outputs), 1);
  const kept = normals(slots * inputs * outputs, 2);
  const cut =
    density === 1 ? Number.POSITIVE_INFINITY : density === 0 ? Number.NEGATIVE_INFINITY : (density - 0.5) * 3.5;
  let next = 0;
  let nextKept = 0;
  for (let n = 0; n < slots; n++) {
    const base = n * layout.length;
    for (let o = 0; o < outputs; o++) {
      const row = base + layout.weightOffset[1] + o * rowStride;
      parameters.fill(0, row, row + rowStride);
      for (let i = 0; i < inputs; i++) parameters[row + i] = kept[nextKept++] < cut ? source[next++] * scale : 0;
      parameters[base + layout.biasOffset[1] + o] = source[next++];
    }
  }
  // Padding inputs are garbage too: their weights are 0.
  const inputRows = padTo4(inputs);
  const inputSets = sharedInputs ? 1 : slots;
  const x = dirtyFloats(inputSets * inputRows * columns);
  const values = normals(inputSets * inputs * columns, 3);
  for (let n = 0; n < inputSets; n++) {
    x.set(values.subarray(n * inputs * columns, (n + 1) * inputs * columns), n * inputRows * columns);
  }
  const uniform = {
    quads,
    activates,
    sharedInputs: sharedInputs ? 1 : 0,
  };
  const records = running.map((_, n) => ({
    inputs,
    outputs,
    parametersAt: (n * layout.length) / 4,
    weightsAt: layout.weightOffset[1] / 4,
    biasesAt: layout.biasOffset[1] / 4,
    inputRowsAt: n * inputRows,
    outputRowsAt: n * padTo4(outputs),
  }));
  const buffers = {
    layers: layerRecords(records),
    networks: networkStructs(running.map((r) => ({ running: r }))),
    parameters,
    inputs: x,
    outputs: dirtyFloats(slots * padTo4(outputs) * columns),
  };
  /** Sum of the absolute terms of output entry `index`. */
  const absoluteSum = (index: number): number => {
    const n = Math.floor(index / (padTo4(outputs) * columns));
    const o = Math.floor(index / columns) % padTo4(outputs);
    if (o >= outputs) return 0;
    let sum = Math.abs(parameters[n * layout.length + layout.biasOffset[1] + o]);
    for (let i = 0; i < inputs; i++) {
      const w = parameters[n * layout.length + layout.weightOffset[1] + o * rowStride + i];
      sum += Math.abs(w * x[(sharedInputs ? 0 : n * inputRows * columns) + i * columns + (index % columns)]);
    }
    return sum;
  };
  /** The call of a kernel with its list, and all buffers. */
  const withList = (kernel: typeof denseForward) => {
    const list = listOf(kernel, Array(slots).fill({ outputs, quads }));
    return [[call(kernel, { ...uniform, ...list.uniform })], { ...buffers, tiles: list.tiles }] as const;
  };
  const bound = (index: number) => sumBound(inputs + 1, absoluteSum(index));
  return { layout, buffers, withList, bound };
}

async function compare(tile: TileName, shape: Case, activation = "relu") {
  const { withList, bound } = layer(shape);
  const { device, twin } = await runSides(...withList(withTile(withActivation(denseForward, activation), tile)));
  // No activation has a slope above 1 or an error above some units in the last place of 1.
  const own = activation === "relu" ? 0 : 8 * unitRoundoff;
  expectClose(device.outputs, twin.outputs, (index) => bound(index) + own, "outputs");
  return device;
}

describe("dense_forward", () => {
  // A panel has 32 outputs, 8 inputs, 8 quads; a tile one or two panels of outputs and of quads, and 16 or 32 inputs at a time.
  const edges = [1, 3, 4, 5, 31, 32, 33, 64, 65];
  it.each(tileNames.flatMap((tile) => edges.map((o) => [o, tile] as const)))(
    "%i outputs, at every size around a block, a panel and a tile: %s",
    async (outputs, tile) => {
      for (const [inputs, quads] of [
        [1, 2],
        [4, 8],
        [5, 10],
        [8, 16],
        [17, 18],
        [33, 6],
      ]) {
        await compare(tile, { inputs, outputs, quads });
      }
    },
  );

  it.each(tileNames)("sums over inputs around one and two stages: %s", async (tile) => {
    for (const inputs of [9, 15, 16, 20, 31, 32, 33, 61, 64, 65, 127, 129, 260]) {
      await compare(tile, { inputs, outputs: 6, quads: 4 });
    }
  });

  it("has more than one tile in every direction", async () => {
    for (const tile of tileNames) await compare(tile, { inputs: 70, outputs: 131, quads: 38, running: [1, 0, 1] });
  });

  it("takes wide tiles for a product with 64 of them", () => {
    const sized = (outputs: number) =>
      tileFor(denseForward, { inputs: 4, outputs, quads: 128, edges: 0, parameters: 0 }, false);
    expect([512, 449, 448].map(sized)).toEqual(["wide", "wide", "sliced"]);
  });

  it("serves several networks, each with its own weights and inputs, and skips a stopped one", async () => {
    for (const tile of tileNames) {
      const device = await compare(tile, { inputs: 6, outputs: 5, quads: 6, running: [1, 0, 1, 1] });
      const length = 8 * 24;
      expectSameBits(
        device.outputs.slice(length, 2 * length),
        dirtyFloats(length),
        "outputs of the network that rests",
      );
      expect(device.outputs.filter((value) => value === Math.fround(dirtyFloat)).length).toBe(length);
    }
  });

  it("serves several networks that share their inputs", async () => {
    for (const tile of tileNames) {
      await compare(tile, { inputs: 9, outputs: 6, quads: 4, sharedInputs: true, running: [1, 1, 0, 1] });
    }
  });

  it.each(activations.names)("activates by %s where asked, and nowhere else", async (activation) => {
    const shape = { inputs: 7, outputs: 6, quads: 4 };
    const linear = (await compare("sliced", { ...shape, activates: 0 }, activation)).outputs.slice(0, 6 * 16);
    const activated = (await compare("sliced", shape, activation)).outputs.slice(0, 6 * 16);
    const { activated: value } = activations.get(activation);
    expectClose(activated, Float32Array.from(linear, value), () => 8 * unitRoundoff, activation);
    expect(linear.filter((z, i) => z !== activated[i]).length).toBeGreaterThan(20);
  });

  it.each(["tanh"])("takes sums of any size through %s", async (activation) => {
    const { layout, buffers, withList } = layer({ inputs: 4, outputs: 12, quads: 2 });
    buffers.parameters.fill(0);
    const sums = [0, -0, 1e-30, -1e-10, 0.624, 0.626, -5, 40, -89, 1e4, -3e38, 3e38];
    sums.forEach((sum, o) => {
      buffers.parameters[layout.biasOffset[1] + o] = sum;
    });
    const { device } = await runSides(...withList(withActivation(denseForward, activation)));
    const expected = sums.flatMap((sum) => Array<number>(8).fill(activations.get(activation).activated(sum)));
    expectClose(device.outputs, expected, (i) => 4 * unitRoundoff * Math.abs(expected[i]), activation);
  });

  it.each([0, 0.05, 1])("takes a density of %f", async (density) => {
    await compare("sliced", { inputs: 70, outputs: 10, quads: 4, density });
  });

  it.each([5, 8, 33])("%i outputs of a layer of which most weights are pruned", async (outputs) => {
    for (const inputs of [5, 16, 45]) await compare("sliced", { inputs, outputs, quads: 4, density: 0.05 });
  });

  it("takes weights that cancel", async () => {
    const { layout, buffers, withList } = layer({ inputs: 4, outputs: 4, quads: 2, activates: 0 });
    const row = layout.weightOffset[1];
    for (let i = 0; i < 4; i++) {
      for (let o = 0; o < 4; o++) buffers.parameters[row + o * 4 + i] = o % 2 ? 1 : -1;
    }
    buffers.parameters.fill(0, layout.biasOffset[1], layout.biasOffset[1] + 4);
    buffers.inputs.fill(1);
    const { device } = await runSides(...withList(denseForward));
    expect([...device.outputs]).toEqual([-4, 4, -4, 4].flatMap((z) => Array(8).fill(z)));
  });

  it("takes numbers around the smallest normal one", async () => {
    await compare("sliced", { inputs: 8, outputs: 4, quads: 2, scale: 2 ** -126 });
  });

  it("writes padding outputs as 0, whatever their biases hold", async () => {
    const { outputs: z } = await compare("sliced", { inputs: 4, outputs: 5, quads: 2 });
    expect([...z.slice(5 * 8)].every((value) => value === 0)).toBe(true);
  });
});
