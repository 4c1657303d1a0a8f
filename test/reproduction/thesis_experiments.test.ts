import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { resolveExperiments } from "../../src/lottery/experiment.ts";
import { planExperiment } from "../../src/reproduction/plan.ts";
import { published } from "../../src/reproduction/published.ts";
import { thesisExperiments } from "../../src/reproduction/thesis_experiments.ts";
import { nodeFiles } from "../../src/store/node.ts";

const resolve = ({ experiment, grids, set }: ReturnType<typeof planExperiment>) =>
  resolveExperiments(
    grids.map((grid) => ({ name: experiment.name, where: experiment.name, grids: grid })),
    set,
    nodeFiles,
  );
const full = { scale: "full", set: {} } as const;

describe("the experiments", () => {
  it.each([
    ["extension-2", 26, 104],
    ["extension-1", 17, 85],
    ["extension-3", 17, 85],
    ["grid-2", 44, 176],
    ["mnist", 1, 1],
    ["fashion", 1, 1],
    ["mnist-fashion", 1, 3],
    ["half", 1, 3],
  ])("%s is %i specs in %i runs", async (name, specs, runs) => {
    const resolved = await resolve(planExperiment(name, full));
    expect(resolved).toHaveLength(specs);
    expect(resolved.reduce((sum, { seeds }) => sum + seeds.length, 0)).toBe(runs);
  });

  it("are the thesis' networks", async () => {
    const shapes = async (name: string) =>
      (await resolve(planExperiment(name, full))).map(({ spec }) => spec.shape.join());
    expect((await shapes("extension-2"))[25]).toBe("4,1310,1310,2");
    expect((await shapes("extension-1"))[16]).toBe("4,9569,2");
    expect((await shapes("extension-3"))[0]).toBe("4,6,6,6,2");
    const grid = await resolve(planExperiment("grid-2", full));
    expect(new Set(grid.map(({ spec }) => spec.shape[1]))).toEqual(new Set([31, 38, 48, 57]));
    for (const { spec } of grid)
      expect(spec.remaining.at(-1)).toBe(spec.remaining.length === 1 ? spec.remaining[0] : 112);
    const [mnistFashion] = await resolve(planExperiment("mnist-fashion", full));
    expect(mnistFashion.spec).toMatchObject({
      batch: 512,
      patience: 10,
      stopAt: "separated",
      shape: [1568, 784, 392, 20],
    });
    expect(mnistFashion.spec.remaining).toHaveLength(21);
    expect(mnistFashion.spec.remaining[20]).toBe(600);
  });

  it("have a name of their own, and say what of them is ours", () => {
    expect(new Set(thesisExperiments.map(({ name }) => name)).size).toBe(thesisExperiments.length);
    for (const { ours } of thesisExperiments) expect(Object.keys(ours)).toContain("seeds");
    const grid = thesisExperiments.find(({ name }) => name === "grid-2");
    expect(grid?.ours.target).toContain("0 levels prune nothing");
  });

  it("are smaller at the small scale", async () => {
    for (const { name, small } of thesisExperiments) {
      if (!small) continue;
      const [whole] = await resolve(planExperiment(name, full));
      const [cut] = await resolve(planExperiment(name, { scale: "small", set: {} }));
      expect(cut.spec.remaining[0]).toBeLessThan(whole.spec.remaining[0] / 3);
      expect(cut.spec.remaining).toHaveLength(whole.spec.remaining.length);
      expect(cut.spec.remaining.at(-1)).toBe(whole.spec.remaining.at(-1));
    }
  });
});

describe("the published values", () => {
  const { outcomes } = published["extension-2"];

  it("are four outcomes of each extension level", () => {
    expect(outcomes).toHaveLength(26);
    for (const ends of outcomes) expect(ends.join("")).toMatch(/^[SDXI]{4}$/);
    const count = (end: string) => outcomes.flat().filter((each) => each === end).length;
    expect([count("S"), count("D"), count("X"), count("I")]).toEqual([43, 16, 8, 37]);
    expect([outcomes[10].join(""), outcomes[25].join("")]).toEqual(["SSIX", "SDDX"]);
  });

  it("belong to experiments that there are, and are ranges", () => {
    for (const [name, { values }] of Object.entries(published)) {
      expect(thesisExperiments.map((each) => each.name)).toContain(name);
      for (const { low, high } of values) expect(low).toBeLessThan(high);
    }
  });
});

describe("a plan", () => {
  it("keeps the extension levels and seeds that are asked for", async () => {
    const plan = planExperiment("extension-2", { scale: "full", extensions: "6..8,10", set: { seeds: [7, 8] } });
    const resolved = await resolve(plan);
    expect(resolved.map(({ spec }) => spec.extension?.level)).toEqual([6, 7, 8, 10]);
    expect(resolved[0].seeds).toEqual([7, 8]);
    expect(plan.departures).toEqual({});
  });

  it("names what departs from the thesis", async () => {
    const plan = planExperiment("half", { scale: "small", set: { keep: "best" } });
    expect(plan.departures).toEqual({ keep: "best" });
    expect((await resolve(plan))[0].spec.keep).toBe("best");
  });

  it.each([
    [
      "extension-4",
      {},
      `experiment "extension-4" is not known: choose ${thesisExperiments.map(({ name }) => name).join(", ")}, frankle-carbin; --list describes them`,
    ],
    [
      "grid-2",
      { scale: "small" },
      "--scale small: grid-2 has one scale only; leave it out, or choose mnist, fashion, mnist-fashion, half",
    ],
    ["mnist", { extensions: "0..3" }, "--extensions 0..3: mnist is no network extension; leave it out"],
    [
      "extension-1",
      { extensions: "15..18" },
      "--extensions 15..18: extension-1 has the extension levels 0 to 16, not 17; choose among them",
    ],
    [
      "extension-1",
      { extensions: "few" },
      '--extensions few: extension-1 has the extension levels 0 to 16, not "few"; choose among them',
    ],
  ])("of %s with %j is refused", (name, request, message) => {
    expect(() => planExperiment(name, { ...full, ...request } as Parameters<typeof planExperiment>[1])).toThrow(
      new InputError(message),
    );
  });
});
