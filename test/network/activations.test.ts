import { describe, expect, it } from "vitest";
import { activations } from "../../src/network/activations/index.ts";

describe.each(activations.names)("the activation %s", (name) => {
  const { activated, passedBack, slopeChange } = activations.get(name);

  it("passes back its derivative, by central differences", () => {
    for (const z of [-3, -0.7, -0.01, 0.02, 0.5, 1.4, 2.6]) {
      const h = 1e-6;
      const numeric = (activated(z + h) - activated(z - h)) / (2 * h);
      expect(passedBack(2.5, activated(z))).toBeCloseTo(2.5 * numeric, 8);
    }
  });

  it("knows how its slope changes with its value, by central differences", () => {
    for (const x of [0.02, 0.5, 0.9]) {
      const h = 1e-6;
      expect(slopeChange(x)).toBeCloseTo((passedBack(1, x + h) - passedBack(1, x - h)) / (2 * h), 8);
    }
  });

  it("is 0 at 0, so that padding stays 0", () => {
    expect(activated(0)).toBe(0);
  });
});
