import { expect, test } from "vitest";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { validationSplit } from "../../src/dataset/split.ts";
import { standardize, unstandardized } from "../../src/dataset/standardize.ts";

const dataset = moonsCircles(0);

/** Rows of a split as text: features and labels. */
function rows({
  features,
  labels,
  samples,
}: {
  features: ArrayLike<number>;
  labels: ArrayLike<number>;
  samples: number;
}) {
  return Array.from({ length: samples }, (_, s) =>
    [...Array.from({ length: 4 }, (_, i) => features[s * 4 + i]), labels[s], labels[samples + s]].join(),
  );
}

test("a tenth of the training half is held out; the test half is dropped", () => {
  const held = validationSplit(dataset, 0.1, 0);
  expect([held.train.samples, held.validation.samples]).toEqual([900, 100]);
  expect([...rows(held.train), ...rows(held.validation)].sort()).toEqual(rows(dataset.train).sort());
});

test("mean and scale come from what is left for training", () => {
  const held = validationSplit(dataset, 0.3, 0);
  expect({ mean: held.mean, scale: held.scale }).toEqual(standardize(held.train.features, 4));
  expect(held.mean).not.toEqual(dataset.mean);
});

test("a dataset that was not standardised stays so", () => {
  const held = validationSplit({ ...dataset, standardizes: false, ...unstandardized(4) }, 0.3, 0);
  expect([...held.mean, ...held.scale]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
});

test("the choice is random and follows the data seed", () => {
  expect(validationSplit(dataset, 0.1, 3)).toEqual(validationSplit(dataset, 0.1, 3));
  expect(rows(validationSplit(dataset, 0.1, 3).validation)).not.toEqual(
    rows(validationSplit(dataset, 0.1, 4).validation),
  );
  expect(rows(validationSplit(dataset, 0.1, 3).validation)).not.toEqual(rows(dataset.train).slice(0, 100));
});

test("so many samples are held out, the same as by their share", () => {
  const held = validationSplit(dataset, 300, 5);
  expect([held.train.samples, held.validation.samples]).toEqual([700, 300]);
  expect(held).toEqual(validationSplit(dataset, 0.3, 5));
  expect(validationSplit(dataset, 999, 0).train.samples).toBe(1);
});

test.each([0, -0.1, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("part %d is refused", (part) => {
  expect(() => validationSplit(dataset, part, 0)).toThrow(
    `validation: ${part} is no part of the samples; give a share above 0 and below 1, or a number of samples from 1, such as 0.1 or 100`,
  );
});

test("a number of samples that leaves none to train on is refused", () => {
  for (const part of [1000, 60_000]) {
    expect(() => validationSplit(dataset, part, 0)).toThrow(
      `validation: ${part} samples of 1000 leave none to train on; give at most 999, a share such as 0.1, or more samples`,
    );
  }
});

test("a part without samples is refused", () => {
  expect(() => validationSplit(moonsCircles(0, { samples: 4 }), 0.1, 0)).toThrow(
    "validation: 0.1 of 2 samples leaves 2 and 0; each part needs at least 1, so choose another share or more samples",
  );
});
