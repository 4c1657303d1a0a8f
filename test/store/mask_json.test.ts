import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { readMaskJson } from "../../src/store/mask_json.ts";

test("one matrix [out][in] per layer becomes the mask", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 4 });
  const masks = shapes.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      masks: fc.tuple(
        ...shape.slice(1).map((outputs, layer) => {
          const row = fc.array(fc.nat(1), { minLength: shape[layer], maxLength: shape[layer] });
          return fc.array(row, { minLength: outputs, maxLength: outputs });
        }),
      ),
    }),
  );
  fc.assert(
    fc.property(masks, (content) => {
      const mask = readMaskJson(JSON.stringify(content), "f");
      expect(mask.shape).toEqual(content.shape);
      content.masks.forEach((matrix, layer) => {
        matrix.forEach((row, output) => {
          expect(row.map((_, input) => Number(mask.has(layer, output, input)))).toEqual(row);
        });
      });
      expect(mask.count()).toBe(content.masks.flat(2).reduce((sum, kept) => sum + kept, 0));
    }),
    { numRuns: 50 },
  );
});

test("true and false are 1 and 0, and the list of masks alone has the shape of its matrices", () => {
  const given = '{"shape":[3,2,1],"masks":[[[1,0,1],[0,0,1]],[[0,1]]]}';
  const words = readMaskJson(given, "f").words;
  for (const text of [
    "[[[true,false,true],[false,false,true]],[[false,true]]]",
    '{"masks":[[[1,0,true],[0,0,1]],[[0,1.0]]]}',
    "[[[1,0,1],[0,0,1]],[[-0,1]]]",
  ]) {
    expect(readMaskJson(text, "f").shape).toEqual([3, 2, 1]);
    expect(readMaskJson(text, "f").words).toEqual(words);
  }
});

describe("every malformation is named", () => {
  const cases: [string, string][] = [
    ["3", 'f: 3 is not an object; expected {"shape":[2,1],"masks":[[[1,0]]]}'],
    ["[]", "f: masks: [] is not a list of matrices"],
    ["[[[1]],[1]]", "f: masks[1]: [1] is not a list of rows"],
    ["[[[1,0]],[[1,1]]]", "f: masks[1][0]: 2 entries, the shape asks for 1"],
    ['{"shape":[2,1],"mask":[]}', "f: key mask is unknown; expected only shape and masks"],
    ['{"masks":[]}', "f: masks: [] is not a list of matrices"],
    ['{"shape":3}', "f: shape: a shape needs at least two layer widths such as [4,8,8,2], got 3"],
    ['{"shape":[2,0],"masks":[]}', "f: shape: layer width 0 is not an integer from 1 to 65535"],
    ['{"shape":[2,1]}', "f: masks: nothing is not a list of 1 matrices"],
    ['{"shape":[2,1],"masks":[]}', "f: masks: 0 matrices, the shape asks for 1"],
    ['{"shape":[2,1],"masks":[3]}', "f: masks[0]: 3 is not a list of 1 rows"],
    ['{"shape":[2,1],"masks":[[[1,0],[1,0]]]}', "f: masks[0]: 2 rows, the shape asks for 1"],
    ['{"shape":[2,1],"masks":[[[1]]]}', "f: masks[0][0]: 1 entries, the shape asks for 2"],
    ['{"shape":[2,1],"masks":[[[1,2]]]}', "f: masks[0][0][1] is 2; a mask holds only 0 (pruned) and 1 (kept)"],
    ['{"shape":[2,1],"masks":[[[1,"1"]]]}', 'f: masks[0][0][1] is "1"; a mask holds only 0 (pruned) and 1 (kept)'],
  ];
  test.each(cases)("%s", (text, message) => {
    expect(() => readMaskJson(text, "f")).toThrow(new InputError(message));
  });
  test("a shape whose mask no memory holds", () => {
    const shape = Array.from({ length: 41 }, () => 65535);
    expect(() => readMaskJson(JSON.stringify({ shape, masks: shape.slice(1).map(() => []) }), "f")).toThrow(
      /^f: shape: a network of shape \(65535,.* has 171793449000 weights, at most 1073741824: choose smaller layers$/,
    );
    const small = [20_000, 20_000, 20_000];
    expect(() => readMaskJson(JSON.stringify({ shape: small, masks: [[], []] }), "f")).toThrow(
      "f: masks[0]: 0 rows, the shape asks for 20000",
    );
  });

  test("text that is not JSON", () => {
    expect(() => readMaskJson("{shape", "f")).toThrow(/^f: it is not JSON \(.+\); expected \{"shape"/);
  });
});
