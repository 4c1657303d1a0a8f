import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { checkShape, formatShape, layerCount, weightCount } from "../../src/base/shape.ts";

describe("a shape", () => {
  it("counts its layers and prunable weights", () => {
    expect(layerCount([4, 8, 8, 2])).toBe(3);
    expect(weightCount([4, 8, 8, 2])).toBe(112);
    expect(weightCount([1568, 784, 392, 20])).toBe(1_544_480);
    expect(weightCount([3, 1])).toBe(3);
  });

  it("is written as people write it", () => {
    expect(formatShape([4, 57, 57, 2])).toBe("(4,57,57,2)");
  });
});

describe("checkShape", () => {
  it.each([[[1, 1]], [[4, 8, 8, 2]], [[65535, 1, 65535]]])("accepts %j", (shape) => {
    expect(() => checkShape(shape, "spec.json: shape")).not.toThrow();
  });

  it.each([
    [[4], "spec.json: shape: a shape needs at least two layer widths such as [4,8,8,2], got [4]"],
    [[], "spec.json: shape: a shape needs at least two layer widths such as [4,8,8,2], got []"],
    ["4,8", 'spec.json: shape: a shape needs at least two layer widths such as [4,8,8,2], got "4,8"'],
    [null, "spec.json: shape: a shape needs at least two layer widths such as [4,8,8,2], got null"],
    [[4, 0, 2], "spec.json: shape: layer width 0 is not an integer from 1 to 65535"],
    [[4, 65536], "spec.json: shape: layer width 65536 is not an integer from 1 to 65535"],
    [[4, 2.5], "spec.json: shape: layer width 2.5 is not an integer from 1 to 65535"],
    [[4, "8"], 'spec.json: shape: layer width "8" is not an integer from 1 to 65535'],
    [[-1, 2], "spec.json: shape: layer width -1 is not an integer from 1 to 65535"],
    [Array(1002).fill(1), "spec.json: shape: a shape of 1002 layer widths, at most 1001 are read"],
    [
      [40_000, 30_000],
      "spec.json: shape: a network of shape (40000,30000) has 1200000000 weights, at most 1073741824: choose smaller layers",
    ],
  ])("refuses %j", (shape, message) => {
    expect(() => checkShape(shape, "spec.json: shape")).toThrow(new InputError(message));
  });
});
