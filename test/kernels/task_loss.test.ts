import { describe, expect, it } from "vitest";
import { withLosses } from "../../src/kernels/element_losses.ts";
import { taskLoss } from "../../src/kernels/task_loss.ts";
import { wordsOf } from "../../src/loss/label_words.ts";
import { padTo4 } from "../../src/network/parameters.ts";
import {
  call,
  dirtyFloat,
  dirtyFloats,
  dirtyWords,
  expectClose,
  expectSameBits,
  expectStructs,
  networkStructs,
  normals,
  structs,
  unitRoundoff,
  useSides,
  withWorkgroup,
} from "./harness.ts";

const runSides = useSides();
const noSample = 0xffffffff;

/** Outputs of each task; 1 means binary. */
type Tasks = readonly number[];

interface Case {
  tasks: Tasks;
  samples: number;
  batch: number;
  quads?: number;
  training?: boolean;
  networks?: { running?: number; step?: number }[];
  /** Validation: first sample of the chunk. */
  first?: number;
  scale?: number;
  workgroup?: readonly [number, number];
  /** Logit of (network, output, column), instead of normally distributed ones. */
  logit?: (network: number, output: number, column: number) => number;
  label?: (task: number, sample: number) => number;
}

async function compare(shape: Case) {
  const {
    tasks,
    samples,
    batch,
    training = true,
    networks = [{}],
    first = 0,
    scale = 2,
    workgroup = taskLoss.workgroup,
  } = shape;
  const slots = networks.length;
  const quads = shape.quads ?? Math.ceil(Math.min(batch, samples) / 8) * 2;
  const columns = quads * 4;
  const outputs = tasks.reduce((sum, count) => sum + count, 0);
  const firstOutput = tasks.map((_, t) => tasks.slice(0, t).reduce((sum, count) => sum + count, 0));
  // Each class has a count; a binary task has two classes.
  const classes = tasks.map((count) => Math.max(2, count));
  const firstSum = tasks.map((_, t) => classes.slice(0, t).reduce((sum, count) => sum + count, 0));
  const sums = classes.reduce((sum, count) => sum + count, 0);
  const rows = padTo4(outputs);
  const steps = networks.map(({ step = 0 }) => step);
  const inBatch = steps.map((step) => Math.min(batch, samples - (step % Math.ceil(samples / batch)) * batch));

  // Columns without a sample hold garbage logits; so do padding outputs.
  const sampleSets = training ? slots : 1;
  const batchSamples = new Uint32Array(sampleSets * columns).fill(noSample);
  for (let n = 0; n < sampleSets; n++) {
    const filled = training ? inBatch[n] : Math.max(0, Math.min(columns, samples - first));
    for (let c = 0; c < filled; c++) batchSamples[n * columns + c] = training ? (c * 7 + n) % samples : first + c;
  }
  const sampleAt = (n: number, c: number) => batchSamples[(training ? n : 0) * columns + c];
  const logits = dirtyFloats(slots * rows * columns);
  const random = normals(slots * outputs * columns, samples + batch);
  for (let n = 0; n < slots; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let c = 0; c < columns; c++) {
        if (sampleAt(n, c) === noSample) continue;
        const value = shape.logit?.(n, o, c) ?? random[(n * outputs + o) * columns + c] * scale;
        logits[(n * rows + o) * columns + c] = value;
      }
    }
  }
  const label = shape.label ?? ((t: number, s: number) => (s * 5 + (s >> 2) + t) % classes[t]);
  const labels = Uint32Array.from({ length: tasks.length * samples }, (_, i) =>
    label(Math.floor(i / samples), i % samples),
  );
  const buffers = {
    tasks: structs(
      taskLoss,
      "tasks",
      tasks.map((outputs, t) => ({
        kind: outputs === 1 ? 0 : 1,
        firstOutput: firstOutput[t],
        outputs,
        firstSum: firstSum[t],
      })),
    ),
    // Labels start after other data of the dataset.
    data: Uint32Array.from([...dirtyWords(5), ...labels]),
    batchSamples,
    logits,
    networks: networkStructs(
      networks.map(({ running = 1 }, n) => ({ running, step: steps[n], trainLossSum: 3.5, validationLossSum: 1.25 })),
    ),
    logitGradients: dirtyFloats(slots * rows * columns),
    // Counts of earlier chunks.
    scoreSums: Uint32Array.from({ length: slots * sums }, (_, i) => i * 10),
  };
  const uniform = {
    samples,
    batch,
    quads,
    tasks: tasks.length,
    training: training ? 1 : 0,
    networkLogits: rows * quads,
    labelsAt: 5,
    networkSamples: training ? quads : 0,
    sums,
  };
  const { device, twin } = await runSides([call(withWorkgroup(taskLoss, workgroup), uniform, slots)], buffers);

  const largestLogit = logits.reduce(
    (largest, z) => (z === Math.fround(dirtyFloat) ? largest : Math.max(largest, Math.abs(z))),
    0,
  );
  // WGSL allows exp(-d) an error of (3 + 2 d) units in the last place, of which at most 8 remain in a sum of shares,
  // and log an error of 2^-21; differences of logits are rounded at their own size.
  const sampleBound = 2 ** -19 + 2 ** -22 * largestLogit;
  const lossBound = (n: number, value: number) =>
    networks[n].running === 0
      ? 0
      : columns * sampleBound + (columns + tasks.length + 2) * unitRoundoff * Math.abs(value);
  const bounds = { [training ? "trainLossSum" : "validationLossSum"]: lossBound };
  const gradientBound = (i: number) => {
    const n = Math.floor(i / (rows * columns));
    return 2 ** -19 / (inBatch[n] * tasks.length);
  };

  // A third implementation: the definition, in float64, from the given logits.
  const gradients = buffers.logitGradients.slice();
  const lossSums = networks.map(() => (training ? 3.5 : 1.25));
  const scoreSums = buffers.scoreSums.slice();
  networks.forEach(({ running = 1 }, n) => {
    if (running === 0) return;
    for (let t = 0; t < tasks.length; t++) {
      for (let c = 0; c < columns; c++) {
        const at = (k: number) => (n * rows + firstOutput[t] + k) * columns + c;
        if (sampleAt(n, c) === noSample) {
          for (let k = 0; k < tasks[t] && training; k++) gradients[at(k)] = 0;
          continue;
        }
        const y = labels[t * samples + sampleAt(n, c)];
        const own = Array.from({ length: tasks[t] }, (_, k) => logits[at(k)]);
        // A binary task is a choice between the logits 0 and z.
        const z = tasks[t] === 1 ? [0, own[0]] : own;
        const top = Math.max(...z);
        const total = z.reduce((sum, value) => sum + Math.exp(value - top), 0);
        lossSums[n] += (Math.log(total) + top - z[y]) / tasks.length;
        if (!training && z.indexOf(top) !== y) scoreSums[n * sums + firstSum[t] + y] += 1;
        for (let k = 0; k < tasks[t] && training; k++) {
          const output = tasks[t] === 1 ? 1 : k;
          const share = Math.exp(z[output] - top) / total;
          gradients[at(k)] = (share - (output === y ? 1 : 0)) / (inBatch[n] * tasks.length);
        }
      }
    }
  });
  expectStructs(device.networks, twin.networks, bounds, "networks");
  expectClose(device.logitGradients, twin.logitGradients, gradientBound, "logitGradients, device and twin");
  expectClose(device.logitGradients, gradients, gradientBound, "logitGradients, device and definition");
  expectSameBits(device.scoreSums, twin.scoreSums, "score sums, device and twin");
  expectSameBits(device.scoreSums, scoreSums, "score sums, device and definition");
  const summed = networks.map((_, n) => device.networks.get(n, training ? "trainLossSum" : "validationLossSum"));
  expectClose(summed, lossSums, (n) => lossBound(n, lossSums[n]), "loss sums, device and definition");
  return { device, rows, columns, sums: summed };
}

describe("task_loss", () => {
  const mixes: Tasks[] = [[1], [3], [1, 1], [1, 3], [10, 10], [2, 1, 5]];
  for (const tasks of mixes) {
    it(`trains tasks of ${tasks.join(", ")} outputs, at every size around a workgroup`, async () => {
      for (const batch of [1, 3, 4, 5, 31, 63, 64, 65, 130]) await compare({ tasks, samples: 140, batch });
    });

    it(`trains tasks of ${tasks.join(", ")} outputs in workgroups of 1, 2 and 8`, async () => {
      for (const width of [1, 2, 8]) {
        for (const batch of [1, 7, 8, 9, 17]) await compare({ tasks, samples: 30, batch, workgroup: [width, 1] });
      }
    });

    it(`validates tasks of ${tasks.join(", ")} outputs in chunks, to the last sample and not past it`, async () => {
      for (const first of [0, 64, 128])
        await compare({ tasks, samples: 135, batch: 10, quads: 16, training: false, first });
      await compare({ tasks, samples: 64, batch: 10, quads: 16, training: false, first: 64 });
    });
  }

  it.each([
    [10, 4, 2],
    [10, 4, 5],
    [10, 4, 0],
    [65, 64, 1],
    [5, 64, 0],
    [5, 64, 7],
    [1, 1, 100_000],
  ])(
    "of %i samples in batches of %i, step %i divides by the samples that its batch holds",
    async (samples, batch, step) => {
      await compare({ tasks: [1, 4], samples, batch, networks: [{ step }] });
    },
  );

  it("serves several networks, each at its own step, and skips a stopped one", async () => {
    const networks = [{ step: 3 }, { step: 1, running: 0 }, { step: 8 }, { step: 0 }];
    for (const training of [true, false]) {
      const { device, rows, columns } = await compare({
        tasks: [1, 3],
        samples: 20,
        batch: 8,
        networks,
        training,
        first: 16,
      });
      const resting = device.logitGradients.slice(rows * columns, 2 * rows * columns);
      expectSameBits(resting, dirtyFloats(rows * columns), "gradients of the network that rests");
      const steps = networks.map((_, n) => device.networks.get(n, "step"));
      expect(steps).toEqual(training ? [4, 1, 9, 1] : [3, 1, 8, 0]);
    }
  });

  it("leaves gradients and step alone while it validates, and counts while it trains", async () => {
    const validation = await compare({ tasks: [1, 3], samples: 20, batch: 8, training: false });
    expectSameBits(validation.device.logitGradients, dirtyFloats(validation.device.logitGradients.length), "gradients");
    expect(validation.device.networks.get(0, "trainLossSum")).toBe(3.5);
    const training = await compare({ tasks: [1, 3], samples: 20, batch: 8 });
    expect([...training.device.scoreSums]).toEqual([0, 10, 20, 30, 40]);
    expect(training.device.networks.get(0, "validationLossSum")).toBe(1.25);
  });

  it.each([80, -80, 88, -104, 1e4, -1e4])("takes logits of %f, right and wrong, without NaN", async (z) => {
    for (const training of [true, false]) {
      // Label 1 for even columns: the same logit is right for half of them.
      const shape: Case = {
        tasks: [1, 3],
        samples: 8,
        batch: 8,
        training,
        logit: (_, o) => (o === 2 ? -z : z),
        label: (_, s) => s % 2,
      };
      await compare(shape);
    }
  });

  it("knows the loss and gradient of equal logits: ln 2 and ln 3", async () => {
    const { sums, device, columns } = await compare({
      tasks: [1, 3],
      samples: 8,
      batch: 8,
      logit: () => 0,
      label: () => 1,
    });
    expectClose(sums, [3.5 + (8 * (Math.log(2) + Math.log(3))) / 2], () => 1e-5, "loss");
    const first = [0, 1, 2, 3].map((o) => device.logitGradients[o * columns]);
    expectClose(first, [-0.5 / 16, 1 / 3 / 16, -2 / 3 / 16, 1 / 3 / 16], () => 1e-7, "gradients");
  });

  it("takes the first of equal logits for the answer, and a binary logit of 0 for label 0", async () => {
    const shape = {
      tasks: [1, 3],
      samples: 9,
      batch: 9,
      training: false,
      logit: (_n: number, o: number) => (o === 1 ? -1 : 0),
    };
    // Outputs 2 and 3 tie above output 1: the answer of the second task is its class 1. Wrong are the 5 samples of label
    // 1 of the first task, and those of the labels 0 and 2 of the second.
    const { device } = await compare({ ...shape, label: (t, s) => (t === 0 ? (s < 4 ? 0 : 1) : s % 3) });
    expect([...device.scoreSums]).toEqual([0, 15, 23, 30, 43]);
  });

  it.each([
    ["every class", (t: number, s: number) => (t === 0 ? s % 2 : s % 5)],
    ["one class only", (t: number) => (t === 0 ? 1 : 4)],
    ["all classes but one", (t: number, s: number) => (t === 0 ? 0 : [0, 1, 3, 4][s % 4])],
  ])("counts the wrong answers of %s in each of several networks", async (_, label) => {
    const networks = [{}, { running: 0 }, {}, {}];
    for (const workgroup of [taskLoss.workgroup, [2, 1]] as const) {
      const { device } = await compare({
        tasks: [1, 5, 2],
        samples: 300,
        batch: 64,
        quads: 64,
        training: false,
        networks,
        first: 0,
        workgroup,
        label: (t, s) => (t === 2 ? s % 2 : label(t, s)),
      });
      const added = device.scoreSums.map((count, i) => count - i * 10);
      expect(added.subarray(9, 18)).toEqual(new Uint32Array(9));
      for (const n of [0, 2, 3]) {
        const counts = added.subarray(9 * n, 9 * n + 9);
        counts.forEach((count, sum) => {
          const [t, word] = sum < 2 ? [0, sum] : sum < 7 ? [1, sum - 2] : [2, sum - 7];
          const samples = [...Array(256).keys()].filter((s) => (t === 2 ? s % 2 : label(t, s)) === word).length;
          // Logits are drawn without regard to the labels.
          if (samples === 0) expect(count).toBe(0);
          else expect(count / samples).toBeGreaterThan(0.2);
          expect(count).toBeLessThanOrEqual(samples);
        });
      }
    }
  });

  it("takes every class for a label", async () => {
    await compare({ tasks: [10, 10], samples: 20, batch: 20, label: (t, s) => (t === 0 ? s % 10 : 9 - (s % 10)) });
  });

  it.each([true, false])("sums squared errors beside a class, training: %s", async (isTraining) => {
    const [samples, quads, slots] = [70, 18, 2];
    const columns = quads * 4;
    const targets = normals(samples, 5);
    const labels = [...wordsOf(targets), ...Array.from({ length: samples }, (_, s) => s % 3)];
    const logits = normals(slots * 4 * columns, 6);
    const batchSamples = Uint32Array.from({ length: slots * columns }, (_, i) =>
      i % columns < samples ? ((i % columns) * 3) % samples : noSample,
    );
    const buffers = {
      tasks: structs(taskLoss, "tasks", [
        { kind: 2, firstOutput: 0, outputs: 1, firstSum: 0 },
        { kind: 1, firstOutput: 1, outputs: 3, firstSum: 1 },
      ]),
      data: Uint32Array.from(labels),
      batchSamples,
      logits,
      networks: networkStructs([0, 1].map(() => ({ step: 0, trainLossSum: 0, validationLossSum: 0 }))),
      logitGradients: dirtyFloats(slots * 4 * columns),
      scoreSums: new Uint32Array(slots * 4),
    };
    const uniform = { samples, batch: samples, quads, tasks: 2, labelsAt: 0, sums: 4 };
    const rows = { networkLogits: 4 * quads, networkSamples: quads, training: isTraining ? 1 : 0 };
    const kernel = withLosses(taskLoss, ["mse", "multiclass"]);
    const { device, twin } = await runSides([call(kernel, { ...uniform, ...rows }, slots)], buffers);
    const sum = isTraining ? "trainLossSum" : "validationLossSum";
    const relative = (_: number, value: number) => 1e-5 * Math.abs(value);
    expectStructs(device.networks, twin.networks, { [sum]: relative }, "networks");
    expectClose(device.logitGradients, twin.logitGradients, () => 2 ** -18 / samples, "gradients");
    const [squared, twinSquared] = [device, twin].map(({ scoreSums }) => new Float32Array(scoreSums.buffer));
    for (let n = 0; n < slots; n++) {
      expect(squared[4 * n]).toBeCloseTo(twinSquared[4 * n], 3);
      expect(device.scoreSums.subarray(4 * n + 1, 4 * n + 4)).toEqual(twin.scoreSums.subarray(4 * n + 1, 4 * n + 4));
    }
    for (let n = 0; n < slots; n++) {
      const errors = targets.map((_, c) => logits[n * 4 * columns + c] - targets[(c * 3) % samples]);
      const squares = errors.reduce((total, error) => total + error ** 2, 0);
      if (!isTraining) expect(squared[4 * n]).toBeCloseTo(squares, 3);
      const own = device.logitGradients.subarray(n * 4 * columns, n * 4 * columns + samples);
      if (isTraining)
        expectClose(
          own,
          errors.map((e) => e / samples),
          () => 1e-7,
          "definition",
        );
    }
  });
});
