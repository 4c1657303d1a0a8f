import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { openTicket } from "../../src/store/open_ticket.ts";

const read = (content: unknown) => openTicket(new TextEncoder().encode(JSON.stringify(content)), "f.json");

test.each([
  [
    "masks by PyTorch's names",
    {
      "b.weight_mask": [
        [1, 0],
        [0, 0],
        [0, 1],
      ],
      "a.weight_mask": [[1], [0]],
    },
  ],
  [
    "true and false",
    {
      "b.weight": [
        [true, false],
        [false, false],
        [false, true],
      ],
      "a.weight": [[true], [false]],
    },
  ],
  [
    "names of layers alone",
    {
      b: [
        [1, false],
        [0, 0],
        [0, true],
      ],
      a: [[1], [0]],
    },
  ],
  [
    "names below masks, beside a number",
    {
      epoch: 3,
      masks: {
        b: [
          [1, 0],
          [0, 0],
          [0, 1],
        ],
        a: [[1], [0]],
      },
    },
  ],
  [
    "a tree of Flax",
    {
      params: {
        b: {
          kernel: [
            [1, 0, 0],
            [0, 0, 1],
          ],
        },
        a: { kernel: [[1, 0]] },
      },
    },
  ],
  [
    "kernels [in,out]",
    {
      "params/b/kernel": [
        [0.5, 0, 0],
        [0, 0, 1],
      ],
      "params/a/kernel": [[3, -0]],
      "params/a/bias": [1, 2],
    },
  ],
])("%s", (_, content) => {
  const { shape, mask, reading } = read(content);
  expect(shape).toEqual([1, 2, 3]);
  expect([...mask.words]).toEqual([1, 0, 1, 0, 2]);
  expect(reading.orderedBy).toBe("widths");
});

test("weights and biases come too", () => {
  const { parameters } = read({ "fc.weight": [[0.5, -2]], "fc.bias": [3], steps: [1, 2, 3] });
  expect([...(parameters?.weights(0) ?? [])]).toEqual([0.5, -2]);
  expect([...(parameters?.biases(0) ?? [])]).toEqual([3]);
});

test("first lists that say more than the file holds take no memory", () => {
  const lists = [[Array.from({ length: 3000 }, () => 1)]];
  lists[0].push(...Array.from({ length: 2999 }, () => []));
  lists.push(...Array.from({ length: 2999 }, () => []));
  expect(() => read({ "a.weight": lists })).toThrow(
    "f.json: a.weight[0][1]: [] is not a list of 3000 entries, as the first one is",
  );
});

describe("what is no tensor is named", () => {
  test.each([
    [{ "a.weight": [[1, 2], [3]] }, "f.json: a.weight[1]: [3] is not a list of 2 entries, as the first one is"],
    [{ "a.weight": [[1, "x"]] }, 'f.json: a.weight[0][1]: "x" is neither a number nor true or false'],
    [{ "a.weight": [[1, null]] }, "f.json: a.weight[0][1]: null is neither a number nor true or false"],
    [{ a: [[2, 1]] }, "f.json: tensor a.weight_mask holds 2 at [0,0]; a mask holds only 0 (pruned) and 1 (kept)"],
    [
      { a: { weight: [[1]] }, "a.weight": [[1]] },
      "f.json: a.weight is there twice, nested and by its whole name; keep one",
    ],
    [{ weight: "a" }, "f.json: key weight is unknown; expected only shape and masks"],
  ])("%j", (content, message) => {
    expect(() => read(content)).toThrow(new InputError(message));
  });
});
