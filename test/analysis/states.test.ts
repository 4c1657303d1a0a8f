import { describe, expect, it } from "vitest";
import { countNeurons, countWeights, neuronStates, weightStates } from "../../src/analysis/states.ts";
import { Mask } from "../../src/mask/mask.ts";
import { reachability } from "../../src/mask/reachability.ts";
import { ticket } from "./drawn.ts";

const statesOf = (mask: Mask) => neuronStates(mask, reachability(mask));
const weightsOf = (mask: Mask) => countWeights(mask, reachability(mask));

describe("neuron states", () => {
  //  i0 ---- h0 ---- o0     active throughout
  //  i1 ---- h1             reaches no output: both inactive
  //          h2 ---- o1     reached by no input: both zombie
  //  i2      h3      o2     isolated: inactive, inactive, zombie
  const mask = ticket([3, 4, 3], ["0-0 1-1", "0-0 2-1"]);

  it("distinguishes active, inactive and zombie, isolated ends included", () => {
    expect(statesOf(mask)).toEqual([
      ["active", "inactive", "inactive"],
      ["active", "inactive", "zombie", "inactive"],
      ["active", "zombie", "zombie"],
    ]);
  });

  it("counts them", () => {
    expect(countNeurons(statesOf(mask))).toEqual({ active: 3, inactive: 4, zombie: 3 });
  });

  it("calls a neuron inactive, not zombie, when it is cut off on both sides", () => {
    //  i0 ---- h0 ---- k0 ---- o0
    //          h1 ---- k1            no input reaches h1, and its only weight reaches no output
    const cut = ticket([1, 2, 2, 1], ["0-0", "0-0 1-1", "0-0"]);
    expect(statesOf(cut)[1]).toEqual(["active", "inactive"]);
    expect(statesOf(cut)[2]).toEqual(["active", "inactive"]);
  });

  it("keeps a neuron active that also has zombie sources or inactive targets", () => {
    //  i0 -\          /-- o0
    //       h0 ---- k0
    //  h1 -/  \---- k1        h1 zombie, k1 inactive, h0 and k0 active   (h1 -> k0)
    const mixed = ticket([1, 2, 2, 1], ["0-0", "0-0 1-0 0-1", "0-0"]);
    expect(statesOf(mixed)).toEqual([["active"], ["active", "zombie"], ["active", "inactive"], ["active"]]);
  });

  it("without weights makes every input and hidden neuron inactive and every output a zombie", () => {
    const empty = ticket([2, 2, 2], []);
    expect(statesOf(empty)).toEqual([
      ["inactive", "inactive"],
      ["inactive", "inactive"],
      ["zombie", "zombie"],
    ]);
    expect(weightsOf(empty)).toEqual({ active: 0, inactive: 0, zombie: 0, pruned: 8 });
  });
});

describe("weight states", () => {
  //  i0 ---- h0 ---- k0 ---- o0
  //    \      \----- k1            h0-k1: from an active neuron into an inactive one
  //     \--- h1 ---- k1            i0-h1, h1-k1: inactive chain behind an active input
  //          h2 ---- k0            h2-k0: zombie into an active neuron
  //          h2 ---- k1            h2-k1: from a zombie into an inactive neuron: inactive
  //          h3 ---- k1            h3-k1: between inactive neurons
  //          h2 ---- k2 ---- o1    h2-k2, k2-o1: zombie chain
  const mask = ticket([1, 4, 3, 2], ["0-0 0-1", "0-0 0-1 1-1 2-0 2-1 3-1 2-2", "0-0 2-1"]);

  it("follow from the states of both ends", () => {
    const [first, second, third] = weightStates(mask);
    expect(first).toEqual([["active"], ["inactive"], ["pruned"], ["pruned"]]);
    expect(second).toEqual([
      ["active", "pruned", "zombie", "pruned"],
      ["inactive", "inactive", "inactive", "inactive"],
      ["pruned", "pruned", "zombie", "pruned"],
    ]);
    expect(third).toEqual([
      ["active", "pruned", "pruned"],
      ["pruned", "pruned", "zombie"],
    ]);
  });

  it("are counted alike, and sum to the dense network", () => {
    expect(weightsOf(mask)).toEqual({ active: 3, inactive: 5, zombie: 3, pruned: 11 });
  });

  it("are all active when nothing is pruned, at widths around a word", () => {
    for (const width of [1, 31, 32, 33, 64, 65]) {
      const dense = Mask.full([width, 3, width]);
      expect(weightsOf(dense)).toEqual({ active: 6 * width, inactive: 0, zombie: 0, pruned: 0 });
    }
  });
});
