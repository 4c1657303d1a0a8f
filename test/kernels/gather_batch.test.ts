import { describe, expect, it } from "vitest";
import { epochOrder, feistelHalfBits } from "../../src/base/random.ts";
import { gatherBatch } from "../../src/kernels/gather_batch.ts";
import { padTo4 } from "../../src/network/parameters.ts";
import {
  call,
  dirtyFloat,
  dirtyFloats,
  dirtyWord,
  dirtyWords,
  expectClose,
  expectSameBits,
  networkStructs,
  normals,
  unitRoundoff,
  useSides,
  withWorkgroup,
} from "./harness.ts";

const runSides = useSides();
const noSample = 0xffffffff;

interface Case {
  samples: number;
  inputs: number;
  batch: number;
  source?: "u8" | "f32";
  /** Training networks; none means validation from `first`. */
  networks?: { running?: number; seed: number; level: number; step: number }[];
  first?: number;
  quads?: number;
  workgroup?: readonly [number, number];
}

const quadsOf = (columns: number) => Math.ceil(columns / 8) * 2;

async function compare({
  samples,
  inputs,
  batch,
  source = "f32",
  networks,
  first = 0,
  workgroup = [2, 2],
  ...rest
}: Case) {
  const row = padTo4(inputs);
  const quads = rest.quads ?? quadsOf(Math.min(batch, samples));
  const columns = quads * 4;
  const slots = networks?.length ?? 1;
  const raw = normals(samples * inputs, samples + inputs);
  const bytes = new Uint8Array(samples * row);
  const floats = new Float32Array(samples * row);
  for (let s = 0; s < samples; s++) {
    for (let i = 0; i < inputs; i++) {
      floats[s * row + i] = raw[s * inputs + i];
      bytes[s * row + i] = Math.min(255, Math.abs(raw[s * inputs + i]) * 100);
    }
  }
  const values = source === "u8" ? bytes : floats;
  // Mean, then scale; those of padding inputs are 0, and so is the scale of a constant input.
  const standardization = new Float32Array(2 * row);
  standardization.set(normals(inputs, 7), 0);
  standardization.set(
    normals(inputs, 8).map((value, i) => (i === 1 ? 0 : Math.abs(value) + 0.1)),
    row,
  );
  const uniform = {
    samples,
    batch,
    quads,
    inputBlocks: row / 4,
    shuffled: networks ? 1 : 0,
    first,
    halfBits: feistelHalfBits(samples),
    bytesPerInput: source === "u8" ? 1 : 4,
    featuresAt: 3,
    networkInputs: row * quads,
  };
  const buffers = {
    networks: networkStructs(networks ?? [{}]),
    // Features start after other data of the dataset.
    data: Uint32Array.from([...dirtyWords(3), ...new Uint32Array(values.buffer)]),
    standardization,
    inputs: dirtyFloats(slots * row * columns),
    batchSamples: dirtyWords(slots * columns),
  };
  const { device, twin } = await runSides([call(withWorkgroup(gatherBatch, workgroup), uniform, slots)], buffers);

  // A third implementation: the batch by its definition.
  const expected = { inputs: buffers.inputs.slice(), batchSamples: buffers.batchSamples.slice() };
  for (let n = 0; n < slots; n++) {
    const network = networks?.[n];
    if (network?.running === 0) continue;
    const perEpoch = Math.ceil(samples / batch);
    const order = network && epochOrder(network.seed, network.level, Math.floor(network.step / perEpoch), samples);
    const start = network ? (network.step % perEpoch) * batch : first;
    for (let c = 0; c < columns; c++) {
      const filled = start + c < samples && (!network || c < batch);
      const sample = filled ? (order ? order[start + c] : start + c) : noSample;
      expected.batchSamples[n * columns + c] = sample;
      for (let i = 0; i < row; i++) {
        const x = filled ? values[sample * row + i] : 0;
        const standardized = filled ? (x - standardization[i]) * standardization[row + i] : 0;
        expected.inputs[(n * row + i) * columns + c] = standardized;
      }
    }
  }
  for (const [side, reference] of [
    ["twin", twin],
    ["reference", expected],
  ] as const) {
    expectSameBits(device.batchSamples, reference.batchSamples, `batchSamples, device and ${side}`);
    // A difference and a product: two roundings, and one more in the third implementation.
    const bound = (i: number) => 4 * unitRoundoff * Math.abs(reference.inputs[i]) + 2 ** -126;
    expectClose(device.inputs, reference.inputs, bound, `inputs, device and ${side}`);
  }
  return { device, columns, row };
}

describe("gather_batch", () => {
  const network = { seed: 3, level: 2, step: 0 };

  // Tile: 4 inputs x 4 columns. With workgroups of 2 x 2: 8 of each.
  it.each([1, 3, 4, 5, 7, 8, 9, 17].flatMap((inputs) => (["u8", "f32"] as const).map((s) => [inputs, s] as const)))(
    "%i inputs of %s",
    async (inputs, source) => {
      for (const batch of [1, 4, 5, 8, 9]) {
        await compare({ samples: 30, inputs, batch, source, networks: [{ ...network, step: 2 }] });
      }
    },
  );

  it.each([
    [16, 64],
    [15, 60],
    [17, 68],
  ])("around one whole workgroup: %i columns of %i inputs", async (batch, inputs) => {
    await compare({ samples: 50, inputs, batch, source: "u8", networks: [network], workgroup: gatherBatch.workgroup });
  });

  it.each([
    [10, 4, 2],
    [10, 3, 3],
    [10, 10, 0],
    [64, 64, 5],
    [65, 64, 1],
    [63, 64, 0],
    [5, 64, 0],
    [5, 64, 9],
    [1, 1, 0],
    [1, 64, 3],
    [2, 1, 1],
  ])("of %i samples a batch of %i at step %i: the last one is filled up with nothing", async (samples, batch, step) => {
    await compare({ samples, inputs: 6, batch, networks: [{ ...network, step }] });
  });

  it("hands out no sample beyond a batch that is not a multiple of 8", async () => {
    const { device } = await compare({ samples: 100, inputs: 4, batch: 6, networks: [network] });
    expect([...device.batchSamples].map((sample) => sample === noSample)).toEqual(
      [..."00000011"].map((c) => c === "1"),
    );
  });

  it("gives every network its own seed, level and step, and skips a stopped one", async () => {
    const networks = [
      { seed: 0, level: 0, step: 0 },
      { seed: 1, level: 0, step: 5, running: 0 },
      { seed: 1, level: 0, step: 0 },
      { seed: 0, level: 1, step: 0 },
      { seed: 0, level: 0, step: 7 },
      { seed: 0xffffffff, level: 20, step: 100_000 },
    ];
    const { device, columns, row } = await compare({ samples: 23, inputs: 5, batch: 8, networks });
    expect([...device.batchSamples.slice(columns, 2 * columns)]).toEqual(Array(columns).fill(dirtyWord));
    const resting = device.inputs.slice(row * columns, 2 * row * columns);
    expect([...resting].every((value) => value === Math.fround(dirtyFloat))).toBe(true);
    const batches = networks.map((_, n) => device.batchSamples.slice(n * columns, (n + 1) * columns).join());
    expect(new Set(batches).size).toBe(networks.length);
  });

  it.each([1, 2, 3, 5, 64, 1000])(
    "visits each of %i samples once an epoch, in the order of epochOrder",
    async (samples) => {
      const batch = Math.ceil(samples / 3);
      const steps = Math.ceil(samples / batch);
      const seen: number[] = [];
      for (let step = 0; step < steps; step++) {
        const { device } = await compare({
          samples,
          inputs: 1,
          batch,
          networks: [{ seed: 9, level: 1, step: 4 * steps + step }],
        });
        seen.push(...device.batchSamples.filter((sample) => sample !== noSample));
      }
      expect(seen).toEqual([...epochOrder(9, 1, 4, samples)]);
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: samples }, (_, i) => i));
    },
  );

  it("walks the order's cycles back into 60,000 samples", async () => {
    await compare({
      samples: 60_000,
      inputs: 1,
      batch: 512,
      source: "u8",
      networks: [{ seed: 5, level: 0, step: 117 }],
    });
  });

  it.each([
    [40, 0, 10],
    [40, 32, 8],
    [33, 32, 8],
    [31, 24, 2],
    [20, 64, 2],
  ])(
    "validation: of %i samples those from %i on in %i quads, in stored order, nothing past the end",
    async (samples, first, quads) => {
      for (const source of ["u8", "f32"] as const)
        await compare({ samples, inputs: 6, batch: 4, first, quads, source });
    },
  );

  it("validation takes place whether or not the first network trains", async () => {
    const networks = networkStructs([{ running: 0 }]);
    const uniform = {
      samples: 8,
      batch: 2,
      quads: 2,
      inputBlocks: 1,
      shuffled: 0,
      first: 0,
      halfBits: 2,
      bytesPerInput: 4,
      featuresAt: 0,
      networkInputs: 8,
    };
    const buffers = {
      networks,
      data: new Uint32Array(Float32Array.from({ length: 32 }, (_, i) => i).buffer),
      standardization: new Float32Array([0, 0, 0, 0, 1, 1, 1, 1]),
      inputs: dirtyFloats(32),
      batchSamples: dirtyWords(8),
    };
    for (const side of Object.values(await runSides([call(gatherBatch, uniform)], buffers))) {
      expect([...side.batchSamples]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect([...side.inputs.slice(0, 8)]).toEqual([0, 4, 8, 12, 16, 20, 24, 28]);
    }
  });
});
