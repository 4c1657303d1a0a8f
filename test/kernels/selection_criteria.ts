import { afterAll, beforeAll, type MockInstance, vi } from "vitest";
import { InternalError } from "../../src/base/errors.ts";
import { streamBlock } from "../../src/base/random.ts";
import type { DeviceCriterion } from "../../src/kernels/ranked.ts";
import { criteria, keyCriterion } from "../../src/pruning/criteria.ts";
import type { Ranking } from "../../src/pruning/criterion.ts";

/** Bits of a number rounded to f32. */
export function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0];
}

/** A registered criterion, which must rank on the device. */
export function deviceCriterion(name: string): DeviceCriterion {
  const { wgsl, ...criterion } = keyCriterion(name);
  if (!wgsl) throw new InternalError(`criterion ${name} does not rank on the device`);
  return { ...criterion, wgsl };
}

/** The registered criteria that rank on the device; the tests fail when one is added that they do not know. */
export const criterionNames = ["magnitude", "random", "scaled-magnitude"] as const;

/** Keys of 32 bits, which no registered criterion has: the bits of the weight, with its sign. */
export const everyBit: DeviceCriterion = {
  name: "every-bit",
  summary: "bits of the weight, a test of whole keys",
  formula: "bits of w",
  needs: ["trained weights"],
  key: (weight) => floatBits(weight),
  wgsl: {
    file: "every_bit.wgsl",
    text: "fn rank_keys(weights: vec4f, index: vec4u) -> vec4u {\n  return bitcast<vec4u>(weights);\n}",
  },
};

/**
 * Lets the twins find {@link everyBit} by its name while the tests of a file run; every other criterion is the
 * registered one.
 */
export function useEveryBit(): void {
  let find: MockInstance<typeof criteria.get> | undefined;
  beforeAll(() => {
    const registered = criteria.get.bind(criteria);
    find = vi.spyOn(criteria, "get").mockImplementation((name) => {
      return name === everyBit.name ? everyBit : registered(name);
    });
  });
  afterAll(() => find?.mockRestore());
}

/** The key of a weight by the definition of its criterion, with no code of `src/pruning`. */
export function definedKey(name: string, weight: number, index: number, { scale, seed, level }: Ranking): number {
  switch (name) {
    case "magnitude":
      return floatBits(Math.abs(weight));
    case "scaled-magnitude":
      return floatBits(Math.abs(weight) * scale);
    case "random":
      return streamBlock(seed, "randomPruning", index, level)[0] >>> 1;
    case everyBit.name:
      return floatBits(weight);
    default:
      throw new InternalError(`criterion ${name} has no definition here`);
  }
}
