import { describe, expect, it } from "vitest";
import {
  epochOrder,
  feistelHalfBits,
  orderKeys,
  permutedIndex,
  philox4x32,
  purposes,
  RandomStream,
  streamBlock,
  type Words4,
} from "../../src/base/random.ts";
import { defineKernel } from "../../src/kernels/kernel.ts";
import { shared } from "../../src/kernels/shared.ts";
import { call, dirtyWords, runOn, useDeviceExecutor } from "../kernels/harness.ts";

/** Random123's kat_vectors for philox4x32 with 10 rounds: counter, key, result. */
const knownAnswers: readonly [Words4, [number, number], Words4][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

/** The definition of Philox4x32-10, with integers of any size. */
function plainPhilox(counter: Readonly<Words4>, key: readonly [number, number]): number[] {
  let [c0, c1, c2, c3, k0, k1] = [...counter, ...key].map((word) => BigInt(word >>> 0));
  const word = (value: bigint) => value & 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const [product0, product1] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [(product1 >> 32n) ^ c1 ^ k0, word(product1), (product0 >> 32n) ^ c3 ^ k1, word(product0)];
    [k0, k1] = [word(k0 + 0x9e3779b9n), word(k1 + 0xbb67ae85n)];
  }
  return [c0, c1, c2, c3].map(Number);
}

/** The normal number of a block of four words, by the definition. */
function plainNormal([w0, w1, w2, w3]: readonly number[]): number {
  const uniform = (high: number, low: number) =>
    (Math.floor(high / 32) * 2 ** 26 + Math.floor(low / 64) + 0.5) / 2 ** 53;
  return Math.sqrt(-2 * Math.log(uniform(w0, w1))) * Math.cos(2 * Math.PI * uniform(w2, w3));
}

const device = useDeviceExecutor();

/** One block per invocation. */
const philoxKernel = defineKernel({
  name: "philox_blocks",
  sources: [
    shared.philox,
    {
      file: "philox_blocks.wgsl",
      text: `
struct Uniforms { blocks: u32 }
@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> counters: array<vec4u>;
@group(0) @binding(2) var<storage, read> keys: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> blocks: array<vec4u>;
override workgroup_x: u32;
@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < u.blocks) { blocks[id.x] = philox4x32(counters[id.x], keys[id.x].xy); }
}`,
    },
  ],
  uniform: ["blocks"],
  buffers: { counters: "u32", keys: "u32", blocks: "u32" },
  workgroup: [8, 1],
  constants: {},
  invocations: (u) => [u.blocks, 1],
});

/** Chi-square statistic of counts that should be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/**
 * A chi-square of that many degrees of freedom is above this once in some millions (mean + 5 deviations, and a tail).
 */
const chiSquareBound = (degrees: number) => degrees + 5 * Math.sqrt(2 * degrees) + 15;

describe("philox4x32", () => {
  it.each(knownAnswers)("of counter %j under key %j", (counter, key, result) => {
    expect(philox4x32(counter, key)).toEqual(result);
  });

  it("equals its definition for counters and keys with few and many bits", () => {
    const edges = [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffff0000, 0xffffffff];
    let random = 1;
    const any = () => {
      random = Math.imul(random, 0x2c9277b5) + 0xac564b05;
      return (random % 3 === 0 ? edges[(random >>> 8) & 7] : random ^ (random >>> 7)) >>> 0;
    };
    for (let k = 0; k < 4000; k++) {
      const [counter, key]: [Words4, [number, number]] = [
        [any(), any(), any(), any()],
        [any(), any()],
      ];
      expect(philox4x32(counter, key), `counter ${counter}, key ${key}`).toEqual(plainPhilox(counter, key));
    }
  });

  it("is the same on the device, known answers included", async () => {
    const random = Array.from({ length: 40 }, (_, i) => streamBlock(i, "datasetPoints", i * 77, i, i * i));
    const counters = [...knownAnswers.map(([counter]) => counter), ...random];
    const keys = [
      ...knownAnswers.map(([, key]) => key),
      ...random.map(([a, b]) => [b, a ^ 0x5555] as [number, number]),
    ];
    const buffers = {
      counters: Uint32Array.from(counters.flat()),
      keys: Uint32Array.from(keys.flatMap(([a, b]) => [a, b, 0, 0])),
      blocks: dirtyWords(counters.length * 4),
    };
    const { blocks } = await runOn(device(), [call(philoxKernel, { blocks: counters.length })], buffers);
    const expected = counters.flatMap((counter, i) => philox4x32(counter, [keys[i][0] >>> 0, keys[i][1] >>> 0]));
    expect([...blocks.slice(0, 12)]).toEqual(knownAnswers.flatMap(([, , result]) => result));
    expect([...blocks]).toEqual(expected);
  });
});

describe("streams", () => {
  it("are keyed by (seed, purpose) and counted by (index, a, b)", () => {
    expect(streamBlock(7, "datasetSplit", 1, 2, 3)).toEqual(philox4x32([1, 2, 3, 0], [7, purposes.datasetSplit]));
  });

  it("of different purposes have different numbers, which files rely on", () => {
    expect(purposes).toEqual({
      initialWeights: 1,
      sampleOrder: 2,
      datasetPoints: 3,
      datasetPairing: 4,
      datasetSplit: 5,
      randomPruning: 6,
      bootstrap: 7,
      branchSeed: 16,
      branchMask: 17,
      functionInputs: 20,
      communities: 24,
      lanczosStart: 25,
      clusterStart: 26,
      shuffledEdges: 27,
      permutation: 28,
      shuffledNull: 32,
      rewiredNull: 33,
      randomMaskNull: 34,
      untrainedNull: 35,
    });
  });

  it("differ in every coordinate", () => {
    const blocks = [
      streamBlock(0, "initialWeights", 0),
      streamBlock(1, "initialWeights", 0),
      streamBlock(0, "sampleOrder", 0),
      streamBlock(0, "initialWeights", 1),
      streamBlock(0, "initialWeights", 0, 1),
      streamBlock(0, "initialWeights", 0, 0, 1),
    ];
    expect(new Set(blocks.map(String)).size).toBe(blocks.length);
  });

  it("are read block after block", () => {
    const stream = new RandomStream(5, "datasetPoints", 1, 2);
    const words = Array.from({ length: 10 }, () => stream.nextWord());
    const blocks = [0, 1, 2].flatMap((index) => streamBlock(5, "datasetPoints", index, 1, 2));
    expect(words).toEqual(blocks.slice(0, 10));
  });

  it("give uniform numbers of 53 bits from two words, never 0 or 1", () => {
    const [high, low] = streamBlock(3, "datasetPoints", 0);
    const expected = ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 53;
    const stream = new RandomStream(3, "datasetPoints");
    expect(stream.nextUniform()).toBe(expected);
    const counts = Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) {
      const value = stream.nextUniform();
      expect(value > 0 && value < 1).toBe(true);
      counts[Math.floor(value * 64)]++;
    }
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(63));
  });

  it("fill arrays with the words that come one by one", () => {
    const [filled, single] = [0, 1].map(() => new RandomStream(5, "rewiredNull", 1, 2));
    for (const length of [1, 6, 4, 9, 0, 3, 16]) {
      const words = new Uint32Array(length);
      filled.fillWords(words);
      expect([...words]).toEqual(Array.from({ length }, () => single.nextWord()));
    }
    expect(filled.nextWord()).toBe(single.nextWord());
  });

  it("give integers below a bound, each as often, and draw again where the bound does not divide 2^32", () => {
    const stream = new RandomStream(11, "shuffledNull");
    const counts = Array<number>(57).fill(0);
    for (let i = 0; i < 57_000; i++) counts[stream.nextBelow(57)]++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(56));
    // Of a bound just above 2^20 a word of 0 gives a low part of 0, below 2^32 modulo the bound.
    const count = 2 ** 20 + 1;
    const words = [0, 2 ** 31];
    const scripted = Object.assign(new RandomStream(0, "shuffledNull"), { nextWord: () => words.shift() as number });
    expect(scripted.nextBelow(count)).toBe(2 ** 19);
    expect(words).toEqual([]);
    expect(new RandomStream(0, "shuffledNull").nextBelow(2 ** 40)).toBeLessThan(2 ** 40);
  });

  it("give normal numbers: four moments and the share within one deviation", () => {
    const count = 100_000;
    const stream = new RandomStream(8, "initialWeights");
    const values = Array.from({ length: count }, () => stream.nextNormal());
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;
    // Deviations of the sample moments: sqrt(1, 2, 15, 96 / n).
    const five = (variance: number) => 5 * Math.sqrt(variance / count);
    expect(Math.abs(moment(1))).toBeLessThan(five(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(five(2));
    expect(Math.abs(moment(3))).toBeLessThan(five(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(five(96));
    const within = values.filter((value) => Math.abs(value) < 1).length / count;
    expect(Math.abs(within - 0.682689)).toBeLessThan(five(0.2166));
  });

  it("take four words for a normal number, so that value n is always the same words", () => {
    const stream = new RandomStream(8, "initialWeights");
    for (let i = 0; i < 3; i++) stream.nextNormal();
    expect(stream.nextWord()).toBe(streamBlock(8, "initialWeights", 3)[0]);
  });

  it.each([
    [0, "initialWeights", 0, 0],
    [0xffffffff, "initialWeights", 3, 0],
    [77, "datasetPoints", 2, 0xffffffff],
    [1234567, "datasetPairing", 0x80000000, 5],
  ] as const)("fill arrays with the normal numbers of (%i, %s, %i, %i), from any position", (seed, purpose, a, b) => {
    const deviation = Math.sqrt(2 / 7);
    for (const skipped of [0, 1, 3, 4, 6, 9]) {
      const [filling, plain] = [1, 2].map(() => new RandomStream(seed, purpose, a, b));
      for (let k = 0; k < skipped; k++) expect(filling.nextWord()).toBe(plain.nextWord());
      // Pieces, among them an empty one, are the same as one array.
      const pieces = [0, 1, 300, 5].map((length) => new Float32Array(length));
      for (const piece of pieces) filling.fillNormal(piece, deviation);
      const words = (block: number) =>
        plainPhilox([block, a, b, 0], [seed, purposes[purpose]]).concat(
          plainPhilox([block + 1, a, b, 0], [seed, purposes[purpose]]),
        );
      const expected = Array.from({ length: 306 }, (_, k) => {
        const at = skipped + 4 * k;
        return Math.fround(deviation * plainNormal(words(at >>> 2).slice(at & 3, (at & 3) + 4)));
      });
      expect(pieces.flatMap((piece) => [...piece])).toEqual(expected);
      const normals = Array.from(expected, () => Math.fround(deviation * plain.nextNormal()));
      expect(normals).toEqual(expected);
      expect(filling.nextWord()).toBe(plain.nextWord());
    }
  });

  it("shuffle uniformly: every one of the 24 orders of 4", () => {
    const stream = new RandomStream(2, "datasetPairing");
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = stream.shuffled(4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareBound(23));
    expect([...stream.shuffled(0)]).toEqual([]);
    expect([...stream.shuffled(1)]).toEqual([0]);
  });
});

describe("epochOrder", () => {
  it.each([1, 2, 3, 5, 64, 1000, 60_000])("is a permutation of 0 .. %i - 1", (count) => {
    for (const epoch of [0, 1, 29]) {
      const seen = new Uint8Array(count);
      for (const sample of epochOrder(3, 2, epoch, count)) seen[sample] += 1;
      expect(seen.every((times) => times === 1)).toBe(true);
    }
  });

  it.each([
    [1, 1],
    [4, 1],
    [5, 2],
    [16, 2],
    [17, 3],
    [1000, 5],
    [60_000, 8],
    [65_536, 8],
    [65_537, 9],
  ])("permutes %i samples with halves of %i bits", (count, halfBits) => {
    expect(feistelHalfBits(count)).toBe(halfBits);
  });

  it("depends on seed, level and epoch", () => {
    const orders = [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ].map(([seed, level, epoch]) => epochOrder(seed, level, epoch, 50).join());
    expect(new Set(orders).size).toBe(4);
    expect(epochOrder(1, 2, 3, 50)).toEqual(epochOrder(1, 2, 3, 50));
  });

  // Small counts are hardest on a Feistel network: its halves have one to three bits. With four rounds these tests
  // fail.
  it.each([3, 5, 8, 16, 17, 60])("puts each of %i samples in each position equally often", (count) => {
    const epochs = 200 * count;
    const counts = Array<number>(count * count).fill(0);
    for (let epoch = 0; epoch < epochs; epoch++) {
      epochOrder(11, 0, epoch, count).forEach((sample, position) => {
        counts[position * count + sample]++;
      });
    }
    // A random permutation's statistic has mean count (count - 1).
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(count * (count - 1)));
  });

  it.each([5, 16, 17])("follows each of %i samples by each other equally often", (count) => {
    const pairs = Array<number>(count * count).fill(0);
    for (let epoch = 0; epoch < 200 * count; epoch++) {
      const order = epochOrder(12, 0, epoch, count);
      for (let position = 1; position < count; position++) pairs[order[position - 1] * count + order[position]]++;
    }
    const offDiagonal = pairs.filter((_, i) => i % (count + 1) !== 0);
    expect(pairs.filter((_, i) => i % (count + 1) === 0).every((times) => times === 0)).toBe(true);
    expect(chiSquare(offDiagonal)).toBeLessThan(chiSquareBound(count * count));
  });

  it.each([16, 64, 1000])("of consecutive epochs of %i samples is uncorrelated", (count) => {
    const mean = (count - 1) / 2;
    const variance = (count * count - 1) / 12;
    const pairs = Math.ceil(20_000 / count);
    let correlation = 0;
    for (let epoch = 0; epoch < pairs; epoch++) {
      const [first, second] = [epochOrder(13, 1, epoch, count), epochOrder(13, 1, epoch + 1, count)];
      for (let i = 0; i < count; i++) correlation += (first[i] - mean) * (second[i] - mean);
    }
    // Of n uncorrelated products in units of the variance, the sum deviates by sqrt(n).
    expect(Math.abs(correlation / variance)).toBeLessThan(5 * Math.sqrt(pairs * count));
  });

  it("refuses a position past its end", () => {
    expect(() => permutedIndex(5, 5, 2, orderKeys(0, 0, 0))).toThrow("internal: position 5 of an order of 5");
  });
});
