import { describe, expect, it } from "vitest";
import { RandomStream } from "../../../src/base/random.ts";
import { layerCount, type Shape } from "../../../src/base/shape.ts";
import { none, residentGraph } from "../../../src/engine/resident/graph.ts";
import { bitIndices } from "../../../src/mask/bits.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { reachingOutputs } from "../../../src/mask/reachability.ts";
import { parameterLayout } from "../../../src/network/parameters.ts";

function randomMask(shape: Shape, density: number): Mask {
  const mask = Mask.full(shape);
  const stream = new RandomStream(2, "randomPruning");
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let target = 0; target < shape[layer + 1]; target++) {
      for (let source = 0; source < shape[layer]; source++) {
        if (stream.nextUniform() > density) mask.set(layer, target, source, false);
      }
    }
  }
  return mask;
}

/** The edges of a graph as texts `layer: source row or input -> target row, element`, by walking its lists. */
function edgesOfGraph(graph: ReturnType<typeof residentGraph>) {
  const { shape, layers, blocks, sources, elements, backLayers, backBlocks, targets, copies } = graph;
  const biases = blocks.length;
  const [forward, backward]: [string[], string[]] = [[], []];
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let block = layers[layer * 4]; block < layers[layer * 4 + 1]; block++) {
      const [row, first, end] = blocks.subarray(block * 4);
      for (let bundle = first * 4; bundle < end * 4; bundle++) {
        for (let member = 0; member < 4; member++) {
          const element = elements[biases + bundle * 4 + member];
          if (element !== none) forward.push(`${layer}: ${sources[bundle]} -> ${row + member}, ${element}`);
        }
      }
    }
    if (layer === 0) continue;
    for (let block = backLayers[layer * 2 - 2]; block < backLayers[layer * 2 - 1]; block++) {
      const [row, first, end] = backBlocks.subarray(block * 3);
      for (let bundle = first * 4; bundle < end * 4; bundle++) {
        for (let member = 0; member < 4; member++) {
          const copy = copies[bundle * 4 + member];
          if (copy !== none) backward.push(`${layer}: ${row + member} -> ${targets[bundle]}, ${elements[copy]}`);
        }
      }
    }
  }
  return { forward: forward.sort(), backward: backward.sort() };
}

describe.each([[[4, 9, 2]], [[5, 33, 65, 3]], [[3, 31, 4, 70, 1]]])("the graph of %j", (shape) => {
  it.each([0, 0.04, 0.3, 1])("has every weight of a mask of density %d once in each direction", (density) => {
    const mask = randomMask(shape, density);
    const layout = parameterLayout(shape);
    for (const compact of [true, false]) {
      const all = shape.map((width) => Array.from({ length: width }, (_, neuron) => neuron));
      const neurons = compact ? reachingOutputs(mask).map(bitIndices) : all;
      const expected: string[] = [];
      let [sourceRow, targetRow] = [0, 0];
      for (let layer = 0; layer < layerCount(shape); layer++) {
        neurons[layer + 1].forEach((target, t) => {
          neurons[layer].forEach((source, s) => {
            if (!mask.has(layer, target, source)) return;
            const element = layout.weightOffset[layer] + target * layout.rowStride[layer] + source;
            expected.push(`${layer}: ${sourceRow + s} -> ${targetRow + t}, ${element}`);
          });
        });
        sourceRow = targetRow;
        targetRow += Math.ceil(neurons[layer + 1].length / 4) * 4;
      }
      const { forward, backward } = edgesOfGraph(residentGraph(shape, mask, compact));
      expect(forward).toEqual(expected.sort());
      expect(backward).toEqual(expected.filter((edge) => !edge.startsWith("0:")));
    }
  });
});
