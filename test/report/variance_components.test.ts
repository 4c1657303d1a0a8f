import { describe, expect, it } from "vitest";
import { CrossedDesign } from "../../src/report/variance_components.ts";

/**
 * D. C. Montgomery, Design and Analysis of Experiments, 5th edition, table 12-3: 20 parts measured twice by each of 3
 * operators. Mean squares 62.391 (parts), 1.308 (operators), 0.712 (interaction), 0.992 (error).
 */
const measured = [
  "21 20 24 23 20 21 27 27 19 18 23 21 22 21 19 17 24 23 25 23 21 20 18 19 23 25 24 24 29 30 26 26 20 20 19 21 25 26 19 19",
  "20 20 24 24 19 21 28 26 19 18 24 21 22 24 18 20 25 23 26 25 20 20 17 19 25 25 23 25 30 28 25 26 19 20 19 19 25 24 18 17",
  "19 21 23 24 20 22 27 28 18 21 23 22 22 20 19 18 24 24 24 25 21 20 18 19 25 25 24 25 31 30 25 27 20 20 21 23 25 25 19 17",
].flatMap((text, operator) =>
  text.split(" ").map((value, k) => ({ operator, part: Math.floor(k / 2), value: Number(value) })),
);

function expectComponents(
  design: CrossedDesign,
  values: readonly number[],
  wanted: readonly number[],
  counts?: number[],
) {
  const found = design.components(values, counts);
  expect(found).toHaveLength(wanted.length);
  for (const [k, value] of wanted.entries()) expect(found?.[k], `effect ${k}`).toBeCloseTo(value, 7);
}

describe("variance components of crossed factors", () => {
  it("of a balanced grid are those of the analysis of variance: Montgomery's gauge study", () => {
    const design = new CrossedDesign([
      { name: "part", levels: measured.map(({ part }) => part) },
      { name: "operator", levels: measured.map(({ operator }) => operator) },
    ]);
    expect(design.isBalanced).toBe(true);
    expect(design.effects.map(({ factors, isResidual }) => `${factors}${isResidual ? " rest" : ""}`)).toEqual([
      "0",
      "1",
      "0,1",
      "0,1 rest",
    ]);
    const values = measured.map(({ value }) => value);
    // (62.3908 - 0.7118) / 6, (1.3083 - 0.7118) / 40, (0.7118 - 0.9917) / 2, 0.9917
    expectComponents(design, values, [10.2798245614, 0.0149122807, -0.1399122807, 0.9916666667]);
  });

  it("of three factors, one run each, are those of the expected mean squares, computed with NumPy", () => {
    const runs = Array.from({ length: 60 }, (_, n) => ({ i: Math.floor(n / 12), j: Math.floor(n / 4) % 3, k: n % 4 }));
    const design = new CrossedDesign([
      { name: "i", levels: runs.map(({ i }) => i) },
      { name: "j", levels: runs.map(({ j }) => j) },
      { name: "k", levels: runs.map(({ k }) => k) },
    ]);
    const values = runs.map(({ i, j, k }) => (7 * i * i + 3 * j * i + 5 * k * j + 2 * k + i * j * k * k) % 11);
    const wanted = [0.4833333333, 1.2972222222, -0.5847222222, -0.4972222222, 0.1958333333, 0.5736111111, 9.3763888889];
    expectComponents(design, values, wanted);
    expect(design.effects.map(({ factors }) => factors.join())).toEqual(["0", "1", "2", "0,1", "0,2", "1,2", "0,1,2"]);
  });

  it("of an unbalanced grid are those of MINQUE(0), computed by whole matrices with NumPy", () => {
    const cells = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 6],
      [1, 1, 4],
      [1, 2, 6],
      [2, 0, 1],
      [2, 2, 0],
      [3, 0, 6],
      [3, 1, 3],
    ];
    const rows = [...cells, [1, 1, 9], [3, 0, 2]];
    const design = new CrossedDesign([
      { name: "a", levels: rows.map(([a]) => a) },
      { name: "b", levels: rows.map(([, b]) => b) },
    ]);
    expect(design.isBalanced).toBe(false);
    const values = rows.map(([, , value]) => value);
    expectComponents(design, values, [7.70528591, 0.27826809, -6.95449819, 8.18954728]);
  });

  it("are undefined where the runs cannot tell effects apart", () => {
    const nested = new CrossedDesign([
      { name: "data", levels: [0, 0, 1, 1] },
      { name: "seed", levels: [0, 1, 2, 3] },
    ]);
    expect(nested.components([1, 2, 4, 3])).toBeUndefined();
  });
});
