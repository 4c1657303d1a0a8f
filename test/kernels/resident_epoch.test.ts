import { describe, expect, it } from "vitest";
import { epochOrder, RandomStream } from "../../src/base/random.ts";
import { layerCount, type Shape } from "../../src/base/shape.ts";
import { StructArray } from "../../src/base/struct_array.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import { graphSize, none, residentGraph } from "../../src/engine/resident/graph.ts";
import { ResidentSizes } from "../../src/engine/resident/population.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { Mask } from "../../src/mask/mask.ts";
import { activations } from "../../src/network/activations/index.ts";
import { optimizers } from "../../src/network/optimizers/index.ts";
import { parameterLayout } from "../../src/network/parameters.ts";
import { type ResidentNetwork, residentEpoch } from "../../src/twin/resident_epoch.ts";
import { expectClose, expectSameBits, expectStructs, sumBound, unitRoundoff, useDeviceExecutor } from "./harness.ts";
import { networkBounds } from "./network_bounds.ts";
import { optimizerBounds } from "./optimizer_bounds.ts";
import { type Member, ResidentTraining, type Setup, startOf } from "./resident_training.ts";

/*
 * Compares every step with the twin, started from the same state, within bounds from the number of terms of each sum. A
 * dispatch of many steps gives the same bits as that many dispatches of one step.
 */
const device = useDeviceExecutor();

/** Two tasks, one binary and one of three classes; bytes or floats; an input that is constant. */
function drawnDataset(samples: number, bytes: boolean): Dataset {
  const stream = new RandomStream(8, "datasetPoints");
  const split = (count: number): Split => ({
    samples: count,
    features: bytes
      ? Uint8Array.from({ length: count * 5 }, () => stream.nextWord() & 255)
      : Float32Array.from({ length: count * 5 }, () => stream.nextNormal() * 60 + 128),
    labels: Uint32Array.from({ length: 2 * count }, (_, i) => stream.nextWord() % (i < count ? 2 : 3)),
  });
  return {
    name: "drawn",
    tasks: [
      { name: "binary", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
      { name: "three", kind: "multiclass", inputs: { start: 2, count: 3 }, outputs: { start: 1, count: 3 } },
    ],
    coverage: "total",
    inputs: 5,
    outputs: 4,
    train: split(samples),
    validation: split(Math.ceil(samples / 2)),
    mean: Float32Array.of(128, 120, 140, 128, 128),
    scale: Float32Array.of(1 / 64, 1 / 70, 1 / 55, 1 / 64, 0),
  };
}

const floats = drawnDataset(70, false);
const bytes = drawnDataset(70, true);

function randomMask(shape: Shape, density: number, seed: number): Mask {
  const stream = new RandomStream(seed, "randomPruning");
  const mask = Mask.full(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let o = 0; o < shape[layer + 1]; o++) {
      for (let i = 0; i < shape[layer]; i++) if (stream.nextUniform() >= density) mask.set(layer, o, i, false);
      // A mask that prunes weights prunes biases too.
      if (density < 1 && (o + seed) % 3 === 1) mask.setBias(layer, o, false);
    }
  }
  return mask;
}

function member(shape: Shape, density: number, batch: number, seed: number, network?: Member["network"]): Member {
  return { mask: randomMask(shape, density, seed), batch, seed, ...(network && { network }) };
}

function copyOf(network: ResidentNetwork, change: Readonly<Record<string, number>> = {}): ResidentNetwork {
  const progress = new StructArray(network.progress.layout, network.progress.bytes.slice(0));
  for (const [field, value] of Object.entries(change)) progress.set(0, field, value);
  const { parameters, moments, best, keptScoreSums, curves } = network;
  return {
    ...network,
    progress,
    parameters: parameters.slice(),
    moments: moments.slice(),
    best: best.slice(),
    keptScoreSums: keptScoreSums.slice(),
    curves: curves.slice(),
  };
}

const arrays = ["parameters", "moments", "best", "keptScoreSums", "curves", "progress"] as const;

function expectSameNetwork(actual: ResidentNetwork, expected: ResidentNetwork, what: string): void {
  for (const name of arrays) expectSameBits(actual[name], expected[name], `${what}: ${name}`);
}

/** The twin's gradient: SGD's first moment after one step from none. */
function gradientOf(network: ResidentNetwork, dataset: Dataset): Float32Array {
  const fresh = copyOf(network, { optimizer: optimizers.get("sgd").number });
  fresh.moments.fill(0);
  residentEpoch(fresh, dataset, 1);
  return fresh.moments;
}

/** Compares the device's result of one step of a network with the twin's. */
function expectStep(before: ResidentNetwork, after: ResidentNetwork, dataset: Dataset, what: string): void {
  const read = (field: string) => before.progress.get(0, field);
  if (read("running") === 0) {
    expectSameNetwork(after, before, what);
    return;
  }
  const expected = copyOf(before);
  residentEpoch(expected, dataset, 1);

  const { mask, activation, batch, parameters, moments } = before;
  const { train, validation, tasks } = dataset;
  const perEpoch = Math.ceil(train.samples / batch);
  const first = (read("step") % perEpoch) * batch;
  const order = epochOrder(read("seed"), read("level"), Math.floor(read("step") / perEpoch), train.samples);
  const samples = order.subarray(first, first + batch);
  // Samples of the interval so far, with those of this step.
  let seen = 0;
  for (let step = read("evaluations") * read("evaluateEvery"); step <= read("step"); step++) {
    seen += Math.min(batch, train.samples - (step % perEpoch) * batch);
  }
  const trained = networkBounds(mask, activation, parameters, dataset, train, samples);
  const gradients = gradientOf(before, dataset);
  const { length } = parameters;
  const steps = Array.from(parameters, (parameter, k) => {
    const state = { parameter, first: moments[k], second: moments[length + k] };
    const names = [
      "learningRate",
      "momentum",
      "weightDecay",
      "l1",
      "warmupSteps",
      "milestone1",
      "milestoneFactor",
    ] as const;
    const rates = Object.fromEntries(names.map((name) => [name, read(name)])) as Record<(typeof names)[number], number>;
    const settings = { optimizer: read("optimizer"), step: read("step") + 1, ...rates };
    // Both the kernel and the twin round, since the twin stores activations as f32.
    return optimizerBounds({ ...settings, ...state }, gradients[k], 2 * trained.gradients[k]);
  });
  // Pruned parameters, and those that no output depends on, have the same bits.
  const isStill = (k: number) => gradients[k] === 0 && trained.gradients[k] === 0 && moments[k] === 0;
  const bound = (of: "parameter" | "first" | "second") => (k: number) => (isStill(k) ? 0 : steps[k][of].bound);
  expectClose(after.parameters, expected.parameters, bound("parameter"), `${what}: parameters`);
  expectClose(after.moments.subarray(0, length), expected.moments.subarray(0, length), bound("first"), `${what}: m`);
  expectClose(after.moments.subarray(length), expected.moments.subarray(length), bound("second"), `${what}: v`);

  // Sums of f32 as long as an interval, by sample and task.
  const sumRounding = (sum: number, count: number) => sumBound(count * tasks.length, Math.abs(sum));
  const closes = expected.progress.get(0, "evaluations") > read("evaluations");
  const lossSum = closes ? expected.progress.get(0, "trainLoss") * seen : expected.progress.get(0, "trainLossSum");
  const trainSum = 2 * trained.loss + sumRounding(lossSum, Math.max(seen, train.samples));
  let validationSum = 0;
  if (closes) {
    const all = Uint32Array.from({ length: validation.samples }, (_, sample) => sample);
    const validated = networkBounds(mask, activation, expected.parameters, dataset, validation, all);
    // The rounding of the losses, and the effect of the rounding of the parameters in this step.
    const moved = steps.reduce((sum, { parameter }, k) => sum + validated.slopes[k] * parameter.bound, 0);
    const loss = expected.progress.get(0, "validationLoss") * validation.samples;
    validationSum = 2 * (validated.loss + moved) + sumRounding(loss, validation.samples);
    const keeps = expected.progress.get(0, "improved") === 1 && read("keepBest") === 1;
    expectClose(after.best, expected.best, keeps ? bound("parameter") : () => 0, `${what}: best`);
  } else {
    expectSameBits(after.best, expected.best, `${what}: best`);
  }
  const mean = (sum: number, count: number) => (_: number, value: number) =>
    closes ? sum / count + 2 * unitRoundoff * Math.abs(value) : 0;
  const [ofTraining, ofValidation] = [mean(trainSum, seen), mean(validationSum, validation.samples)];
  const bounds = {
    trainLossSum: () => (closes ? 0 : trainSum),
    trainLoss: ofTraining,
    keptTrainLoss: ofTraining,
    validationLoss: ofValidation,
    bestValidationLoss: ofValidation,
    keptValidationLoss: ofValidation,
  };
  expectStructs(after.progress, expected.progress, bounds, `${what}: progress`);
  expectSameBits(after.keptScoreSums, expected.keptScoreSums, `${what}: kept score sums`);
  expectCurves(after.curves, expected.curves, ofTraining, ofValidation, `${what}: curves`);
}

/** Compares curves [epoch][training loss, validation loss, score sums]: losses within bounds, sums exactly. */
function expectCurves(
  actual: Uint32Array,
  expected: Uint32Array,
  ofTraining: (at: number, value: number) => number,
  ofValidation: (at: number, value: number) => number,
  what: string,
): void {
  const losses = (words: Uint32Array, at: number) => new Float32Array(words.buffer).filter((_, k) => k % 7 === at);
  const [train, validation] = [losses(expected, 0), losses(expected, 1)];
  expectClose(losses(actual, 0), train, (k) => ofTraining(k, train[k]), `${what}, training`);
  expectClose(losses(actual, 1), validation, (k) => ofValidation(k, validation[k]), `${what}, validation`);
  const sums = (words: Uint32Array) => words.filter((_, k) => k % 7 > 1);
  expectSameBits(sums(actual), sums(expected), `${what}, sums`);
}

/** Trains step by step along with the twin, and in one dispatch; returns the final states. */
async function follow(dataset: Dataset, members: readonly Member[], steps: number, setup?: Setup) {
  const training = await ResidentTraining.start(device(), dataset, members, setup);
  let states = await training.read();
  const twins = states.map((state) => copyOf(state));
  for (let step = 0; step < steps; step++) {
    training.dispatch(1);
    const next = await training.read();
    for (const slot of members.keys()) {
      expectStep(states[slot], next[slot], dataset, `network ${slot}, step ${step + 1}`);
    }
    states = next;
  }
  training.destroy();

  const whole = await ResidentTraining.start(device(), dataset, members, setup);
  whole.dispatch(steps);
  for (const [slot, state] of (await whole.read()).entries()) {
    expectSameNetwork(state, states[slot], `network ${slot} by one dispatch`);
    // A twin that trains alone differs by rounding only: a level ends at the same epoch.
    residentEpoch(twins[slot], dataset, steps);
    for (const field of ["step", "evaluations", "evaluationsSinceBest", "running", "keptEvaluation"]) {
      expect(state.progress.get(0, field), field).toBe(twins[slot].progress.get(0, field));
    }
  }
  whole.destroy();
  return states;
}

async function trained(members: readonly Member[], dispatches: readonly number[], dataset = floats, setup?: Setup) {
  const training = await ResidentTraining.start(device(), dataset, members, setup);
  for (const work of dispatches) training.dispatch(work);
  const states = await training.read();
  training.destroy();
  return states;
}

describe("resident_epoch", () => {
  it.each([
    [[5, 4], 1, 16],
    [[5, 1, 4], 1, 16],
    [[5, 3, 5, 4], 1, 13],
    [[5, 9, 6, 4], 1, 70],
    [[5, 9, 6, 4], 0.4, 32],
    [[5, 17, 12, 7, 4], 0.3, 1],
    [[5, 9, 6, 4], 0, 7],
  ] as const)("shape %j, density %d, batch %i: past the end of an epoch", async (shape, density, batch) => {
    const steps = Math.ceil(70 / batch) + 1;
    const [{ progress }] = await follow(floats, [member(shape, density, batch, 5)], steps);
    expect([progress.get(0, "step"), progress.get(0, "evaluations")]).toEqual([steps, batch === 70 ? 2 : 1]);
  });

  it.each([
    [1, 16, 7],
    [3, 16, 13],
    [7, 16, 15],
    [4, 35, 9],
    [3, 70, 7],
  ])("evaluates every %i steps of batch %i, within epochs and past their ends", async (evaluateEvery, batch, steps) => {
    const asks = { evaluateEvery, keepBest: 1, keepCurves: 1, mostEvaluations: 8 };
    const [{ progress }] = await follow(floats, [member([5, 9, 6, 4], 0.7, batch, 5, asks)], steps);
    expect([progress.get(0, "step"), progress.get(0, "evaluations")]).toEqual([
      steps,
      Math.floor(steps / evaluateEvery),
    ]);
  });

  // The workgroup sizes of software adapters, and that of GPUs, which has more quads and more blocks than any phase.
  it.each([
    [4, 1],
    [8, 1],
    [16, 16],
  ] as const)("in workgroups of %i x %i, over bytes", async (x, y) => {
    const workgroupBytes = x === 16 ? 16384 : 0;
    await follow(bytes, [member([5, 9, 6, 4], 0.7, 33, 2)], 7, { workgroup: [x, y], workgroupBytes, onlyNeeded: true });
  });

  it("computes the same bits wherever the rows are", async () => {
    const members = [member([5, 9, 6, 4], 0.7, 33, 2), member([5, 17, 9, 4], 0.3, 16, 4)];
    const sizes = (bytes: number) =>
      new ResidentSizes({ dataset: floats, shapes: [[5, 4]], batch: 64, slots: 1, ...at(bytes) });
    const at = (workgroupBytes: number) => ({ workgroupBytes });
    const rows = (bytes: number) =>
      members.map(({ mask, batch }) => {
        const { areInStorage, gradientShift } = sizes(bytes).rows(graphSize(residentGraph(mask.shape, mask)), batch);
        return `${areInStorage ? "storage" : "workgroup"}, ${gradientShift === 0 ? "in place" : "apart"}`;
      });
    expect(rows(4096)).toEqual(["storage, in place", "storage, in place"]);
    expect(rows(17000)).toEqual(["workgroup, in place", "workgroup, in place"]);
    expect(rows(32768)).toEqual(["workgroup, apart", "workgroup, apart"]);
    const all: ResidentNetwork[][] = [];
    for (const bytes of [4096, 17000, 32768]) all.push(await follow(floats, members, 7, at(bytes)));
    for (const states of all) {
      states.forEach((state, slot) => {
        expectSameNetwork(state, all[0][slot], `network ${slot}`);
      });
    }
  });

  it.each([0, 1])("decays weights and warms up, by optimiser %i", async (optimizer) => {
    const network = { optimizer, learningRate: 0.05, weightDecay: 0.5, warmupSteps: 4 };
    await follow(floats, [member([5, 9, 6, 4], 1, 33, 2, network)], 6);
  });

  it.each([0, 1])("follows momentum and milestones, by optimiser %i", async (optimizer) => {
    const network = { optimizer, learningRate: 0.05, momentum: 0.5, l1: 0.5, milestone1: 2, milestoneFactor: 0.25 };
    await follow(floats, [member([5, 9, 6, 4], 1, 33, 2, network)], 5);
  });

  it.each(activations.names)("activates by %s", async (activation) => {
    const members = [member([5, 9, 6, 4], 0.7, 33, 2), member([5, 17, 9, 4], 0.3, 16, 4)];
    await follow(floats, members, 7, { activation });
  });

  it("steps by SGD with momentum", async () => {
    await follow(floats, [member([5, 9, 6, 4], 0.7, 33, 2, { optimizer: 1, learningRate: 0.05 })], 5);
  });

  it.each([true, false])("trains zombie neurons and leaves inactive ones at rest, compact: %s", async (compact) => {
    const shape = [5, 9, 6, 4];
    const mask = Mask.full(shape);
    // In the first hidden layer, neuron 2 reaches no output and neuron 4 is reached by no input; in the second, 1 and
    // 3. Nothing reaches output 0, and no neuron uses input 3.
    for (let k = 0; k < 9; k++) {
      if (k < 6) mask.set(1, k, 2, false);
      if (k < 5) mask.set(0, 4, k, false);
      if (k < 4) mask.set(2, k, 1, false);
      mask.set(1, 3, k, false);
      mask.set(0, k, 3, false);
      if (k < 6) mask.set(2, 0, k, false);
    }
    const left = residentGraph(shape, mask, compact);
    expect(left.elements.filter((element) => element >= 0).length).toBe(mask.count() + 19 - (compact ? 4 + 8 + 2 : 0));
    // With this seed both zombie neurons have biases above 0; otherwise the ReLU passes no gradient.
    const start = { mask, batch: 32, seed: 5 };
    const [{ parameters, moments }] = await follow(floats, [start], 8, { compact });
    const bias = (layer: number, neuron: number) => parameterLayout(shape).biasOffset[layer] + neuron;
    const before = startOf(start).values;
    for (const inactive of [bias(0, 2), bias(1, 1)]) {
      expect([parameters[inactive], moments[inactive]]).toEqual([before[inactive], 0]);
    }
    for (const zombie of [bias(0, 4), bias(1, 3)]) expect(moments[zombie]).not.toBe(0);
  });

  it("keeps the best epoch, counts patience, and stops once the level has ended", async () => {
    const network = { keepBest: 1, patience: 2, learningRate: 0.2 };
    const start = member([5, 9, 4], 1, 35, 4, network);
    const [state] = await follow(floats, [start], 40);
    const read = (field: string) => state.progress.get(0, field);
    expect([read("running"), read("evaluationsSinceBest"), read("evaluations") - read("keptEvaluation")]).toEqual([
      0, 2, 2,
    ]);
    expect(read("step")).toBe(read("evaluations") * 2);
    expect(state.best).not.toEqual(state.parameters);
    const [again] = await trained([start], [100, 100]);
    expectSameNetwork(again, state, "a network that rests");
  });

  it("counts the wrong answers of each class over more than one pass, of classes that have no sample too", async () => {
    const drawn = drawnDataset(150, false);
    const { samples, labels } = drawn.validation;
    // Of the first task only class 1, of the second all but class 1.
    const words = labels.map((label, i) => (i < samples || label !== 1 ? Math.max(label, i < samples ? 1 : 0) : 2));
    const dataset = { ...drawn, validation: { ...drawn.validation, labels: words } };
    const members = [member([5, 9, 6, 4], 0.7, 50, 2), member([5, 4], 1, 33, 3, { keepBest: 1, learningRate: 0.3 })];
    const states = await follow(dataset, members, 11);
    for (const { keptScoreSums } of states) {
      const counts = [0, 1, 2, 3, 4].map((sum) => {
        const [task, word] = sum < 2 ? [0, sum] : [1, sum - 2];
        return words.subarray(task * samples, (task + 1) * samples).filter((label) => label === word).length;
      });
      expect([counts[0], counts[3]]).toEqual([0, 0]);
      expect([keptScoreSums[0], keptScoreSums[3]]).toEqual([0, 0]);
      counts.forEach((count, sum) => {
        expect(keptScoreSums[sum]).toBeLessThanOrEqual(count);
      });
      expect(keptScoreSums.reduce((all, count) => all + count, 0)).toBeGreaterThan(0);
    }
  });

  it("keeps the losses and score sums of every epoch of the networks that ask for them", async () => {
    const asks = { keepCurves: 1, mostEvaluations: 6 };
    const members = [
      member([5, 9, 6, 4], 0.7, 35, 2, { ...asks, mostEvaluations: 3 }),
      member([5, 9, 6, 4], 0.7, 35, 3, { mostEvaluations: 4 }),
      member([5, 4], 1, 70, 4, { ...asks, keepBest: 1, patience: 2, learningRate: 0.3 }),
    ];
    const states = await follow(floats, members, 8);
    expect(states.map(({ curves }) => curves.length / 7)).toEqual([3, 0, 6]);
    for (const { curves, progress } of [states[0], states[2]]) {
      const epochs = progress.get(0, "evaluations");
      const losses = new Float32Array(curves.buffer);
      expect(losses[(epochs - 1) * 7]).toBe(progress.get(0, "trainLoss"));
      expect(losses[(epochs - 1) * 7 + 1]).toBe(progress.get(0, "validationLoss"));
      for (let epoch = 0; epoch < epochs; epoch++) expect(losses[epoch * 7 + 1]).toBeGreaterThan(0);
      // Epochs after the end of the level.
      expect(curves.subarray(epochs * 7).every((word) => word === 0)).toBe(true);
    }
    const { curves, keptScoreSums, progress } = states[2];
    const at = (progress.get(0, "keptEvaluation") - 1) * 7 + 2;
    expect(progress.get(0, "evaluations")).toBeLessThan(6);
    expect(curves.subarray(at, at + 5)).toEqual(keptScoreSums);
  });

  it("continues exactly where a dispatch stopped", async () => {
    const members = [member([5, 9, 6, 4], 0.6, 16, 3, { mostEvaluations: 4 })];
    const [whole] = await trained(members, [1000]);
    const [pieces] = await trained(members, [1, 4, 5, 1, 7, 1000]);
    expect(whole.progress.get(0, "evaluations")).toBe(4);
    expectSameNetwork(pieces, whole, "a network trained in pieces");
  });

  it("takes work / stepWork steps, at least one, and counts a validation as some", async () => {
    const stepsOf = async (dispatches: readonly number[]) => {
      const prices = { stepWork: 10, validationSteps: 2 };
      const [{ progress }] = await trained([member([5, 9, 4], 1, 16, 3)], dispatches, floats, { prices });
      return progress.get(0, "step");
    };
    expect(await stepsOf([1])).toBe(1);
    expect(await stepsOf([39])).toBe(3);
    // Five steps are an epoch.
    expect(await stepsOf([50])).toBe(5);
    expect(await stepsOf([70])).toBe(5);
    expect(await stepsOf([80])).toBe(6);
    expect(await stepsOf([50, 10])).toBe(6);
  });

  it("ends the level of a network whose parameter or moment is not finite, in that epoch, as the twin does", async () => {
    const [shape, kinds] = [[5, 9, 6, 4], 3];
    const values = [Number.NaN, Number.POSITIVE_INFINITY];
    const places = values.flatMap((value) =>
      Array.from({ length: kinds * 2 }, (_, k) => ({ value, kind: k % kinds, isFirst: k < kinds })),
    );
    const members = [undefined, ...places, undefined].map((_, n) => member(shape, 1, 16, n));
    const training = await ResidentTraining.start(device(), floats, members);
    const before = await training.read();
    for (const [k, { value, kind, isFirst }] of places.entries()) {
      const count = training.graphs[k + 1].elements.length;
      // The biases of the first block come first, the last vec4f has weights.
      const element = training.graphs[k + 1].elements.findIndex((each) => each !== none);
      const last = training.graphs[k + 1].elements.findLastIndex((each) => each !== none);
      const at = training.places[k + 1].parameters * 4 + kind * count + (isFirst ? element : last);
      device().write(training.population.buffers.parameters, Float32Array.of(value), at * 4);
      const { parameters, moments } = before[k + 1];
      const array = [parameters, moments.subarray(0, parameters.length), moments.subarray(parameters.length)][kind];
      array[training.graphs[k + 1].elements[isFirst ? element : last]] = value;
    }
    // Five steps are an epoch.
    training.dispatch(100);
    const after = await training.read();
    training.destroy();
    for (const [n, network] of before.entries()) {
      residentEpoch(network, floats, 100);
      for (const side of [network, after[n]]) {
        const read = (field: string) => side.progress.get(0, field);
        const healthy = n === 0 || n === before.length - 1;
        expect([read("diverged"), read("evaluations") === 1, read("running")]).toEqual(
          healthy ? [0, false, 1] : [1, true, 0],
        );
      }
    }
    // An infinite second moment freezes its parameter, so the losses do not tell of it.
    expect(Number.isFinite(after.at(-2)?.progress.get(0, "validationLoss"))).toBe(true);
  });

  it("trains any mix as the twin does, and as each alone, bit for bit", async () => {
    const members = [
      member([5, 9, 6, 4], 1, 16, 1),
      member([5, 30, 4], 0.2, 70, 2, { level: 9, learningRate: 0.1, optimizer: 1 }),
      member([5, 4], 1, 3, 3, { mostEvaluations: 1, keepBest: 1 }),
      member([5, 9, 6, 4], 0.5, 64, 4, { running: 0 }),
      member([5, 7, 7, 7, 4], 0.5, 33, 5, { patience: 1 }),
    ];
    const together = await follow(bytes, members, 39);
    for (const [slot, one] of members.entries()) {
      const [alone] = await trained([one], [9, 30], bytes);
      expectSameNetwork(alone, together[slot], `network ${slot} alone`);
    }
  });

  it("is refused by the executor of the twins, which has none over its buffers", async () => {
    await expect(ResidentTraining.start(new TwinExecutor(), floats, [member([5, 4], 1, 16, 1)])).rejects.toThrow(
      "internal: kernel resident_epoch has no twin that takes its buffers: run resident_epoch on a device",
    );
  });

  it("trains more networks in a dispatch than run side by side", async () => {
    const shapes = [
      [5, 9, 6, 4],
      [5, 4],
      [5, 12, 4],
    ];
    const members = Array.from({ length: 96 }, (_, n) => member(shapes[n % 3], 1 - (n % 5) / 6, 16 + (n % 7), n));
    await follow(floats, members, 2);
  });
});
