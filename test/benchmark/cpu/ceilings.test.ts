import { expect, it } from "vitest";
import { flopsPerRound, measureThreadCeilings, openCeilingModule } from "../../../src/benchmark/cpu/ceilings.ts";

it.each([
  [0, 1, 1],
  [1, 1, 1],
  [5, 1, 3],
  [2, 2, 1],
  [3, -1, 5],
])("turns 12 chains %i rounds with factor %i and summand %i", (rounds, factor, summand) => {
  const { kernels, memory } = openCeilingModule(64);
  const floats = new Float32Array(memory.buffer);
  floats.set([factor, summand]);
  kernels.multiplyAdds(0, rounds, 16);
  let [expected, operations] = [0, 0];
  for (let chain = 0; chain < 12; chain++) {
    let value = chain;
    for (let turn = 0; turn < 4 * rounds; turn++) {
      value = value * factor + summand;
      operations += 2 * 4;
    }
    expected += value;
  }
  expect([...floats.subarray(4, 8)]).toEqual(Array(4).fill(expected));
  expect(floats[8]).toBe(0);
  expect(operations).toBe(rounds * flopsPerRound);
});

it.each([0, 64, 640])("copies %i bytes, no more", (bytes) => {
  const { kernels, memory, from, to } = openCeilingModule(1024);
  const all = new Uint8Array(memory.buffer);
  for (let k = 0; k < 1024; k++) all[from + k] = 1 + (k % 251);
  kernels.copyBytes(from, to, bytes);
  const copies = all.slice(to, to + 1024);
  expect(copies.subarray(0, bytes)).toEqual(all.slice(from, from + bytes));
  expect(copies.subarray(bytes).every((byte) => byte === 0)).toBe(true);
});

it("tells rates that are possible", async () => {
  const { arithmeticGflops, bandwidthGbytes } = await measureThreadCeilings({ trialMs: 1, caseMs: 1, leastTrials: 1 });
  expect(arithmeticGflops.median).toBeGreaterThan(0.1);
  expect(arithmeticGflops.median).toBeLessThan(1000);
  expect(bandwidthGbytes.median).toBeGreaterThan(0.05);
  expect(bandwidthGbytes.median).toBeLessThan(1000);
});
