import { adamConstants as adam } from "../network/optimizers/constants.ts";

/** Values of the overrides in `shaders/shared/optimizer.wgsl`. */
export const optimizerConstants = {
  beta1: adam.beta1,
  beta2: adam.beta2,
  complement1: 1 - adam.beta1,
  complement2: 1 - adam.beta2,
  epsilon: adam.epsilon,
  ln_beta1: Math.log(adam.beta1),
  ln_beta2: Math.log(adam.beta2),
};
