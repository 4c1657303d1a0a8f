import { describe, expect, it } from "vitest";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { engineNames, useEngines } from "./small_experiment.ts";
import { dataset, jobOf, regression, settings } from "./small_networks.ts";

const engines = useEngines();
/** One engine for each choice, since the compilation of its kernels takes most of the time. */
const opened = new Map<string, Promise<Engine>>();
function open(name: (typeof cases)[number][0], activation: string, loss: keyof typeof data): Promise<Engine> {
  const key = `${name} ${activation} ${loss}`;
  const engine = opened.get(key) ?? engines[name](1, activation, data[loss]);
  opened.set(key, engine);
  return engine;
}

const firstTask = (split: Split): Split => ({ ...split, labels: split.labels.slice(0, split.samples) });
/** The first task's points, with a logit for each of its two classes. */
const classes: Dataset = {
  ...dataset,
  tasks: [{ ...dataset.tasks[0], kind: "multiclass", outputs: { start: 0, count: 2 } }],
  train: firstTask(dataset.train),
  validation: firstTask(dataset.validation),
};
const data = { binary: dataset, multiclass: classes, mse: regression };

/** Settings by which the weights grow until a loss overflows. */
const wild = [
  { optimizer: "sgd", lr: 1e8 },
  { optimizer: "sgd", lr: 1e20 },
  { optimizer: "sgd", lr: 3e38 },
  { optimizer: "adam", lr: 1e37 },
] as const;

// The resident kernel computes the same at every workgroup size, and each takes a software adapter seconds to compile.
const names = [...engineNames.filter((name) => name !== "resident-gpu"), "twins" as const];
const cases = names.flatMap((engine) =>
  ["relu", "tanh"].flatMap((activation) =>
    (["binary", "multiclass", "mse"] as const).map((loss) => [engine, activation, loss] as const),
  ),
);

describe.each(cases)("the %s engine, %s, %s", (name, activation, loss) => {
  // A saturated tanh passes no gradient back, and cross-entropy has gradients up to 1: all values stay finite.
  const isBounded = activation === "tanh" && loss !== "mse";
  const diverging = wild.filter(({ optimizer, lr }) => !isBounded || optimizer === "adam" || lr > 1e20);

  it("reports that training diverges after a healthy level, whatever epochs may follow", async () => {
    const engine = await open(name, activation, loss);
    (await engine.train(jobOf(1))).release();
    for (const own of diverging) {
      for (const maxEpochs of [3, 60]) {
        const job = jobOf(1, { level: 1, settings: { ...settings, ...own, maxEpochs, patience: maxEpochs } });
        await expect(engine.train(job), `${own.optimizer}, lr ${own.lr}, ${maxEpochs} epochs`).rejects.toThrow(
          /^seed 1, level 1: the loss became (NaN|-?Infinity) in epoch [1-3] \(/,
        );
      }
    }
    const { training, release } = await engine.train(jobOf(1));
    release();
    expect(training.valLoss).toBeLessThan(3);
  });
});
