import type { Kernel } from "../kernels/kernel.ts";
import type { Mask } from "../mask/mask.ts";
import type { KernelTraits } from "./timing_executor.ts";

/** Minimum work of one kernel call, for the whole population. */
export interface KernelWork {
  /** Floating-point operations of the unpruned weights; a multiply-add counts as 2. */
  readonly flops: number;
  /** Bytes that must be read or written, each once. */
  readonly bytes: number;
}

type Uniform = Readonly<Record<string, number>>;

/** The layer of a kernel call; `columns` is the number of samples, padding included. */
interface LayerCall {
  readonly weights: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly columns: number;
}

/** By kernel, the bytes of a layer. All these kernels do one multiply-add per weight and column. */
const layerBytes: Readonly<Record<string, (call: LayerCall) => number>> = {
  dense_forward: ({ weights, inputs, outputs, columns }) => 4 * (weights + columns * (inputs + outputs)),
  // Reads the activations again for the derivative of ReLU.
  dense_backward: ({ weights, inputs, outputs, columns }) => 4 * (weights + columns * (outputs + 2 * inputs)),
  // Reads and writes each weight and its two moments.
  dense_update: ({ weights, inputs, outputs, columns }) => 24 * weights + 4 * columns * (inputs + outputs),
  // Sparse kernels also read one index word per weight.
  sparse_forward: ({ weights, inputs, outputs, columns }) => 8 * weights + 4 * columns * (inputs + outputs),
  sparse_backward: ({ weights, inputs, outputs, columns }) => 8 * weights + 4 * columns * (outputs + 2 * inputs),
  sparse_update: ({ weights, inputs, outputs, columns }) => 28 * weights + 4 * columns * (inputs + outputs),
};

/**
 * Idempotent for timing: kernels that may be run again at once overwrite their own outputs, or change weights whose
 * values do not matter for timing. The others count steps, samples or epochs. The resident kernel trains several epochs
 * per call, so it does not end an epoch in this sense.
 */
export const kernelTraits: KernelTraits = {
  mayRepeat: ({ name }) => name in layerBytes || name === "gather_batch",
  // keep_best follows, but only where a level keeps its best epoch.
  endsEpoch: ({ name }) => name === "early_stopping",
};

/**
 * Counts the work of a call from its uniform values; undefined for a kernel whose arguments do not determine its work.
 * @param population number of networks in the call
 * @param mask the mask of every network of the population
 */
export function kernelWork(kernel: Kernel, uniform: Uniform, population: number, mask: Mask): KernelWork | undefined {
  const columns = 4 * uniform.quads;
  if (kernel.name === "gather_batch") {
    const inputs = mask.shape[0];
    return { flops: 0, bytes: population * columns * inputs * (uniform.bytesPerInput + 4) };
  }
  const bytes = layerBytes[kernel.name];
  if (!bytes) return undefined;
  const { layer } = uniform;
  const weights = mask.count(layer);
  const call = { weights, inputs: mask.shape[layer], outputs: mask.shape[layer + 1], columns };
  return { flops: population * 2 * weights * columns, bytes: population * bytes(call) };
}

/** Label that distinguishes the calls of a kernel: `57 to 57, 64 samples`. */
export function kernelSize(kernel: Kernel, uniform: Uniform, mask: Mask): string {
  const { shape } = mask;
  const parts: string[] = [];
  if (kernel.name in layerBytes) {
    parts.push(`${shape[uniform.layer]} to ${shape[uniform.layer + 1]}`);
  }
  if (kernel.name === "gather_batch") parts.push(`${shape[0]} inputs`);
  if (uniform.quads !== undefined) parts.push(`${4 * uniform.quads} samples`);
  return parts.join(", ");
}
