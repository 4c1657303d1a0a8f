import { describe, expect, it } from "vitest";
import {
  activeWeights,
  countBiases,
  countNeurons,
  countWeights,
  neuronStates,
  weightStates,
} from "../../src/analysis/states.ts";
import { Mask } from "../../src/mask/mask.ts";
import { reachability } from "../../src/mask/reachability.ts";
import { activations } from "../../src/network/activations/index.ts";
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

describe("states with pruned biases", () => {
  //  i0 ---- h0 ---- k0 ---- o0        active, with or without biases
  //          h1 ---- k0                no input, bias pruned: carries 0, inactive, and so is h1-k0
  //          h2 ---- k1 ---- o1        h2 without bias, k1 with one: h2 and h2-k1 inactive, k1 and k1-o1 zombie
  //          h3 ---- k2 ---- o2        h3 with a bias: a zombie, and so are k2 and o2 without theirs
  //          h2 ---- k3 ---- o3        no bias on the way, o3 included: all inactive
  //                          o4        isolated, bias pruned: inactive; o5 isolated with a bias: zombie
  const mask = ticket([1, 4, 4, 6], ["0-0", "0-0 1-0 2-1 3-2 2-3", "0-0 1-1 2-2 3-3"]);
  const kept = new Set(["1.3", "2.1", "3.5"]);
  mask.shape.forEach((width, layer) => {
    for (let n = 0; layer > 0 && n < width; n++) mask.setBias(layer - 1, n, kept.has(`${layer}.${n}`));
  });
  const reach = reachability(mask);

  it("call a neuron inactive that neither an input nor a bias reaches", () => {
    expect(neuronStates(mask, reach)).toEqual([
      ["active"],
      ["active", "inactive", "inactive", "zombie"],
      ["active", "zombie", "zombie", "inactive"],
      ["active", "zombie", "zombie", "inactive", "inactive", "zombie"],
    ]);
  });

  it("call a weight inactive whose source is", () => {
    const [first, second, third] = weightStates(mask);
    expect(first.flat()).toEqual(["active", "pruned", "pruned", "pruned"]);
    expect(second).toEqual([
      ["active", "inactive", "pruned", "pruned"],
      ["pruned", "pruned", "inactive", "pruned"],
      ["pruned", "pruned", "pruned", "zombie"],
      ["pruned", "pruned", "inactive", "pruned"],
    ]);
    expect(third.map((row) => row.find((state) => state !== "pruned"))).toEqual([
      ...["active", "zombie", "zombie", "inactive", undefined, undefined],
    ]);
    expect(countWeights(mask, reach)).toEqual({ active: 3, inactive: 4, zombie: 3, pruned: 34 });
  });

  it("give a bias the state of its neuron", () => {
    expect(countBiases(mask, reach)).toEqual({ active: 0, inactive: 0, zombie: 3, pruned: 11 });
    const more = mask.clone();
    // An active neuron, and one that reaches no output.
    more.setBias(1, 0, true);
    more.set(2, 1, 1, false);
    expect(countBiases(more, reachability(more))).toEqual({ active: 1, inactive: 1, zombie: 2, pruned: 10 });
    const active = activeWeights(more);
    expect([active.count(), active.biasCount(), active.hasBias(1, 0)]).toEqual([3, 1, true]);
  });

  it("are those of biases that are all kept where none is pruned, at widths around a word", () => {
    for (const width of [1, 31, 32, 33, 65]) {
      const dense = Mask.full([width, 3, width]);
      expect(countBiases(dense, reachability(dense))).toEqual({ active: 3 + width, inactive: 0, zombie: 0, pruned: 0 });
    }
  });

  it("rest on activations that are 0 at 0: under another one, a neuron without inputs and bias would be a constant", () => {
    expect(activations.entries.map(({ name, activated }) => [name, activated(0)])).toEqual([
      ["relu", 0],
      ["tanh", 0],
    ]);
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
