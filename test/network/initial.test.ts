import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import { initialDeviation, initialParameters, initialParametersInTurns } from "../../src/network/initial.ts";
import { initializers } from "../../src/network/initializers/index.ts";

describe("initialParameters", () => {
  it("draws weights with standard deviation sqrt(2 / fan_in) around 0, in every layer", () => {
    const shape = [100, 300, 50, 400];
    const parameters = initialParameters(shape, 7);
    for (let layer = 0; layer < layerCount(shape); layer++) {
      const weights = parameters.weights(layer);
      const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length;
      const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
      const expected = 2 / shape[layer];
      // Five deviations of the sample's mean and variance.
      expect(Math.abs(mean), `mean of layer ${layer}`).toBeLessThan(5 * Math.sqrt(expected / weights.length));
      expect(Math.abs(variance / expected - 1), `variance of layer ${layer}`).toBeLessThan(
        5 * Math.sqrt(2 / weights.length),
      );
    }
  });

  it("leaves biases and padding 0", () => {
    const parameters = initialParameters([5, 6, 3], 1);
    for (const layer of [0, 1]) expect([...parameters.biases(layer)].every((bias) => bias === 0)).toBe(true);
    expect(parameters.values.filter((value) => value !== 0).length).toBe(5 * 6 + 6 * 3);
  });

  it("is the same for the same seed, another for another, and another in each layer", () => {
    const shape = [4, 4, 4];
    expect(initialParameters(shape, 3).values).toEqual(initialParameters(shape, 3).values);
    expect(initialParameters(shape, 3).values).not.toEqual(initialParameters(shape, 4).values);
    const parameters = initialParameters(shape, 3);
    expect(parameters.weights(0)).not.toEqual(parameters.weights(1));
  });

  it("draws layer l from its own stream, output by output, rounded once from float64", () => {
    const stream = new RandomStream(9, "initialWeights", 1);
    const expected = Float32Array.from({ length: 6 * 2 }, () => Math.sqrt(2 / 6) * stream.nextNormal());
    expect(initialParameters([3, 6, 2], 9).weights(1)).toEqual(expected);
  });

  it("scales the same draws by the initialiser's deviation, which may take the activation's gain", () => {
    const [shape, seed] = [[6, 10, 2], 4];
    const plain = initialParameters(shape, seed).weights(0);
    const scaled = (choice: Parameters<typeof initialParameters>[2]) =>
      initialParameters(shape, seed, choice).weights(0)[3] / plain[3];
    expect(scaled({ initializer: "xavier-normal" })).toBeCloseTo(Math.sqrt(2 / 16 / (2 / 6)), 6);
    expect(scaled({ initializer: "xavier-normal", activation: "tanh" })).toBeCloseTo(Math.sqrt(2 / 16 / (2 / 6)), 6);
    expect(scaled({ activation: "tanh" })).toBeCloseTo(5 / 3 / Math.sqrt(2), 6);
    expect(() => initialParameters(shape, seed, { initializer: "zeros" })).toThrow(
      'initializer "zeros" is not known: give kaiming-normal, xavier-normal, kaiming-uniform, xavier-uniform or orthogonal',
    );
  });

  it.each([
    ["kaiming-uniform", "relu", Math.sqrt(6 / 100), Math.sqrt(6 / 300)],
    ["kaiming-uniform", "tanh", 5 / Math.sqrt(3 * 100), 5 / Math.sqrt(3 * 300)],
    ["xavier-uniform", "relu", Math.sqrt(6 / 400), Math.sqrt(6 / 350)],
  ])("%s with %s is uniform within its bound, in every layer", (initializer, activation, ...bounds) => {
    const shape = [100, 300, 50];
    const parameters = initialParameters(shape, 7, { initializer, activation });
    for (const [layer, bound] of bounds.entries()) {
      const weights = parameters.weights(layer);
      const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(largest).toBeGreaterThan(0.999 * bound);
      // Shares of each tenth of the interval, within five deviations of a tenth.
      const shares = Array.from({ length: 10 }, (_, part) => {
        const isIn = (w: number) => Math.min(9, Math.floor(((w / bound + 1) / 2) * 10)) === part;
        return weights.reduce((sum, w) => sum + Number(isIn(w)), 0) / weights.length;
      });
      for (const share of shares) expect(Math.abs(share - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / weights.length));
      // Spec of the paper: the variance is a third of the squared bound.
      const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
      expect(variance / (bound * bound)).toBeCloseTo(1 / 3, 1);
    }
  });

  it.each([
    ["relu", Math.SQRT2],
    ["tanh", 5 / 3],
  ])(
    "orthogonal with %s has orthogonal rows of the length of the gain, or columns where there are more outputs",
    (activation, gain) => {
      const shape = [30, 17, 17, 40, 1, 3];
      const parameters = initialParameters(shape, 5, { initializer: "orthogonal", activation });
      for (let layer = 0; layer < layerCount(shape); layer++) {
        const [inputs, outputs] = [shape[layer], shape[layer + 1]];
        const weights = parameters.weights(layer);
        const isWide = outputs <= inputs;
        const count = isWide ? outputs : inputs;
        const vector = (k: number) =>
          Array.from({ length: isWide ? inputs : outputs }, (_, at) =>
            isWide ? weights[k * inputs + at] : weights[at * inputs + k],
          );
        for (let i = 0; i < count; i++) {
          for (let j = 0; j <= i; j++) {
            const dot = vector(i).reduce((sum, w, at) => sum + w * vector(j)[at], 0);
            expect(Math.abs(dot - (i === j ? gain ** 2 : 0)), `layer ${layer}: ${i}, ${j}`).toBeLessThan(1e-6);
          }
        }
      }
    },
  );

  it("orthogonal is the Q of the normal matrix that the stream draws, with positive factors", () => {
    // The first of its vectors is that of the matrix itself, the second its part across the first, each in its direction.
    const stream = new RandomStream(4, "initialWeights", 0);
    const [a, b] = [0, 1].map(() => Array.from({ length: 3 }, () => stream.nextNormal()));
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, k) => sum + value * y[k], 0);
    const across = b.map((value, k) => value - (dot(a, b) / dot(a, a)) * a[k]);
    const expected = [a, across].flatMap((x) => x.map((value) => (Math.SQRT2 * value) / Math.sqrt(dot(x, x))));
    const weights = initialParameters([3, 2], 4, { initializer: "orthogonal" }).weights(0);
    weights.forEach((weight, k) => {
      expect(weight).toBeCloseTo(expected[k], 6);
    });
  });

  it.each(initializers.names)("%s is the same in turns, and draws its deviation", async (initializer) => {
    const shape = [60, 130, 70];
    const parameters = initialParameters(shape, 5, { initializer });
    expect((await initialParametersInTurns(shape, 5, { initializer })).values).toEqual(parameters.values);
    for (const layer of [0, 1]) {
      const weights = parameters.weights(layer);
      const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
      const deviation = initialDeviation(shape, layer, { initializer });
      expect(Math.abs(variance / deviation ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / weights.length));
    }
  });

  it("is the same when it is drawn over several turns of the event loop", async () => {
    const shape = [3, 300, 301, 2];
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    const parameters = await initialParametersInTurns(shape, 5);
    clearInterval(counting);
    expect(parameters.values).toEqual(initialParameters(shape, 5).values);
    expect(turns).toBeGreaterThan(0);
  });
});
