import type { StructArray } from "../base/struct_array.ts";
import { optimizerOfNumber } from "../network/optimizers/index.ts";
import type { ListedLayer } from "./listed_layers.ts";

/**
 * Returns the optimiser step of one network, a function of (element, gradient, kept). A pruned element and its moments
 * become 0. `dense_update.ts` gives the reasons for the numeric choices.
 */
export function optimizerStep(
  networks: StructArray,
  { network, parametersAt: base, parameters: length }: Pick<ListedLayer, "network" | "parametersAt" | "parameters">,
  parameters: Float32Array,
  moments: Float32Array,
): (element: number, gradient: number, kept: boolean) => void {
  const step = networks.get(network, "step");
  const rate = networks.get(network, "learningRate") * Math.min(1, step / networks.get(network, "warmupSteps"));
  const keptShare = 1 - rate * networks.get(network, "weightDecay");
  const stepOf = optimizerOfNumber(networks.get(network, "optimizer")).stepper(step, rate);
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
