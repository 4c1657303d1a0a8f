import type { Optimizer } from "./optimizer.ts";

export const sgd: Optimizer = {
  name: "sgd",
  summary: "stochastic gradient descent with momentum, 0.9 unless given",
  source: "Sutskever et al., ICML 2013, in the form of torch.optim.SGD without dampening",
  number: 1,
  takesMomentum: true,
  stepper: (_step, rate, momentum) => (state, gradient) => {
    state.first = Math.fround(momentum * state.first + gradient);
    return rate * state.first;
  },
};
