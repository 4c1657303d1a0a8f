import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { layerCount } from "../../src/base/shape.ts";
import { initialParameters, initialParametersInTurns } from "../../src/network/initial.ts";

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
      'initializer "zeros" is not known: give kaiming-normal or xavier-normal',
    );
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
