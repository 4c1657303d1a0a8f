import { adamConstants } from "./constants.ts";
import type { Optimizer } from "./optimizer.ts";

export const sgd: Optimizer = {
  name: "sgd",
  summary: "stochastic gradient descent with momentum 0.9",
  source: "Sutskever et al., ICML 2013, in the form of torch.optim.SGD",
  number: 1,
  stepper: (_step, rate) => (state, gradient) => {
    state.first = Math.fround(adamConstants.beta1 * state.first + gradient);
    return rate * state.first;
  },
};
