import { describe, expect, it, test } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { standardize } from "../../src/dataset/standardize.ts";
import { wordsOf } from "../../src/loss/label_words.ts";
import {
  activeTargetNotice,
  initialNotice,
  labelNotices,
  nothingPrunedNotice,
  prunableNotice,
  toleranceNotice,
} from "../../src/lottery/announcements.ts";
import { agreement, isLikeChance, probeTask } from "../../src/lottery/probe.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { countedTasks } from "../dataset/counted_tasks.ts";

const random = new RandomStream(7, "datasetSplit", 9);
const uniform = () => random.nextUniform() * 2 - 1;

/** Uniform inputs from -1 to 1, and a label word of each task made of them. */
function drawn(tasks: string, label: (inputs: readonly number[]) => readonly number[], samples = [1200, 300]): Dataset {
  const parsed = countedTasks(tasks);
  const inputs = parsed.reduce((sum, task) => sum + ("count" in task.inputs ? task.inputs.count : 0), 0);
  const [train, validation] = samples.map((count) => {
    const features = new Float32Array(count * inputs);
    const labels = new Uint32Array(parsed.length * count);
    for (let sample = 0; sample < count; sample++) {
      const x = Array.from({ length: inputs }, uniform);
      features.set(x, sample * inputs);
      label(x).forEach((word, t) => {
        labels[t * count + sample] = word;
      });
    }
    return { samples: count, features, labels };
  });
  const outputs = parsed.length;
  return {
    name: "own",
    tasks: parsed,
    coverage: "output",
    inputs,
    outputs,
    train,
    validation,
    ...standardize(train.features, inputs),
  };
}

const yes = (holds: boolean) => (holds ? 1 : 0);
const coin = () => yes(uniform() > 0);

describe("before training it is said that", () => {
  it("nothing, of labels that can be learnt: a line, a circle, alternating squares, many classes, numbers", () => {
    const tasks = "line:2:1,circle:2:1,squares:2:1,sectors:2:4,sum:2:1:mse";
    const data = drawn(tasks, (x) => [
      yes(x[0] + x[1] > 0),
      yes(x[2] ** 2 + x[3] ** 2 > 0.6),
      yes(Math.sin(5 * x[4]) * Math.sin(5 * x[5]) > 0),
      yes(x[6] > 0) * 2 + yes(x[7] > 0),
      wordsOf([x[8] * x[9]])[0],
    ]);
    expect(labelNotices(data)).toEqual([]);
    expect(labelNotices(moonsCircles(0))).toEqual([]);
  });

  it("labels are constant, in training or in validation only", () => {
    const constant = drawn("a:2:1,b:2:1", (x) => [0, yes(x[2] > 0)]);
    expect(labelNotices(constant)).toEqual([
      'own: all labels of "a" are 0, in 1,200 training and 300 validation samples: there is nothing to learn',
    ]);
    const { train, validation } = drawn("a:1:1", (x) => [yes(x[0] > 0)]);
    const ones = { ...validation, labels: validation.labels.map(() => 1) };
    const data = drawn("a:1:1", (x) => [yes(x[0] > 0)]);
    expect(labelNotices({ ...data, validation: ones })).toEqual([
      'own: all labels of "a" are 1 in 300 validation samples: these cannot show that anything is learnt',
    ]);
    expect(labelNotices({ ...data, train: { ...train, labels: train.labels.map(() => 1) } })).toEqual([
      'own: all labels of "a" are 1, in 1,200 training samples: there is nothing to learn',
    ]);
  });

  it("labels may be coin flips, and numbers noise", () => {
    const data = drawn("a:2:1,b:3:1,c:2:3,d:2:1:mse", (x) => [
      yes(x[0] > x[1]),
      coin(),
      Math.floor((uniform() + 1) * 1.5),
      wordsOf([uniform()])[0],
    ]);
    const lines = labelNotices(data);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^own: labels of "b" may be coin flips: from its 3 inputs, the nearest of 1,000 training samples predicts 0\.\d\d of 300 right and the nearest class mean 0\.\d\d, no better than chance$/,
    );
    expect(lines[1]).toMatch(/^own: labels of "c" may be coin flips: /);
    expect(lines[2]).toMatch(
      /^own: targets of "d" may be noise: .* with correlations -?0\.\d\d and -?0\.\d\d, no better/,
    );
  });

  it("a class has few validation samples, none, or no training sample", () => {
    const data = drawn("rare:2:1,kinds:2:4", (x) => [yes(x[0] + x[1] > 1.6), yes(x[2] > 0) * 2 + yes(x[3] > 0)]);
    const { train, validation } = data;
    const few = validation.labels.subarray(0, validation.samples).reduce((sum, label) => sum + label, 0);
    expect(few).toBeLessThan(10);
    const without = (split: typeof train, absent: number) => ({
      ...split,
      labels: split.labels.map((label, i) => (i >= split.samples && label === absent ? 0 : label)),
    });
    expect(labelNotices({ ...data, train: without(train, 3), validation: without(validation, 2) })).toEqual([
      `own: class 1 of "rare": only ${few} of 300 validation samples, so that one answer moves the recall by ${(1 / few).toPrecision(3)}`,
      'own: class 2 of "kinds": no validation sample, so that balanced accuracy leaves it out',
      'own: class 3 of "kinds": no training sample, so that it cannot be learnt',
    ]);
  });

  it("the tolerance is finer than one sample, of all or of the rarest class", () => {
    const data = drawn("a:2:1", (x) => [yes(x[0] > 0)], [100, 50]);
    const labels = data.validation.labels.map((_, i) => yes(i < 10));
    const rare = { ...data, validation: { ...data.validation, labels } };
    expect(toleranceNotice(rare, 0.01)).toBe(
      "own: the tolerance 0.01 is finer than one validation sample, which moves accuracy by 0.02, balanced accuracy by up to 0.05 (a)",
    );
    expect(toleranceNotice(rare, 0.02)).toBe(
      "own: the tolerance 0.02 is finer than one validation sample, which moves balanced accuracy by up to 0.05 (a)",
    );
    expect(toleranceNotice(rare, 0.05)).toBeUndefined();
    // As isWinning compares: 0.0499999 does not allow the loss of one.
    expect(toleranceNotice(rare, 0.0499999)).toContain("is finer than one validation sample");
    expect(toleranceNotice(rare, 0.05 - 1e-10)).toBeUndefined();
    expect(toleranceNotice(moonsCircles(0), 0.01)).toBeUndefined();
  });

  it("given weights are all 0, or layers of them", () => {
    const shape = [2, 4, 4, 1];
    const partly = initialParameters(shape, 0);
    partly.setWeights(2, new Float32Array(4));
    expect(initialNotice(initialParameters(shape, 0), "relu", "w.safetensors")).toBeUndefined();
    expect(initialNotice(partly, "relu", "w.safetensors")).toBe("w.safetensors: layers.2.weight is all 0");
    partly.setWeights(0, new Float32Array(8));
    expect(initialNotice(partly, "relu", "w.safetensors")).toBe(
      "w.safetensors: layers.0.weight, layers.2.weight are all 0: no weight gets a gradient, so the network cannot learn (its hidden neurons are dead)",
    );
    expect(initialNotice(new Parameters(shape), "tanh", "w.safetensors")).toBe(
      "w.safetensors: all weights are 0: no weight gets a gradient, so the network cannot learn (its hidden neurons answer 0)",
    );
  });
});

describe("the probe", () => {
  it("is a function of the data, takes coin flips for chance in most cases, and a weak signal for none", () => {
    const flips = Array.from({ length: 40 }, () => drawn("a:2:1", () => [coin()], [300, 300]));
    const found = flips.filter((data) => isLikeChance(probeTask(data, 0) ?? expect.fail("too few samples")));
    expect(found.length).toBeGreaterThanOrEqual(37);
    expect(probeTask(flips[0], 0)).toEqual(probeTask(flips[0], 0));
    // Three labels of four follow the inputs.
    const weak = drawn("a:10:1", (x) => [uniform() < -0.5 ? yes(uniform() > 0) : yes(x[0] + x[1] - x[2] > 0)]);
    expect(isLikeChance(probeTask(weak, 0) ?? expect.fail("too few samples"))).toBe(false);
  });

  it("finds what depends on two inputs at once, or on a distance, among many inputs", () => {
    const data = drawn(
      "xor:10:1,ball:20:1,product:20:1:mse",
      (x) => [
        yes(x[0] > 0 !== x[1] > 0),
        yes(x.slice(10, 30).reduce((sum, v) => sum + v * v, 0) > 20 / 3),
        wordsOf([x[30] * x[31]])[0],
      ],
      [240, 60],
    );
    expect(labelNotices(data)).toEqual([]);
  });

  it("finds a signal spread over many inputs by class means, where no training sample is near", () => {
    const wide = drawn("a:200:1", (x) => [yes(x.reduce((sum, value) => sum + value, 0) > 0)]);
    const probe = probeTask(wide, 0) ?? expect.fail("too few samples");
    expect(probe.nearest.aboveChance).toBeLessThan(2.5);
    expect(probe.linear.aboveChance).toBeGreaterThan(5);
    expect(isLikeChance(probe)).toBe(false);
  });

  it("measures agreement against all orders of the labels", () => {
    const [task] = countedTasks("a:1:3");
    const predicted = Float64Array.of(0, 0, 0, 1, 1, 2);
    const labels = [0, 1, 2, 2, 2, 2];
    const orders = (left: readonly number[]): number[][] =>
      left.length === 0
        ? [[]]
        : left.flatMap((label, i) => orders(left.toSpliced(i, 1)).map((rest) => [label, ...rest]));
    const right = (order: readonly number[]) => order.filter((label, i) => label === predicted[i]).length;
    const all = orders(labels).map(right);
    const mean = all.reduce((sum, count) => sum + count, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, count) => sum + (count - mean) ** 2, 0) / all.length);
    const { share, aboveChance } = agreement(task, predicted, Uint32Array.from(labels));
    expect(share).toBe(2 / 6);
    expect(aboveChance).toBeCloseTo((2 - mean) / deviation, 10);
  });

  it("says nothing of few samples", () => {
    expect(
      probeTask(
        drawn("a:2:1", () => [coin()], [300, 30]),
        0,
      ),
    ).toBeUndefined();
    expect(
      probeTask(
        drawn("a:2:1", (x) => [yes(x[0] > 0.999)], [1000, 300]),
        0,
      ),
    ).toBeUndefined();
  });

  it("takes a part of a second at most, for many inputs too", () => {
    const wide = drawn("a:3000:1", (x) => [yes(x[0] > 0)], [1000, 1000]);
    const startedAt = performance.now();
    expect(probeTask(wide, 0)?.train).toBe(100);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

test("classes are named as the data write them", () => {
  const data = drawn("a:2:3,b:2:1", (x) => [yes(x[0] > 0) + yes(x[0] > 0.5), yes(x[2] > 9)]);
  const tasks = [
    { ...data.tasks[0], classes: ["1", "2", "3"] },
    { ...data.tasks[1], classes: ["no\n", "yes"] },
  ];
  const { train } = data;
  const labels = train.labels.map((label) => (label === 2 ? 1 : label));
  expect(labelNotices({ ...data, tasks, train: { ...train, labels } })).toEqual([
    'own: class 3 of "a": no training sample, so that it cannot be learnt',
    'own: all labels of "b" are no␊, in 1,200 training and 300 validation samples: there is nothing to learn',
  ]);
});

test("a class that has an output and no sample is named", () => {
  const data = drawn("a:2:4", (x) => [yes(x[0] > 0)]);
  expect(labelNotices(data)).toEqual([
    'own: classes 2, 3 of "a": no sample at all, so that nothing needs such an output, which may fall away',
  ]);
});

it("says how a target of active weights is understood, and nothing of one of all weights", () => {
  expect(activeTargetNotice({ counts: "active", remaining: [3591, 600, 112] })).toBe(
    "target=active:112 counts active weights: each level keeps as many weights as leave at most 3,591 600 112 active",
  );
  const long = Array.from({ length: 20 }, (_, level) => 200 - level);
  expect(activeTargetNotice({ counts: "active", remaining: long })).toContain(" 190 189 .. 181 active");
  expect(activeTargetNotice({ counts: undefined, remaining: [3591, 112] })).toBeUndefined();
  expect(activeTargetNotice({ counts: "active", remaining: [386, 130], prunable: "parameters" })).toBe(
    "target=active:130 counts active weights and biases: each level keeps as many weights and biases as leave at most 386 130 active",
  );
});

it("says what is counted where biases are pruned too, and nothing where they are not", () => {
  expect(prunableNotice({ prunable: "parameters", shape: [4, 57, 57, 2] })).toBe(
    "prunable=parameters: rate, target and the counts of levels are of weights and biases together, 3,591 and 116 in the dense network",
  );
  expect(prunableNotice({ shape: [4, 57, 57, 2] })).toBeUndefined();
});

it("says which keys change nothing since no level is pruned, and nothing where one is", () => {
  const said = (input: object) => nothingPrunedNotice(resolveSpec({ dataset: "moons-circles", ...input }, "f").spec);
  const alone = { shape: [4, 8, 2], levels: 0, rate: 0.3 };
  expect(said({ ...alone, rewind: "2ep" })).toBe(
    "a run of level 0 alone prunes nothing, so rewind=2ep changes nothing: give levels from 1, or leave it out",
  );
  const all = { criterion: "snip", gradientBatches: 1, scope: "layer", layerRates: [1, 0.5], pruneFirst: "unused" };
  expect(said({ ...alone, ...all })).toBe(
    "a run of level 0 alone prunes nothing, so criterion=snip, scope=layer, layerRates=1,0.5, gradientBatches=1 and pruneFirst=unused change nothing: give levels from 1, or leave them out",
  );
  expect(said({ base: [4, 8, 2], extension: 0, rate: 0.3, criterion: "lamp" })).toMatch(/: give extension from 1, or/);
  expect(said(alone)).toBeUndefined();
  expect(said({ shape: [4, 8, 2], levels: 1, rate: 0.3, rewind: "2ep", ...all })).toBeUndefined();
});
