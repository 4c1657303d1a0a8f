import { expect, it } from "vitest";
import { activeFanOut } from "../../src/analysis/fan_out.ts";
import { Mask } from "../../src/mask/mask.ts";
import { ticket } from "./drawn.ts";

it("counts the weights of every input that lead on to an output", () => {
  // Hidden neuron 1 leads nowhere, input 2 only there; hidden neuron 2 has no input.
  const mask = ticket([4, 3, 2], ["0-0 1-0 1-1 2-1", "0-0 0-1 2-1"]);
  expect([...activeFanOut(mask)]).toEqual([1, 1, 0, 0]);
  expect([...activeFanOut(Mask.full([3, 5, 2]))]).toEqual([5, 5, 5]);
});

it("counts weights straight to the outputs", () => {
  expect([...activeFanOut(ticket([2, 2], ["0-0 0-1"]))]).toEqual([2, 0]);
});
