import { describe, expect, it } from "vitest";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import type { Engine, LevelJob } from "../../src/engine/engine.ts";
import { wordsOf } from "../../src/loss/label_words.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { engineNames, useEngines } from "./small_experiment.ts";
import { dataset, jobOf, regression, settings, shape } from "./small_networks.ts";

const engines = useEngines();

/**
 * Targets of a size, and inputs that are positive and of a size. Two whole batches, so that no column of a matrix is
 * padding, in which an infinite weight gives NaN.
 */
function scaled(target: number, input: number): Dataset {
  const split = (of: Split): Split => ({
    samples: 128,
    features: Float32Array.from(of.features.subarray(0, 128 * 4), (value) => (1 + Math.abs(value)) * input),
    labels: wordsOf(Array.from({ length: 2 * 128 }, (_, k) => target * (1 + (k % 7) / 7))),
  });
  return {
    ...regression,
    train: split(dataset.train),
    validation: split(dataset.validation),
    mean: new Float32Array(4),
    scale: new Float32Array(4).fill(1),
  };
}

/** Errors around 10^17: their squares are finite, and those of the gradients too, while their mean grows. */
const largeTargets = scaled(1e17, 1000);
/** Inputs so large that a step of a weight overflows, while activations, logits and losses are of moderate size. */
const largeInputs = scaled(-1, 1e35);

/** Positive weights into the first hidden layer that make up for the size of the inputs. */
function tinyWeights(): Parameters {
  const start = initialParameters(shape, 1);
  for (let layer = 0; layer < 3; layer++) {
    start.setWeights(
      layer,
      start.weights(layer).map((weight) => Math.abs(weight) * (layer === 0 ? 1e-35 : 1)),
    );
  }
  return start;
}

/** Squared errors around 6 10^36: an f32 holds the sum of a batch's quarter, and not that of 128. */
const largestTargets = scaled(1.7e18, 1);

const data = { healthy: regression, largeTargets, largeInputs, largestTargets };
const opened = new Map<string, Promise<Engine>>();
function open(name: (typeof names)[number], kind: keyof typeof data): Promise<Engine> {
  const key = `${name} ${kind}`;
  const engine = opened.get(key) ?? engines[name](2, "relu", data[kind]);
  opened.set(key, engine);
  return engine;
}

// The resident kernel computes the same at every workgroup size, and each takes a software adapter seconds to compile.
const names = [...engineNames.filter((name) => name !== "resident-gpu"), "twins" as const];

const errorOf = (training: Promise<unknown>) =>
  training.then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe.each(names)("the %s engine stops a network", (name) => {
  const overflow =
    "RunError: seed 1, level 0: in epoch 3, layers.2.weight, second moment: 2 values are not finite, the first at index 5; lower lr (now 0.01) or check the inputs";

  it("whose second moment overflows, in a later epoch, while weights and losses are finite", async () => {
    const engine = await open(name, "largeTargets");
    for (const keep of ["last", "best"] as const) {
      const job = jobOf(1, { settings: { ...settings, keep, maxEpochs: 40, patience: 40 } });
      expect(await errorOf(engine.train(job))).toBe(overflow);
    }
  });

  it("whose weights overflow in the only epoch, while its losses are finite", async () => {
    const engine = await open(name, "largeInputs");
    const job = jobOf(1, { start: tinyWeights(), settings: { ...settings, optimizer: "sgd", lr: 1e4, maxEpochs: 1 } });
    expect(await errorOf(engine.train(job))).toMatch(
      /^RunError: seed 1, level 0: in epoch 1, layers\.0\.weight: \d+ values are not finite, the first at index \d+; lower lr \(now 10000\) or check the inputs$/,
    );
  });

  it("that starts with a value that is not finite, on whatever path, and takes no notice of pruned ones", async () => {
    const engine = await open(name, "healthy");
    // Neuron 4 of the second hidden layer reaches no output.
    const mask = Mask.full(shape);
    for (let output = 0; output < 2; output++) mask.set(2, output, 4, false);
    const spoilt: [Partial<LevelJob>, (start: Parameters) => void, string][] = [
      [
        {},
        (start) => start.values.fill(Number.NaN, 8, 10),
        "layers.0.weight: 2 values are not finite, the first at index 8",
      ],
      [{}, (start) => start.biases(2).fill(-Infinity, 1), "layers.2.bias: 1 value is not finite, the first at index 1"],
      [
        { mask },
        (start) =>
          start.values.fill(
            Infinity,
            start.layout.weightOffset[1] + 4 * 16 + 3,
            start.layout.weightOffset[1] + 4 * 16 + 4,
          ),
        "layers.1.weight: 1 value is not finite, the first at index 55",
      ],
    ];
    for (const [change, spoil, found] of spoilt) {
      const start = initialParameters(shape, 1);
      spoil(start);
      expect(await errorOf(engine.train(jobOf(1, { ...change, start, level: 3 })))).toBe(
        `RunError: seed 1, level 3: at its start, ${found}; check the initial weights`,
      );
    }
    const start = initialParameters(shape, 1);
    const pruned = start.weights(2);
    pruned[4] = Number.NaN;
    start.setWeights(2, pruned);
    (await engine.train(jobOf(1, { mask, start }))).release();
  });

  it("whose losses have a sum beyond f32, though their mean is not", async () => {
    const engine = await open(name, "largestTargets");
    const start = new Parameters(shape);
    const one = { ...settings, optimizer: "sgd", lr: 1e-30, maxEpochs: 4 };
    expect(await errorOf(engine.train(jobOf(1, { start, settings: one })))).toBe(
      "RunError: seed 1, level 0: the loss became Infinity in epoch 1 (all weights and moments are finite); lower lr (now 1e-30) or check the inputs",
    );
  });

  it("alone: the network beside it ends as it does alone", async () => {
    const engine = await open(name, "largeTargets");
    // Without weights into the hidden layers, its gradients are those of the last biases.
    const start = new Parameters(shape);
    const healthy = jobOf(2, { start, settings: { ...settings, maxEpochs: 40, patience: 40 } });
    const [failed, beside] = await Promise.all([
      errorOf(engine.train(jobOf(1, { settings: { ...settings, maxEpochs: 40, patience: 40 } }))),
      engine.train(healthy),
    ]);
    expect(failed).toBe(overflow);
    const values = (await beside.weights()).values;
    beside.release();
    const alone = await engine.train(healthy);
    expect((await alone.weights()).values).toEqual(values);
    alone.release();
  });
});
