import type { StructArray } from "../base/struct_array.ts";
import { optimizerOfNumber } from "../network/optimizers/index.ts";
import { mostMilestones } from "../network/schedules/schedule.ts";
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
  const of = (field: string) => networks.get(network, field);
  let rate = of("learningRate") * Math.min(1, step / of("warmupSteps"));
  for (let k = 1; k <= mostMilestones; k++) {
    const milestone = of(`milestone${k}`);
    if (milestone > 0 && step > milestone) rate *= of("milestoneFactor");
  }
  const l1 = of("l1");
  const keptShare = 1 - rate * of("weightDecay");
  const stepOf = optimizerOfNumber(of("optimizer")).stepper(step, rate, of("momentum"));
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
    const moved = parameters[base + element] * keptShare - stepOf(state, gradient);
    parameters[base + element] = l1 > 0 ? Math.sign(moved) * Math.max(0, Math.abs(moved) - rate * l1) : moved;
    moments[first] = state.first;
    moments[second] = state.second;
  };
}
