import { describe, expect, it } from "vitest";
import { incompleteBeta } from "../../src/nulls/incomplete_beta.ts";
import { benjaminiHochberg, clopperPearson, simulatedP } from "../../src/nulls/p_value.ts";

const near = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-9);

describe("incompleteBeta", () => {
  it("has the values of SciPy's betainc", () => {
    near(incompleteBeta(0.3, 2, 5), 0.579825);
    near(incompleteBeta(0.5, 0.5, 0.5), 0.5);
    near(incompleteBeta(1e-6, 3, 10_000), 1.6547140615722044e-7);
    near(incompleteBeta(0.999, 5000, 4), 0.26446456496929827);
    expect([incompleteBeta(0, 3, 4), incompleteBeta(1, 3, 4)]).toEqual([0, 1]);
  });
});

describe("clopperPearson", () => {
  it("has the bounds of R's binom.test and of SciPy's beta.ppf", () => {
    const known: [number, number, number, number][] = [
      [1, 10, 0.0025285785444617848, 0.4450161170281954],
      [5, 10, 0.18708602844739855, 0.8129139715526015],
      [7, 10_000, 0.00028148114574279455, 0.0014417323091497692],
      [3, 1_000_000, 6.186725501906401e-7, 8.767247788067677e-6],
      [999_999, 1_000_000, 0.9999944283693448, 0.9999999746821924],
    ];
    for (const [successes, trials, low, high] of known) {
      const bounds = clopperPearson(successes, trials);
      near(bounds[0], low);
      near(bounds[1], high);
    }
  });

  it("is in closed form at the ends", () => {
    for (const trials of [1, 37, 10_000]) {
      const closed = 1 - 0.025 ** (1 / trials);
      const [low, high] = clopperPearson(0, trials);
      expect(low).toBe(0);
      near(high, closed);
      expect(clopperPearson(trials, trials)[1]).toBe(1);
      near(clopperPearson(trials, trials)[0], 1 - closed);
    }
  });
});

describe("simulatedP", () => {
  it("counts the ticket among its nulls, so that it is never 0", () => {
    expect(simulatedP(0, 9999)).toMatchObject({ p: 1e-4, low: 0 });
    expect(simulatedP(7, 10_000).p).toBe(8 / 10_001);
    expect(simulatedP(20, 20)).toMatchObject({ p: 1, high: 1 });
  });
});

describe("benjaminiHochberg", () => {
  it("has the values of SciPy's false_discovery_control, in the order given", () => {
    const qs = benjaminiHochberg([0.01, 0.04, 0.03, 0.005, 0.9, 0.04]);
    for (const [at, q] of [0.03, 0.048, 0.048, 0.03, 0.9, 0.048].entries()) near(qs[at], q);
  });

  it("leaves one p-value as it is, and none above 1", () => {
    expect(benjaminiHochberg([0.02])).toEqual([0.02]);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(benjaminiHochberg([1, 1, 0.9])).toEqual([1, 1, 1]);
  });
});
