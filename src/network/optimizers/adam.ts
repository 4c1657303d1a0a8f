import { adamConstants } from "./constants.ts";
import type { Optimizer } from "./optimizer.ts";

const { beta1, beta2, epsilon } = adamConstants;

export const adam: Optimizer = {
  name: "adam",
  summary: "Adam, betas 0.9 and 0.999, epsilon 1e-8 after the root",
  source: "Kingma and Ba, ICLR 2015, algorithm 1",
  number: 0,
  takesMomentum: false,
  stepper: (step, rate) => {
    // 1 - beta^t without cancellation.
    const correction1 = -Math.expm1(step * Math.log(beta1));
    const correction2 = -Math.expm1(step * Math.log(beta2));
    return (state, gradient) => {
      state.first = Math.fround(beta1 * state.first + (1 - beta1) * gradient);
      state.second = Math.fround(beta2 * state.second + (1 - beta2) * gradient * gradient);
      const root = Math.sqrt(state.second / correction2) + epsilon;
      return (rate * (state.first / correction1)) / root;
    };
  },
};
