import { expect, it } from "vitest";
import { activeOutDegree } from "../../src/analysis/out_degree.ts";
import { Mask } from "../../src/mask/mask.ts";
import { ticket } from "./drawn.ts";

it("counts the weights of every input that lead on to an output", () => {
  // Hidden neuron 1 reaches no output, input 2 leads only to it; hidden neuron 2 has no input.
  const mask = ticket([4, 3, 2], ["0-0 1-0 1-1 2-1", "0-0 0-1 2-1"]);
  expect([...activeOutDegree(mask)]).toEqual([1, 1, 0, 0]);
  expect([...activeOutDegree(Mask.full([3, 5, 2]))]).toEqual([5, 5, 5]);
});

it("counts weights straight to the outputs", () => {
  expect([...activeOutDegree(ticket([2, 2], ["0-0 0-1"]))]).toEqual([2, 0]);
});

it("crosses the edges of words", () => {
  const degrees = activeOutDegree(ticket([40, 2, 2], ["0-0 39-0 39-1", "0-0 1-1"]));
  expect([degrees[0], degrees[39], degrees.reduce((sum, count) => sum + count, 0)]).toEqual([1, 2, 3]);
});
