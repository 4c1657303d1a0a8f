import * as z from "zod";
import { keyTexts } from "../base/key_texts.ts";
import { RandomStream } from "../base/random.ts";
import type { TrainedTask } from "../base/task.ts";
import type { Curve, FilledOptions } from "./curve.ts";
import type { Dataset, Split } from "./dataset.ts";
import { pairedPoints } from "./pairing.ts";
import { standardize } from "./standardize.ts";

export const sampleDefaults = { samples: 2000, noise: 0.1 };
export const dependenceDefaults = { dependence: 0 };

/** Largest noise: coordinates are finite as f32. */
export const mostNoise = 1e30;

/** Spec keys of every set of curves. */
export const sampleOptions = {
  samples: z
    .int()
    .min(4)
    .max(1_000_000)
    .multipleOf(2)
    .optional()
    .register(keyTexts, {
      label: "Samples",
      meaning: "generated samples, half to train and half to test",
      give: "an even integer from 4 to 1000000",
      standard: String(sampleDefaults.samples),
    }),
  noise: z
    .number()
    .min(0)
    .max(mostNoise)
    .optional()
    .register(keyTexts, {
      label: "Noise",
      meaning: "standard deviation of the noise on every coordinate",
      give: "a number from 0 to 1e30",
      standard: String(sampleDefaults.noise),
    }),
};

/** The spec key of sets of several curves. */
export const dependenceOptions = {
  dependence: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .register(keyTexts, {
      label: "Dependence",
      meaning:
        "share of the samples in which a later task has the label of the first; the correlation of their labels: 0 independent, 1 equal",
      give: "a number from 0 to 1",
      standard: String(dependenceDefaults.dependence),
    }),
};

/** A curve as a task of a dataset. */
export interface CurveTask {
  readonly curve: Curve;
  /** Name of the task; each has its own. */
  readonly name: string;
  /** From 2. */
  readonly classes: number;
  /** Standard deviation of its noise; undefined: that of the dataset. */
  readonly noise?: number | undefined;
}

/** One task for each curve, in their order: two inputs, and one output for two classes, otherwise one for each. */
export function curveTasks(curves: readonly Pick<CurveTask, "name" | "classes">[]): TrainedTask[] {
  let output = 0;
  return curves.map(({ name, classes }, t) => {
    const outputs = { start: output, count: classes === 2 ? 1 : classes };
    output += outputs.count;
    const kind = classes === 2 ? "binary" : "multiclass";
    return { name, kind, inputs: { start: 2 * t, count: 2 }, outputs };
  });
}

/** The values of the options of a set of curves, those of its curves among them. */
export type CurveValues = FilledOptions<z.ZodRawShape> & typeof sampleDefaults & { readonly dependence?: number };

/**
 * Points of every task on its curves, with Gaussian noise added. Each task is shuffled independently, so that points of different
 * tasks are paired at random, or, with a dependence, some of them by their labels: see {@link pairedPoints}.
 */
export function curveSamples(
  curves: readonly CurveTask[],
  dataSeed: number,
  values: CurveValues,
): Omit<Dataset, "name" | "coverage"> {
  const { samples, dependence = 0 } = values;
  const tasks = curveTasks(curves);
  const inputs = 2 * curves.length;
  const half = samples / 2;
  const features = new Float32Array(samples * inputs);
  const splits = [0, half].map(
    (first): Split => ({
      samples: half,
      features: features.subarray(first * inputs, (first + half) * inputs),
      labels: new Uint32Array(tasks.length * half),
    }),
  );
  let first: Uint8Array | undefined;
  curves.forEach(({ curve, classes, noise = values.noise }, task) => {
    const chance = new RandomStream(dataSeed, "datasetPoints", task);
    const [xs, ys, labels] = [new Float64Array(samples), new Float64Array(samples), new Uint8Array(samples)];
    for (let index = 0; index < samples; index++) {
      const { x, y, label } = curve.point(index, samples, values, { classes, chance });
      xs[index] = x + noise * chance.nextNormal();
      ys[index] = y + noise * chance.nextNormal();
      labels[index] = label;
    }
    const pointOf = pairedPoints({ dataSeed, task, samples, dependence, labels, first });
    first ??= Uint8Array.from(pointOf, (point) => labels[point]);
    for (let sample = 0; sample < samples; sample++) {
      const point = pointOf[sample];
      features[sample * inputs + 2 * task] = xs[point];
      features[sample * inputs + 2 * task + 1] = ys[point];
      splits[sample < half ? 0 : 1].labels[task * half + (sample % half)] = labels[point];
    }
  });
  const [train, validation] = splits;
  const { start, count } = tasks[tasks.length - 1].outputs;
  return { tasks, inputs, outputs: start + count, train, validation, ...standardize(train.features, inputs) };
}
