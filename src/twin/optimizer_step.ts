import type { StructArray } from "../base/struct_array.ts";
import { adam, optimizers } from "../network/adam.ts";

/**
 * The optimiser's step for one network: (element, gradient, kept); a pruned element becomes 0 and forgets. Reasons for its
 * numbers: `dense_update.ts`.
 * @param length elements from one network's parameters to the next
 */
export function optimizerStep(
  networks: StructArray,
  network: number,
  parameters: Float32Array,
  moments: Float32Array,
  length: number,
): (element: number, gradient: number, kept: boolean) => void {
  const step = networks.get(network, "step");
  const learningRate = networks.get(network, "learningRate");
  const isSgd = networks.get(network, "optimizer") === optimizers.sgd;
  const correction1 = -Math.expm1(step * Math.log(adam.beta1));
  const correction2 = -Math.expm1(step * Math.log(adam.beta2));
  const base = network * length;
  return (element, gradient, kept) => {
    const first = 2 * base + element;
    const second = first + length;
    if (!kept) {
      parameters[base + element] = 0;
      moments[first] = 0;
      moments[second] = 0;
    } else if (isSgd) {
      moments[first] = adam.beta1 * moments[first] + gradient;
      parameters[base + element] -= learningRate * moments[first];
    } else {
      moments[first] = adam.beta1 * moments[first] + (1 - adam.beta1) * gradient;
      moments[second] = adam.beta2 * moments[second] + (1 - adam.beta2) * gradient * gradient;
      const root = Math.sqrt(moments[second] / correction2) + adam.epsilon;
      parameters[base + element] -= (learningRate * (moments[first] / correction1)) / root;
    }
  };
}
