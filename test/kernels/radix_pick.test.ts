import { describe, expect, it } from "vitest";
import { radixPick } from "../../src/kernels/radix_pick.ts";
import { call, expectSameBits, expectStructs, structs, useSides, withWorkgroup } from "./harness.ts";

const runSides = useSides();
const bins = 65536;
const shifts = [16, 0, 16, 0];

interface Start {
  /** Candidates by digit. */
  counts: Readonly<Record<number, number>>;
  rank: number;
  key?: number;
  index?: number;
  settled?: number;
}

async function pick(
  radixPass: number,
  starts: readonly Start[],
  workgroup: readonly [number, number] = radixPick.workgroup,
) {
  const histogram = new Uint32Array(starts.length * bins);
  starts.forEach(({ counts }, s) => {
    for (const [digit, count] of Object.entries(counts)) histogram[s * bins + Number(digit)] = count;
  });
  const selections = structs(
    radixPick,
    "selections",
    starts.map(({ rank, key = 0, index = 0, settled = 0 }) => ({ rank, key, index, settled })),
  );
  const calls = [call(withWorkgroup(radixPick, workgroup), { radixPass }, starts.length)];
  const { device, twin } = await runSides(calls, { histogram, selections });
  expectStructs(device.selections, twin.selections, {}, "selections, device and twin");
  for (const [name, side] of Object.entries({ device, twin })) {
    expectSameBits(side.histogram, new Uint32Array(starts.length * bins), `histogram that the ${name} leaves`);
  }
  return starts.map((_, s) => {
    const read = (field: string) => device.selections.get(s, field);
    return { rank: read("rank"), key: read("key"), index: read("index"), settled: read("settled") };
  });
}

describe("radix_pick", () => {
  const counts = { 0: 3, 255: 2, 256: 5, 1000: 1, 65535: 4 };

  // rank -> (digit that holds it, rank within it): cumulated 3, 5, 10, 11, 15.
  it.each([
    [1, 0, 1],
    [3, 0, 3],
    [4, 255, 1],
    [5, 255, 2],
    [6, 256, 1],
    [10, 256, 5],
    [11, 1000, 1],
    [12, 65535, 1],
    [15, 65535, 4],
  ])("finds candidate %i in digit %i as its %i", async (rank, digit, within) => {
    for (const workgroup of [
      [64, 1],
      [1, 1],
      [2, 1],
      [256, 1],
    ] as const) {
      const [selection] = await pick(0, [{ counts, rank }], workgroup);
      expect(selection).toEqual({ rank: within, key: digit * 2 ** 16, index: 0, settled: 0 });
    }
  });

  it.each(shifts.map((shift, pass) => [pass, shift]))(
    "pass %i fixes its digit at bit %i and keeps those above",
    async (pass, shift) => {
      const byKey = pass < 2;
      // The upper digits include the top bit when an earlier pass has fixed them.
      const before = { key: pass === 0 ? 0 : 0xc0000000, index: pass === 3 ? 0x80000000 : 0 };
      for (const digit of [9, 0x7fff, 0x8000, 0xfffe, 0xffff]) {
        const [selection] = await pick(pass, [{ counts: { 5: 7, [digit]: 2 }, rank: 8, ...before }]);
        const fixed = digit * 2 ** shift;
        expect(selection.key).toBe(byKey ? before.key + fixed : before.key);
        expect(selection.index).toBe(byKey ? 0 : before.index + fixed);
        expect([selection.rank, selection.settled]).toEqual([1, 0]);
      }
    },
  );

  it("settles after the last digit of the key when all of its candidates go, and only then", async () => {
    for (const key of [5 * 2 ** 16, 0xfffe0000]) {
      const [all, some] = await pick(1, [
        { counts: { 3: 1, 8: 4 }, rank: 5, key },
        { counts: { 3: 1, 8: 4 }, rank: 4, key },
      ]);
      expect(all).toEqual({ rank: 4, key: key + 8, index: 0xffffffff, settled: 1 });
      expect(some).toEqual({ rank: 3, key: key + 8, index: 0, settled: 0 });
    }
    for (const pass of [0, 2, 3]) {
      const [whole] = await pick(pass, [{ counts: { 3: 1, 8: 4 }, rank: 5, key: 0 }]);
      expect(whole.settled, `pass ${pass}`).toBe(0);
    }
  });

  it("leaves a settled selection as it is, clears its histogram, and serves its neighbours", async () => {
    const settled = { counts: { 1: 9 }, rank: 2, key: 0x8000004d, index: 0xffffffff, settled: 1 };
    const picked = await pick(2, [
      { counts: { 6: 1 }, rank: 1 },
      settled,
      { counts, rank: 7 },
      { counts: {}, rank: 0, settled: 1 },
    ]);
    expect(picked.map(({ index }) => index)).toEqual([6 * 2 ** 16, 0xffffffff, 256 * 2 ** 16, 0]);
    expect(picked[1]).toEqual({ rank: 2, key: 0x8000004d, index: 0xffffffff, settled: 1 });
  });
});
