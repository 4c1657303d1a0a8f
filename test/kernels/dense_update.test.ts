import { describe, expect, it } from "vitest";
import { denseUpdate } from "../../src/kernels/dense_update.ts";
import { type TileName, tileFor, tileNames, withTile } from "../../src/kernels/product_tiles.ts";
import { Mask } from "../../src/mask/mask.ts";
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
  useSides,
} from "./harness.ts";
import { layerRecords, listOf } from "./listed_layers.ts";
import { optimizerBounds } from "./optimizer_bounds.ts";

const runSides = useSides();

interface Network {
  running?: number;
  optimizer?: number;
  step?: number;
  learningRate?: number;
  momentum?: number;
  weightDecay?: number;
  l1?: number;
  warmupSteps?: number;
  milestone1?: number;
  milestoneFactor?: number;
}

interface Case {
  inputs: number;
  outputs: number;
  quads: number;
  networks?: Network[];
  /** Size of the output gradients. */
  gradientScale?: number;
  mask?: "full" | "empty" | "random" | "sparse";
}

/**
 * A layer in the middle of a network of three. Pruned weights and biases and their moments hold garbage that must become 0.
 * A mask that prunes at random prunes every third bias.
 */
function layer({ inputs, outputs, quads, networks = [{}], mask: kind = "random", gradientScale = 1 }: Case) {
  const shape = [3, inputs, outputs, 2];
  const layout = parameterLayout(shape);
  const slots = networks.length;
  const columns = quads * 4;
  const rowStride = layout.rowStride[1];
  const settings = networks.map((n) => ({ running: 1, optimizer: 0, step: 1, learningRate: 0.01, ...n }));
  const masks = settings.map((_, n) => {
    const mask = Mask.full(shape);
    const keys = normals(inputs * outputs, 50 + n);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        mask.set(
          1,
          o,
          i,
          kind === "full" ||
            (kind === "random" && keys[o * inputs + i] < 0.5) ||
            (kind === "sparse" && keys[o * inputs + i] < -1.6),
        );
      }
      mask.setBias(1, o, kind === "full" || (o + n) % 3 !== 0);
    }
    return mask;
  });
  const parameters = dirtyFloats(slots * layout.length);
  const moments = dirtyFloats(2 * slots * layout.length);
  const start = normals(3 * slots * (inputs + 1) * outputs, 1);
  let next = 0;
  const set = (n: number, element: number) => {
    parameters[n * layout.length + element] = start[next++];
    const first = 2 * n * layout.length + element;
    moments[first] = settings[n].step === 1 ? 0 : start[next++];
    moments[first + layout.length] = settings[n].step === 1 ? 0 : start[next++] ** 2;
  };
  settings.forEach((_, n) => {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) if (masks[n].has(1, o, i)) set(n, layout.weightOffset[1] + o * rowStride + i);
      if (masks[n].hasBias(1, o)) set(n, layout.biasOffset[1] + o);
    }
  });
  // Padding rows hold garbage on both sides of the product.
  const rows = (count: number, seed: number) => {
    const filled = dirtyFloats(slots * padTo4(count) * columns);
    const values = normals(slots * count * columns, seed);
    for (let n = 0; n < slots; n++) {
      filled.set(values.subarray(n * count * columns, (n + 1) * count * columns), n * padTo4(count) * columns);
    }
    return filled;
  };
  const records = settings.map((_, n) => ({
    inputs,
    outputs,
    parametersAt: (n * layout.length) / 4,
    parameters: layout.length / 4,
    weightsAt: layout.weightOffset[1] / 4,
    biasesAt: layout.biasOffset[1] / 4,
    maskAt: n * masks[0].allWords().length + masks[0].layout.wordOffset[1],
    biasMaskAt: n * masks[0].allWords().length + masks[0].words.length + masks[0].layout.biasWordOffset[1],
    inputRowsAt: n * padTo4(inputs),
    outputRowsAt: n * padTo4(outputs),
  }));
  const buffers = {
    layers: layerRecords(records),
    networks: networkStructs(settings),
    inputs: rows(inputs, 2),
    outputGradients: rows(outputs, 3).map((dz) => dz * gradientScale),
    mask: Uint32Array.from(masks.flatMap((mask) => [...mask.allWords()])),
    parameters,
    moments,
  };
  /** The call of a kernel with its list, and all buffers. */
  const withList = (kernel: typeof denseUpdate) => {
    const list = listOf(kernel, Array(slots).fill({ inputs, outputs }));
    return [[call(kernel, { quads, ...list.uniform })], { ...buffers, tiles: list.tiles }] as const;
  };

  // Bounds of every element: first the gradient's, from its terms, then the effect of that error on the optimiser step.
  const parameterBounds = new Float64Array(parameters.length);
  const momentBounds = new Float64Array(moments.length);
  const expected = { parameters: parameters.slice(), moments: moments.slice() };
  const setBounds = (n: number, element: number, kept: boolean, terms: (s: number) => number) => {
    if (settings[n].running === 0) return;
    const at = n * layout.length + element;
    const first = 2 * n * layout.length + element;
    const second = first + layout.length;
    if (!kept) {
      expected.parameters[at] = 0;
      expected.moments[first] = 0;
      expected.moments[second] = 0;
      return;
    }
    let g = 0;
    let absolute = 0;
    for (let s = 0; s < columns; s++) {
      g += terms(s);
      absolute += Math.abs(terms(s));
    }
    const before = { parameter: parameters[at], first: moments[first], second: moments[second] };
    const after = optimizerBounds({ ...settings[n], ...before }, g, sumBound(columns, absolute));
    [expected.parameters[at], parameterBounds[at]] = [after.parameter.value, after.parameter.bound];
    [expected.moments[first], momentBounds[first]] = [after.first.value, after.first.bound];
    [expected.moments[second], momentBounds[second]] = [after.second.value, after.second.bound];
  };
  settings.forEach((_, n) => {
    const x = n * padTo4(inputs) * columns;
    const dz = n * padTo4(outputs) * columns;
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < rowStride; i++) {
        const kept = i < inputs && masks[n].has(1, o, i);
        setBounds(n, layout.weightOffset[1] + o * rowStride + i, kept, (s) => {
          return buffers.outputGradients[dz + o * columns + s] * buffers.inputs[x + i * columns + s];
        });
      }
    }
    for (let o = 0; o < padTo4(outputs); o++) {
      const kept = o < outputs && masks[n].hasBias(1, o);
      setBounds(n, layout.biasOffset[1] + o, kept, (s) => buffers.outputGradients[dz + o * columns + s]);
    }
  });
  return { layout, buffers, withList, masks, expected, parameterBounds, momentBounds };
}

async function compare(tile: TileName, shape: Case) {
  const made = layer(shape);
  const { withList, expected, parameterBounds, momentBounds } = made;
  const { device, twin } = await runSides(...withList(withTile(denseUpdate, tile)));
  for (const [side, reference] of [
    ["device and twin", twin],
    ["device and reference", expected],
  ] as const) {
    expectClose(device.moments, reference.moments, (i) => momentBounds[i], `moments, ${side}`);
    expectClose(device.parameters, reference.parameters, (i) => parameterBounds[i], `parameters, ${side}`);
  }
  return { ...made, device };
}

describe("dense_update", () => {
  // A panel has 32 outputs or inputs and 8 samples; a tile one or two panels of each, and 16 or 32 samples at a time. The
  // biases add a block of inputs.
  const edges = [1, 3, 4, 5, 28, 29, 32, 33, 60, 61, 64, 65];
  it.each(tileNames.flatMap((tile) => [1, 3, 4, 5, 32, 33, 65].map((o) => [o, tile] as const)))(
    "%i outputs, at every size around a block, a panel and a tile: %s",
    async (outputs, tile) => {
      for (const inputs of edges) await compare(tile, { inputs, outputs, quads: 2 });
    },
  );

  it.each(tileNames)("sums over samples around one and two stages: %s", async (tile) => {
    for (const quads of [2, 4, 6, 8, 14, 16, 18, 32, 34]) await compare(tile, { inputs: 9, outputs: 5, quads });
  });

  it("takes wide tiles for a product with 64 of them, the biases' column included", () => {
    const sized = (inputs: number) =>
      tileFor(denseUpdate, { inputs, outputs: 512, quads: 2, edges: 0, parameters: 0 }, false);
    expect([512, 448, 444].map(sized)).toEqual(["wide", "wide", "sliced"]);
  });

  it.each([
    [0, 1],
    [0, 2],
    [0, 1000],
    [0, 100_000],
    [1, 1],
    [1, 100_000],
  ])("optimiser %i at step %i", async (optimizer, step) => {
    await compare("sliced", {
      inputs: 9,
      outputs: 6,
      quads: 4,
      networks: [{ optimizer, step, learningRate: 0.001 }],
    });
  });

  it.each([
    [0, 0.5, 1, 3],
    [1, 0.5, 1, 3],
    [0, 0, 10, 3],
    [1, 2, 10, 9],
    [0, 2, 10, 11],
  ])("optimiser %i decays weights and biases by %f, warmed up over %i steps, at step %i", async (...numbers) => {
    const [optimizer, weightDecay, warmupSteps, step] = numbers;
    const networks = [{ optimizer, step, learningRate: 0.1, weightDecay, warmupSteps }];
    await compare("sliced", { inputs: 9, outputs: 6, quads: 4, networks });
  });

  it.each([
    [1, 0, 1, 0, 0],
    [1, 0.5, 0.1, 2, 0.5],
    [1, 1, 0.1, 0, 0],
    [0, 0.9, 0.1, 2, 0.25],
    [0, 0.9, 0.1, 2, 0],
    [1, 0.9, 0.1, 3, 0],
  ])("optimiser %i with momentum %f at rate %f, after milestone %i with factor %f", async (...numbers) => {
    const [optimizer, momentum, learningRate, milestone1, milestoneFactor] = numbers;
    const networks = [{ optimizer, step: 3, momentum, learningRate, weightDecay: 0.5, milestone1, milestoneFactor }];
    await compare("sliced", { inputs: 9, outputs: 6, quads: 4, networks });
  });

  it.each([0, 1])("optimiser %i moves parameters towards 0 by L1, and to 0 where that passes it", async (optimizer) => {
    const networks = [{ optimizer, step: 3, learningRate: 0.1, weightDecay: 0.5, l1: 5, warmupSteps: 4 }];
    const { device, layout } = await compare("sliced", { inputs: 9, outputs: 6, quads: 4, networks, mask: "full" });
    const weights = Array.from({ length: 6 }, (_, o) => layout.weightOffset[1] + o * layout.rowStride[1]).flatMap(
      (at) => [...device.parameters.slice(at, at + 9)],
    );
    const zeros = weights.filter((weight) => weight === 0).length;
    expect(zeros).toBeGreaterThan(4);
    expect(zeros).toBeLessThan(50);
  });

  it.each([1e-6, 1e-7, 1e-8])(
    "adds epsilon after the corrected root, where gradients of %f let it show",
    async (gradientScale) => {
      await compare("wide", { inputs: 9, outputs: 6, quads: 2, gradientScale, mask: "full" });
    },
  );

  it.each(["full", "empty", "random", "sparse"] as const)(
    "a mask that is %s: pruned weights and biases become exactly 0",
    async (mask) => {
      const { device, masks, layout } = await compare("wide", { inputs: 37, outputs: 6, quads: 2, mask });
      const rowStride = layout.rowStride[1];
      for (let o = 0; o < 6; o++) {
        for (let i = 0; i < rowStride; i++) {
          const at = layout.weightOffset[1] + o * rowStride + i;
          const stays = i < 37 && masks[0].has(1, o, i);
          const three = [device.parameters[at], device.moments[at], device.moments[at + layout.length]];
          expect(
            three.every((value) => value === 0),
            `weight ${o}, ${i}`,
          ).toBe(!stays);
        }
        const at = layout.biasOffset[1] + o;
        const three = [device.parameters[at], device.moments[at], device.moments[at + layout.length]];
        expect(
          three.every((value) => value === 0),
          `bias ${o}`,
        ).toBe(!masks[0].hasBias(1, o));
      }
    },
  );

  it("gives every network its own optimiser, step, rate and mask, and skips a stopped one", async () => {
    const networks = [
      { optimizer: 1, step: 7, learningRate: 0.5 },
      { running: 0, step: 3 },
      { optimizer: 0, step: 400, learningRate: 0.02 },
      { optimizer: 0, step: 1, learningRate: 1e-5 },
    ];
    const { device, buffers, layout } = await compare("wide", { inputs: 10, outputs: 7, quads: 4, networks });
    const [from, to] = [layout.length, 2 * layout.length];
    expectSameBits(device.parameters.slice(from, to), buffers.parameters.slice(from, to), "parameters at rest");
    expectSameBits(device.moments.slice(2 * from, 2 * to), buffers.moments.slice(2 * from, 2 * to), "moments at rest");
  });

  it("writes neither other layers nor their moments", async () => {
    const { device, layout } = await compare("sliced", { inputs: 6, outputs: 5, quads: 2, mask: "full" });
    const isOwn = (element: number) =>
      (element >= layout.weightOffset[1] && element < layout.weightOffset[2]) ||
      (element >= layout.biasOffset[1] && element < layout.biasOffset[2]);
    const garbage = Math.fround(dirtyFloat);
    device.parameters.forEach((value, at) => {
      if (!isOwn(at)) expect(value, `parameter ${at}`).toBe(garbage);
    });
    device.moments.forEach((value, at) => {
      if (!isOwn(at % layout.length)) expect(value, `moment ${at}`).toBe(garbage);
    });
  });

  it("moves every weight by the learning rate in Adam's first step, against its gradient's sign", async () => {
    // Kingma and Ba, section 2.1: the bias-corrected first step is lr g / (|g| + epsilon).
    const { buffers, layout, withList } = layer({ inputs: 4, outputs: 4, quads: 2, mask: "full" });
    buffers.inputs.fill(1);
    buffers.outputGradients.fill(0.25);
    buffers.outputGradients.fill(-0.25, 8, 16);
    buffers.parameters.fill(0, layout.weightOffset[1], layout.weightOffset[2]);
    const { device } = await runSides(...withList(denseUpdate));
    const moved = [...device.parameters.slice(layout.weightOffset[1], layout.weightOffset[2])];
    const rate = Math.fround(0.01);
    // 1 - 0.999 in f32 is too small by a share of 1.3e-5; the step depends on its root.
    expectClose(
      moved,
      [-1, 1, -1, -1].flatMap((sign) => Array(4).fill(sign * rate)),
      () => 1e-5 * rate,
      "first step",
    );
  });
});
