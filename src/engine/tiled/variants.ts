import { withActivation } from "../../kernels/activated.ts";
import { denseBackward } from "../../kernels/dense_backward.ts";
import { denseForward } from "../../kernels/dense_forward.ts";
import { sparseBackward } from "../../kernels/sparse_backward.ts";
import { sparseForward } from "../../kernels/sparse_forward.ts";

/** The kernels that differ with what is trained, as they are compiled for it. */
export type KernelVariants = ReturnType<typeof kernelVariants>;

/** @param activation of the hidden layers */
export function kernelVariants(activation: string) {
  return {
    denseForward: withActivation(denseForward, activation),
    denseBackward: withActivation(denseBackward, activation),
    sparseForward: withActivation(sparseForward, activation),
    sparseBackward: withActivation(sparseBackward, activation),
  };
}
