import { type Initializer, uniform } from "./initializer.ts";
import { kaimingNormal } from "./kaiming_normal.ts";

export const kaimingUniform: Initializer = {
  name: "kaiming-uniform",
  summary: "uniform within gain sqrt(3 / inputs) of 0 with the activation's gain: sqrt(2) for relu",
  source: "He et al., ICCV 2015, equation 10, as the variance of torch.nn.init.kaiming_uniform_",
  deviation: kaimingNormal.deviation,
  draw: uniform,
};
