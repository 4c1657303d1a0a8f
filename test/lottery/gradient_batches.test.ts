import { expect, it } from "vitest";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { datasetFor } from "../../src/lottery/dataset.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";

const keys = { dataset: "moons-circles", shape: [4, 8, 8, 2], levels: 1, rate: 0.5, samples: 200 };
const spec = (changes: Record<string, unknown>) => resolveSpec({ ...keys, ...changes }, "spec").spec;
/** 100 training samples. */
const dataset = moonsCircles(0, { samples: 200 });

it("is in a spec only where it is given, so that the hashes of older specs stay", () => {
  expect(JSON.stringify(spec({ criterion: "snip" }))).not.toContain("gradientBatches");
  expect(spec({ criterion: "snip", gradientBatches: 2 }).gradientBatches).toBe(2);
});

it("is refused for a criterion without gradients", () => {
  expect(() => spec({ gradientBatches: 1 })).toThrow(
    "spec: gradientBatches 1 contradicts criterion=magnitude, which takes no gradients: give criterion gradient-saliency, snip or grasp, or leave gradientBatches out",
  );
});

it("is at most the whole mini-batches of an epoch", () => {
  const of = (batch: number, gradientBatches: number) =>
    datasetFor(spec({ criterion: "snip", batch, gradientBatches }), dataset);
  for (const [batch, most] of [
    [64, 1],
    [50, 2],
    [100, 1],
  ]) {
    expect(of(batch, most).train.samples).toBe(100);
    expect(() => of(batch, most + 1)).toThrow(
      `gradientBatches ${most + 1}: moons-circles has 100 training samples, ${most} whole mini-batches of ${batch}; give up to ${most}, or leave it out for all samples`,
    );
  }
  expect(() => of(101, 1)).toThrow("0 whole mini-batches of 101; leave it out for all samples");
});
