import { type Initializer, normal } from "./initializer.ts";

export const kaimingNormal: Initializer = {
  name: "kaiming-normal",
  summary: "normal, standard deviation gain / sqrt(inputs) with the activation's gain: sqrt(2) for relu",
  source: "He et al., ICCV 2015, equation 10",
  deviation: (fanIn, _fanOut, squaredGain) => Math.sqrt(squaredGain / fanIn),
  draw: normal,
};
