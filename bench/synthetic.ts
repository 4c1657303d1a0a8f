import { RandomStream } from "../src/base/random.ts";
import type { Dataset, Split } from "../src/dataset/dataset.ts";

/** Random bytes with random classes, for timing only. */
export function syntheticDataset(inputs: number, classes: number, train: number, validation: number): Dataset {
  const stream = new RandomStream(0, "datasetPoints");
  const split = (samples: number): Split => ({
    samples,
    features: Uint8Array.from({ length: samples * inputs }, () => Math.floor(stream.nextUniform() * 256)),
    labels: Uint32Array.from({ length: samples }, () => Math.floor(stream.nextUniform() * classes)),
  });
  return {
    name: "synthetic",
    inputs,
    outputs: classes,
    tasks: [
      {
        name: "classes",
        kind: "multiclass",
        inputs: { start: 0, count: inputs },
        outputs: { start: 0, count: classes },
      },
    ],
    coverage: "output",
    mean: new Float32Array(inputs).fill(127.5),
    scale: new Float32Array(inputs).fill(1 / 74),
    train: split(train),
    validation: split(validation),
  };
}
