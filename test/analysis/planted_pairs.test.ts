import { expect, test } from "vitest";
import { plantedPairs } from "../../src/analysis/planted_pairs.ts";
import { InputError } from "../../src/base/errors.ts";
import { datasetOutline } from "../../src/dataset/load.ts";
import { Mask } from "../../src/mask/mask.ts";

const { tasks } = datasetOutline({ dataset: "boolean", graph: "shared", bits: 6 }) ?? { tasks: [] };

/** A network 6-2-2 with one hidden neuron for each output. */
function network(inputsOf: readonly (readonly number[])[]): Mask {
  const mask = new Mask([6, 2, 2], new Uint32Array(Mask.full([6, 2, 2]).words.length));
  inputsOf.forEach((inputs, neuron) => {
    for (const input of inputs) mask.set(0, neuron, input, true);
    mask.set(1, neuron, neuron, true);
  });
  return mask;
}

test("pairs that paths join against those of the tasks: of 8 planted, a dense network joins 12", () => {
  expect(plantedPairs(Mask.full([6, 4, 2]), tasks)).toEqual({
    ...{ joined: 12, planted: 8, both: 8 },
    ...{ precision: 8 / 12, recall: 1, f1: 16 / 20 },
  });
  expect(
    plantedPairs(
      network([
        [0, 1, 2, 3],
        [2, 3, 4, 5],
      ]),
      tasks,
    ),
  ).toMatchObject({ joined: 8, both: 8, f1: 1 });
  // y0 has lost input 1 and uses input 5; y1 has lost three of its four.
  expect(plantedPairs(network([[0, 2, 3, 5], [4]]), tasks)).toEqual({
    ...{ joined: 5, planted: 8, both: 4 },
    ...{ precision: 0.8, recall: 0.5, f1: 8 / 13 },
  });
  expect(plantedPairs(network([[], []]), tasks)).toMatchObject({ joined: 0, precision: 0, recall: 0, f1: 0 });
});

test("a weight that leads to no output joins nothing, and tasks must fit", () => {
  const mask = network([
    [0, 1, 2, 3],
    [2, 3, 4, 5],
  ]);
  mask.set(1, 1, 1, false);
  expect(plantedPairs(mask, tasks)).toMatchObject({ joined: 4, both: 4 });
  expect(() => plantedPairs(Mask.full([5, 2]), tasks)).toThrow(InputError);
});
