import { describe, expect, it } from "vitest";
import { epochOrder } from "../../src/base/random.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { engineNames, useEngines } from "./small_experiment.ts";
import { batch, dataset, settings, shape, start } from "./small_networks.ts";

const engines = useEngines();

type Matrix = number[][];

/**
 * A level trained by a reader of the docs, in float64 and sample by sample, from public pieces alone: the initial weights, the
 * sample order, the standardisation. A third witness beside kernels and twins, with no code of theirs.
 */
function trainElsewhere(
  seed: number,
  level: number,
  epochs: number,
  lr: number,
): { weights: Matrix[]; biases: Matrix } {
  const initial = initialParameters(shape, seed);
  const layers = shape.length - 1;
  const weights = Array.from({ length: layers }, (_, l) => {
    const flat = initial.weights(l);
    return Array.from({ length: shape[l + 1] }, (_, o) => Array.from(flat.subarray(o * shape[l], (o + 1) * shape[l])));
  });
  const biases = Array.from({ length: layers }, (_, l) => Array<number>(shape[l + 1]).fill(0));
  const { features, labels, samples } = dataset.train;
  const moments = new Map<string, [number, number]>();
  let step = 0;

  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = epochOrder(seed, level, epoch, samples);
    for (let first = 0; first < samples; first += batch) {
      const members = order.subarray(first, Math.min(first + batch, samples));
      step++;
      const gradients = new Map<string, number>();
      const add = (key: string, value: number) => gradients.set(key, (gradients.get(key) ?? 0) + value);
      for (const sample of members) {
        const acts: number[][] = [
          Array.from({ length: 4 }, (_, i) => (features[sample * 4 + i] - dataset.mean[i]) * dataset.scale[i]),
        ];
        for (let l = 0; l < layers; l++) {
          const z = weights[l].map((row, o) => row.reduce((sum, w, i) => sum + w * acts[l][i], biases[l][o]));
          acts.push(l < layers - 1 ? z.map((value) => Math.max(0, value)) : z);
        }
        let delta = acts[layers].map((z, t) => {
          const y = labels[t * samples + sample];
          return (1 / (1 + Math.exp(-z)) - y) / (members.length * 2);
        });
        for (let l = layers - 1; l >= 0; l--) {
          const upper = delta;
          upper.forEach((d, o) => {
            add(`b${l},${o}`, d);
            for (const [i, a] of acts[l].entries()) add(`w${l},${o},${i}`, d * a);
          });
          delta = acts[l].map((a, i) => (a > 0 ? upper.reduce((sum, d, o) => sum + d * weights[l][o][i], 0) : 0));
        }
      }
      for (const [key, g] of gradients) {
        const [m0, v0] = moments.get(key) ?? [0, 0];
        const [m, v] = [0.9 * m0 + 0.1 * g, 0.999 * v0 + 0.001 * g * g];
        moments.set(key, [m, v]);
        const move = (lr * (m / (1 - 0.9 ** step))) / (Math.sqrt(v / (1 - 0.999 ** step)) + 1e-8);
        const [l, o, i] = key.slice(1).split(",").map(Number);
        if (key[0] === "b") biases[l][o] -= move;
        else weights[l][o][i] -= move;
      }
    }
  }
  return { weights, biases };
}

describe.each(engineNames)("a level repeated elsewhere than on the %s engine", (name) => {
  it("ends at the same weights, from the public initial weights and sample order", async () => {
    const [seed, level] = [11, 2];
    const network = await (await engines[name](1)).admit(start(seed));
    const elsewhere = trainElsewhere(seed, level, 3, settings.lr);
    await network.train(level, { ...settings, maxEpochs: 3 });
    const ours = await network.weights();
    let worst = 0;
    elsewhere.weights.forEach((matrix, l) => {
      const flat = ours.weights(l);
      matrix.flat().forEach((w, at) => {
        worst = Math.max(worst, Math.abs(w - flat[at]));
      });
      elsewhere.biases[l].forEach((b, o) => {
        worst = Math.max(worst, Math.abs(b - ours.biases(l)[o]));
      });
    });
    // 9 steps of at most 0.01 each: another order of samples moves weights by 0.02 and more.
    expect(worst).toBeLessThan(1e-4);
  });
});
