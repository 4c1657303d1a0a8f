import * as z from "zod";
import { keyTexts } from "../base/key_texts.ts";
import { RandomStream } from "../base/random.ts";
import type { TrainedTask } from "../base/task.ts";
import type { UnionToIntersection } from "../base/union_to_intersection.ts";
import type { Curve } from "./curve.ts";
import type { Dataset, Split } from "./dataset.ts";
import type { DatasetEntry, OptionsOf } from "./entry.ts";
import { standardize } from "./standardize.ts";

const defaults = { samples: 2000, noise: 0.1 };

/** Largest noise: coordinates are finite as f32. */
const mostNoise = 1e30;

/** Spec keys of every set of curves. */
const options = {
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
      standard: String(defaults.samples),
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
      standard: String(defaults.noise),
    }),
};

type CurveOptions<Curves extends readonly Curve[]> = UnionToIntersection<Curves[number]["options"]>;
type SetOptions<Curves extends readonly Curve[]> = typeof options &
  (CurveOptions<Curves> extends z.ZodRawShape ? CurveOptions<Curves> : never);

/** A dataset that is generated from curves. */
export interface CurveSet<Schemas extends z.ZodRawShape> extends DatasetEntry<Schemas> {
  /**
   * @param dataSeed unsigned 32-bit integer; same seed and options, same bytes
   * @param options within the bounds of their schemas
   */
  generate(dataSeed: number, options?: OptionsOf<Schemas>): Dataset;
}

/**
 * A dataset with one binary task for each curve, in the order of the curves: two inputs and one output each. The points
 * of a task lie on its curves, with Gaussian noise added. Each task is shuffled independently, so that points of
 * different tasks are paired at random.
 */
export function curveSet<const Curves extends readonly Curve[]>(
  name: string,
  summary: string,
  curves: Curves,
): CurveSet<SetOptions<Curves>> {
  const tasks = curves.map(
    (curve, t): TrainedTask => ({
      name: curve.name,
      kind: "binary",
      inputs: { start: 2 * t, count: 2 },
      outputs: { start: t, count: 1 },
    }),
  );
  const coverage = "total";
  const filled = { ...defaults, ...Object.assign({}, ...curves.map((curve) => curve.defaults)) };
  const generate = (dataSeed: number, given: Readonly<Record<string, unknown>> = {}): Dataset => {
    const values = { ...filled, ...given };
    return { name, coverage, ...curveSamples(curves, tasks, dataSeed, values) };
  };
  return {
    name,
    summary,
    options: Object.assign({}, options, ...curves.map((curve) => curve.options)),
    defaults: filled,
    sources: [],
    outline: () => ({ tasks, coverage }),
    load: ({ dataSeed, options: given }) => generate(dataSeed, given),
    generate,
  };
}

function curveSamples(
  curves: readonly Curve[],
  tasks: readonly TrainedTask[],
  dataSeed: number,
  values: typeof defaults,
): Omit<Dataset, "name" | "coverage"> {
  const { samples, noise } = values;
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
  curves.forEach((curve, task) => {
    const chance = new RandomStream(dataSeed, "datasetPoints", task);
    const place = new RandomStream(dataSeed, "datasetPairing", task).shuffled(samples);
    for (let index = 0; index < samples; index++) {
      const { x, y, label } = curve.point(index, samples, values);
      const sample = place[index];
      features[sample * inputs + 2 * task] = x + noise * chance.nextNormal();
      features[sample * inputs + 2 * task + 1] = y + noise * chance.nextNormal();
      splits[sample < half ? 0 : 1].labels[task * half + (sample % half)] = label;
    }
  });
  const [train, validation] = splits;
  return { tasks, inputs, outputs: tasks.length, train, validation, ...standardize(train.features, inputs) };
}
