import { describe, expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import { weightCount } from "../../src/base/shape.ts";
import { caseDataset, caseNames, chooseCases, shapeCases } from "../../src/benchmark/cases.ts";
import { listFigures, type Offer } from "../../src/benchmark/figures.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { pathMask } from "../../src/mask/path_mask.ts";

describe("chooseCases", () => {
  it("takes all that suit the machine, or what is named", () => {
    expect(chooseCases([], false).shapes.map(({ name }) => name)).toEqual(caseNames.slice(0, 4));
    expect(chooseCases([], true).shapes.map(({ name }) => name)).toEqual(caseNames.slice(0, 5));
    expect(chooseCases(["ceilings"], true)).toEqual({ shapes: [], kernels: [] });
    expect(chooseCases(["1568,784,392,20"], false).shapes).toHaveLength(1);
    expect(chooseCases(["kernels"], false).kernels.map(({ name }) => name)).toEqual(["4,57,57,2", "784,300,100,10"]);
  });

  it("refuses a name that it does not know", () => {
    expect(() => chooseCases(["4,8,8,2", "4,8"], true)).toThrow(
      'bench: there is no case "4,8": choose from 4,8,8,2 4,57,57,2 4,70,70,2 784,300,100,10 1568,784,392,20 ceilings kernels',
    );
  });
});

describe("a case", () => {
  it.each(shapeCases.filter(({ isLarge }) => !isLarge))("$name has data that fits its shape", (one) => {
    for (const isQuick of [false, true]) {
      const { inputs, outputs, tasks, train, validation } = caseDataset(one, isQuick);
      expect([inputs, outputs]).toEqual([one.shape[0], one.shape[one.shape.length - 1]]);
      expect(tasks.map(({ outputs: columns }) => columns.count)).toEqual(one.classes);
      for (const { samples, features, labels } of [train, validation]) {
        expect(features.length).toBe(samples * inputs);
        expect(labels.length).toBe(samples * tasks.length);
        tasks.forEach(({ outputs: columns }, t) => {
          const own = labels.subarray(t * samples, (t + 1) * samples);
          expect(new Set(own).size).toBe(Math.max(2, columns.count));
          expect(Math.max(...own)).toBe(Math.max(2, columns.count) - 1);
        });
      }
    }
  });

  it.each(shapeCases)("$name is timed dense first", ({ shape, weights }) => {
    expect(weights[0]).toBe(weightCount(shape));
  });

  it("has masks with an exact count, the same every time", () => {
    expect(pathMask([4, 57, 57, 2], 3591).count()).toBe(3591);
    const sparse = pathMask([4, 57, 57, 2], 180);
    expect(sparse.count()).toBe(180);
    expect(sparse.words).toEqual(pathMask([4, 57, 57, 2], 180).words);
    // All weights have a path to an output; the last path may be incomplete towards the inputs.
    const { weights } = analyze(sparse, moonsCircles(0).tasks, "total");
    expect(weights.inactive).toBe(0);
    expect(weights.zombie).toBeLessThan(3);
  });
});

describe("listFigures", () => {
  const offer: Offer = {
    cases: ["4,57,57,2"],
    engines: ["resident", "tiled", "cpu"],
    isHardware: false,
    hasTimestamps: true,
    threads: 4,
    isQuick: false,
  };
  const lines = (changed: Partial<Offer>) =>
    listFigures({ ...offer, ...changed }).map((figure) =>
      figure.kind === "ceilings"
        ? `ceilings ${figure.of}`
        : `${figure.kind} ${figure.engine} ${figure.weights} x${figure.population}`,
    );

  it("measures ceilings first, then smaller populations before larger ones", () => {
    expect(lines({}).slice(0, 5)).toEqual([
      "ceilings adapter",
      "ceilings cpu",
      "throughput resident 3591 x1",
      "throughput resident 3591 x32",
      "throughput tiled 3591 x1",
    ]);
    expect(lines({})).toHaveLength(2 + 3 * 3 * 2);
    expect(lines({ isHardware: true })).toContain("throughput resident 180 x256");
    expect(lines({ isQuick: true, engines: ["tiled"] })).toContain("throughput tiled 112 x8");
    expect(lines({ engines: ["cpu"], threads: 1, cases: ["4,8,8,2"] })).toEqual([
      "ceilings cpu",
      "throughput cpu 112 x1",
    ]);
    expect(lines({ isQuick: true, engines: ["cpu"] })).toEqual([
      "ceilings cpu",
      "throughput cpu 3591 x1",
      "throughput cpu 3591 x4",
      "throughput cpu 180 x1",
      "throughput cpu 180 x4",
      "throughput cpu 112 x1",
      "throughput cpu 112 x4",
    ]);
  });

  it("times kernels of an adapter's engines where the adapter has a clock", () => {
    const kernels = lines({ cases: ["kernels"] });
    expect(kernels).toContain("kernels tiled 5324 x1");
    expect(kernels).toContain("kernels resident 3591 x32");
    expect(kernels.filter((line) => line.startsWith("throughput") || line.includes("kernels cpu"))).toEqual([]);
    expect(lines({ cases: ["kernels"], hasTimestamps: false })).toEqual(["ceilings adapter", "ceilings cpu"]);
  });
});
