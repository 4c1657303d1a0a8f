import { describe, expect, it } from "vitest";
import { preset, presets } from "../../src/lottery/presets.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { overrideSpec, parseSpecValue } from "../../src/lottery/spec_text.ts";
import { criteria } from "../../src/pruning/criteria.ts";

const small = { dataset: "moons-circles", shape: [4, 8, 8, 2], levels: 2, rate: 0.5 };
const resolve = (changes: Record<string, unknown>) => resolveSpec(overrideSpec(small, changes), "spec");

describe("a spec", () => {
  it("fills in the thesis' defaults", () => {
    const { spec, seeds } = resolve({});
    expect(seeds).toEqual([0]);
    expect(spec).toMatchObject({
      shape: [4, 8, 8, 2],
      remaining: [112, 56, 28],
      optimizer: "adam",
      lr: 0.001,
      batch: 64,
      maxEpochs: 3000,
      patience: 30,
      keep: "last",
      validation: "test",
      scope: "global",
      criterion: "magnitude",
      stopAt: "none",
      tolerance: 0.01,
      keepTrained: false,
    });
  });

  it("holds keepCurves only where it is asked for, so that the hashes of older specs stay", () => {
    const keys = { dataset: "moons-circles", shape: [4, 8, 8, 2], levels: 2, rate: 0.5 };
    const text = (keepCurves?: boolean) => JSON.stringify(resolveSpec({ ...keys, keepCurves }, "test").spec);
    expect(text(false)).toBe(text());
    expect(text()).not.toContain("keepCurves");
    expect(JSON.parse(text(true))).toEqual({ ...JSON.parse(text()), keepCurves: true });
    const many = { ...keys, maxEpochs: 1_000_001 };
    expect(resolveSpec(many, "test").spec.maxEpochs).toBe(1_000_001);
    expect(() => resolveSpec({ ...many, keepCurves: true }, "test")).toThrow(
      "test: maxEpochs 1000001 with keepCurves is above 1000000, the most epochs of a level that are kept: give maxEpochs up to 1000000 or leave keepCurves out",
    );
    expect(resolveSpec({ ...keys, maxEpochs: 1_000_000, keepCurves: true }, "test").spec.keepCurves).toBe(true);
  });

  it("holds measures only where they are asked for, each once and in the registry's order", () => {
    const keys = { dataset: "moons-circles", shape: [4, 8, 8, 2], levels: 2, rate: 0.5 };
    expect(JSON.stringify(resolveSpec(keys, "test").spec)).not.toContain("measures");
    const measures = ["effective-density", "density", "effective-density"];
    expect(resolveSpec({ ...keys, measures }, "test").spec.measures).toEqual(["density", "effective-density"]);
    expect(() => resolveSpec({ ...keys, measures: ["entropy"] }, "test")).toThrow(
      /^test: measures \["entropy"\] does not fit .*: give names joined by commas, of density, effective-density,/,
    );
  });

  it("holds settings of training only where they are not the default, so that the hashes of older specs stay", () => {
    const standard = JSON.stringify(resolve({}).spec);
    const same = { weightDecay: 0, l1: 0, schedule: "constant", initializer: "kaiming-normal" };
    expect(JSON.stringify(resolve(same).spec)).toBe(standard);
    const sgd = JSON.stringify(resolve({ optimizer: "sgd" }).spec);
    expect(JSON.stringify(resolve({ optimizer: "sgd", momentum: 0.9 }).spec)).toBe(sgd);
    expect(resolve({ optimizer: "sgd", momentum: 0, l1: 1e-4 }).spec).toMatchObject({ momentum: 0, l1: 1e-4 });
    const { schedule } = resolve({ schedule: " warmup:5 + milestones:7,9:0.1" }).spec;
    expect(schedule).toBe("warmup:5+milestones:7,9:0.1");
  });

  it.each([
    [
      { momentum: 0.8 },
      "spec: momentum 0.8 contradicts optimizer adam, which takes none: leave momentum out, or give optimizer=sgd",
    ],
    [{ optimizer: "sgd", momentum: 1 }, /^spec: momentum 1 does not fit \(.+\): give a number from 0, below 1$/],
    [{ optimizer: "sgd", momentum: -0.1 }, /^spec: momentum -0.1 does not fit \(.+\): give a number from 0, below 1$/],
    [{ lr: 0 }, /^spec: lr 0 does not fit \(.+\): give a number above 0$/],
    [{ l1: -1 }, /^spec: l1 -1 does not fit \(.+\): give a number from 0, such as 0.0001$/],
    [
      { schedule: "milestones:9,7:0.1" },
      'spec: schedule "milestones:9,7:0.1" does not fit: give milestones:<step,step,..>:<factor>, 1 to 4 ascending integers from 1 to 16777216 and a factor from 0',
    ],
    [{ schedule: "cosine" }, 'spec: schedule "cosine" is not known: give constant, warmup or milestones'],
    [{ weightDecay: Number.POSITIVE_INFINITY }, "spec: weightDecay Infinity does not fit (Invalid input"],
    [
      { criterion: "foo" },
      /^spec: criterion "foo" does not fit \(not known\): give magnitude, random, (\S+, )+snip or grasp$/,
    ],
    [{ rate: 0.4, scope: "layer", layerRates: [1, 3, 1] }, "spec: rate 0.4 times layerRates 3 is 1.2, which"],
    [
      { shape: [4, 9000, 8000, 2], initializer: "orthogonal" },
      "spec: initializer orthogonal does not fit shape (4,9000,8000,2): its layer of 9000 x 8000 weights would take more than two minutes, at most about 4096 x 4096; give a smaller shape, or initializer=kaiming-normal",
    ],
  ])("refuses training settings such as %o in one line", (keys, message) => {
    expect(() => resolve(keys)).toThrow(message);
  });

  it("reads several schedules, whose milestones have commas, as a grid", () => {
    const text = "constant,warmup:5+milestones:7,9:0.1, milestones:3:0,warmup:2";
    expect(parseSpecValue("schedule", text)).toEqual([
      ...["constant", "warmup:5+milestones:7,9:0.1", "milestones:3:0", "warmup:2"],
    ]);
    expect(parseSpecValue("schedule", "milestones:7,9:0.1")).toBe("milestones:7,9:0.1");
  });

  it("takes shape and trajectory from base, extension and rate", () => {
    const { spec } = resolveSpec(preset("moons-circles"), "moons-circles");
    expect(spec.shape).toEqual([4, 57, 57, 2]);
    expect(spec.remaining).toEqual([3591, 2491, 1672, 1147, 775, 520, 352, 247, 160, 112]);
    expect(spec.extension).toEqual({ base: [4, 8, 8, 2], level: 9, rate: 0.32 });
  });

  it.each([...presets.names])("resolves the preset %s", (name) => {
    const { spec } = resolveSpec(preset(name), name);
    expect(spec.remaining[0]).toBeGreaterThan(spec.remaining.at(-1) ?? Number.POSITIVE_INFINITY);
  });

  it("has the thesis' trajectory for MNIST-Fashion: 20 levels to 600 at p = 0.3247", () => {
    const { spec } = resolveSpec(preset("mnist-fashion"), "mnist-fashion");
    expect(spec.remaining).toHaveLength(21);
    expect(spec.remaining[20]).toBe(600);
    expect(spec.remaining[1] / spec.remaining[0]).toBeCloseTo(1 - 0.3247, 4);
  });

  it("has the options of its dataset, those aside that say what holds anyway", () => {
    expect(resolve({}).spec.dataset).toEqual({ dataset: "moons-circles" });
    expect(resolve({ samples: 2000, noise: 0.2, factor: 0.35 }).spec.dataset).toEqual({
      dataset: "moons-circles",
      noise: 0.2,
    });
    expect(resolve({ dataset: "mnist", classes: [3, 1] }).spec.dataset).toEqual({ dataset: "mnist", classes: [3, 1] });
  });

  it("lets a person's keys replace those that they exclude", () => {
    expect(overrideSpec(preset("moons-circles"), { shape: [4, 5, 2], levels: 1 })).not.toHaveProperty("base");
    const { spec } = resolveSpec(overrideSpec(preset("mnist"), { levels: 3, rate: 0.5 }), "mnist");
    expect(spec.remaining).toHaveLength(4);
    const extended = overrideSpec(small, { base: [4, 8, 8, 2], extension: 1, rate: 0.32 });
    expect(resolveSpec(extended, "spec").spec.remaining).toEqual([160, 112]);
    // What another dataset or optimiser does not take was the preset's choice for its own.
    const images = { dataset: "mnist", samplesPerClass: 20, classes: [1, 2], optimizer: "sgd", momentum: 0, lr: 1 };
    expect(overrideSpec(images, { dataset: "spirals", optimizer: "adam" })).toEqual({
      ...{ dataset: "spirals", optimizer: "adam", lr: 1 },
    });
    expect(overrideSpec(images, { dataset: ["fashion-mnist", "mnist"], optimizer: ["sgd"] })).toMatchObject({
      ...{ samplesPerClass: 20, classes: [1, 2], momentum: 0 },
    });
    expect(overrideSpec(images, { optimizer: ["sgd", "adam"] })).not.toHaveProperty("momentum");
    expect(overrideSpec(images, { dataset: "unknown", optimizer: "unknown" })).toMatchObject({
      momentum: 0,
      classes: [1, 2],
    });
    expect(() => preset("lr=0.1")).toThrow(
      '"lr=0.1" is a key and its value, which come after --set, as in --set lr=0.1',
    );
  });

  it.each([
    [
      { nonsense: 1 },
      /^spec: unknown key nonsense, nearest to noise: the keys are dataset, samples, noise, dependence, factor, curves, graph, bits, samplesPerClass, classes, tasks, .+, keepTrained, keepCurves$/,
    ],
    [
      { dataset: "moon" },
      /^spec: dataset "moon" is not known: give moons-circles, .+, or a path that ends in \.csv, .+ or \.npz$/,
    ],
    [
      { samplesPerClass: 5 },
      /^spec: samplesPerClass: 5 does not apply to the dataset moons-circles, which takes samples, /,
    ],
    [{ dataset: "a.csv", noise: 0.2 }, /^spec: noise: 0\.2 does not apply to the dataset a\.csv, which takes tasks, /],
    [{ samples: 7 }, /^spec: samples 7 does not fit \(.+\): give an even integer from 4 to 1000000$/],
    [{ target: "active:0" }, /^spec: target "active:0" does not fit \(.+\): give an integer from 1, or active: and an/],
    [{ target: "alive:5" }, /^spec: target "alive:5" does not fit/],
    [
      { layerRates: [1, -0.5] },
      /^spec: layerRates \[1,-0\.5\] does not fit \(.+\): give a number from 0 to 100 for each/,
    ],
    [{ pruneFirst: "zombie" }, /^spec: pruneFirst "zombie" does not fit \(.+\): give any or unused$/],
    [{ scope: "even" }, /^spec: scope "even" does not fit \(.+\): give global, layer or erk$/],
    [{ levels: -1 }, /^spec: levels -1 does not fit \(.+\): give an integer from 0 to 1000$/],
    [{ lr: "NaN" }, /^spec: lr "NaN" does not fit \(.+\): give a number above 0$/],
    [{ lr: Number.NaN }, /^spec: lr NaN does not fit \(.+\): give a number above 0$/],
    [{ lr: 1e-50 }, /^spec: lr 1e-50 does not fit \(numbers other than 0 are from 1.18e-38 to 3.40e\+38, as 32-bit /],
    [{ lr: 1e39 }, /^spec: lr 1e\+39 does not fit \(.+\): give a number above 0$/],
    [{ l1: 1e-60 }, /^spec: l1 1e-60 does not fit \(.+\): give a number from 0, such as 0.0001$/],
    [{ weightDecay: 1e39 }, /^spec: weightDecay 1e\+39 does not fit \(.+\): give a number from 0, such as 0.01$/],
    [
      { optimizer: "sgd", momentum: 0.99999999999 },
      /^spec: momentum 0.99999999999 does not fit \(1 or above, as a 32-bit float\): give a number from 0, below 1$/,
    ],
    [{ schedule: "milestones:5:1e-60" }, /^spec: schedule "milestones:5:1e-60" does not fit: give milestones:/],
    [{ noise: 1e39 }, /^spec: noise 1e\+39 does not fit \(.+\): give a number from 0 to 1e30$/],
    [{ lr: -0.1 }, /^spec: lr -0.1 does not fit \(.+\): give a number above 0$/],
    [{ batch: 0 }, /^spec: batch 0 does not fit \(.+\): give an integer from 1 to 65536$/],
    [{ rate: 1 }, /^spec: rate 1 does not fit/],
    [{ keep: "first" }, /^spec: keep "first" does not fit \(.+\): give last or best$/],
    [{ validation: 1.5 }, /^spec: validation 1.5 does not fit/],
    [{ seeds: [-1] }, /^spec: seeds \[-1\] does not fit/],
    [{ shape: [4] }, /^spec: shape \[4\] does not fit/],
    [
      { target: 50 },
      /^spec: a trajectory needs exactly three of weights, rate, levels and target, got 4 \(.+\): leave one out, or give two of rate, levels and target, which replace those of a preset$/,
    ],
    [{ levels: 2, target: 113 }, /^spec: target 113 is above the 112 weights of the network: choose at most 112$/],
    [{ extension: 2 }, /^spec: shape is missing: give shape, or base with extension and rate$/],
  ])("refuses %j in one line", (changes, message) => {
    expect(() => resolve(changes)).toThrow(message);
  });

  it.each([
    [
      { shape: [4, 8, 2], base: [4, 8, 2], extension: 1, rate: 0.3 },
      "shape and base exclude each other: leave one out",
    ],
    [
      { base: [4, 8, 2], extension: 1, rate: 0.3, levels: 2 },
      "levels contradicts extension 1 of (4,8,2), which fixes the levels: leave one out",
    ],
    [
      { base: [4, 8, 2], extension: 1, rate: 0.3, target: 48 },
      "target contradicts extension 1 of (4,8,2), which fixes the levels: leave one out",
    ],
    [
      { base: [4, 8, 2], extension: 1, rate: 0.3, target: "active:47" },
      "target contradicts extension 1 of (4,8,2), which fixes the levels: leave one out or give target=active:48",
    ],
    [
      { base: [4, 8, 2], extension: 1, rate: 0.3, scope: "layer", layerRates: [1, 0.5] },
      "layerRates contradicts extension 1 of (4,8,2), which fixes the weights of each level: leave one out, or give shape",
    ],
    [
      { shape: [4, 8, 2], rate: 0.3, levels: 1, layerRates: [1, 0.5] },
      "layerRates 1,0.5 needs scope=layer, got scope=global, which ranks all layers together: give scope=layer, or 1 for layers that are ranked and 0 for those that are not pruned",
    ],
    [
      { shape: [4, 8, 2], rate: 0.3, levels: 1, layerRates: [0, 0] },
      "layerRates 0,0 prune no layer: give a factor above 0",
    ],
    [
      { shape: [4, 8, 2], rate: 0.5, levels: 3, layerRates: [1, 0] },
      "level 2 keeps 12 weights, fewer than the 16 of the layers with layerRates 0, which are not pruned: give a target from 16, or fewer levels",
    ],
    [
      { shape: [4, 8, 2], levels: 1, target: 15, layerRates: [1, 0] },
      "level 1 keeps 15 weights, fewer than the 16 of the layers with layerRates 0, which are not pruned: give a target from 16, or fewer levels",
    ],
    [
      { shape: [4, 8, 2], rate: 0.3, levels: 1, scope: "erk", layerRates: [1, 0.5] },
      "layerRates needs scope=layer, got scope=erk, which gives layers their numbers: give scope=layer or leave layerRates out",
    ],
    [
      { shape: [4, 8, 2], rate: 0.3, levels: 1, scope: "layer", layerRates: [1, 1, 0.5] },
      "layerRates 1,1,0.5 has 3 factors, shape (4,8,2) has 2 layers of weights: give one for each",
    ],
    [
      { shape: [4, 8, 2], rate: 0.3, levels: 1, scope: "layer", layerRates: [0, 0] },
      "layerRates 0,0 prune no layer: give a factor above 0",
    ],
    [
      { shape: [4, 8, 2], rate: 0.5, levels: 1, scope: "layer", layerRates: [1, 2] },
      "rate 0.5 times layerRates 2 is 1, which must be below 1: lower the rate or the factor",
    ],
    [
      { shape: [4, 8, 2], rate: 0.5, target: 15, scope: "layer", layerRates: [1, 0] },
      "target 15 is below the 16 weights of the layers with layerRates 0, which are not pruned: raise the target",
    ],
    [
      { shape: [4, 8, 2], levels: 1, target: 2, scope: "layer", layerRates: [1, 0.5] },
      "levels 1 with these layerRates leave 8 weights at least, target is 2: raise levels or the target",
    ],
    [{ base: [4, 8, 2], rate: 0.3 }, "extension is missing: base needs extension and rate, or give shape"],
    [{ base: [4, 8, 2], extension: 1 }, "rate is missing: base needs extension and rate, or give shape"],
  ])("refuses the contradiction %j", (keys, message) => {
    expect(() => resolveSpec({ dataset: "moons-circles", ...keys }, "spec")).toThrow(`spec: ${message}`);
  });

  it("refuses what is no object, and names a missing dataset", () => {
    expect(() => resolveSpec([1], "a.json")).toThrow(/^a\.json: a spec is a JSON object such as .+, got \[1\]$/);
    expect(() => resolveSpec({}, "a.json")).toThrow(
      "a.json: dataset is missing: give a dataset's name or the path of a .csv, .tsv, .txt, .dat, .data or .npz file",
    );
    expect(() => preset("moon")).toThrow(
      /^"moon" is neither a preset nor a path of a spec or data: choose moons-circles, mnist, .+ or \.npz$/,
    );
  });
});

describe("values of --set", () => {
  it.each([
    ["shape", "4,8,8,2", [4, 8, 8, 2]],
    ["shape", "[4,8,2]", [4, 8, 2]],
    ["seeds", "0..3", [0, 1, 2, 3]],
    ["seeds", "5,7..9", [5, 7, 8, 9]],
    ["seeds", "3..1", ["3..1"]],
    ["lr", "1e-2", 0.01],
    ["lr", "NaN", "NaN"],
    ["keepTrained", "true", true],
    ["keepCurves", "true", true],
    ["validation", "test", "test"],
    ["dataset", "data/1.csv", "data/1.csv"],
    ["extension", "5", 5],
    ["extension", "0..3", [0, 1, 2, 3]],
    ["extension", "0..1,7", [0, 1, 7]],
    ["extension", "3..1", "3..1"],
    ["lr", "0.01, 1e-3", [0.01, 0.001]],
    ["keep", "last,best", ["last", "best"]],
    ["validation", "test,0.1", ["test", 0.1]],
    ["keepTrained", "true,false", [true, false]],
    [
      "shape",
      "4,8,2/4,16,16,2",
      [
        [4, 8, 2],
        [4, 16, 16, 2],
      ],
    ],
    [
      "classes",
      "0..2/5,6",
      [
        [0, 1, 2],
        [5, 6],
      ],
    ],
    ["tasks", "circles:2:1,moons:2:1", "circles:2:1,moons:2:1"],
    ["tasks", "a:x1+x2:y1", "a:x1+x2:y1"],
    ["tasks", '[{"name":"a","inputs":["x,1"],"targets":["y"]}]', [{ name: "a", inputs: ["x,1"], targets: ["y"] }]],
  ])("%s=%s", (key, text, value) => {
    expect(parseSpecValue(key, text)).toEqual(value);
  });

  it("refuses tasks that begin as JSON and are none", () => {
    expect(() => parseSpecValue("tasks", '[{"name":"a",}]')).toThrow(
      /^tasks: \[\{"name":"a",\}\] is not JSON \(.+\); give/,
    );
  });

  it("keeps the hash of a spec of own data that gives a default or names no header", () => {
    const own = { dataset: "my.csv", shape: [4, 8, 2], levels: 1, rate: 0.5, tasks: "a:2:1,b:2:1" };
    const { spec } = resolveSpec(own, "test");
    expect(spec.dataset).toEqual({ dataset: "my.csv", tasks: "a:2:1,b:2:1" });
    expect(resolveSpec({ ...own, header: "auto" }, "test").spec).toEqual(spec);
    expect(resolveSpec({ ...own, header: "no" }, "test").spec.dataset).toMatchObject({ header: "no" });
    expect(() => resolveSpec({ ...own, header: "maybe" }, "test")).toThrow("give auto, yes or no");
    expect(() => resolveSpec({ ...own, dataset: "my.npz", header: "yes" }, "test")).toThrow(
      'header: "yes" does not apply to the dataset my.npz',
    );
    expect(() => resolveSpec({ ...own, tasks: [{ name: "a", inputs: [] }] }, "test")).toThrow(/^test: tasks \[/);
  });
});

describe("biases that are pruned", () => {
  const resolved = (keys: object) => resolveSpec({ dataset: "moons-circles", ...keys }, "spec").spec;
  const prunable = "parameters";

  it("are left out of a spec where weights alone are pruned", () => {
    const plain = JSON.stringify(resolve({}).spec);
    expect(JSON.stringify(resolve({ prunable: "weights" }).spec)).toBe(plain);
    expect(plain).not.toContain("prunable");
    expect(resolve({ prunable }).spec.prunable).toBe("parameters");
  });

  it("count with the weights in the trajectory of rate and levels, of a target, of layer rates and of an extension", () => {
    // 112 weights and 18 biases.
    expect(resolve({ prunable }).spec.remaining).toEqual([130, 65, 33]);
    expect(resolved({ shape: [4, 8, 8, 2], levels: 1, target: 130, prunable }).remaining).toEqual([130, 130]);
    const layered = { shape: [4, 8, 2], rate: 0.5, levels: 2, scope: "layer", layerRates: [1, 0.5], prunable };
    expect(resolved(layered).remaining).toEqual([40 + 18, 20 + 14, 10 + 10]);
    const extended = resolved({ base: [4, 8, 8, 2], extension: 3, rate: 0.32, prunable });
    // The shapes are those of the weights: widths 16, 13, 10, 8.
    expect(extended.shape).toEqual([4, 16, 16, 2]);
    expect(extended.remaining).toEqual([352 + 34, 247 + 28, 160 + 22, 112 + 18]);
    const active = { base: [4, 8, 8, 2], extension: 3, rate: 0.32, target: "active:130", prunable };
    expect(resolved(active).remaining).toEqual(extended.remaining);
  });

  it.each([
    [
      { shape: [4, 8, 8, 2], levels: 1, target: 131 },
      "target 131 is above the 130 weights and biases of the network: choose at most 130",
    ],
    [
      { base: [4, 8, 8, 2], extension: 3, rate: 0.32, target: "active:112" },
      "target contradicts extension 3 of (4,8,8,2), which fixes the levels: leave one out or give target=active:130",
    ],
    [
      { shape: [4, 8, 2], rate: 0.5, target: 17, scope: "layer", layerRates: [1, 0] },
      "target 17 is below the 18 weights and biases of the layers with layerRates 0, which are not pruned: raise the target",
    ],
    ...criteria.entries
      .filter(({ ofBias }) => ofBias === undefined)
      .map(({ name }): [object, string] => [
        { shape: [4, 8, 2], rate: 0.5, levels: 2, criterion: name },
        `prunable=parameters contradicts criterion=${name}, which ranks weights alone: give criterion magnitude, random, scaled-magnitude, lamp, magnitude-increase, movement or gradient-saliency, or leave prunable out`,
      ]),
  ])("refuse %j", (keys, message) => {
    expect(() => resolved({ prunable, ...keys })).toThrow(`spec: ${message}`);
  });
});

describe("layer rates, scopes and targets of active weights", () => {
  const lenet = { dataset: "moons-circles", shape: [784, 300, 100, 10] };
  const resolved = (keys: object) => resolveSpec({ ...lenet, ...keys }, "test").spec;

  it("give Frankle and Carbin's 20 % a round, and 10 % of the output layer", () => {
    const spec = resolved({ rate: 0.2, levels: 3, scope: "layer", layerRates: [1, 1, 0.5] });
    expect(spec.remaining).toEqual([
      266_200,
      188_160 + 24_000 + 900,
      150_528 + 19_200 + 810,
      Math.round(235_200 * 0.8 ** 3) + 15_360 + 729,
    ]);
    const to = resolved({ levels: 12, target: 10_000, scope: "layer", layerRates: [1, 1, 0.5] });
    expect([to.remaining.length, to.remaining[12]]).toEqual([13, 10_000]);
    const rate = resolved({ rate: 0.2, target: 200_000, scope: "layer", layerRates: [1, 1, 0.5] });
    expect(rate.remaining).toEqual([266_200, 213_060, 200_000]);
  });

  it("keep a layer out of a global ranking, whose rate stays a share of all weights", () => {
    const spec = resolved({ rate: 0.2, levels: 3, layerRates: [1, 1, 0] });
    expect([spec.scope, spec.layerRates]).toEqual(["global", [1, 1, 0]]);
    expect(spec.remaining).toEqual([266_200, 212_960, 170_368, 136_294]);
  });

  it("are left out of a spec where they say what holds without them", () => {
    const plain = resolved({ rate: 0.2, levels: 2, scope: "layer" });
    const same = resolved({ rate: 0.2, levels: 2, scope: "layer", layerRates: [1, 1, 1], pruneFirst: "any" });
    expect(JSON.stringify(same)).toBe(JSON.stringify(plain));
    for (const key of ["layerRates", "pruneFirst", "counts"]) expect(JSON.stringify(plain)).not.toContain(key);
  });

  it("count active weights along the trajectory of the target, or of an extension to its base", () => {
    const spec = resolved({ levels: 4, target: "active:600", pruneFirst: "unused" });
    expect([spec.counts, spec.pruneFirst]).toEqual(["active", "unused"]);
    expect(spec.remaining).toEqual(resolved({ levels: 4, target: 600 }).remaining);
    const base = { dataset: "moons-circles", base: [4, 8, 8, 2], extension: 9, rate: 0.32, target: "active:112" };
    const extended = resolveSpec(base, "test").spec;
    expect([extended.counts, extended.remaining[0], extended.remaining.at(-1)]).toEqual(["active", 3591, 112]);
  });
});
