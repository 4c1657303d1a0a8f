import { InputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import type { Task } from "../base/task.ts";
import type { Dataset, Split } from "./dataset.ts";
import { standardize } from "./standardize.ts";

export interface MoonsCirclesOptions {
  /** Generated samples, half for training and half for testing: an even integer from 4 to 1,000,000; default 2,000. */
  readonly samples?: number;
  /** Standard deviation of the Gaussian noise on every coordinate, from 0; default 0.1. */
  readonly noise?: number;
  /** Radius of the inner circle, from 0 to below 1; default 0.35. */
  readonly factor?: number;
}

const tasks: readonly Task[] = [
  { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
  { name: "moons", kind: "binary", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 1 } },
];

/** Point `index` of `samples` on a task's curves, without noise, with its label; the first half has label 0. */
type Curve = (index: number, samples: number) => { x: number; y: number; label: number };

/** As scikit-learn's `make_circles`: an outer circle of radius 1 (label 0), an inner one (label 1), end point left out. */
function circles(factor: number): Curve {
  return (index, samples) => {
    const half = samples / 2;
    const label = index < half ? 0 : 1;
    const radius = label === 0 ? 1 : factor;
    const angle = (2 * Math.PI * (index % half)) / half;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
  };
}

/** As scikit-learn's `make_moons`: an upper half circle (label 0) and a lower one moved into it (label 1), ends included. */
const moons: Curve = (index, samples) => {
  const half = samples / 2;
  const label = index < half ? 0 : 1;
  const angle = (Math.PI * (index % half)) / (half - 1);
  return label === 0
    ? { x: Math.cos(angle), y: Math.sin(angle), label }
    : { x: 1 - Math.cos(angle), y: 1 - Math.sin(angle) - 0.5, label };
};

/**
 * Two binary problems side by side: circles in inputs 0-1, two moons in inputs 2-3. The points of each task lie evenly on
 * its curves, carry Gaussian noise and are shuffled apart from the other task's, so that they are paired at random.
 * @param dataSeed unsigned 32-bit integer; same seed and options, same bytes
 * @throws InputError when an option is out of range
 */
export function moonsCircles(dataSeed: number, options: MoonsCirclesOptions = {}): Dataset {
  const { samples = 2000, noise = 0.1, factor = 0.35 } = options;
  if (!Number.isInteger(samples) || samples % 2 !== 0 || samples < 4 || samples > 1_000_000) {
    throw new InputError(`samples: ${samples} is not an even integer from 4 to 1000000; the default is 2000`);
  }
  if (!Number.isFinite(noise) || noise < 0) {
    throw new InputError(`noise: ${noise} is not a finite number from 0; the default is 0.1`);
  }
  if (!(factor >= 0 && factor < 1)) {
    throw new InputError(`factor: ${factor} is not a radius from 0 to below 1; the default is 0.35`);
  }
  const inputs = 4;
  const half = samples / 2;
  const features = new Float32Array(samples * inputs);
  const splits = [0, half].map(
    (first): Split => ({
      samples: half,
      features: features.subarray(first * inputs, (first + half) * inputs),
      labels: new Uint32Array(tasks.length * half),
    }),
  );
  [circles(factor), moons].forEach((curve, task) => {
    const chance = new RandomStream(dataSeed, "datasetPoints", task);
    const place = new RandomStream(dataSeed, "datasetPairing", task).shuffled(samples);
    for (let index = 0; index < samples; index++) {
      const { x, y, label } = curve(index, samples);
      const sample = place[index];
      features[sample * inputs + 2 * task] = x + noise * chance.nextNormal();
      features[sample * inputs + 2 * task + 1] = y + noise * chance.nextNormal();
      splits[sample < half ? 0 : 1].labels[task * half + (sample % half)] = label;
    }
  });
  const [train, validation] = splits;
  return {
    name: "moons-circles",
    tasks,
    coverage: "total",
    inputs,
    outputs: 2,
    train,
    validation,
    ...standardize(train.features, inputs),
  };
}
