import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layerCount, weightCount } from "../../src/base/shape.ts";
import { Parameters, padTo4, parameterLayout } from "../../src/network/parameters.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 });

describe("padTo4", () => {
  it.each([
    [0, 0],
    [1, 4],
    [4, 4],
    [5, 8],
    [1568, 1568],
  ])("of %i is %i", (count, padded) => {
    expect(padTo4(count)).toBe(padded);
  });
});

describe("parameterLayout", () => {
  it("puts all weights before all biases, rows and tensors on multiples of 4", () => {
    expect(parameterLayout([5, 3, 2])).toEqual({
      shape: [5, 3, 2],
      rowStride: [8, 4],
      weightOffset: [0, 24],
      biasOffset: [32, 36],
      length: 40,
    });
  });

  it("gives every parameter of any shape a place of its own, and padding the rest", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { rowStride, weightOffset, biasOffset, length } = parameterLayout(shape);
        const uses = new Uint8Array(length);
        for (let l = 0; l < layerCount(shape); l++) {
          expect([weightOffset[l] % 4, rowStride[l] % 4, biasOffset[l] % 4]).toEqual([0, 0, 0]);
          for (let o = 0; o < shape[l + 1]; o++) {
            uses[biasOffset[l] + o]++;
            for (let i = 0; i < shape[l]; i++) uses[weightOffset[l] + o * rowStride[l] + i]++;
          }
        }
        expect(Math.max(...uses)).toBe(1);
        const biases = shape.slice(1).reduce((sum, width) => sum + width, 0);
        expect(uses.reduce((sum, times) => sum + times, 0)).toBe(weightCount(shape) + biases);
      }),
    );
  });
});

describe("Parameters", () => {
  it("gives back the weights and biases that it was given, with zeros between them", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const parameters = new Parameters(shape);
        let next = 1;
        const tensors = Array.from({ length: layerCount(shape) }, (_, l) => {
          const weights = Float32Array.from({ length: shape[l] * shape[l + 1] }, () => next++);
          const biases = Float32Array.from({ length: shape[l + 1] }, () => next++);
          parameters.setWeights(l, weights);
          parameters.biases(l).set(biases);
          return { weights, biases };
        });
        tensors.forEach(({ weights, biases }, l) => {
          expect(parameters.weights(l)).toEqual(weights);
          expect(parameters.biases(l)).toEqual(biases);
        });
        expect(parameters.values.filter((value) => value !== 0).length).toBe(next - 1);
      }),
    );
  });

  it("hands out copies of weights and views of biases", () => {
    const parameters = new Parameters([2, 2]);
    parameters.weights(0).fill(7);
    expect([...parameters.values]).toEqual(Array(12).fill(0));
    parameters.biases(0).fill(7);
    expect([...parameters.values.slice(8)]).toEqual([7, 7, 0, 0]);
  });
});
