import type { Twin } from "../kernels/kernel.ts";
import type { taskLoss as kernel } from "../kernels/task_loss.ts";
import { lossOfNumber } from "../loss/index.ts";
import { addScore } from "../loss/score_sums.ts";

const noSample = 0xffffffff;

/**
 * Twin of `shaders/task_loss.wgsl`. BCE with logits is written as max(z, 0) - z y + log(1 + exp(-|z|)), softmax with
 * the largest logit subtracted first, so that no exponential overflows; the kernel has `log_one_plus` in place of
 * log1p.
 */
export const taskLoss: Twin<typeof kernel> = (u, buffers, population) => {
  const { tasks, data, batchSamples, logits, networks, logitGradients, scoreSums } = buffers;
  const columns = u.quads * 4;
  const stepsPerEpoch = Math.ceil(u.samples / u.batch);
  for (let network = 0; network < population; network++) {
    if (networks.get(network, "running") === 0) continue;
    const step = networks.get(network, "step");
    const inBatch = Math.min(u.batch, u.samples - (step % stepsPerEpoch) * u.batch);
    const weight = 1 / (inBatch * u.tasks);
    let lossSum = 0;
    for (let t = 0; t < u.tasks; t++) {
      const outputs = tasks.get(t, "outputs");
      const first = network * u.networkLogits * 4 + tasks.get(t, "firstOutput") * columns;
      const loss = lossOfNumber(tasks.get(t, "kind"));
      const sums = scoreSums.subarray(network * u.sums + tasks.get(t, "firstSum"));
      for (let column = 0; column < columns; column++) {
        const sample = batchSamples[network * u.networkSamples * 4 + column];
        const z = Array.from({ length: outputs }, (_, k) => logits[first + k * columns + column]);
        let gradient: readonly number[] = z.map(() => 0);
        if (sample !== noSample) {
          const label = data[u.labelsAt + t * u.samples + sample];
          const one = loss.evaluate(z, label);
          gradient = one.gradient;
          lossSum += one.loss / u.tasks;
          if (u.training === 0) addScore(sums, loss, label, one.score);
        }
        if (u.training === 1) {
          for (let k = 0; k < outputs; k++) logitGradients[first + k * columns + column] = gradient[k] * weight;
        }
      }
    }
    const sum = u.training === 1 ? "trainLossSum" : "validationLossSum";
    networks.set(network, sum, networks.get(network, sum) + lossSum);
    if (u.training === 1) networks.set(network, "step", step + 1);
  }
};
