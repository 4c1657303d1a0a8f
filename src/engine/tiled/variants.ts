import { withActivation } from "../../kernels/activated.ts";
import { denseBackward } from "../../kernels/dense_backward.ts";
import { denseForward } from "../../kernels/dense_forward.ts";
import { denseUpdate } from "../../kernels/dense_update.ts";
import { withLosses } from "../../kernels/element_losses.ts";
import { sparseBackward } from "../../kernels/sparse_backward.ts";
import { sparseForward } from "../../kernels/sparse_forward.ts";
import { sparseUpdate } from "../../kernels/sparse_update.ts";
import { taskLoss } from "../../kernels/task_loss.ts";

/** The kernels that are compiled for an activation and for the losses of the tasks. */
export type KernelVariants = ReturnType<typeof kernelVariants>;

/**
 * @param activation activation of the hidden layers
 * @param losses losses of the tasks
 */
export function kernelVariants(activation: string, losses: readonly string[]) {
  return {
    taskLoss: withLosses(taskLoss, losses),
    denseForward: withActivation(denseForward, activation),
    denseBackward: withActivation(denseBackward, activation),
    sparseForward: withActivation(sparseForward, activation),
    sparseBackward: withActivation(sparseBackward, activation),
  };
}

/** The kernels of training that have no variants. */
export const updateKernels = { denseUpdate, sparseUpdate };
