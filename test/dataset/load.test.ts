import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { type DatasetRequest, datasetNames, loadDataset } from "../../src/dataset/load.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { nodeDatasetAccess } from "../../src/dataset/node.ts";

const text = Array.from({ length: 10 }, (_, i) => `${i},${-i},${i % 2}`).join("\n");
const access = nodeDatasetAccess({ read: async () => new TextEncoder().encode(text) });
const load = (request: Partial<DatasetRequest>) =>
  loadDataset({ dataset: "moons-circles", dataSeed: 0, ...request }, access);

test("names and paths", async () => {
  expect(datasetNames).toEqual(["moons-circles", "mnist", "fashion-mnist", "mnist-fashion", "mnist-fashion-half"]);
  expect(await load({ dataSeed: 3, samples: 100, noise: undefined })).toEqual(moonsCircles(3, { samples: 100 }));
  const own = await load({ dataset: "some/FILE.CSV", tasks: "a:1:1,b:1:1", holdout: 0.5 }).catch((error) => error);
  expect(own).toBeInstanceOf(InputError);
  expect(own.message).toContain("some/FILE.CSV: 1 target columns, the tasks need 2");
  const dataset = await load({ dataset: "some/file.csv", tasks: "a:2:1", holdout: 0.5, standardize: false });
  expect([dataset.name, dataset.train.samples, dataset.scale[0]]).toEqual(["file", 5, 1]);
  const mnist = await load({ dataset: "mnist", samplesPerClass: 10, classes: [3, 5] });
  expect([mnist.name, mnist.train.samples, mnist.validation.samples]).toEqual(["mnist", 20, 2]);
});

test.each([
  [
    { dataset: "mnst" },
    'dataset: "mnst" is not known; choose moons-circles, mnist, fashion-mnist, mnist-fashion, mnist-fashion-half, or a path that ends in .npz or .csv',
  ],
  [
    { dataset: "toString" },
    'dataset: "toString" is not known; choose moons-circles, mnist, fashion-mnist, mnist-fashion, mnist-fashion-half, or a path that ends in .npz or .csv',
  ],
  [
    { classes: [0, 1] },
    "classes: [0,1] does not apply to the dataset moons-circles, which takes samples, noise, factor; remove it",
  ],
  [
    { dataset: "mnist", noise: 0.1 },
    "noise: 0.1 does not apply to the dataset mnist, which takes samplesPerClass, classes; remove it",
  ],
  [
    { dataset: "f.csv", samplesPerClass: 5 },
    "samplesPerClass: 5 does not apply to the dataset f.csv, which takes tasks, standardize, holdout; remove it",
  ],
  [
    { dataset: "mnist", tasks: "a:1:1" },
    'tasks: "a:1:1" does not apply to the dataset mnist, which takes samplesPerClass, classes; remove it',
  ],
  [{ dataSeed: -1 }, "dataSeed: -1 is not an integer from 0 to 4294967295; choose one"],
  [{ dataSeed: 0.5 }, "dataSeed: 0.5 is not an integer from 0 to 4294967295; choose one"],
])("%j is refused", async (request, message) => {
  await expect(load(request)).rejects.toThrow(new InputError(message));
});
