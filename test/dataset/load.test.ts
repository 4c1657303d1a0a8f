import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { type DatasetRequest, datasetOutline, loadDataset } from "../../src/dataset/load.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";

const text = Array.from({ length: 10 }, (_, i) => `${i},${-i},${i % 2}`).join("\n");
const access = nodeDatasetAccess({ read: async () => new TextEncoder().encode(text) });
const load = (request: Partial<DatasetRequest>) =>
  loadDataset({ dataset: "moons-circles", dataSeed: 0, ...request }, access);

test("names and paths", async () => {
  expect(await load({ dataSeed: 3, samples: 100, noise: undefined })).toEqual(moonsCircles(3, { samples: 100 }));
  const own = await load({ dataset: "some/FILE.CSV", tasks: "a:1:1,b:1:1", holdout: 0.5 }).catch((error) => error);
  expect(own).toBeInstanceOf(InputError);
  expect(own.message).toContain("some/FILE.CSV: 1 target columns, the tasks need 2");
  const dataset = await load({ dataset: "some/file.csv", tasks: "a:2:1", holdout: 0.5, standardize: false });
  expect([dataset.name, dataset.train.samples, dataset.scale[0]]).toEqual(["file", 5, 1]);
  const mnist = await load({ dataset: "mnist", samplesPerClass: 10, classes: [3, 5] });
  expect([mnist.name, mnist.train.samples, mnist.validation.samples]).toEqual(["mnist", 20, 2]);
});

test.each<Partial<DatasetRequest> & { dataset: string }>([
  { dataset: "moons-circles", samples: 100 },
  { dataset: "spirals", samples: 100 },
  { dataset: "moons-circles-spirals", samples: 100 },
  { dataset: "mnist", samplesPerClass: 3 },
  { dataset: "mnist", samplesPerClass: 3, classes: [7, 1, 4] },
  { dataset: "file.csv", tasks: "own:2:1" },
])("the outline of %j is what it has when it is loaded", async (request) => {
  const { tasks, coverage } = await load(request);
  expect(datasetOutline(request)).toEqual({ tasks, coverage });
});

test("of own data that declares no tasks, a network trained on it determines the only one", async () => {
  const request = { dataset: "file.csv" };
  expect(datasetOutline(request)).toBeUndefined();
  const { tasks, coverage, inputs, outputs } = await load(request);
  expect(datasetOutline(request, { inputs, outputs })).toEqual({ tasks, coverage });
});

test("two image sets are combined, at half the size with five classes each", () => {
  expect(datasetOutline({ dataset: "mnist-fashion-half" })).toEqual({
    coverage: "output",
    tasks: [
      { name: "mnist", kind: "multiclass", inputs: { start: 0, count: 196 }, outputs: { start: 0, count: 5 } },
      {
        name: "fashion-mnist",
        kind: "multiclass",
        inputs: { start: 196, count: 196 },
        outputs: { start: 5, count: 5 },
      },
    ],
  });
});

const even = "give an even integer from 4 to 1000000";
const names =
  "moons-circles, spirals, moons-circles-spirals, planes, boolean, mnist, fashion-mnist, mnist-fashion, mnist-fashion-half";
test.each<[Partial<DatasetRequest>, string]>([
  [
    { dataset: "mnst" },
    `dataset "mnst" is not known: give ${names}, or a path that ends in .csv, .tsv, .txt, .dat, .data or .npz`,
  ],
  [
    { dataset: "toString" },
    `dataset "toString" is not known: give ${names}, or a path that ends in .csv, .tsv, .txt, .dat, .data or .npz`,
  ],
  // The ending is a kind of file, not a dataset.
  [
    { dataset: "csv" },
    `dataset "csv" is not known: give ${names}, or a path that ends in .csv, .tsv, .txt, .dat, .data or .npz`,
  ],
  [
    { dataset: "a.csv/b" },
    `dataset "a.csv/b" is not known: give ${names}, or a path that ends in .csv, .tsv, .txt, .dat, .data or .npz`,
  ],
  [
    { classes: [0, 1] },
    "classes: [0,1] does not apply to the dataset moons-circles, which takes samples, noise, dependence, factor; remove it",
  ],
  [
    { dataset: "spirals", factor: 0.5 },
    "factor: 0.5 does not apply to the dataset spirals, which takes samples, noise; remove it",
  ],
  [
    { dataset: "mnist", noise: 0.1 },
    "noise: 0.1 does not apply to the dataset mnist, which takes samplesPerClass, classes; remove it",
  ],
  [
    { dataset: "f.csv", samplesPerClass: 5 },
    "samplesPerClass: 5 does not apply to the dataset f.csv, which takes tasks, standardize, holdout, header; remove it",
  ],
  [
    { dataset: "mnist", tasks: "a:1:1" },
    'tasks: "a:1:1" does not apply to the dataset mnist, which takes samplesPerClass, classes; remove it',
  ],
  [{ samples: 3 }, `samples 3 does not fit (Too small: expected number to be >=4): ${even}`],
  [{ samples: 5 }, `samples 5 does not fit (Invalid number: must be a multiple of 2): ${even}`],
  [{ noise: -0.1 }, "noise -0.1 does not fit (Too small: expected number to be >=0): give a number from 0"],
  [{ noise: Number.NaN }, "noise null does not fit (Invalid input: expected number, received NaN): give a number"],
  [{ factor: 1 }, "factor 1 does not fit (Too big: expected number to be <1): give a number from 0 to below 1"],
  [{ dataset: "mnist", samplesPerClass: 0 }, "samplesPerClass 0 does not fit"],
  ...[[0], [0, 0], [0, 10], [0.5, 1], [-1, 2]].map((classes): [Partial<DatasetRequest>, string] => [
    { dataset: "mnist", classes },
    `classes ${JSON.stringify(classes)} does not fit (`,
  ]),
  [{ dataset: "mnist", classes: [0, 0] }, "(a class is given twice): give a list of at least two classes from 0 to 9"],
  [{ dataSeed: -1 }, "dataSeed: -1 is not an integer from 0 to 4294967295; choose one"],
  [{ dataSeed: 0.5 }, "dataSeed: 0.5 is not an integer from 0 to 4294967295; choose one"],
])("%j is refused", async (request, message) => {
  const error = await load(request).catch((reason) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain(message);
  expect(error.message).not.toContain("undefined");
});
