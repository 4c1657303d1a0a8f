import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { measureMask } from "../../src/analysis/measures/measures.ts";
import { RandomStream } from "../../src/base/random.ts";
import type { Task } from "../../src/base/task.ts";
import { parseTasks } from "../../src/dataset/tasks.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import type { Parameters } from "../../src/network/parameters.ts";
import { initialDistribution } from "../../src/nulls/initial_distribution.ts";
import { layersWithoutSwap, orderedMask } from "../../src/nulls/models/fixed_degrees.ts";
import { upperNormalQuantile } from "../../src/nulls/models/normal_quantile.ts";
import { proposalsOf, swapCheck } from "../../src/nulls/models/stationarity.ts";
import { SwapChain } from "../../src/nulls/models/swap_chain.ts";
import { nullModels } from "../../src/nulls/models.ts";
import { plainNull, plainStatistics, plainValues } from "../../src/nulls/plain.ts";
import { NullSource, preparationStream } from "../../src/nulls/plan.ts";
import { statistics } from "../../src/nulls/statistics.ts";
import { NullStructure } from "../../src/nulls/structure.ts";
import { WeightLists } from "../../src/nulls/weight_lists.ts";
import { cases, chiSquare, chiSquareBound, maskWith, planOf, sparseMask, twoTasks } from "./tickets.ts";

/** The weights of largest magnitude, by a sort of all. */
function largest(shape: readonly number[], parameters: Parameters, count: number): Mask {
  const all = shape.slice(1).flatMap((outputs, layer) => {
    const weights = parameters.weights(layer);
    return Array.from({ length: outputs * shape[layer] }, (_, at) => ({ layer, at, size: Math.abs(weights[at]) }));
  });
  const kept = all.sort((a, b) => b.size - a.size).slice(0, count);
  return maskWith(
    shape,
    kept.map(({ layer, at }) => [layer, Math.floor(at / shape[layer]), at % shape[layer]] as const),
  );
}

const text = (mask: Mask) => [...mask.words].join(" ");

describe("null models", () => {
  it("have names, purposes and tails that files rely on", () => {
    expect(nullModels.entries.map(({ name, purpose }) => [name, purpose])).toEqual([
      ["shuffled", "shuffledNull"],
      ["rewired", "rewiredNull"],
      ["random-mask", "randomMaskNull"],
      ["untrained", "untrainedNull"],
    ]);
    expect(statistics.entries.map(({ name, tail }) => [name, tail])).toEqual([
      ["separated", "greater"],
      ["subnetworks", "greater"],
      ["degree-of-separation", "greater"],
      ["mixing", "less"],
      ["task-modularity", "greater"],
    ]);
  });

  it.each(Object.keys(cases))("equal the plain ones null by null, statistic by statistic: %s", (name) => {
    for (const model of nullModels.names) {
      const plan = planOf(cases[name], model, 5);
      const count = 12;
      const values = new NullSource(plan).values(model, 3, count);
      for (let each = 0; each < count; each++) {
        const fast = Object.fromEntries(
          statistics.names.map((statistic, at) => [statistic, values[at * count + each]]),
        );
        expect(fast, `${model} ${each}`).toEqual(plainValues(plan, model, 3 + each));
      }
    }
  });
});

describe("structure", () => {
  const measured = (mask: Mask, tasks: readonly Task[] = twoTasks) => {
    const structure = new NullStructure(mask.shape, tasks, "total");
    structure.find(WeightLists.of(mask));
    return Object.fromEntries(statistics.entries.map(({ name, of }) => [name, of(structure)]));
  };

  it("of a ticket that has separated: two subnetworks, no mixing, modularity 1/2", () => {
    // circles: inputs 0 and 1 by hidden neuron 0 to output 0; moons: inputs 2 and 3 by hidden neuron 1 to output 1.
    const mask = maskWith(
      [4, 3, 2],
      [
        [0, 0, 0],
        [0, 0, 1],
        [0, 1, 2],
        [0, 1, 3],
        [1, 0, 0],
        [1, 1, 1],
      ],
    );
    const expected = { separated: 1, subnetworks: 2, "degree-of-separation": 1, mixing: 0, "task-modularity": 0.5 };
    expect(measured(mask)).toEqual(expected);
    // One more weight joins the two: of the 5 pairs that paths join, one is of two tasks.
    mask.set(0, 1, 0, true);
    expect(measured(mask)).toEqual(plainStatistics(mask, { tasks: twoTasks, coverage: "total" }));
    expect(measured(mask)).toMatchObject({ separated: 0, subnetworks: 1, mixing: 1 / 5 });
  });

  it("has the modularity and the subnetworks that the measures of these names have", () => {
    for (const { mask, tasks } of Object.values(cases)) {
      const measures = measureMask(mask, tasks, ["task-modularity", "subnetworks"]);
      const values = measured(mask, tasks);
      expect(values.subnetworks).toBe(measures.subnetworks);
      expect(values["task-modularity"]).toBeCloseTo(measures["task-modularity"] as number, 12);
    }
  });

  it("is not defined without active weights, but for what is counted", () => {
    const empty = maskWith([4, 3, 2], [[0, 0, 0]]);
    const nothing = { "degree-of-separation": Number.NaN, mixing: Number.NaN, "task-modularity": Number.NaN };
    expect(measured(empty)).toEqual({ separated: 0, subnetworks: 0, ...nothing });
  });
});

describe("shuffled", () => {
  it("gives all masks with the counts of each layer, each as often", () => {
    // 6 masks of layer 1 times 4 of layer 2.
    const ticket = maskWith(
      [2, 2, 2],
      [
        [0, 0, 0],
        [0, 1, 1],
        [1, 0, 0],
      ],
    );
    const plan = planOf(
      {
        mask: ticket,
        tasks: twoTasks.map((task, at) => ({ ...task, inputs: { start: at, count: 1 } })),
        coverage: "total",
      },
      "shuffled",
    );
    const counts = new Map<string, number>();
    const draws = 12_000;
    for (let each = 0; each < draws; each++) {
      const found = plainNull(plan, "shuffled", each);
      counts.set(text(found), (counts.get(text(found)) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()], Array(24).fill(draws / 24))).toBeLessThan(chiSquareBound(23));
  });
});

describe("rewired", () => {
  /** All masks of 4 inputs and 3 outputs by their degrees. */
  function withDegreesOf(ticket: Mask): Set<string> {
    const degrees = (mask: Mask) => {
      const of = (output: number, input: number) => (mask.has(0, output, input) ? 1 : 0);
      const rows = [0, 1, 2].map((output) => [0, 1, 2, 3].reduce((sum, input) => sum + of(output, input), 0));
      return `${rows} ${[0, 1, 2, 3].map((input) => [0, 1, 2].reduce((sum, output) => sum + of(output, input), 0))}`;
    };
    const wanted = degrees(ticket);
    const found = new Set<string>();
    for (let bits = 0; bits < 4096; bits++) {
      const mask = new Mask([4, 3], Uint32Array.from([bits & 15, (bits >>> 4) & 15, bits >>> 8]));
      if (degrees(mask) === wanted) found.add(text(mask));
    }
    return found;
  }

  it("gives all masks with the degrees of every neuron, each as often", () => {
    const ticket = maskWith(
      [4, 3],
      [
        [0, 0, 0],
        [0, 0, 1],
        [0, 1, 1],
        [0, 1, 2],
        [0, 2, 3],
        [0, 2, 0],
      ],
    );
    const all = withDegreesOf(ticket);
    expect(all.size).toBe(15);
    const chain = new SwapChain(ticket);
    const counts = new Map<string, number>();
    const draws = 15_000;
    for (let each = 0; each < draws; each++) {
      chain.reset();
      chain.run(new RandomStream(0, "rewiredNull", each), [60]);
      const now = [...chain.words].join(" ");
      counts.set(now, (counts.get(now) ?? 0) + 1);
    }
    expect(new Set(counts.keys())).toEqual(all);
    expect(chiSquare([...counts.values()], Array(all.size).fill(draws / all.size))).toBeLessThan(
      chiSquareBound(all.size - 1),
    );
  });

  it("keeps lists and bits of a mask alike, in layers of any size", () => {
    const chain = new SwapChain(sparseMask([300, 260, 3], 0.95));
    expect(chain.start.count(0)).toBeGreaterThan(65_536);
    chain.run(new RandomStream(1, "rewiredNull"), [5000, 500]);
    const { sources, targets, firstNeuron, starts } = chain.lists;
    const again = maskWith(
      chain.start.shape,
      Array.from({ length: starts[2] }, (_, at) => {
        const layer = at < starts[1] ? 0 : 1;
        return [layer, targets[at] - firstNeuron[layer + 1], sources[at] - firstNeuron[layer]] as const;
      }),
    );
    expect(again.words).toEqual(chain.words);
    expect(chain.swaps[0]).toBeGreaterThan(0);
  });

  it("begins its check of stationarity at a mask of the same degrees that is another one", () => {
    const ticket = sparseMask([9, 14, 5], 0.3);
    const ordered = orderedMask(ticket);
    const degrees = (mask: Mask, layer: number) => [
      Array.from({ length: mask.shape[layer + 1] }, (_, o) =>
        Array.from({ length: mask.shape[layer] }, (_, i) => Number(mask.has(layer, o, i))).reduce((a, b) => a + b, 0),
      ),
      Array.from({ length: mask.shape[layer] }, (_, i) =>
        Array.from({ length: mask.shape[layer + 1] }, (_, o) => Number(mask.has(layer, o, i))).reduce(
          (a, b) => a + b,
          0,
        ),
      ),
    ];
    for (const layer of [0, 1]) expect(degrees(ordered, layer)).toEqual(degrees(ticket, layer));
    expect(text(ordered)).not.toBe(text(ticket));
    const { swaps } = planOf({ mask: ticket, tasks: cases["one task"].tasks, coverage: "total" }, "rewired")
      .preparations.rewired;
    expect(swaps).toMatchObject({ isStationary: true, chains: 200 });
  });

  it("proposes swaps for every weight of the layers that have any, and more where these do not mix", () => {
    // Two outputs that share all inputs but one each: one pair of weights in 1,800 can be swapped.
    const shared = Array.from({ length: 29 }, (_, input) => [0, 1].map((output) => [0, output, input] as const)).flat();
    const slow = maskWith([31, 2, 2], [...shared, [0, 0, 29], [0, 1, 30], [1, 0, 0]]);
    expect(proposalsOf(slow, 16)).toEqual([16 * 60, 0]);
    const structure = new NullStructure(slow.shape, parseTasks("a:15:1,b:16:1"), "output");
    const stream = preparationStream("rewiredNull", 0, 1);
    expect(swapCheck(slow, stream, structure, 16)).toMatchObject({ isStationary: false, proposalsPerWeight: 16 });
    const check = swapCheck(slow, stream, structure);
    expect(check).toMatchObject({ isStationary: true, chains: 200, swapsPerWeight: [expect.any(Number), null] });
    expect(check.proposalsPerWeight).toBeGreaterThan(16);
  });

  it("knows where no swap is possible", () => {
    const nested = maskWith(
      [3, 3, 1, 2, 2],
      [
        [0, 0, 0],
        [0, 1, 0],
        [0, 1, 1],
        [1, 0, 2],
        [2, 0, 0],
        [2, 1, 0],
      ],
    );
    expect(layersWithoutSwap(nested)).toEqual([
      "has 3 weights, of which the degrees allow one arrangement",
      "has one weight",
      "is full",
      "is empty",
    ]);
    expect(
      layersWithoutSwap(
        maskWith(
          [2, 2],
          [
            [0, 0, 0],
            [0, 1, 1],
          ],
        ),
      ),
    ).toEqual([undefined]);
  });
});

describe("untrained", () => {
  it("keeps as many weights of each layer as magnitude pruning of networks that are initialised anew", () => {
    const shape = [4, 20, 20, 2];
    const ticket = maskWith(
      shape,
      Array.from({ length: 60 }, (_, at) => [1, at % 20, Math.floor(at / 20)] as const),
    );
    for (const initializer of ["kaiming-normal", "xavier-uniform"]) {
      const plan = {
        ...planOf({ mask: ticket, tasks: twoTasks, coverage: "total" }, "untrained"),
        initial: initialDistribution(shape, { initializer }),
      };
      const draws = 400;
      const [ours, real] = [0, 1].map((kind) =>
        Array.from({ length: draws }, (_, each) => {
          const mask =
            kind === 0
              ? plainNull(plan, "untrained", each)
              : largest(shape, initialParameters(shape, each, { initializer }), 60);
          return [0, 1, 2].map((layer) => mask.count(layer));
        }),
      );
      for (const layer of [0, 1, 2]) {
        const moments = (rows: number[][]) => {
          const mean = rows.reduce((sum, row) => sum + row[layer], 0) / draws;
          return { mean, variance: rows.reduce((sum, row) => sum + (row[layer] - mean) ** 2, 0) / (draws - 1) };
        };
        const [a, b] = [moments(ours), moments(real)];
        expect(Math.abs(a.mean - b.mean)).toBeLessThan(0.01 + 5 * Math.sqrt((a.variance + b.variance) / draws));
        expect(a.variance / b.variance).toBeGreaterThan(0.6);
        expect(a.variance / b.variance).toBeLessThan(1.7);
      }
    }
  });

  it("ranks by quantiles of the normal distribution", () => {
    // Known values of the upper tail.
    const known = [
      [0.5, 0],
      [0.158655253931457, 1],
      [0.0227501319481792, 2],
      [2.86651571879194e-7, 5],
      [7.61985302416053e-24, 10],
    ];
    for (const [tail, z] of known) expect(Math.abs(upperNormalQuantile(tail) - z)).toBeLessThan(2e-8);
  });
});

describe("docs/nulls.md", () => {
  it("has every null model and every statistic in its tables, in the order of the registries", () => {
    const [, models, found] = readFileSync("docs/nulls.md", "utf8").split(/^## (?:Null models|Statistics)$/m);
    const named = (section: string) => [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    expect(named(models)).toEqual(nullModels.names);
    expect(named(found.split("\n## ")[0])).toEqual(statistics.names);
  });
});
