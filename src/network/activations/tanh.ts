import wgsl from "../../../shaders/activations/tanh.wgsl";
import type { Activation } from "./activation.ts";

export const tanh: Activation = {
  name: "tanh",
  summary: "hyperbolic tangent",
  source: "LeCun et al., Efficient BackProp, 1998; gain 5/3 as torch.nn.init.calculate_gain has it",
  activated: Math.tanh,
  passedBack: (gradient, x) => gradient * (1 - x * x),
  slopeChange: (x) => -2 * x,
  squaredGain: 25 / 9,
  wgsl,
  onnxOperator: "Tanh",
};
