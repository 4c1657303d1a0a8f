import { describe, expect, it } from "vitest";
import { sparseUpdate } from "../../src/kernels/sparse_update.ts";
import { padTo4 } from "../../src/network/parameters.ts";
import { call, dirtyFloat, dirtyFloats, expectClose, sumBound, useSides, withWorkgroup } from "./harness.ts";
import { optimizerBounds } from "./optimizer_bounds.ts";
import { edgeSizes, type SparseCase, sparseLayer } from "./sparse_layer.ts";

const runSides = useSides();

/**
 * Everything but kept weights and biases and their moments holds garbage, which must stay: pruned ones are not written.
 */
function layer(shape: SparseCase) {
  const { inputs, outputs, quads } = shape;
  const settings = (shape.networks ?? (shape.densities ?? [0.3]).map(() => ({}))).map((network) => ({
    running: 1,
    optimizer: 0,
    step: 3,
    learningRate: 0.01,
    ...network,
  }));
  const made = sparseLayer({ ...shape, networks: settings });
  const { slots, masks, length, columns } = made;
  const [first, second] = [made.elements(4), made.elements(5)];
  const moments = dirtyFloats(2 * slots * length);
  for (let n = 0; n < slots; n++) {
    moments.set(first.subarray(n * length, (n + 1) * length), 2 * n * length);
    moments.set(
      second.subarray(n * length, (n + 1) * length).map((v) => (v > 1e29 ? v : v * v)),
      (2 * n + 1) * length,
    );
  }
  const buffers = {
    networks: made.networks,
    layers: made.layers,
    edges: made.edges,
    inputs: made.rows(inputs, 2),
    outputGradients: made.rows(outputs, 3),
    parameters: made.elements(1),
    moments,
  };
  /** The call of a kernel with its list, and all buffers. */
  const withList = (kernel: typeof sparseUpdate) => {
    const list = made.listFor(kernel);
    return [[call(kernel, { quads, ...list.uniform })], { ...buffers, tiles: list.tiles }] as const;
  };

  const expected = { parameters: buffers.parameters.slice(), moments: moments.slice() };
  const parameterBounds = new Float64Array(expected.parameters.length);
  const momentBounds = new Float64Array(moments.length);
  const steps = (n: number, element: number, term: (s: number) => number) => {
    let [g, absolute] = [0, 0];
    for (let s = 0; s < columns; s++) {
      g += term(s);
      absolute += Math.abs(term(s));
    }
    const [at, m, v] = [n * length + element, 2 * n * length + element, (2 * n + 1) * length + element];
    const before = { parameter: buffers.parameters[at], first: moments[m], second: moments[v] };
    const after = optimizerBounds({ ...settings[n], ...before }, g, sumBound(columns, absolute));
    [expected.parameters[at], parameterBounds[at]] = [after.parameter.value, after.parameter.bound];
    [expected.moments[m], momentBounds[m]] = [after.first.value, after.first.bound];
    [expected.moments[v], momentBounds[v]] = [after.second.value, after.second.bound];
  };
  settings.forEach(({ running }, n) => {
    if (running === 0 || shape.unlisted?.includes(n)) return;
    for (let o = 0; o < outputs; o++) {
      const dz = (s: number) => buffers.outputGradients[(n * padTo4(outputs) + o) * columns + s];
      for (let i = 0; i < inputs; i++) {
        if (!masks[n].has(1, o, i)) continue;
        const x = (s: number) => buffers.inputs[(n * padTo4(inputs) + i) * columns + s];
        steps(n, made.weightAt(o, i), (s) => dz(s) * x(s));
      }
      if (masks[n].hasBias(1, o)) steps(n, made.biasAt(o), dz);
    }
  });
  return { ...made, withList, expected, parameterBounds, momentBounds };
}

async function compare(workgroup: readonly [number, number], shape: SparseCase) {
  const made = layer(shape);
  const { withList, expected, parameterBounds, momentBounds } = made;
  const { device, twin } = await runSides(...withList(withWorkgroup(sparseUpdate, workgroup)));
  for (const [side, reference] of [
    ["device and twin", twin],
    ["device and reference", expected],
  ] as const) {
    expectClose(device.moments, reference.moments, (i) => momentBounds[i], `moments, ${side}`);
    expectClose(device.parameters, reference.parameters, (i) => parameterBounds[i], `parameters, ${side}`);
  }
  return { ...made, device };
}

describe("sparse_update", () => {
  it.each(edgeSizes.flatMap((i) => edgeSizes.map((o) => [i, o])))(
    "%i inputs, %i outputs, in workgroups of 4 edges",
    async (inputs, outputs) => {
      await compare([4, 1], { inputs, outputs, quads: 2 });
    },
  );

  it.each([57, 58, 59])("%i edges and 6 biases, around one whole workgroup", async (count) => {
    const keeps = (o: number, i: number) => o * 10 + i < count;
    await compare(sparseUpdate.workgroup, { inputs: 10, outputs: 6, quads: 3, keeps });
  });

  it.each([
    [0, 1],
    [0, 1000],
    [1, 1],
    [1, 100_000],
  ])("optimiser %i at step %i", async (optimizer, step) => {
    await compare([4, 1], { inputs: 9, outputs: 6, quads: 4, networks: [{ optimizer, step, learningRate: 0.001 }] });
  });

  it.each([0, 1])("optimiser %i decays weights and biases while it warms up", async (optimizer) => {
    const networks = [{ optimizer, step: 3, learningRate: 0.1, weightDecay: 0.5, warmupSteps: 10 }];
    await compare([4, 1], { inputs: 9, outputs: 6, quads: 4, networks });
  });

  it.each([0, 1])("optimiser %i with momentum 1, after a milestone while weights decay", async (optimizer) => {
    const own = { momentum: 1, milestone1: 2, milestoneFactor: 0.25, l1: 5 };
    const networks = [{ optimizer, step: 3, learningRate: 0.1, weightDecay: 0.5, ...own }];
    await compare([4, 1], { inputs: 9, outputs: 6, quads: 4, networks });
  });

  it("gives every network its own edges, optimiser, step and rate, and skips one that is stopped or not in the list", async () => {
    const networks = [
      { optimizer: 1, step: 7, learningRate: 0.5 },
      { running: 0 },
      { step: 400, learningRate: 0.02 },
      {},
      { step: 1, learningRate: 1e-5 },
      { step: 2 },
    ];
    // The references leave skipped networks unchanged, and no network's edges exceed its own range.
    await compare([4, 1], {
      inputs: 10,
      outputs: 7,
      quads: 4,
      networks,
      unlisted: [3],
      densities: [0.5, 0.5, 0.02, 1, 1, 0],
    });
  });

  it.each([1, 31, 32, 33, 64, 65])("writes no pruned bias of %i", async (outputs) => {
    await compare([4, 1], { inputs: 3, outputs, quads: 2, keepsBias: (o) => o % 3 !== 1 && o !== 31 && o !== 63 });
  });

  it("takes a single edge and touches nothing but it and the biases", async () => {
    const shape = { inputs: 9, outputs: 6, quads: 2, keeps: (o: number, i: number) => o === 4 && i === 7 };
    const { device, weightAt, biasAt } = await compare([4, 1], shape);
    const clean = [...device.parameters].flatMap((value, at) => (value === Math.fround(dirtyFloat) ? [] : [at]));
    expect(clean).toEqual([weightAt(4, 7), ...Array.from({ length: 6 }, (_, o) => biasAt(o))]);
  });
});
