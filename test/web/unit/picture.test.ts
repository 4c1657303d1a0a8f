import { describe, expect, it } from "vitest";
import { Mask } from "../../../src/mask/mask.ts";
import { Parameters } from "../../../src/network/parameters.ts";
import { mostLines, networkPicture } from "../../../src/web/worker/picture.ts";
import { ticket, twoTasks } from "../../analysis/drawn.ts";

/** Hidden neuron 0 belongs to circles, 1 is undecided, 2 inactive, 3 a zombie. */
const drawn = ticket([4, 4, 2], ["0-0 1-1 2-1 3-2", "0-0 1-0 1-1 3-1"]);

describe("a network of few weights", () => {
  it("has a point for each neuron and a line for each weight, in the colour of its task or state", () => {
    const picture = networkPicture(drawn, twoTasks, "outputs", undefined);
    expect(picture.neuronsPerPoint).toBe(1);
    expect(picture.points.id).toHaveLength(10);
    expect(picture.lines.from).toHaveLength(8);
    // circles, moons, undecided, inactive, zombie
    expect(picture.weights).toEqual([3, 1, 2, 1, 1]);
    expect(picture.activeNeurons).toEqual([3, 2, 2]);
    expect(picture.bands).toEqual([]);
    const lineKinds = Object.fromEntries(
      Array.from(picture.lines.kind, (kind, line) => {
        const [from, to] = [picture.lines.from[line], picture.lines.to[line]];
        const { layer, id } = picture.points;
        return [`${layer[from]}: ${id[from]}-${id[to]}`, kind];
      }),
    );
    expect(lineKinds).toEqual({
      "0: 0-0": 0,
      "0: 1-1": 2,
      "0: 2-1": 2,
      "0: 3-2": 3,
      "1: 0-0": 0,
      "1: 1-0": 0,
      "1: 1-1": 1,
      "1: 3-1": 4,
    });
  });

  it("colours a weight as inactive whose source is, since neither an input nor a bias reaches it", () => {
    const mask = drawn.clone();
    mask.setBias(0, 3, false);
    expect(networkPicture(mask, twoTasks, "outputs", undefined).weights).toEqual([3, 1, 2, 2, 0]);
  });

  it("colours by the inputs as well", () => {
    expect(networkPicture(drawn, twoTasks, "inputs", undefined).weights).toEqual([3, 1, 2, 1, 1]);
    const crossing = ticket([4, 2, 2], ["0-0 2-0", "0-0"]);
    expect(networkPicture(crossing, twoTasks, "outputs", undefined).weights).toEqual([3, 0, 0, 0, 0]);
    expect(networkPicture(crossing, twoTasks, "inputs", undefined).weights).toEqual([1, 1, 1, 0, 0]);
  });

  it("puts a split network into bands, tasks in their order", () => {
    // The larger subnetwork belongs to the first task, then to the second.
    for (const edges of [
      ["0-0 0-1 1-1 2-2", "0-0 1-0 2-1"],
      ["0-0 2-1 2-2 3-3", "0-0 1-1 2-1 3-1"],
    ]) {
      const { bands } = networkPicture(ticket([4, 4, 2], edges), twoTasks, "outputs", undefined);
      expect(bands.map(({ kind }) => kind)).toEqual([0, 1]);
      expect(bands[0].right).toBeLessThan(bands[1].left);
    }
  });

  it("draws strong weights strong", () => {
    const parameters = new Parameters(drawn.shape);
    parameters.setWeights(1, Float32Array.from([4, -2, 0, 0, 0, 1, 0, 1]));
    const { lines, points } = networkPicture(drawn, twoTasks, "outputs", parameters);
    const strengths = Array.from(lines.strength).filter((_, line) => points.layer[lines.from[line]] === 1);
    expect(strengths).toEqual([1, 0.5, 0.25, 0.25]);
  });
});

describe("a network of many weights", () => {
  const dense = Mask.full([4, 127, 127, 2]);

  it("is a density picture that counts every weight", () => {
    expect(dense.count()).toBeGreaterThan(mostLines);
    const picture = networkPicture(dense, twoTasks, "outputs", undefined);
    expect(picture.neuronsPerPoint).toBe(4);
    expect(picture.weights.reduce((sum, count) => sum + count, 0)).toBe(dense.count());
    expect(picture.points.neurons.reduce((sum, count) => sum + count, 0)).toBe(4 + 127 + 127 + 2);
    expect(picture.lines.from.length).toBeLessThan(2500);
    expect(new Set(picture.lines.strength)).toEqual(new Set([1]));
  });

  it("shows half of the weights at half the strength", () => {
    const half = dense.clone();
    for (let output = 0; output < 127; output++) {
      for (let input = 0; input < 127; input++) if ((output + input) % 2) half.set(1, output, input, false);
    }
    const { lines, points } = networkPicture(half, twoTasks, "outputs", undefined);
    const middle = Array.from(lines.strength).filter((_, line) => points.layer[lines.from[line]] === 1);
    expect(Math.min(...middle)).toBeGreaterThan(0.4);
    expect(Math.max(...middle)).toBeLessThan(0.7);
  });

  it("keeps neurons of different kinds in points of their own", () => {
    const mask = dense.clone();
    for (let input = 0; input < 127; input++) mask.set(2, 0, input, input >= 60);
    for (let input = 0; input < 127; input++) mask.set(2, 1, input, input < 60 && input >= 3);
    const picture = networkPicture(mask, twoTasks, "outputs", undefined);
    const hidden = Array.from(picture.points.kind).filter((_, point) => picture.points.layer[point] === 2);
    expect(hidden).toEqual([...new Array(17).fill(0), ...new Array(15).fill(1), 3]);
    // The weights into the three inactive neurons are inactive.
    expect(picture.weights[3]).toBe(3 * 127);
  });
});
