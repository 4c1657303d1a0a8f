import { describe, expect, it } from "vitest";
import { components } from "../../src/analysis/components.ts";
import { Mask } from "../../src/mask/mask.ts";
import { reachability } from "../../src/mask/reachability.ts";
import { ticket } from "./drawn.ts";

const componentsOf = (mask: Mask) => components(mask, reachability(mask));

describe("subnetworks", () => {
  it("are joined by weights in either direction", () => {
    //  i0 ---- h0 ---- o0
    //  i1 --/                 i0 and i1 meet in h0 although no path leads from one to the other
    //  i2 ---- h1 ---- o1
    const mask = ticket([3, 2, 2], ["0-0 1-0 2-1", "0-0 1-1"]);
    expect(componentsOf(mask)).toEqual([
      {
        neurons: [
          [0, 0],
          [0, 1],
          [1, 0],
          [2, 0],
        ],
        weights: 3,
      },
      {
        neurons: [
          [0, 2],
          [1, 1],
          [2, 1],
        ],
        weights: 2,
      },
    ]);
  });

  it("stand by weights, most first", () => {
    //  i0 ---- h0 ---- o0
    //  i1 ---- h1 ---- o1
    //    \---- h2 --/
    const mask = ticket([2, 3, 2], ["0-0 1-1 1-2", "0-0 1-1 2-1"]);
    expect(componentsOf(mask).map(({ neurons, weights }) => [neurons[0], weights])).toEqual([
      [[0, 1], 4],
      [[0, 0], 2],
    ]);
  });

  it("stand by lowest neuron when they have equally many weights", () => {
    //  i0 --\ /-- h0 -\ /- o0
    //  i1 --- --- h1 ---- o1      crossed twice: i0 h1 o0, i1 h0 o1
    const mask = ticket([2, 2, 2], ["0-1 1-0", "1-0 0-1"]);
    expect(componentsOf(mask).map(({ neurons }) => neurons)).toEqual([
      [
        [0, 0],
        [1, 1],
        [2, 0],
      ],
      [
        [0, 1],
        [1, 0],
        [2, 1],
      ],
    ]);
  });

  it("are not joined through inactive or zombie neurons", () => {
    //  i0 ---- h0 ---- k0 ---- o0
    //  i1 ---- h1 ---- k1 ---- o1
    //  i0, i1 -- h2                 inactive, shared by both
    //          h3 ---- k0, k1       zombie, shared by both
    const mask = ticket([2, 4, 2, 2], ["0-0 1-1 0-2 1-2", "0-0 1-1 3-0 3-1", "0-0 1-1"]);
    const found = componentsOf(mask);
    expect(found.map(({ weights }) => weights)).toEqual([3, 3]);
    expect(found.map(({ neurons }) => neurons.length)).toEqual([4, 4]);
  });

  it("need a weight: isolated inputs and outputs are none, and an empty mask has none", () => {
    //  i0 ---- o0
    //  i1      o1
    expect(componentsOf(ticket([2, 2], ["0-0"]))).toHaveLength(1);
    expect(componentsOf(ticket([2, 2, 2], []))).toEqual([]);
  });

  it("are one in a dense network, at widths around a word", () => {
    for (const width of [1, 31, 32, 33, 64, 65]) {
      const found = componentsOf(Mask.full([2, width, width, 2]));
      expect(found.map(({ neurons, weights }) => [neurons.length, weights])).toEqual([
        [2 * width + 4, width * width + 4 * width],
      ]);
    }
  });

  it("are found when a later row ties rows together that were apart before", () => {
    //  i0 ---- h0 ---- o0
    //  i1 ---- h1 ---- o1
    //  i2 ---- h2 ---- o2
    //  i1, i2 - h3 --- o3      joins the second and third only
    const rows = "0-0 1-1 2-2 1-3 2-3";
    const mask = ticket([3, 4, 4], [rows, "0-0 1-1 2-2 3-3"]);
    expect(componentsOf(mask).map(({ weights }) => weights)).toEqual([7, 2]);
    //  i0, i2 - h4 --- o4      and then all of them
    const all = ticket([3, 5, 5], [`${rows} 0-4 2-4`, "0-0 1-1 2-2 3-3 4-4"]);
    expect(componentsOf(all).map(({ weights }) => weights)).toEqual([12]);
  });
});
