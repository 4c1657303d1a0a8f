import type { Twin } from "../kernels/kernel.ts";
import type { taskLoss as kernel } from "../kernels/task_loss.ts";

const noSample = 0xffffffff;

/**
 * Twin of `shaders/task_loss.wgsl`. BCE with logits is written as max(z, 0) - z y + log(1 + exp(-|z|)), softmax with the
 * largest logit taken off first, so that no exponential overflows; the kernel's `log_one_plus` stands for log1p.
 */
export const taskLoss: Twin<typeof kernel> = (u, buffers, population) => {
  const { tasks, data, batchSamples, logits, networks, logitGradients, correct } = buffers;
  const columns = u.quads * 4;
  const stepsPerEpoch = Math.ceil(u.samples / u.batch);
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "running") === 0) continue;
    const step = networks.get(network, "step");
    const inBatch = Math.min(u.batch, u.samples - (step % stepsPerEpoch) * u.batch);
    const weight = 1 / (inBatch * u.tasks);
    let loss = 0;
    for (let t = 0; t < u.tasks; t++) {
      const outputs = tasks.get(t, "outputs");
      const first = network * u.networkLogits + tasks.get(t, "firstOutput") * columns;
      const isBinary = tasks.get(t, "kind") === 0;
      for (let column = 0; column < columns; column++) {
        const sample = batchSamples[network * u.networkSamples + column];
        const z = Array.from({ length: outputs }, (_, k) => logits[first + k * columns + column]);
        let gradient = z.map(() => 0);
        if (sample !== noSample) {
          const label = data[u.labelsAt + t * u.samples + sample];
          const score = isBinary ? scoreBinary(z[0], label) : scoreMulticlass(z, label);
          gradient = score.gradient;
          loss += score.loss / u.tasks;
          if (u.training === 0 && score.right) correct[network * u.tasks + t] += 1;
        }
        if (u.training === 1) {
          for (let k = 0; k < outputs; k++) logitGradients[first + k * columns + column] = gradient[k] * weight;
        }
      }
    }
    const sum = u.training === 1 ? "trainLossSum" : "validationLossSum";
    networks.set(network, sum, networks.get(network, sum) + loss);
    if (u.training === 1) networks.set(network, "step", step + 1);
  }
};

/** What one sample costs one task. */
export interface Score {
  loss: number;
  right: boolean;
  /** of the sample's loss by logit */
  gradient: number[];
}

/** BCE with logits of one sample. */
export function scoreBinary(z: number, label: number): Score {
  const sigmoid = 1 / (1 + Math.exp(-z));
  return {
    loss: Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z))),
    right: z > 0 === (label === 1),
    gradient: [sigmoid - label],
  };
}

/** Softmax cross-entropy of one sample. */
export function scoreMulticlass(z: readonly number[], label: number): Score {
  const largest = Math.max(...z);
  const exponentials = z.map((value) => Math.exp(value - largest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return {
    loss: Math.log(total) + largest - z[label],
    right: z.indexOf(largest) === label,
    gradient: exponentials.map((value, k) => value / total - (k === label ? 1 : 0)),
  };
}
