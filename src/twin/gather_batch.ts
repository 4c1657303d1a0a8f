import { orderKeys, permutedIndex } from "../base/random.ts";
import type { gatherBatch as kernel } from "../kernels/gather_batch.ts";
import type { Twin } from "../kernels/kernel.ts";

const noSample = 0xffffffff;

/** Twin of `shaders/gather_batch.wgsl`. */
export const gatherBatch: Twin<typeof kernel> = (u, buffers, population) => {
  const { networks, data, standardization, inputs, batchSamples } = buffers;
  const bytes = new Uint8Array(data.buffer, data.byteOffset + u.featuresAt * 4);
  const floats = new Float32Array(data.buffer, data.byteOffset + u.featuresAt * 4);
  const row = u.inputBlocks * 4;
  const source = u.bytesPerInput === 1 ? bytes : floats;
  const stepsPerEpoch = Math.ceil(u.samples / u.batch);
  for (let network = 0; network < population; network++) {
    let start = u.first;
    let keys: Uint32Array = new Uint32Array();
    if (u.shuffled === 1) {
      if (networks.get(network, "running") === 0) continue;
      const step = networks.get(network, "step");
      const epoch = Math.floor(step / stepsPerEpoch);
      start = (step % stepsPerEpoch) * u.batch;
      keys = orderKeys(networks.get(network, "seed"), networks.get(network, "level"), epoch);
    }
    for (let column = 0; column < u.quads * 4; column++) {
      const position = start + column;
      const filled = position < u.samples && (u.shuffled === 0 || column < u.batch);
      const sample =
        filled && u.shuffled === 1
          ? permutedIndex(position, u.samples, u.halfBits, keys)
          : filled
            ? position
            : noSample;
      batchSamples[network * u.quads * 4 + column] = sample;
      for (let input = 0; input < row; input++) {
        const x = filled ? (source[sample * row + input] - standardization[input]) * standardization[row + input] : 0;
        inputs[network * u.networkInputs * 4 + input * u.quads * 4 + column] = x;
      }
    }
  }
};
