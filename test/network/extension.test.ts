import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { weightCount } from "../../src/base/shape.ts";
import { extendedShape, extensionTrajectory } from "../../src/network/extension.ts";

/** Widths of the hidden layers at extensions 0, 1, .. at rate 0.32. */
const twoHidden = [
  8, 10, 13, 16, 20, 25, 31, 38, 47, 57, 70, 85, 104, 127, 154, 188, 229, 278, 337, 410, 498, 604, 733, 890, 1080, 1310,
];
const oneHidden = [20, 29, 43, 64, 94, 138, 202, 297, 437, 643, 946, 1391, 2046, 3009, 4425, 6507, 9569];

describe("extendedShape", () => {
  it("of (4,8,8,2) has the thesis' widths", () => {
    const shapes = twoHidden.map((_, e) => extendedShape([4, 8, 8, 2], 0.32, e));
    expect(shapes).toEqual(twoHidden.map((h) => [4, h, h, 2]));
    expect(shapes.slice(0, 4).map(weightCount)).toEqual([112, 160, 247, 352]);
    expect(weightCount(shapes[25])).toBe(1_723_960);
  });

  it("of (4,20,2), which has one hidden layer, has the thesis' widths", () => {
    expect(oneHidden.map((_, e) => extendedShape([4, 20, 2], 0.32, e))).toEqual(oneHidden.map((h) => [4, h, 2]));
  });

  it("of three hidden layers solves 2 h^2 + 6 h = N / (1 - p)^e", () => {
    const [, width] = extendedShape([4, 8, 8, 8, 2], 0.5, 3);
    const target = 176 * 8;
    expect(Math.abs(weightCount([4, width, width, width, 2]) - target)).toBeLessThan(4 * width + 6);
    expect(width).toBe(Math.round((-6 + Math.sqrt(36 + 8 * target)) / 4));
  });

  it.each<[number[], number, number, string]>([
    [[4, 2], 0.32, 1, "base (4,2) must have hidden layers of equal width to be extended, such as (4,8,8,2)"],
    [[4, 8, 9, 2], 0.32, 1, "base (4,8,9,2) must have hidden layers of equal width to be extended, such as (4,8,8,2)"],
    [[4, 8, 2], 0.32, -1, "extension -1 is not an integer from 0 to 1000"],
    [[4, 8, 2], 0.32, 0.5, "extension 0.5 is not an integer from 0 to 1000"],
    [[4, 8, 2], 0, 1, "rate 0 is not above 0 and below 1"],
    [[4, 8, 2], 1, 1, "rate 1 is not above 0 and below 1"],
    [[4, 8, 8, 2], 1e-9, 100_000_000, "extension 100000000 is not an integer from 0 to 1000"],
    [
      [4, 8, 8, 2],
      0.32,
      42,
      "extension 42 of (4,8,8,2): a network of shape (4,34824,34824,2) has 1212919920 weights, at most 1073741824: choose smaller layers",
    ],
    [[4, 20, 2], 0.32, 22, "extension 22 of (4,20,2) needs hidden layers of 96791, at most 65535"],
  ])("refuses %j, rate %f, extension %f", (base, rate, extension, message) => {
    expect(() => extendedShape(base, rate, extension)).toThrow(new InputError(message));
  });
});

describe("extensionTrajectory", () => {
  it("runs through the weight counts of the extensions down to the base's own", () => {
    expect(extensionTrajectory([4, 8, 8, 2], 0.32, 3)).toEqual([352, 247, 160, 112]);
    expect(extensionTrajectory([4, 8, 8, 2], 0.32, 0)).toEqual([112]);
    const whole = extensionTrajectory([4, 8, 8, 2], 0.32, 25);
    expect(whole).toEqual([...twoHidden].reverse().map((h) => h * h + 6 * h));
  });
});
