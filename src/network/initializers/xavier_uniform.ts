import { type Initializer, uniform } from "./initializer.ts";
import { xavierNormal } from "./xavier_normal.ts";

export const xavierUniform: Initializer = {
  name: "xavier-uniform",
  summary: "uniform within sqrt(6 / (inputs + outputs)) of 0 whatever the activation",
  source: "Glorot and Bengio, AISTATS 2010, equation 16",
  deviation: xavierNormal.deviation,
  draw: uniform,
};
