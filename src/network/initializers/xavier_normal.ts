import { type Initializer, normal } from "./initializer.ts";

export const xavierNormal: Initializer = {
  name: "xavier-normal",
  summary: "normal, standard deviation sqrt(2 / (inputs + outputs)) whatever the activation",
  source: "Glorot and Bengio, AISTATS 2010, equation 12",
  deviation: (fanIn, fanOut) => Math.sqrt(2 / (fanIn + fanOut)),
  draw: normal,
};
