import { expect, it } from "vitest";
import { bitIndices, rangeBits } from "../../src/mask/bits.ts";
import { ancestors, descendants, reachability, reachingOutputs } from "../../src/mask/reachability.ts";
import { ticket } from "../analysis/drawn.ts";

//  i0 ---- h0 ---- o0
//  i1 ---- h1 --/
//  i2      h2 ---- o1
const mask = ticket([3, 3, 2], ["0-0 1-1", "0-0 1-0 2-1"]);

it("finds what a set of inputs reaches", () => {
  expect(descendants(mask, rangeBits(3, 1, 2)).map(bitIndices)).toEqual([[1, 2], [1], [0]]);
});

it("finds what reaches a set of outputs", () => {
  expect(ancestors(mask, rangeBits(2, 0, 1)).map(bitIndices)).toEqual([[0, 1], [0, 1], [0]]);
  expect(ancestors(mask, rangeBits(2, 1, 1)).map(bitIndices)).toEqual([[], [2], [1]]);
});

it("counts every input as reached and every output as reaching", () => {
  const { fromInput, toOutput } = reachability(mask);
  expect(reachingOutputs(mask)).toEqual(toOutput);
  expect(fromInput.map(bitIndices)).toEqual([[0, 1, 2], [0, 1], [0]]);
  expect(toOutput.map(bitIndices)).toEqual([
    [0, 1],
    [0, 1, 2],
    [0, 1],
  ]);
});

it("crosses the edges of words", () => {
  //  i64 ---- h32 ---- o33
  const wide = ticket([65, 33, 34], ["64-32", "32-33"]);
  expect(descendants(wide, rangeBits(65, 64, 1)).map(bitIndices)).toEqual([[64], [32], [33]]);
  expect(ancestors(wide, rangeBits(34, 33, 1)).map(bitIndices)).toEqual([[64], [32], [33]]);
  expect(
    descendants(wide, rangeBits(65, 0, 64))
      .slice(1)
      .map(bitIndices),
  ).toEqual([[], []]);
});
