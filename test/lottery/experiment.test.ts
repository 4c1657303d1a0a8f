import { describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { type NamedGrids, resolveExperiments } from "../../src/lottery/experiment.ts";
import type { GridInput } from "../../src/lottery/grid.ts";
import { preset } from "../../src/lottery/presets.ts";

const files = { sha256: (path: string) => sha256(`content of ${path}`) };
const moonsKeys = preset("moons-circles");
const moons: NamedGrids = { name: "moons-circles", where: "moons-circles", grids: moonsKeys };

const resolve = (set: GridInput | object, given = [moons]) => resolveExperiments(given, set as GridInput, files);

describe("experiments", () => {
  it("are as many as a grid may have in a few seconds", async () => {
    const lr = Array.from({ length: 1000 }, (_, i) => 0.001 + i * 1e-6);
    const startedAt = performance.now();
    const found = await resolve({ lr, tolerance: Array.from({ length: 20 }, (_, i) => i / 100) });
    expect(found).toHaveLength(20_000);
    // A fifth of the most runs; measured: 0.6 s.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it("are the points of a grid, each with the values that set it apart and a hash of its own", async () => {
    const experiments = await resolve({ extension: [0, 7], lr: [0.01, 0.001], seeds: [0, 1] });
    expect(experiments.map(({ values }) => values)).toEqual([
      { extension: 0, lr: 0.01 },
      { extension: 0, lr: 0.001 },
      { extension: 7, lr: 0.01 },
      { extension: 7, lr: 0.001 },
    ]);
    expect(experiments.map(({ name, seeds }) => [name, seeds])).toEqual(Array(4).fill(["moons-circles", [0, 1]]));
    expect(new Set(experiments.map(({ hash }) => hash)).size).toBe(4);
    const [alone] = await resolve({ extension: 7, lr: 0.01 });
    expect(alone).toMatchObject({ hash: experiments[2].hash, values: {}, spec: experiments[2].spec });
  });

  it("are one where they are the same spec, with the seeds of all", async () => {
    // A default given explicitly is the same spec.
    const grids = [
      { ...moonsKeys, seeds: [0, 1] },
      { ...moonsKeys, lr: 0.001, seeds: [1, 5] },
    ];
    const experiments = await resolve({}, [{ ...moons, grids: grids }]);
    expect(experiments).toHaveLength(1);
    expect(experiments[0].seeds).toEqual([0, 1, 5]);
    expect(await resolve({ keep: ["last", "last"] })).toHaveLength(1);
    // A different name is a different folder.
    expect(await resolve({}, [moons, { ...moons, name: "mine" }])).toHaveLength(2);
  });

  it("of several names are told apart by those, not by the keys that go with the name", async () => {
    const mnist: NamedGrids = { name: "mnist", where: "mnist", grids: preset("mnist") };
    const experiments = await resolve({ lr: [0.1, 0.01] }, [moons, mnist]);
    expect(experiments.map(({ name, values }) => [name, values])).toEqual([
      ["moons-circles", { lr: 0.1 }],
      ["moons-circles", { lr: 0.01 }],
      ["mnist", { lr: 0.1 }],
      ["mnist", { lr: 0.01 }],
    ]);
  });

  it("stand by the content of the files that they point at", async () => {
    const own = { dataset: "my.csv", shape: [4, 8, 2], levels: 1, rate: 0.5 };
    const given = { name: "my", where: "my.csv", grids: own };
    const [one] = await resolve({}, [given]);
    const other = { sha256: () => sha256("other content") };
    const [changed] = await resolveExperiments([given], {}, other);
    const [started] = await resolveExperiments([given], {}, files, "init.safetensors");
    expect(one.identity.datasetSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(started.identity.initSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set([one.hash, changed.hash, started.hash]).size).toBe(3);
  });

  it.each([
    [{ extension: [1, -1] }, /^moons-circles: extension -1 does not fit \(.+\): give an integer from 0 to 1000$/],
    [{ extension: [] }, /^moons-circles: extension \[\] does not fit/],
    [{ keep: ["last", "first"] }, /^moons-circles: keep "first" does not fit \(.+\): give last or best$/],
  ])("refuse a grid with %j in one line", async (set, message) => {
    await expect(resolve(set)).rejects.toThrow(message);
    await expect(resolve(set)).rejects.toBeInstanceOf(InputError);
  });

  it.each([
    [[], "many.json: an empty list of specs: give at least one"],
    [[[1]], 'many.json: a spec is a JSON object such as {"dataset": "moons-circles", ..}, got [1]'],
    ["text", 'many.json: a spec is a JSON object such as {"dataset": "moons-circles", ..}, got "text"'],
  ])("refuse a file that holds %j", async (grids, message) => {
    const given = { name: "many", where: "many.json", grids: grids };
    await expect(resolve({}, [given])).rejects.toThrow(new InputError(message));
  });

  it("refuse more runs in all than a population takes", async () => {
    const seeds = Array.from({ length: 10_000 }, (_, seed) => seed);
    const given = Array.from({ length: 11 }, (_, k) => ({ ...moons, name: `m${k}` }));
    await expect(resolve({ seeds }, given)).rejects.toThrow(
      new InputError("the experiments have 110000 runs, at most 100000: give fewer values or seeds"),
    );
  });
});
