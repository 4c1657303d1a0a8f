import type { Shape } from "../../src/base/shape.ts";
import type { Task } from "../../src/base/task.ts";
import { Mask, maskLayout } from "../../src/mask/mask.ts";

/**
 * A mask from a list of its weights, one string per layer: "0-1 2-1" keeps the weights from neurons 0 and 2 of the layer
 * to neuron 1 of the next.
 */
export function ticket(shape: Shape, layers: readonly string[]): Mask {
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  layers.forEach((weights, layer) => {
    for (const weight of weights.split(" ").filter((text) => text !== "")) {
      const [source, target] = weight.split("-").map(Number);
      mask.set(layer, target, source, true);
    }
  });
  return mask;
}

/** A task of `inputs` [start, count] and `outputs` [start, count]. */
export function task(name: string, inputs: [number, number], outputs: [number, number]): Task {
  return {
    name,
    kind: outputs[1] === 1 ? "binary" : "multiclass",
    inputs: { start: inputs[0], count: inputs[1] },
    outputs: { start: outputs[0], count: outputs[1] },
  };
}

/** Two tasks as in Moons-Circles: two inputs and one output each. */
export const twoTasks: readonly Task[] = [task("circles", [0, 2], [0, 1]), task("moons", [2, 2], [1, 1])];
