import { InputError } from "../base/errors.ts";
import type { RandomStream } from "../base/random.ts";
import { parseIdx } from "./idx.ts";

/** Grey images with the class of each. */
export interface LabelledImages {
  readonly count: number;
  /** Pixels of one image. */
  readonly pixels: number;
  /** `[image][pixel]`, row-major, 0 to 255. */
  readonly images: Uint8Array;
  /** Class of each image, 0 to 9 unless relabelled. */
  readonly labels: Uint8Array;
}

/** Pixels along an edge of an original image. */
export const side = 28;
/** Classes of every image set. */
export const classCount = 10;

/**
 * Reads an images file and its labels file.
 * @param where names the set in messages, such as `mnist training`
 * @throws InputError when either file is malformed, the images are not 28 x 28, a label is above 9 or the counts differ
 */
export function readImages(imageFile: Uint8Array, labelFile: Uint8Array, where: string): LabelledImages {
  const { dimensions, values } = parseIdx(imageFile, `${where} images`, 3);
  const labels = parseIdx(labelFile, `${where} labels`, 1).values;
  const [count, rows, columns] = dimensions;
  if (rows !== side || columns !== side) {
    throw new InputError(
      `${where} images: ${rows} x ${columns} pixels, ${side} x ${side} are expected; fetch the file again`,
    );
  }
  if (labels.length !== count) {
    throw new InputError(`${where} labels: ${labels.length} labels for ${count} images; fetch both files again`);
  }
  const wrong = labels.findIndex((label) => label >= classCount);
  if (wrong >= 0) {
    throw new InputError(
      `${where} labels: label ${wrong} is ${labels[wrong]}, the bound is ${classCount - 1}; fetch the file again`,
    );
  }
  return { count, pixels: side * side, images: values, labels };
}

/** All ten classes. */
export const allClasses: readonly number[] = Array.from({ length: classCount }, (_, label) => label);

/**
 * Keeps some classes, relabelled by their position in the list, and of each at most `perClass` images drawn at random.
 * Kept images stay in the order of the file. Nothing is copied when everything is kept.
 * @param classes distinct classes, in the order of their new labels
 * @param perClass images per class, undefined for all
 * @param chance random stream that selects the images
 * @param where names the set in messages
 * @throws InputError when a class has fewer than `perClass` images
 */
export function chooseImages(
  set: LabelledImages,
  classes: readonly number[],
  perClass: number | undefined,
  chance: RandomStream,
  where: string,
): LabelledImages {
  if (perClass === undefined && classes.length === classCount && classes.every((label, i) => label === i)) return set;
  const newLabel = new Map(classes.map((label, i) => [label, i]));
  const kept = new Uint32Array(classes.length);
  const rows: number[] = [];
  const order = perClass === undefined ? set.labels.keys() : chance.shuffled(set.count);
  for (const row of order) {
    const label = newLabel.get(set.labels[row]);
    if (label === undefined || kept[label] === perClass) continue;
    kept[label]++;
    rows.push(row);
  }
  const scarce = kept.findIndex((count) => perClass !== undefined && count < perClass);
  if (scarce >= 0) {
    throw new InputError(
      `samplesPerClass: ${perClass} images of class ${classes[scarce]} are wanted, ${where} has ${kept[scarce]}; give a smaller number`,
    );
  }
  rows.sort((a, b) => a - b);
  const images = new Uint8Array(rows.length * set.pixels);
  const labels = new Uint8Array(rows.length);
  rows.forEach((row, i) => {
    images.set(set.images.subarray(row * set.pixels, (row + 1) * set.pixels), i * set.pixels);
    labels[i] = newLabel.get(set.labels[row]) ?? 0;
  });
  return { count: rows.length, pixels: set.pixels, images, labels };
}

/** Resizes 28 x 28 images to 14 x 14: each pixel is the mean of a 2 x 2 block, rounded half up. */
export function halveImages(set: LabelledImages): LabelledImages {
  const half = side / 2;
  const images = new Uint8Array(set.count * half * half);
  for (let image = 0; image < set.count; image++) {
    for (let y = 0; y < half; y++) {
      for (let x = 0; x < half; x++) {
        const top = image * set.pixels + 2 * y * side + 2 * x;
        const sum = set.images[top] + set.images[top + 1] + set.images[top + side] + set.images[top + side + 1];
        images[(image * half + y) * half + x] = (sum + 2) >> 2;
      }
    }
  }
  return { count: set.count, pixels: half * half, images, labels: set.labels };
}
