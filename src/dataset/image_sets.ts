import * as z from "zod";
import { shareableBuffer } from "../base/buffers.ts";
import { keyTexts } from "../base/key_texts.ts";
import { RandomStream } from "../base/random.ts";
import type { TrainedTask } from "../base/task.ts";
import type { IdxReader } from "./access.ts";
import type { Dataset, Split } from "./dataset.ts";
import type { DatasetEntry, DatasetOutline } from "./entry.ts";
import { allClasses, chooseImages, classCount, halveImages, type LabelledImages, readImages, side } from "./images.ts";
import type { SourceName } from "./sources.ts";
import { splitStreams } from "./split.ts";
import { standardize } from "./standardize.ts";

const options = {
  samplesPerClass: z.int().min(1).optional().register(keyTexts, {
    label: "Samples per class",
    meaning: "training images per class; a tenth as many to test",
    give: "an integer from 1",
  }),
  classes: z
    .array(
      z
        .int()
        .min(0)
        .max(classCount - 1),
    )
    .min(2)
    .refine((classes) => new Set(classes).size === classes.length, "a class is given twice")
    .optional()
    .register(keyTexts, {
      label: "Classes",
      meaning: "classes of each image set that are kept; all by default",
      give: `a list of at least two classes from 0 to ${classCount - 1}, such as 0,1,2`,
    }),
};

export interface ImageSetOptions {
  /**
   * Training images per class, drawn at random by the data seed; the test split gets a tenth (rounded, at least 1). All
   * by default.
   */
  readonly samplesPerClass?: number | undefined;
  /** The classes kept, relabelled by their position in the list; all ten by default. */
  readonly classes?: readonly number[] | undefined;
}

/** The image sets that a dataset combines, and its own defaults. */
interface Recipe extends ImageSetOptions {
  readonly summary: string;
  readonly sources: readonly SourceName[];
  readonly halved: boolean;
}

const recipes = {
  mnist: { summary: "handwritten digits, 28 x 28 pixels: one task of ten classes", sources: ["mnist"], halved: false },
  "fashion-mnist": {
    summary: "garments, 28 x 28 pixels: one task of ten classes",
    sources: ["fashion-mnist"],
    halved: false,
  },
  "mnist-fashion": {
    summary: "a digit above a garment, paired at random: two tasks of ten classes",
    sources: ["mnist", "fashion-mnist"],
    halved: false,
  },
  "mnist-fashion-half": {
    summary: "mnist-fashion at 14 x 14 pixels, five classes and 3,000 images of each",
    sources: ["mnist", "fashion-mnist"],
    halved: true,
    classes: [0, 1, 2, 3, 4],
    samplesPerClass: 3000,
  },
} as const satisfies Record<string, Recipe>;
export type ImageSetName = keyof typeof recipes;

const halves = [
  { name: "training", images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" },
  { name: "test", images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" },
] as const;

/** One task per image set: its pixels and its classes follow those of the previous set. */
function outlineOf({ sources, halved, classes: standard }: Recipe, { classes = standard }: ImageSetOptions) {
  const pixels = (halved ? side / 2 : side) ** 2;
  const count = (classes ?? allClasses).length;
  const tasks = sources.map(
    (source, task): TrainedTask => ({
      name: source,
      kind: "multiclass",
      inputs: { start: task * pixels, count: pixels },
      outputs: { start: task * count, count },
    }),
  );
  return { tasks, coverage: "output" } as const satisfies DatasetOutline;
}

/** Pairs images at random, one image of each set per sample; surplus images of a larger set are dropped. */
function pairImages(sets: readonly LabelledImages[], dataSeed: number, half: number): Split {
  const samples = Math.min(...sets.map((set) => set.count));
  const inputs = sets.reduce((sum, set) => sum + set.pixels, 0);
  const features = new Uint8Array(shareableBuffer(samples * inputs));
  const labels = new Uint32Array(shareableBuffer(sets.length * samples * 4));
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
 * MNIST, Fashion-MNIST, or both in one sample: the digit in the first inputs and outputs, the garment in the rest,
 * paired at random within the training and within the test split. Features stay bytes. The files are read one after the
 * other, so that memory holds only the images of one split and the result.
 * @param dataSeed unsigned 32-bit integer: which images are drawn and how they are paired
 * @param given within the bounds of the schemas
 * @throws InputError when a class has too few images, or a file cannot be obtained or is malformed
 */
export async function imageSet(
  name: ImageSetName,
  dataSeed: number,
  readIdx: IdxReader,
  given: ImageSetOptions = {},
): Promise<Dataset> {
  const recipe: Recipe = recipes[name];
  const classes = given.classes ?? recipe.classes ?? allClasses;
  const perClass = given.samplesPerClass ?? recipe.samplesPerClass;
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
  return {
    name,
    ...outlineOf(recipe, given),
    inputs,
    outputs: recipe.sources.length * classes.length,
    train,
    validation,
    ...standardize(train.features, inputs),
  };
}

/** One entry for each recipe: MNIST, Fashion-MNIST, and both in one sample. */
export const imageSets = (Object.keys(recipes) as ImageSetName[]).map((name): DatasetEntry<typeof options> => {
  const recipe: Recipe = recipes[name];
  return {
    name,
    summary: recipe.summary,
    options,
    sources: recipe.sources,
    outline: (given) => outlineOf(recipe, given),
    load: (request, { idxFile }) => imageSet(name, request.dataSeed, idxFile, request.options),
  };
});
