import wgsl from "../../../shaders/activations/relu.wgsl";
import type { Activation } from "./activation.ts";

/** The CPU's layer kernels apply ReLU without a call, as a lower bound on their sums. */
export const relu: Activation = {
  name: "relu",
  summary: "max(z, 0)",
  source: "Nair and Hinton, ICML 2010; gain of He et al., ICCV 2015",
  activated: (z) => Math.max(z, 0),
  passedBack: (gradient, x) => (x <= 0 ? 0 : gradient),
  slopeChange: () => 0,
  squaredGain: 2,
  wgsl,
  onnxOperator: "Relu",
};
