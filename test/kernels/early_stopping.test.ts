import { describe, expect, it } from "vitest";
import { earlyStopping } from "../../src/kernels/early_stopping.ts";
import {
  call,
  dirtyWords,
  expectSameBits,
  expectStructs,
  networkStructs,
  unitRoundoff,
  useSides,
  withWorkgroup,
} from "./harness.ts";

const runSides = useSides();

/** A network within a level: after 4 evaluations, 3 of them improvements. */
const midway = {
  mostEvaluations: 100,
  patience: 5,
  keepBest: 0,
  evaluations: 4,
  evaluationsSinceBest: 1,
  diverged: 0,
  improved: 0,
  trainLossSum: 12,
  validationLossSum: 4,
  bestValidationLoss: 0.75,
  keptEvaluation: 3,
  keptTrainLoss: 0.5,
  keptValidationLoss: 0.75,
};

/** The same with the steps of its interval done: the four of an epoch, unless it says otherwise. */
function atEvaluation(entry: Readonly<Record<string, number>>): Record<string, number> {
  const { evaluateEvery = 4 } = entry;
  return { evaluateEvery, step: (entry.evaluations + 1) * evaluateEvery, ...entry };
}

async function compare(
  entries: readonly Readonly<Record<string, number>>[],
  {
    sums = 2,
    batch = 5,
    curveWords = 8,
    marks = entries.map(() => 0),
    trainSamples = 16,
    validationSamples = 8,
    workgroup = earlyStopping.workgroup,
  } = {},
) {
  const buffers = {
    networks: networkStructs(entries.map((entry) => atEvaluation({ ...midway, ...entry }))),
    scoreSums: Uint32Array.from({ length: entries.length * sums }, (_, i) => 100 + i),
    keptScoreSums: dirtyWords(entries.length * sums),
    curves: dirtyWords(curveWords),
    marks: Uint32Array.from(marks),
  };
  const uniform = { networks: entries.length, sums, trainSamples, batch, validationSamples };
  const { device, twin } = await runSides([call(withWorkgroup(earlyStopping, workgroup), uniform)], buffers);
  // A mean is one division, for which WGSL allows an error of 2.5 units in the last place.
  const quotient = (_: number, value: number) => 6 * unitRoundoff * Math.abs(value);
  const bounds = Object.fromEntries(
    ["trainLoss", "validationLoss", "bestValidationLoss", "keptTrainLoss", "keptValidationLoss"].map((f) => [
      f,
      quotient,
    ]),
  );
  expectStructs(device.networks, twin.networks, bounds, "networks");
  expectSameBits(device.scoreSums, twin.scoreSums, "score sums");
  expectSameBits(device.keptScoreSums, twin.keptScoreSums, "kept score sums");
  expectSameBits(device.curves, twin.curves, "curves");
  expectSameBits(device.marks, twin.marks, "marks");
  return { device, before: buffers };
}

/** Result of the device for one network. */
async function one(entry: Readonly<Record<string, number>>, mark = 0) {
  const { device } = await compare([entry], { marks: [mark] });
  const read = (field: string) => device.networks.get(0, field);
  return { read, scoreSums: [...device.scoreSums], keptScoreSums: [...device.keptScoreSums], marks: [...device.marks] };
}

describe("early_stopping", () => {
  it("closes an interval: means, and sums and counts that start again", async () => {
    const { read, scoreSums } = await one({});
    expect([read("evaluations"), read("trainLoss"), read("validationLoss")]).toEqual([5, 0.75, 0.5]);
    expect([read("trainLossSum"), read("validationLossSum"), ...scoreSums]).toEqual([0, 0, 0, 0]);
  });

  it.each([
    // Four steps an epoch, of 5, 5, 5 and 1 samples.
    [3, 1, 1 + 5 + 5],
    [1, 6, 5],
    [1, 7, 1],
    [6, 0, 16 + 5 + 5],
    [6, 1, 5 + 1 + 16],
  ])("divides by the samples of %i steps, after %i evaluations", async (evaluateEvery, evaluations, samples) => {
    const { read } = await one({ evaluateEvery, evaluations });
    expect(read("trainLoss")).toBeCloseTo(12 / samples, 6);
    expect(read("evaluations")).toBe(evaluations + 1);
  });

  it("leaves a network within its interval as it is, but for the sums of its validation", async () => {
    const asks = { keepCurves: 1, curvesAt: 0, evaluateEvery: 3, evaluations: 2 };
    const entries = [7, 8].map((step) => ({ ...asks, step }));
    const { device, before } = await compare(entries, { marks: [1, 0] });
    const standing = entries.map((entry) => ({ ...midway, ...entry, validationLossSum: 0 }));
    expectSameBits(device.networks, networkStructs(standing), "networks");
    expectSameBits(device.keptScoreSums, before.keptScoreSums, "kept score sums");
    expectSameBits(device.curves, before.curves, "curves");
    expect([...device.scoreSums, ...device.marks]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("knows an improvement", async () => {
    const { read } = await one({ validationLossSum: 5 });
    expect([read("improved"), read("evaluationsSinceBest"), read("bestValidationLoss"), read("running")]).toEqual([
      1, 0, 0.625, 1,
    ]);
  });

  it("takes an equal loss for no improvement", async () => {
    const { read } = await one({ validationLossSum: 6 });
    expect([read("improved"), read("evaluationsSinceBest"), read("bestValidationLoss")]).toEqual([0, 2, 0.75]);
  });

  it.each([
    [3, 5, 1],
    [4, 5, 0],
    [0, 1, 0],
    [29, 30, 0],
  ])(
    "after %i evaluations without a better loss and one more, patience %i: running %i",
    async (evaluationsSinceBest, patience, running) => {
      const { read } = await one({ evaluationsSinceBest, patience, validationLossSum: 80 });
      expect(read("running")).toBe(running);
    },
  );

  it.each([
    [98, 100, 1],
    [99, 100, 0],
    [0, 1, 0],
  ])("after %i evaluations and one more of at most %i: running %i", async (evaluations, mostEvaluations, running) => {
    const { read } = await one({ evaluations, mostEvaluations, validationLossSum: 1 });
    expect(read("running")).toBe(running);
  });

  it.each([
    ["trainLossSum", Number.NaN],
    ["trainLossSum", Number.POSITIVE_INFINITY],
    ["validationLossSum", Number.NaN],
    ["validationLossSum", Number.NEGATIVE_INFINITY],
  ])("ends a level whose %s is %d, and marks it as diverged", async (field, sum) => {
    const { read } = await one({ [field]: sum });
    expect([read("diverged"), read("running"), read("evaluations")]).toEqual([1, 0, 5]);
    const healthy = await one({});
    expect([healthy.read("diverged"), healthy.read("running")]).toEqual([0, 1]);
  });

  it("ends the level of a network that check_finite has marked, at that evaluation, and takes the mark away", async () => {
    const { read, marks } = await one({}, 1);
    expect([read("diverged"), read("running"), read("evaluations"), read("validationLoss")]).toEqual([1, 0, 5, 0.5]);
    expect(marks).toEqual([0]);
    // That of a network that rests is of no effect.
    expect((await one({ running: 0 }, 1)).read("diverged")).toBe(0);
  });

  it("keeps the mark of a diverged level", async () => {
    const { read } = await one({ diverged: 1 });
    expect([read("diverged"), read("running")]).toEqual([1, 0]);
  });

  it("keeps the last evaluation where asked, better or not", async () => {
    const { read, keptScoreSums } = await one({ keepBest: 0, validationLossSum: 80 });
    expect([read("keptEvaluation"), read("keptTrainLoss"), read("keptValidationLoss")]).toEqual([5, 0.75, 10]);
    expect(keptScoreSums).toEqual([100, 101]);
  });

  it("keeps the best evaluation where asked", async () => {
    const worse = await one({ keepBest: 1, validationLossSum: 80 });
    expect([worse.read("keptEvaluation"), worse.read("keptTrainLoss"), worse.read("keptValidationLoss")]).toEqual([
      3, 0.5, 0.75,
    ]);
    expect(worse.keptScoreSums).toEqual([...dirtyWords(2)]);
    const better = await one({ keepBest: 1, validationLossSum: 1 });
    expect([better.read("keptEvaluation"), better.read("keptTrainLoss"), better.read("keptValidationLoss")]).toEqual([
      5, 0.75, 0.125,
    ]);
    expect(better.keptScoreSums).toEqual([100, 101]);
  });

  it("starts from a best loss that any loss is below", async () => {
    const { read } = await one({ bestValidationLoss: 3.4028234663852886e38, evaluations: 0, evaluationsSinceBest: 0 });
    expect([read("improved"), read("bestValidationLoss")]).toEqual([1, 0.5]);
  });

  it("keeps the losses and score sums of an evaluation where asked, at the place of its number", async () => {
    const entries = [
      { keepCurves: 1, curvesAt: 3, evaluations: 0, trainLossSum: 16, validationLossSum: 4 },
      { keepCurves: 0, curvesAt: 0, evaluations: 0 },
      { keepCurves: 1, curvesAt: 20, evaluations: 2, trainLossSum: 8, validationLossSum: 24, keepBest: 1 },
      { keepCurves: 1, curvesAt: 40, evaluations: 0, running: 0 },
    ];
    const { device } = await compare(entries, { curveWords: 50 });
    const losses = new Float32Array(device.curves.buffer, device.curves.byteOffset, 50);
    // Rows of two losses and two sums; the third network is at its third evaluation.
    expect([...losses.subarray(3, 5), ...device.curves.subarray(5, 7)]).toEqual([1, 0.5, 100, 101]);
    expect([...losses.subarray(28, 30), ...device.curves.subarray(30, 32)]).toEqual([0.5, 3, 104, 105]);
    const others = device.curves.filter((_, at) => !(at >= 3 && at < 7) && !(at >= 28 && at < 32));
    expect(others).toEqual(dirtyWords(42));
  });

  it("leaves a network that rests as it is", async () => {
    const { device, before } = await compare([{ running: 0 }]);
    expectSameBits(device.networks, before.networks, "networks");
    expectSameBits(device.scoreSums, before.scoreSums, "score sums");
    expectSameBits(device.keptScoreSums, before.keptScoreSums, "kept score sums");
  });

  it.each([1, 2, 3, 4, 5, 63, 64, 65])("decides for each of %i networks, by its own numbers", async (count) => {
    const entries = Array.from({ length: count }, (_, n) => ({
      running: n % 5 === 3 ? 0 : 1,
      keepBest: n % 2,
      evaluations: n,
      evaluationsSinceBest: n % 6,
      trainLossSum: 3 + n * 0.37,
      validationLossSum: 1 + ((n * 7) % 11),
      bestValidationLoss: 0.5 + (n % 3) * 0.2,
    }));
    for (const workgroup of [earlyStopping.workgroup, [2, 1]] as const) {
      await compare(entries, { sums: 3, trainSamples: 1000, validationSamples: 13, workgroup });
    }
  });
});
