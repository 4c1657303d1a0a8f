import type { Twin } from "../kernels/kernel.ts";
import type { rewind as kernel } from "../kernels/rewind.ts";

/** Twin of `shaders/rewind.wgsl`. */
export const rewind: Twin<typeof kernel> = (u, buffers) => {
  const { mask, initialParameters, parameters, moments } = buffers;
  const length = u.networkParameters * 4;
  const base = u.network * length;
  const reset = (element: number, kept: boolean) => {
    parameters[base + element] = kept ? initialParameters[base + element] : 0;
    moments[2 * base + element] = 0;
    moments[2 * base + length + element] = 0;
  };
  for (let output = 0; output < u.outputs; output++) {
    for (let input = 0; input < u.inputBlocks * 4; input++) {
      const word = mask[u.network * u.networkMask + u.maskOffset + output * u.rowWords + (input >>> 5)];
      reset((u.weightOffset + output * u.inputBlocks) * 4 + input, ((word >>> (input & 31)) & 1) === 1);
    }
  }
  const paddedOutputs = Math.ceil(u.outputs / 4) * 4;
  for (let output = 0; output < paddedOutputs; output++) reset(u.biasOffset * 4 + output, true);
};
