import type { StructArray } from "../base/struct_array.ts";
import { optimizerOfNumber } from "../network/optimizers/index.ts";

/**
 * Returns the optimiser step of one network, a function of (element, gradient, kept). A pruned element and its moments
 * become 0. `dense_update.ts` gives the reasons for the numeric choices.
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
  const rate = networks.get(network, "learningRate") * Math.min(1, step / networks.get(network, "warmupSteps"));
  const keptShare = 1 - rate * networks.get(network, "weightDecay");
  const stepOf = optimizerOfNumber(networks.get(network, "optimizer")).stepper(step, rate);
  const base = network * length;
  const state = { first: 0, second: 0 };
  return (element, gradient, kept) => {
    const first = 2 * base + element;
    const second = first + length;
    if (!kept) {
      parameters[base + element] = 0;
      moments[first] = 0;
      moments[second] = 0;
      return;
    }
    state.first = moments[first];
    state.second = moments[second];
    parameters[base + element] = parameters[base + element] * keptShare - stepOf(state, gradient);
    moments[first] = state.first;
    moments[second] = state.second;
  };
}
