import { InputError, invariant } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import type { Task } from "../base/task.ts";
import type { Dataset, Split } from "./dataset.ts";
import { allClasses, checkClasses, chooseImages, halveImages, type LabelledImages, readImages } from "./images.ts";
import type { IdxFile, SourceName } from "./sources.ts";
import { splitStreams } from "./split.ts";
import { standardize } from "./standardize.ts";

export interface ImageSetOptions {
  /** Training images per class, drawn at random by the data seed; the test split gets a tenth (rounded, at least 1). All by default. */
  readonly samplesPerClass?: number;
  /** The classes kept, relabelled by their place in the list; all ten by default. */
  readonly classes?: readonly number[];
}

/** Which image sets a dataset lays side by side, and its own defaults. */
interface Recipe extends ImageSetOptions {
  readonly sources: readonly SourceName[];
  readonly halved: boolean;
}

export const imageSets = {
  mnist: { sources: ["mnist"], halved: false },
  "fashion-mnist": { sources: ["fashion-mnist"], halved: false },
  "mnist-fashion": { sources: ["mnist", "fashion-mnist"], halved: false },
  "mnist-fashion-half": {
    sources: ["mnist", "fashion-mnist"],
    halved: true,
    classes: [0, 1, 2, 3, 4],
    samplesPerClass: 3000,
  },
} as const satisfies Record<string, Recipe>;
export type ImageSetName = keyof typeof imageSets;

/** Brings the verified, decompressed bytes of one IDX file. */
export type IdxReader = (source: SourceName, file: IdxFile) => Promise<Uint8Array>;

const halves = [
  { name: "training", images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" },
  { name: "test", images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" },
] as const;

/** One row of pixels per set, one sample per pair: both sets in a random order, what is left over in the longer one is dropped. */
function pairImages(sets: readonly LabelledImages[], dataSeed: number, half: number): Split {
  const samples = Math.min(...sets.map((set) => set.count));
  const inputs = sets.reduce((sum, set) => sum + set.pixels, 0);
  const features = new Uint8Array(samples * inputs);
  const labels = new Uint32Array(sets.length * samples);
  let column = 0;
  sets.forEach((set, task) => {
    const order = new RandomStream(dataSeed, "datasetPairing", task, half).shuffled(set.count);
    for (let sample = 0; sample < samples; sample++) {
      const image = order[sample];
      features.set(set.images.subarray(image * set.pixels, (image + 1) * set.pixels), sample * inputs + column);
      labels[task * samples + sample] = set.labels[image];
    }
    column += set.pixels;
  });
  return { samples, features, labels };
}

/**
 * MNIST, Fashion-MNIST, or both in one sample: the digit in the first inputs and outputs, the garment in the rest, paired at
 * random within the training and within the test split. Features stay bytes. The files are read one after the other, so that
 * one split's images and the result are all that is held at a time.
 * @param dataSeed unsigned 32-bit integer: which images are drawn and how they are paired
 * @throws InputError when an option is out of range or a file cannot be had or is malformed
 */
export async function imageSet(
  name: ImageSetName,
  dataSeed: number,
  readIdx: IdxReader,
  options: ImageSetOptions = {},
): Promise<Dataset> {
  const recipe: Recipe = imageSets[name];
  const classes = options.classes ?? recipe.classes ?? allClasses;
  const perClass = options.samplesPerClass ?? recipe.samplesPerClass;
  checkClasses(classes);
  if (perClass !== undefined && (!Number.isInteger(perClass) || perClass < 1)) {
    throw new InputError(
      `samplesPerClass: ${perClass} is not an integer from 1; give the number of training images per class`,
    );
  }
  const splits: Split[] = [];
  for (const [half, { name: halfName, images, labels }] of halves.entries()) {
    const wanted = perClass === undefined || half === 0 ? perClass : Math.max(1, Math.round(perClass / 10));
    const sets: LabelledImages[] = [];
    for (const [task, source] of recipe.sources.entries()) {
      const where = `${source} ${halfName}`;
      const whole = readImages(await readIdx(source, images), await readIdx(source, labels), where);
      const chance = new RandomStream(dataSeed, "datasetSplit", splitStreams.imageSubset + task, half);
      const chosen = chooseImages(whole, classes, wanted, chance, where);
      sets.push(recipe.halved ? halveImages(chosen) : chosen);
    }
    splits.push(pairImages(sets, dataSeed, half));
  }
  const [train, validation] = splits;
  const inputs = train.features.length / train.samples;
  const pixels = inputs / recipe.sources.length;
  invariant(Number.isInteger(pixels), `${inputs} inputs for ${recipe.sources.length} image sets`);
  const tasks = recipe.sources.map(
    (source, task): Task => ({
      name: source,
      kind: "multiclass",
      inputs: { start: task * pixels, count: pixels },
      outputs: { start: task * classes.length, count: classes.length },
    }),
  );
  return {
    name,
    tasks,
    coverage: "output",
    inputs,
    outputs: tasks.length * classes.length,
    train,
    validation,
    ...standardize(train.features, inputs),
  };
}
